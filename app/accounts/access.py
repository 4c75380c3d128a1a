"""Who may come in: every route's signature asks one of these, and a Patient can be had no other way.

Who? `Anyone`, `PatientWork`, `StaffWork`. May they? `may(capability)`. Whose? `Me`, `whose(capability)`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Engine

from app.accounts import queries, roles
from app.accounts.queries import IDLE, TOTAL, Patient, Principal
from app.accounts.roles import Capability, Role, Scope
from app.accounts.tables import SignInSeen
from app.kit import crypto, csrf, db
from app.kit.errors import Forbidden, NotFound, SignInNeeded
from app.kit.work import NOBODY, Actor, Clock, Work

# Through what a fact of theirs, such as an open alert, a patient is lent to whoever is acting; empty for nothing.
Lends = Callable[[Work, Capability, UUID], str]
SEEN_EVERY = timedelta(minutes=1)
# Somebody whose course has ended still writes on their own worksheets, each of which says that nobody reads it: a
# plan for staying well is for afterwards. A questionnaire would promise an answer that nobody is there to give.
AFTER_DISCHARGE = frozenset({Capability.SUBMIT_QUESTIONNAIRE})


@dataclass(frozen=True)
class Door:
    """Where somebody stands who has not signed in: no service yet, and nothing to see without naming it."""

    bind: Engine
    now: datetime
    address: str
    request_id: str

    @contextmanager
    def lookup(self, email_key: str) -> Iterator[Any]:
        """A session that sees only the people with exactly this address."""
        with db.transaction(self.bind, None, email_key=email_key) as session:
            yield session

    @contextmanager
    def inside(self, service_id: UUID, actor: Actor = NOBODY) -> Iterator[Work]:
        """Work within one service, committed where the block ends."""
        with db.transaction(self.bind, service_id) as session:
            yield Work(session, service_id, actor, self.now, self.request_id)


async def anyone(request: Request) -> Door:
    """Nobody needs to be signed in."""
    clock: Clock = request.app.state.clock
    address = request.client.host if request.client else ""
    return Door(request.app.state.engine, clock(), address, request.state.request_id)


def session_token(request: Request) -> tuple[UUID, str] | None:
    """The service and secret in the session cookie. The service is only a claim until the secret is found in it."""
    service, _, secret = csrf.read_cookie(request, csrf.SESSION).partition(".")
    try:
        return (UUID(service), secret) if secret else None
    except ValueError:
        return None


def signed_in(request: Request) -> Iterator[Work]:
    """Somebody is signed in, in time, and still has the role they signed in with; refuses with SignInNeeded."""
    token = session_token(request)
    if token is None:
        raise SignInNeeded
    clock: Clock = request.app.state.clock
    with db.transaction(request.app.state.engine, token[0]) as session:
        who = queries.principal(session, crypto.fingerprint(token[1]))
        now = clock()
        if who is None or now - who.seen_at > IDLE[who.role in roles.STAFF] or now - who.started_at > TOTAL:
            raise SignInNeeded
        request.state.principal = who
        request.state.frame = request.app.state.frame_for(who, session, now)
        work = Work(session, who.service.id, actor_for(who), now, request.state.request_id)
        if now - who.seen_at > SEEN_EVERY:
            _seen(work, who)
        yield work


def actor_for(who: Principal) -> Actor:
    may = roles.capabilities(who.role)
    if who.patient and who.patient.discharged_at:
        may -= AFTER_DISCHARGE
    return Actor(who.person_id, who.name, who.role.value, who.zone, may, who.given_name)


def _seen(work: Work, who: Principal) -> None:
    row = {"service_id": work.service_id, "sign_in_id": who.sign_in_id, "seen_at": work.now}
    statement = insert(SignInSeen).values(row)
    work.session.execute(
        statement.on_conflict_do_update(index_elements=["service_id", "sign_in_id"], set_={"seen_at": work.now})
    )


# What follows only looks at what `signed_in` found. It is `async` so that it runs where it stands: a thread for
# each of these few lines cost more than the lines.
SignedIn = Annotated[Work, Depends(signed_in, scope="function")]


async def patient_only(work: SignedIn) -> Work:
    """A patient is signed in."""
    if work.actor.role != Role.PATIENT:
        raise Forbidden("That page is for patients. You are signed in as a member of staff.")
    return work


async def staff_only(work: SignedIn) -> Work:
    """A member of staff is signed in."""
    if work.actor.role == Role.PATIENT:
        raise Forbidden("That page is for staff.")
    return work


Anyone = Annotated[Door, Depends(anyone)]
PatientWork = Annotated[Work, Depends(patient_only)]
StaffWork = Annotated[Work, Depends(staff_only)]


async def me(request: Request, work: PatientWork) -> Patient:
    """The signed-in patient's own record."""
    patient: Patient | None = request.state.principal.patient
    if patient is None:
        raise NotFound
    return patient


Me = Annotated[Patient, Depends(me)]


class MayDo:
    """Whether the role acted in has a capability at all; refuses with Forbidden."""

    def __init__(self, capability: Capability) -> None:
        self.capability = capability

    async def __call__(self, work: StaffWork) -> Work:
        work.require(self.capability)
        return work


class Whose:
    """The patient in the address, where the capability reaches them: else 404, whether they exist or not.

    That somebody opened a patient's record is recorded here, where an id becomes a Patient. A patient who is not theirs
    may be lent to them: rooms above say through what.
    """

    def __init__(self, capability: Capability) -> None:
        self.capability = capability

    def __call__(self, request: Request, patient_id: UUID, work: StaffWork) -> Patient:
        reach = roles.scope(Role(work.actor.role), self.capability)
        if reach is None:
            raise Forbidden
        patient = queries.patient_within(work, reach, patient_id) or self._lent(request, work, patient_id)
        if patient is None:
            raise NotFound
        path = request.scope["route"].path
        lent = {"lent": patient.lent} if patient.lent else {}
        work.record_look("patient.opened", patient=patient.id, page=path, method=request.method, **lent)
        return patient

    def _lent(self, request: Request, work: Work, patient_id: UUID) -> Patient | None:
        lends: Lends = request.app.state.lends
        why = lends(work, self.capability, patient_id)
        patient = queries.patient_within(work, Scope.SERVICE, patient_id) if why else None
        return replace(patient, lent=why) if patient else None


@cache
def _may(capability: Capability) -> MayDo:
    return MayDo(capability)


@cache
def _whose(capability: Capability) -> Whose:
    return Whose(capability)


def may(capability: Capability) -> Any:
    """For a signature: work by staff whose role has this capability."""
    return Depends(_may(capability))


def whose(capability: Capability) -> Any:
    """For a signature: the patient in the address, reached through this capability."""
    return Depends(_whose(capability))
