"""What a what-if found: the groups, what is most often so in each, and who stands in it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.tables import Assignment, PatientRecord, Person
from app.clinical.sequencing.what_if import Outcome
from app.kit import say
from app.kit.work import Work
from app.pathways.tables import WhatIfLine
from app.safety.banner import spaced

AT_ONCE = 50
# Whose course could not be replayed: in no group of the core.
FAILED = "failed"
GROUPS = {
    Outcome.LOST.value: "Would lose something open to them",
    Outcome.STUCK.value: "Would be stuck",
    Outcome.KEPT_OPEN.value: "Would have stayed closed, kept open",
    Outcome.OPENS_MORE.value: "Opens more",
    Outcome.NEXT_CHANGES.value: "Next suggested step changes",
    Outcome.CORE_CHANGES.value: "Core count changes",
    Outcome.READS_OTHERWISE.value: "Reads otherwise",
    Outcome.SAME.value: "No difference",
    FAILED: "Could not be replayed",
}


@dataclass(frozen=True)
class Group:
    """The patients who stand in one group, and what most of them would see; each stands in the first that fits."""

    key: str
    title: str
    patients: int
    mostly: str


@dataclass(frozen=True)
class Line:
    """One patient of a what-if."""

    patient_id: UUID
    name: str
    born_on: Any
    nhs_number: str
    practitioner: str
    outcomes: tuple[str, ...]
    found: dict[str, Any]

    @property
    def group(self) -> str:
        return self.outcomes[0]

    @property
    def words(self) -> tuple[str, ...]:
        """What would be different for them, a sentence for each thing."""
        return tuple(words(self.outcomes, self.found))


def words(outcomes: Sequence[str], found: dict[str, Any]) -> list[str]:
    told = []
    for outcome in outcomes:
        match outcome:
            case Outcome.LOST.value:
                told += found["lost"]
            case Outcome.STUCK.value:
                told += [
                    f"No route to {one['title']} would be left. {one['witness']}".strip() for one in found["stuck"]
                ]
            case Outcome.KEPT_OPEN.value:
                told.append(f"{say.listed(found['kept_open'])} open already, and kept open.")
            case Outcome.OPENS_MORE.value:
                told.append(f"{say.listed(found['opens_more'])} would open.")
            case Outcome.NEXT_CHANGES.value:
                before, after = found["next"]
                told.append(f"Next would be {after or 'nothing'}, not {before or 'nothing'}.")
            case Outcome.CORE_CHANGES.value:
                told.append(f"{found['core'][1]} core steps, not {found['core'][0]}.")
            case Outcome.READS_OTHERWISE.value:
                told.append(f"What they read of {say.listed(found['reads_otherwise'])} would be different.")
            case Outcome.SAME.value:
                told.append(
                    "Same states, same dates, same words." if not found["stuck_before"] else "Stuck now as then."
                )
            case _:
                told.append("Their course could not be replayed. Nothing is changed by that; the log says why.")
    return told


def groups(work: Work, what_if_id: UUID) -> list[Group]:
    """Every group in order, the empty ones too, and what is most often so in each."""
    first, said = WhatIfLine.outcomes[0].astext, WhatIfLine.found["first"].astext
    rows = work.session.execute(
        sa.select(first, said, sa.func.count())
        .where(WhatIfLine.service_id == work.service_id, WhatIfLine.what_if_id == what_if_id)
        .group_by(first, said)
    ).all()
    counted: dict[str, Counter[str]] = {key: Counter() for key in GROUPS}
    for group, told, count in rows:
        counted[group][told or ""] += count
    return [
        Group(key, title, counted[key].total(), counted[key].most_common(1)[0][0] if counted[key] else "")
        for key, title in GROUPS.items()
        if counted[key] or key not in (FAILED, Outcome.LOST.value)
    ]


@dataclass(frozen=True)
class Proof:
    """How many courses came out again as they were announced, and how many did not."""

    came: int
    not_come: int


def proof(work: Work, what_if_id: UUID) -> Proof:
    """Whether what a what-if says is to be believed: courses nothing was announced of yet count neither way."""
    said = WhatIfLine.found["proved"].astext
    row = work.session.execute(
        sa.select(sa.func.count().filter(said == "true"), sa.func.count().filter(said == "false")).where(
            WhatIfLine.service_id == work.service_id, WhatIfLine.what_if_id == what_if_id
        )
    ).one()
    return Proof(*row)


def lines(work: Work, what_if_id: UUID, *, group: str, page: int = 1, at_once: int | None = AT_ONCE) -> list[Line]:
    """The patients of one group, by name."""
    practitioner = aliased(Person)
    wanted = (
        sa.select(
            WhatIfLine.patient_id,
            sa.func.concat_ws(" ", Person.given_name, Person.family_name),
            PatientRecord.born_on,
            PatientRecord.nhs_number,
            sa.func.concat_ws(" ", practitioner.given_name, practitioner.family_name),
            WhatIfLine.outcomes,
            WhatIfLine.found,
        )
        .join(Person, sa.and_(Person.service_id == WhatIfLine.service_id, Person.id == WhatIfLine.patient_id))
        .join(
            PatientRecord,
            sa.and_(PatientRecord.service_id == WhatIfLine.service_id, PatientRecord.id == WhatIfLine.patient_id),
        )
        .outerjoin(
            Assignment,
            sa.and_(
                Assignment.service_id == WhatIfLine.service_id,
                Assignment.patient_id == WhatIfLine.patient_id,
                Assignment.ended_at.is_(None),
            ),
        )
        .outerjoin(
            practitioner,
            sa.and_(practitioner.service_id == Assignment.service_id, practitioner.id == Assignment.practitioner_id),
        )
        .where(
            WhatIfLine.service_id == work.service_id,
            WhatIfLine.what_if_id == what_if_id,
            WhatIfLine.outcomes[0].astext == group,
        )
        .order_by(Person.family_name, Person.given_name, WhatIfLine.patient_id)
    )
    if at_once:
        wanted = wanted.limit(at_once).offset((page - 1) * at_once)
    return [
        Line(row[0], row[1], row[2], spaced(row[3]), row[4], tuple(row[5]), row[6])
        for row in work.session.execute(wanted)
    ]


def patients_in(work: Work, what_if_id: UUID, groups: Sequence[str]) -> list[UUID]:
    """Who stands in some groups."""
    rows = work.session.execute(
        sa.select(WhatIfLine.patient_id).where(
            WhatIfLine.service_id == work.service_id,
            WhatIfLine.what_if_id == what_if_id,
            WhatIfLine.outcomes[0].astext.in_(list(groups)),
        )
    )
    return list(rows.scalars())
