"""Patients whose practitioner has left, and what of theirs waits for somebody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.queries import reaches, within
from app.accounts.roles import Capability, Scope
from app.accounts.tables import Assignment, PatientRecord, Person
from app.kit import say
from app.kit.work import Work
from app.programme.tables import CourseSummary

_practitioner = aliased(Person, name="practitioner")


@dataclass(frozen=True)
class Waiting:
    """A step that waits for staff, for how long, and where somebody acts on it."""

    title: str
    since: datetime
    for_days: str
    href: str
    action: str


@dataclass(frozen=True)
class Left:
    """A patient whose practitioner has left."""

    id: UUID
    name: str
    born_on: date
    practitioner: str
    left_at: datetime
    waits: tuple[Waiting, ...]


def left(work: Work, scope: Scope) -> list[Left]:
    """Everybody the scope reaches whose practitioner has left, those who wait longest first."""
    rows = work.session.execute(
        sa.select(
            PatientRecord.id,
            PatientRecord.born_on,
            sa.func.concat_ws(" ", Person.given_name, Person.family_name).label("name"),
            sa.func.concat_ws(" ", _practitioner.given_name, _practitioner.family_name).label("practitioner"),
            _practitioner.deactivated_at.label("left_at"),
            CourseSummary.summary,
        )
        .join(Person, sa.and_(Person.service_id == PatientRecord.service_id, Person.id == PatientRecord.id))
        .join(
            Assignment,
            sa.and_(
                Assignment.service_id == PatientRecord.service_id,
                Assignment.patient_id == PatientRecord.id,
                Assignment.ended_at.is_(None),
            ),
        )
        .join(
            _practitioner,
            sa.and_(_practitioner.service_id == Assignment.service_id, _practitioner.id == Assignment.practitioner_id),
        )
        .outerjoin(
            CourseSummary,
            sa.and_(CourseSummary.service_id == PatientRecord.service_id, CourseSummary.patient_id == PatientRecord.id),
        )
        .where(
            PatientRecord.service_id == sa.bindparam("service"),
            PatientRecord.discharged_at.is_(None),
            _practitioner.deactivated_at.is_not(None),
            reaches(scope),
        )
        .order_by(Person.family_name, Person.given_name),
        within(work),
    )
    found = [
        Left(row.id, row.name, row.born_on, row.practitioner, row.left_at, tuple(_waits(work, row.id, row.summary)))
        for row in rows
    ]
    return sorted(found, key=lambda one: min((wait.since for wait in one.waits), default=work.now))


def _waits(work: Work, patient_id: UUID, summary: dict[str, object] | None) -> Iterator[Waiting]:
    awaited: list[dict[str, str]] = (summary or {}).get("awaiting_staff", [])  # type: ignore[assignment]
    for each in awaited:
        since = datetime.fromisoformat(each["since"])
        days = (work.today - since.astimezone(work.actor.zone).date()).days
        act = "release" if work.actor.role in each["roles"] else "open-early"
        may = Capability.TAILOR_PROGRAMME in work.actor.may
        yield Waiting(
            title=each["title"],
            since=since,
            for_days=say.plural(days, "day") if days else "since today",
            href=f"/patients/{patient_id}/plan/{each['step']}/{act}#form" if may else "",
            action="Release it" if act == "release" else "Open it early",
        )
