"""Waits on staff that somebody is to be reminded of: who is next, and for how long it has been."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.tables import Assignment, PatientRecord, Person
from app.kit.work import Work
from app.programme.tables import CourseSummary


@dataclass(frozen=True)
class Wait:
    """A step of a patient's that waits for staff, and since which day it concerns its readers; `why` says whom."""

    patient_id: UUID
    step: str
    due_on: date
    why: str


def due(work: Work) -> list[Wait]:
    """The waits that are due for a reminder, or for cover: by their rule, or because the practitioner has left."""
    rows = work.session.execute(
        sa.select(CourseSummary.patient_id, CourseSummary.summary, Person.zone, Person.deactivated_at)
        .join(
            PatientRecord,
            sa.and_(PatientRecord.service_id == CourseSummary.service_id, PatientRecord.id == CourseSummary.patient_id),
        )
        .outerjoin(
            Assignment,
            sa.and_(
                Assignment.service_id == CourseSummary.service_id,
                Assignment.patient_id == CourseSummary.patient_id,
                Assignment.ended_at.is_(None),
            ),
        )
        .outerjoin(Person, sa.and_(Person.service_id == Assignment.service_id, Person.id == Assignment.practitioner_id))
        .where(
            CourseSummary.service_id == work.service_id,
            PatientRecord.discharged_at.is_(None),
            sa.func.jsonb_array_length(CourseSummary.summary["awaiting_staff"]) > 0,
        )
    )
    return [wait for row in rows for wait in _waits(work, row)]


def _waits(work: Work, row: Any) -> Iterator[Wait]:
    zone = ZoneInfo(row.zone) if row.zone else work.actor.zone
    today = work.now.astimezone(zone).date()
    for each in row.summary["awaiting_staff"]:
        since = datetime.fromisoformat(each["since"]).astimezone(zone).date()
        then, remind = each.get("then_after_days"), each.get("remind_after_days")
        if row.zone is None or row.deactivated_at is not None:
            gone = row.deactivated_at.astimezone(zone).date() if row.deactivated_at else since
            yield Wait(row.patient_id, each["step"], max(since, gone), "left")
        elif then is not None and since + timedelta(days=then) <= today:
            yield Wait(row.patient_id, each["step"], since + timedelta(days=then), "cover")
        elif remind is not None and since + timedelta(days=remind) <= today:
            yield Wait(row.patient_id, each["step"], since + timedelta(days=remind), "remind")
