"""Which prompts are to be reminded of, and whether that would still be of use."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.clinical.momentary import Withheld
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Asked, ReminderKind, Wanted
from app.kit.work import Work
from app.mood.momentary_tables import MomentaryAssignment, MomentaryPrompt

_WHY = {
    Withheld.QUIET_HOURS: Reason.QUIET_HOURS,
    Withheld.OFF: Reason.KIND_OFF,
    Withheld.PAUSED: Reason.PAUSED,
    Withheld.TREATMENT_ENDED: Reason.ACCOUNT_CLOSED,
    Withheld.ENDED_EARLY: Reason.ENDED_EARLY,
    Withheld.TRAVEL: Reason.TOO_LATE,
    Withheld.OUTAGE: Reason.OUTAGE,
}
_OF_PROMPT = sa.and_(
    MomentaryAssignment.service_id == MomentaryPrompt.service_id,
    MomentaryAssignment.id == MomentaryPrompt.assignment_id,
)


def reminded(work: Work) -> list[UUID]:
    """The patients in treatment who have prompts to come."""
    rows = work.session.execute(
        sa.select(MomentaryPrompt.patient_id)
        .distinct()
        .join(
            PatientRecord,
            sa.and_(
                PatientRecord.service_id == MomentaryPrompt.service_id, PatientRecord.id == MomentaryPrompt.patient_id
            ),
        )
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.decided_at.is_(None),
            PatientRecord.discharged_at.is_(None),
        )
        .order_by(MomentaryPrompt.patient_id)
    )
    return list(rows.scalars())


def wanted(work: Work, patient_ids: Collection[UUID], since: datetime, until: datetime) -> dict[UUID, list[Wanted]]:
    """Every prompt of these patients that may still be asked, due from one moment to before another."""
    found: dict[UUID, list[Wanted]] = {patient_id: [] for patient_id in patient_ids}
    rows = work.session.execute(
        sa.select(MomentaryPrompt)
        .join(MomentaryAssignment, _OF_PROMPT)
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.patient_id.in_(found),
            MomentaryPrompt.due_at >= since,
            MomentaryPrompt.due_at < until,
            MomentaryPrompt.said_at.is_(None),
            MomentaryPrompt.withheld.is_(None),
            MomentaryAssignment.ended_at.is_(None),
        )
        .order_by(MomentaryPrompt.due_at)
    )
    for row in rows.scalars():
        found[row.patient_id].append(_wanted(row))
    return found


def _wanted(row: MomentaryPrompt) -> Wanted:
    return Wanted(
        kind=ReminderKind.MOMENTARY,
        key=f"v1|momentary|{row.id}",
        about={"prompt": str(row.id), "at": row.local_at.isoformat("minutes")},
        series_id=None,
        due_at=row.due_at,
        expires_at=row.expires_at,
        local_on=row.local_on,
        zone=row.zone,
    )


def still_wanted(work: Work, reminders: Sequence[Asked]) -> Mapping[UUID, Reason | None]:
    """Why each of them is not wanted any more: it was answered, or nobody is asked it."""
    ids = {UUID(one.about["prompt"]) for one in reminders}
    rows = work.session.execute(
        sa.select(MomentaryPrompt.id, MomentaryPrompt.said_at, MomentaryPrompt.withheld, MomentaryAssignment.ended_at)
        .join(MomentaryAssignment, _OF_PROMPT)
        .where(MomentaryPrompt.service_id == work.service_id, MomentaryPrompt.id.in_(ids))
    )
    found = {row.id: row for row in rows}
    return {one.id: _why_not(found.get(UUID(one.about["prompt"]))) for one in reminders}


def _why_not(row: Any) -> Reason | None:
    if row is None:
        return Reason.NOT_PLANNED
    if row.said_at is not None:
        return Reason.ALREADY_SAID
    if row.withheld is not None:
        return _WHY[row.withheld]
    return Reason.ENDED_EARLY if row.ended_at is not None else None
