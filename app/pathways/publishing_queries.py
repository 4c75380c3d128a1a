"""What stands between a draft and its publication: what is to mend or sign, who else must agree, what is in use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

import sqlalchemy as sa

from app.accounts import directory
from app.accounts import queries as accounts
from app.accounts.roles import Role
from app.accounts.tables import Person
from app.clinical.sequencing import checks, mending
from app.clinical.sequencing import pathway as pathways
from app.clinical.sequencing.findings import Finding, Service, Severity, place
from app.clinical.sequencing.pathway import Mistake, Pathway, PathwayRefused
from app.kit.work import Work
from app.pathways import version_queries
from app.pathways.draft_queries import Draft
from app.pathways.tables import Answered, PathwayProposal
from app.programme import content, queries
from app.programme.content import Library
from app.programme.tables import PathwayVersion

# Publishing takes somebody of each: who runs the service, and who answers for its care.
OTHER = {Role.SERVICE_ADMIN: Role.CLINICAL_LEAD, Role.CLINICAL_LEAD: Role.SERVICE_ADMIN}


@dataclass(frozen=True)
class Judged:
    """A draft held against the service and its library: the pathway it would be, and what was found in it.

    Where it cannot be read as a whole there is no pathway, and what was found is of it without `unread`: the steps
    that are taken as open from the start until they are finished.
    """

    pathway: Pathway | None
    hash: str
    mistakes: tuple[Mistake, ...]
    findings: tuple[Finding, ...]
    current: PathwayVersion | None
    in_use: Pathway | None
    base_id: UUID | None
    unread: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        """The number it would be published under."""
        return self.current.version + 1 if self.current else 1

    @cached_property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity is Severity.REFUSE)

    @cached_property
    def to_sign(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.severity is Severity.SIGN)

    @property
    def must_fix(self) -> int:
        return len(self.mistakes) + len(self.refusals)

    @property
    def overtaken(self) -> bool:
        """Whether another version was published since the draft was begun from its own."""
        return (self.current.id if self.current else None) != self.base_id

    @property
    def unchanged(self) -> bool:
        """Whether publishing it would change nothing: the version in use reads just so."""
        if self.current is None or self.pathway is None or self.current.retired_at is not None:
            return False
        return version_queries.hash_under(self.pathway, self.current.version) == self.current.hash

    @property
    def titles(self) -> dict[str, str]:
        """What the steps of the version in use are called, which a draft may have no more."""
        return {step.key: step.title for step in self.in_use.steps} if self.in_use else {}

    def unsigned(self, reasons: Mapping[str, str]) -> tuple[Finding, ...]:
        """The findings that still want a reason."""
        return tuple(one for one in self.to_sign if not reasons.get(one.key, "").strip())


def judged(work: Work, draft: Draft, library: Library) -> Judged:
    """The draft held against the people this service has, its library, and the version in use."""
    current = version_queries.newest(work, draft.key)
    in_use = queries.pathway_version(work, current.id, current.hash) if current else None
    number = current.version + 1 if current else 1
    try:
        pathway, digest = version_queries.as_adopted(pathways.read(draft.body), library, number)
    except PathwayRefused as refused:
        found, unread = _as_far_as_it_can_be_read(work, draft, library, number)
        return Judged(None, "", refused.mistakes, found, current, in_use, draft.base_id, unread)
    unknown = tuple(Mistake(*each) for each in content.unknown_words(draft.body, library))
    found = (*checks.check(pathway, Service(accounts.holders(work)), current=in_use), *_odd_words(pathway, library))
    return Judged(pathway, digest, unknown, found, current, in_use, draft.base_id)


def _as_far_as_it_can_be_read(
    work: Work, draft: Draft, library: Library, number: int
) -> tuple[tuple[Finding, ...], frozenset[str]]:
    """What the checks find in the finished steps, and which are not finished."""
    read = mending.readable(draft.body)
    if read.pathway is None:
        return (), read.opened
    try:
        pathway, _ = version_queries.as_adopted(read.pathway, library, number)
    except PathwayRefused:
        return (), read.opened
    found = (*checks.check(pathway, Service(accounts.holders(work))), *_odd_words(pathway, library))
    return tuple(one for one in found if one.step and one.step not in read.opened), read.opened


def _odd_words(pathway: Pathway, library: Library) -> Iterator[Finding]:
    """Remarks on problems and subjects of goals that nothing in the library names: they may be misspelt."""
    for step, path, what, word, fix in content.odd_words(pathway, library):
        problem = f"{step.title} asks about the {what} “{word}”, which no pathway of the library names."
        yield Finding(1, f"odd-{word}", Severity.WARN, step.key, place(pathway, step.key, path), problem, fix)


@dataclass(frozen=True)
class Reason:
    """Why something the checks found was accepted, in its author's words."""

    key: str
    problem: str
    words: str


@dataclass(frozen=True)
class Proposal:
    """A request to publish an edition of a draft, and what became of it."""

    id: UUID
    draft_id: UUID
    edition: int
    reasons: tuple[Reason, ...]
    note: str
    asked_by_id: UUID
    asked_by: str
    role: Role
    asked_at: datetime
    answer: Answered | None
    words: str
    answered_by: str
    answered_at: datetime | None

    @property
    def signed(self) -> dict[str, str]:
        return {one.key: one.words for one in self.reasons}

    def can_be_published_by(self, work: Work) -> bool:
        """Whether the actor is the other of the two: another person, in the other role."""
        return work.actor.id != self.asked_by_id and work.actor.role == OTHER[self.role]


def hindered(asked: Proposal, draft: Draft, found: Judged) -> str:
    """Why a request cannot be followed as it stands, as a sentence; empty where it can."""
    if asked.edition != draft.edition:
        return "The draft was changed after publication was asked for."
    if found.must_fix:
        return "The checks found something that must be fixed since publication was asked for."
    if found.overtaken:
        version = f"Version {found.current.version}" if found.current else "The version in use"
        return f"{version} is not the one that this draft comes from."
    if found.unchanged:
        return "It reads just as the version in use does, so there is nothing to publish."
    if found.unsigned(asked.signed):
        return "The checks found more since than reasons were signed for."
    return ""


_PROPOSALS = (
    sa.select(
        PathwayProposal,
        sa.select(sa.func.concat_ws(" ", Person.given_name, Person.family_name))
        .where(Person.service_id == PathwayProposal.service_id, Person.id == PathwayProposal.asked_by)
        .scalar_subquery(),
        sa.select(sa.func.concat_ws(" ", Person.given_name, Person.family_name))
        .where(Person.service_id == PathwayProposal.service_id, Person.id == PathwayProposal.answered_by)
        .scalar_subquery(),
    )
    .where(PathwayProposal.service_id == sa.bindparam("service"))
    .order_by(PathwayProposal.asked_at.desc())
)


def proposals(work: Work, draft_id: UUID) -> list[Proposal]:
    """Every request to publish a draft, the newest first."""
    wanted = _PROPOSALS.where(PathwayProposal.draft_id == draft_id)
    return [_proposal(*row) for row in work.session.execute(wanted, {"service": work.service_id})]


def waiting(work: Work) -> dict[UUID, Proposal]:
    """The requests nobody has answered, by draft."""
    wanted = _PROPOSALS.where(PathwayProposal.answered_at.is_(None))
    found = [_proposal(*row) for row in work.session.execute(wanted, {"service": work.service_id})]
    return {one.draft_id: one for one in found}


def _proposal(row: PathwayProposal, asked_by: str, answered_by: str | None) -> Proposal:
    return Proposal(
        id=row.id,
        draft_id=row.draft_id,
        edition=row.edition,
        reasons=tuple(Reason(one["key"], one["problem"], one["words"]) for one in row.reasons),
        note=row.note,
        asked_by_id=row.asked_by,
        asked_by=asked_by,
        role=Role(row.role),
        asked_at=row.asked_at,
        answer=row.answer,
        words=row.words,
        answered_by=answered_by or "",
        answered_at=row.answered_at,
    )


def partners(work: Work) -> tuple[str, ...]:
    """Who could publish what the actor asks for: those in the other role, who are not the actor."""
    other = OTHER.get(Role(work.actor.role))
    return tuple(
        who.name
        for who in directory.staff(work)
        if other in who.roles and who.deactivated_at is None and who.id != work.actor.id
    )


def other_role(work: Work) -> str:
    """The role that must agree to what the actor asks for, as people read it."""
    other = OTHER.get(Role(work.actor.role))
    return other.label.lower() if other else ""
