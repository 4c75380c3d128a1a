"""What happens to people: they join, are given roles and caseloads, sign in and out."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts import directory
from app.accounts.roles import Capability, Role
from app.accounts.tables import (
    Assignment,
    Attempt,
    KnownDevice,
    LinkPurpose,
    PatientRecord,
    Person,
    PersonKind,
    Service,
    SignIn,
    SignInLink,
    StaffRole,
    Supervision,
)
from app.kit import crypto, passwords
from app.kit.errors import Conflict, Forbidden, NotFound, TooMany
from app.kit.work import Work

LINK_LASTS = {LinkPurpose.SIGN_IN: timedelta(minutes=15), LinkPurpose.INVITATION: timedelta(days=14)}
WINDOW = timedelta(hours=1)
TRIES = {"person": 10, "device": 20, "address": 100, "letters": 6}
CLINICAL = frozenset({Role.PRACTITIONER, Role.SUPERVISOR, Role.CLINICAL_LEAD, Role.RESEARCHER})


class EmailTaken(Conflict):
    words = "Somebody in this service already has that e-mail address."


class NumberTaken(Conflict):
    words = "Somebody in this service already has that NHS number."


def email_key(email: str) -> str:
    """How an address is compared: nobody remembers which letters they typed large."""
    return email.strip().casefold()


def found_service(work: Work, *, slug: str, name: str, zone: str, settings: dict[str, Any]) -> Service:
    """Begin a service; `work` is already inside it, so its id is the work's."""
    service = Service(id=work.service_id, slug=slug, name=name, zone=zone, settings=settings, created_at=work.now)
    work.session.add(service)
    work.session.flush()
    work.record("service.founded", slug=slug)
    return service


def add_staff(work: Work, *, given_name: str, family_name: str, email: str, staff_roles: list[Role]) -> Person:
    """Add a member of staff with their roles and send them an invitation."""
    work.require(Capability.MANAGE_STAFF)
    person = _add_person(work, PersonKind.STAFF, given_name, family_name, email)
    for role in staff_roles:
        give_role(work, person_id=person.id, role=role)
    make_link(work, person=person, purpose=LinkPurpose.INVITATION)
    return person


def give_role(work: Work, *, person_id: UUID, role: Role) -> None:
    """Give a role; nobody gives one to themselves, and an administrator gives no clinical role."""
    work.require(Capability.MANAGE_STAFF)
    if person_id == work.actor.id:
        raise Forbidden("You cannot give yourself a role. Ask a colleague.")
    if role in CLINICAL and work.actor.role == Role.SERVICE_ADMIN:
        raise Forbidden("A clinical role is given by the clinical lead.")
    work.add(StaffRole(person_id=person_id, role=role, given_at=work.now, given_by=work.actor.id))
    work.record("role.given", person=person_id, role=role.value)


def invite_patient(
    work: Work,
    *,
    given_name: str,
    family_name: str,
    email: str,
    born_on: Any,
    practitioner_id: UUID,
    nhs_number: str | None = None,
    contact_note: str = "",
    local_patient_id: str | None = None,
    local_referral_id: str | None = None,
    referred_on: Any = None,
) -> Person:
    """Add a patient to a practitioner's caseload and send them an invitation."""
    work.require(Capability.INVITE_PATIENT)
    if (
        nhs_number
        and work.session.execute(sa.select(PatientRecord.id).where(PatientRecord.nhs_number == nhs_number)).first()
    ):
        raise NumberTaken
    if practitioner_id not in {who.id for who in directory.active_practitioners(work)}:
        raise NotFound
    person = _add_person(work, PersonKind.PATIENT, given_name, family_name, email)
    work.add(
        PatientRecord(
            id=person.id,
            born_on=born_on,
            nhs_number=nhs_number,
            contact_note=contact_note,
            local_patient_id=local_patient_id,
            local_referral_id=local_referral_id,
            referred_on=referred_on,
        )
    )
    work.add(Assignment(patient_id=person.id, practitioner_id=practitioner_id, started_at=work.now))
    work.record("patient.invited", patient=person.id, practitioner=practitioner_id)
    make_link(work, person=person, purpose=LinkPurpose.INVITATION)
    return person


def _add_person(work: Work, kind: PersonKind, given_name: str, family_name: str, email: str) -> Person:
    key = email_key(email)
    if work.session.execute(
        sa.select(Person.id).where(Person.service_id == work.service_id, Person.email_key == key)
    ).first():
        raise EmailTaken
    person = work.add(
        Person(
            kind=kind,
            given_name=given_name,
            family_name=family_name,
            email=email.strip(),
            email_key=key,
            created_at=work.now,
        )
    )
    work.record("person.added", person=person.id, kind=kind.value)
    return person


def reassign(work: Work, *, patient_id: UUID, practitioner_id: UUID) -> None:
    """Give a patient another practitioner, who sees them at once; the one before stops seeing them."""
    work.require(Capability.REASSIGN_PATIENT)
    if practitioner_id not in {who.id for who in directory.active_practitioners(work)}:
        raise NotFound
    work.session.execute(
        sa.update(Assignment)
        .where(
            Assignment.service_id == work.service_id,
            Assignment.patient_id == patient_id,
            Assignment.ended_at.is_(None),
        )
        .values(ended_at=work.now)
    )
    work.add(Assignment(patient_id=patient_id, practitioner_id=practitioner_id, started_at=work.now))
    work.record("patient.reassigned", patient=patient_id, practitioner=practitioner_id)


def supervise(work: Work, *, supervisor_id: UUID, practitioner_id: UUID) -> None:
    """Say that one supervises the other."""
    work.require(Capability.MANAGE_STAFF)
    work.add(Supervision(supervisor_id=supervisor_id, practitioner_id=practitioner_id, started_at=work.now))
    work.record("supervision.begun", supervisor=supervisor_id, practitioner=practitioner_id)


def deactivate(work: Work, *, person_id: UUID) -> None:
    """End somebody's access at once: their sessions and roles end with this request."""
    work.require(Capability.MANAGE_STAFF)
    if person_id == work.actor.id:
        raise Forbidden("You cannot deactivate yourself. Ask a colleague.")
    person = work.session.get(Person, (work.service_id, person_id))
    if person is None or person.kind is not PersonKind.STAFF:
        raise NotFound
    person.deactivated_at = work.now
    work.session.add(person)
    end_sign_ins(work, person_id=person_id)
    work.record("person.deactivated", person=person_id)


def make_link(work: Work, *, person: Person, purpose: LinkPurpose) -> None:
    """Make a link that signs somebody in once. It leaves by post, so nobody here ever sees it."""
    secret = crypto.new_secret()
    work.add(
        SignInLink(
            person_id=person.id,
            purpose=purpose,
            token_hash=crypto.fingerprint(secret),
            secret=secret,
            made_at=work.now,
            expires_at=work.now + LINK_LASTS[purpose],
        )
    )
    work.record("sign-in-link.made", person=person.id, purpose=purpose.value)


def help_sign_in(work: Work, *, person_id: UUID) -> None:
    """Send somebody a new link because they asked for help."""
    work.require(Capability.HELP_SIGN_IN)
    person = work.session.get(Person, (work.service_id, person_id))
    if person is None or person.deactivated_at is not None:
        raise NotFound
    never_in = person.password_hash is None and person.kind is PersonKind.STAFF
    make_link(work, person=person, purpose=LinkPurpose.INVITATION if never_in else LinkPurpose.SIGN_IN)


def use_link(work: Work, *, link: SignInLink) -> None:
    """Use a link up; a second use finds it used."""
    won = work.session.execute(
        sa.update(SignInLink)
        .where(
            SignInLink.service_id == link.service_id,
            SignInLink.id == link.id,
            SignInLink.used_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(SignInLink.id)
    ).first()
    if won is None:
        raise Conflict("That link has been used. Ask for a new one: it takes a minute.")
    work.record("sign-in-link.used", person=link.person_id, purpose=link.purpose.value)


def begin_sign_in(work: Work, *, person: Person, role: Role, device: str) -> str:
    """Sign somebody in; returns the secret for their cookie. Every sign-in has a new one."""
    secret = crypto.new_secret()
    row = work.add(
        SignIn(
            person_id=person.id,
            token_hash=crypto.fingerprint(secret),
            role=role,
            device=device[:120],
            started_at=work.now,
        )
    )
    work.record("sign-in.begun", person=person.id, role=role.value, sign_in=row.id)
    return secret


def end_sign_in(work: Work, *, sign_in_id: UUID) -> None:
    """Sign out one session of the actor's own."""
    _end(work, SignIn.id == sign_in_id, SignIn.person_id == work.actor.id)
    work.record("sign-in.ended", sign_in=sign_in_id)


def end_sign_ins(work: Work, *, person_id: UUID) -> None:
    """Sign somebody out everywhere."""
    if person_id != work.actor.id:
        work.require(Capability.HELP_SIGN_IN if Capability.HELP_SIGN_IN in work.actor.may else Capability.MANAGE_STAFF)
    _end(work, SignIn.person_id == person_id)
    work.record("sign-in.ended-everywhere", person=person_id)


def _end(work: Work, *which: sa.ColumnElement[bool]) -> None:
    work.session.execute(
        sa.update(SignIn)
        .where(SignIn.service_id == work.service_id, SignIn.ended_at.is_(None), *which)
        .values(ended_at=work.now)
    )


def set_password(work: Work, *, person: Person, password: str) -> None:
    """Set somebody's own password."""
    person.password_hash = passwords.hashed(password)
    work.session.add(person)
    work.record("password.set", person=person.id)


def set_up_codes(work: Work, *, person: Person, secret: str, step: int) -> None:
    """Keep the secret of somebody's authenticator app, once a code from it was right."""
    person.totp_secret = secret
    person.totp_used_step = step
    work.session.add(person)
    work.record("one-time-codes.set-up", person=person.id)


def accept_code(work: Work, *, person: Person, code: str) -> bool:
    """Whether a one-time code is right and new; an accepted code is used up."""
    if not person.totp_secret:
        return False
    step = passwords.totp_step(person.totp_secret, code, now=work.now, after=person.totp_used_step)
    if step is None:
        return False
    person.totp_used_step = step
    work.session.add(person)
    work.record("one-time-code.accepted", person=person.id)
    return True


def remember_device(work: Work, *, person: Person) -> str:
    """Remember that only this person uses this device; returns the secret for its cookie."""
    secret = crypto.new_secret()
    work.add(KnownDevice(person_id=person.id, token_hash=crypto.fingerprint(secret), known_at=work.now))
    work.record("device.remembered", person=person.id)
    return secret


def forget_devices(work: Work, *, person_id: UUID) -> None:
    """Forget every device somebody said was theirs alone."""
    work.session.execute(
        sa.update(KnownDevice)
        .where(KnownDevice.person_id == person_id, KnownDevice.forgotten_at.is_(None))
        .values(forgotten_at=work.now)
    )
    work.record("device.forgotten", person=person_id)


def count_try(session: Any, *, kind: str, name: str, now: datetime) -> None:
    """Count one try in this hour's window; refuses with TooMany beyond the limit.

    A known device has a count of its own, so that whoever guesses from elsewhere cannot keep its owner out.
    """
    window = now - timedelta(seconds=now.timestamp() % WINDOW.total_seconds())
    bucket = f"{kind}:{crypto.sealer().sign(name)[:40]}"
    counted = session.execute(
        insert(Attempt)
        .values(bucket=bucket, window_at=window, tries=1)
        .on_conflict_do_update(index_elements=["bucket", "window_at"], set_={"tries": Attempt.tries + 1})
        .returning(Attempt.tries)
    ).scalar_one()
    if counted > TRIES[kind]:
        raise TooMany


def new_service_id() -> UUID:
    """The id of a service about to be founded: its own transaction must be inside it."""
    return uuid4()
