"""When patients want to be asked for their mood, and whether asking now would still be of use."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import PatientRecord
from app.clinical.local_time import local_day
from app.clinical.mood import Prompt, prompts
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Asked, ReminderKind, Wanted
from app.kit.work import Work
from app.mood.tables import MoodRating, MoodTimes


def reminded(work: Work) -> list[UUID]:
    """The patients in treatment who want to be asked."""
    rows = work.session.execute(
        sa.select(MoodTimes.patient_id)
        .join(
            PatientRecord,
            sa.and_(PatientRecord.service_id == MoodTimes.service_id, PatientRecord.id == MoodTimes.patient_id),
        )
        .where(
            MoodTimes.service_id == work.service_id,
            PatientRecord.discharged_at.is_(None),
            sa.func.cardinality(MoodTimes.times) > 0,
        )
        .order_by(MoodTimes.patient_id)
    )
    return list(rows.scalars())


def times_of(work: Work, patient: Patient) -> tuple[time, ...]:
    """The times of day at which somebody wants to be asked, in their order."""
    row = work.session.get(MoodTimes, (work.service_id, patient.id))
    return tuple(sorted(row.times)) if row else ()


def wanted(work: Work, zones: Mapping[UUID, ZoneInfo], since: datetime, until: datetime) -> dict[UUID, list[Wanted]]:
    """Every prompt that these patients asked for, due from one moment to before another."""
    found: dict[UUID, list[Wanted]] = {patient_id: [] for patient_id in zones}
    for row in _plans(work, zones):
        zone = zones[row.patient_id]
        each = prompts(row.times, local_day(since, zone), local_day(until, zone), zone)
        found[row.patient_id] = [_wanted(row.plan_id, one, zone) for one in each if since <= one.due_at < until]
    return found


def _plans(work: Work, patient_ids: Collection[UUID]) -> list[Any]:
    rows = work.session.execute(
        sa.select(MoodTimes.patient_id, MoodTimes.plan_id, MoodTimes.times).where(
            MoodTimes.service_id == work.service_id, MoodTimes.patient_id.in_(patient_ids)
        )
    )
    return list(rows)


def _wanted(plan_id: UUID, one: Prompt, zone: ZoneInfo) -> Wanted:
    return Wanted(
        kind=ReminderKind.MOOD,
        key=f"v1|mood|{plan_id}|{one.on.isoformat()}|{one.place}",
        about={
            "plan": str(plan_id),
            "on": one.on.isoformat(),
            "at": one.at.isoformat("minutes"),
            "since": one.since.isoformat(),
        },
        series_id=None,
        due_at=one.due_at,
        expires_at=one.expires_at,
        local_on=one.on,
        zone=str(zone),
    )


def still_wanted(work: Work, reminders: Sequence[Asked]) -> Mapping[UUID, Reason | None]:
    """Why each of them is not wanted any more: the times are others now, or that part of the day has a number."""
    people = {one.person_id for one in reminders}
    plans = {row.patient_id: row for row in _plans(work, people)}
    felt = _felt_last(work, people)
    return {one.id: _why_not(one, plans.get(one.person_id), felt.get(one.person_id)) for one in reminders}


def _why_not(one: Asked, plan: Any, felt_at: datetime | None) -> Reason | None:
    if plan is None or not plan.times:
        return Reason.NOT_PLANNED
    if str(plan.plan_id) != one.about["plan"]:
        return Reason.PLAN_CHANGED
    answered = felt_at is not None and felt_at >= datetime.fromisoformat(one.about["since"])
    return Reason.ALREADY_SAID if answered else None


def _felt_last(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, datetime]:
    rows = work.session.execute(
        sa.select(MoodRating.patient_id, sa.func.max(MoodRating.felt_at).label("felt_at"))
        .where(
            MoodRating.service_id == work.service_id,
            MoodRating.patient_id.in_(patient_ids),
            MoodRating.superseded_by.is_(None),
            MoodRating.value.is_not(None),
            # No part of a day is longer.
            MoodRating.felt_at > work.now - timedelta(days=1),
        )
        .group_by(MoodRating.patient_id)
    )
    return {row.patient_id: row.felt_at for row in rows}
