"""One decision for many patients: what it would come to for each, and what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from app.accounts import directory, roles
from app.accounts.queries import Patient, patient_within
from app.accounts.roles import Capability, Role
from app.accounts.tables import Person
from app.clinical.sequencing import decisions
from app.clinical.sequencing.facts import WaiverReason
from app.kit.errors import NotFound
from app.kit.work import Work
from app.programme import queries
from app.programme.queries import Plan
from app.programme.tables import DecisionForMany

AT_MOST = 200
# Why a decision would change nothing: it is as it would make it.
SO_ALREADY = frozenset({"open", "done", "waived"})
ACTS = {"release": "Release", "waive": "Waive"}


class Came(StrEnum):
    """What a decision comes to for one patient."""

    DECIDED = "decided"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class About:
    """What is decided: the act, the step, and for a waiver why."""

    act: str
    step: str
    reason: WaiverReason | None = None
    note: str = ""


@dataclass(frozen=True)
class Chosen:
    """A patient somebody ticked, with their course; neither where they are nobody of the actor's."""

    id: UUID
    patient: Patient | None
    plan: Plan | None


def chosen(work: Work, ids: Sequence[UUID]) -> list[Chosen]:
    """The patients of these ids that the actor may decide for, in the order given, each once."""
    reach = roles.scope(Role(work.actor.role), Capability.TAILOR_PROGRAMME)
    found = []
    for one in dict.fromkeys(ids):
        patient = patient_within(work, reach, one) if reach else None
        found.append(Chosen(one, patient, queries.plan_or_none(work, patient) if patient else None))
    return found


def steps_of(several: Sequence[Chosen]) -> list[tuple[str, str]]:
    """Every step that any of them has, by key and title, in the order of their courses."""
    found: dict[str, str] = {}
    for one in several:
        for standing in one.plan.course.standings if one.plan else ():
            found.setdefault(standing.step, standing.title)
    return list(found.items())


def comes_to(work: Work, one: Chosen, about: About) -> tuple[Came, str]:
    """What the decision would come to for a patient, and why where it would change nothing."""
    if one.patient is None:
        return Came.UNKNOWN, "They are not among your patients."
    if one.patient.discharged_at is not None:
        return Came.REFUSED, "Their course has ended."
    if one.plan is None or about.step not in one.plan.course:
        return Came.REFUSED, "They do not have this step."
    standing = one.plan[about.step]
    if about.act == "release":
        answer = decisions.can_release(standing, work.actor.role)
    else:
        answer = decisions.can_waive(standing, about.reason, about.note)
    if answer:
        return Came.DECIDED, ""
    return (Came.UNCHANGED if answer.code in SO_ALREADY else Came.REFUSED), answer.words


@dataclass(frozen=True)
class Line:
    """One patient in a preview or a summary; an unknown one has no name."""

    patient_id: UUID
    name: str
    came: Came
    why: str
    undone: str = ""

    @property
    def was_undone(self) -> bool:
        return self.undone == "undone"


def preview(work: Work, several: Sequence[Chosen], about: About) -> list[Line]:
    """What the decision would come to for each."""
    return [Line(one.id, one.patient.name if one.patient else "", *comes_to(work, one, about)) for one in several]


@dataclass(frozen=True)
class Many:
    """One decision for many patients, as it was made and as it stands."""

    id: UUID
    act: str
    step: str
    title: str
    note: str
    told: str
    by: str
    mine: bool
    at: datetime
    undone_at: datetime | None
    lines: tuple[Line, ...]

    def count(self, came: Came) -> int:
        return sum(one.came is came for one in self.lines)

    @property
    def known(self) -> tuple[Line, ...]:
        """Those the actor knows; of the others there is only their number."""
        return tuple(one for one in self.lines if one.name)


def many(work: Work, many_id: UUID) -> Many:
    """One decision for many, for whoever made it. Refuses with NotFound."""
    row = work.session.get(DecisionForMany, (work.service_id, many_id))
    if row is None or row.decided_by != work.actor.id:
        raise NotFound
    names = _names(work, [UUID(one["patient"]) for one in row.outcomes])
    undone = {one["patient"]: one["came"] for one in row.undone}
    whys = {one["patient"]: one["why"] for one in row.undone}
    lines = [
        Line(
            UUID(one["patient"]),
            names.get(UUID(one["patient"]), "") if one["came"] != Came.UNKNOWN else "",
            Came(one["came"]),
            whys.get(one["patient"]) or one["why"],
            undone.get(one["patient"], ""),
        )
        for one in row.outcomes
    ]
    return Many(
        id=row.id,
        act=row.act,
        step=row.step,
        title=row.title,
        note=row.note,
        told=row.told,
        by=directory.name_of(work, row.decided_by),
        mine=row.decided_by == work.actor.id,
        at=row.decided_at,
        undone_at=row.undone_at,
        lines=tuple(lines),
    )


def _names(work: Work, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = work.session.execute(
        sa.select(Person.id, sa.func.concat_ws(" ", Person.given_name, Person.family_name)).where(
            Person.service_id == work.service_id, Person.id.in_(list(ids))
        )
    )
    return {row[0]: row[1] for row in rows}
