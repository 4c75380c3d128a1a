"""Whose measures did not come when they were due, two in a row, and have not been told of yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.tables import PatientRecord
from app.clinical import missed
from app.clinical.missed import Missed
from app.kit.work import Work
from app.programme.tables import Enrolment, Evidence
from app.questionnaires.queries import DUE_EVERY
from app.questionnaires.tables import Response
from app.safety.review_kinds import ReviewKind
from app.safety.review_tables import Review, ReviewEvent

# Who began later than this cannot have missed two.
_TOO_SOON = DUE_EVERY - timedelta(days=1)


@dataclass(frozen=True)
class Waiting:
    """Somebody whose treatment goes on, and what they missed that nobody has been told of."""

    patient_id: UUID
    missed: tuple[Missed, ...]


def source(one: Missed) -> str:
    """What is told once: these measures, missed since that day."""
    return f"missing:{','.join(one.measures)}:{one.since.isoformat()}"


_LAST = (
    sa.select(Response.instrument, sa.func.max(Response.submitted_at).label("at"))
    .where(Response.service_id == PatientRecord.service_id, Response.patient_id == PatientRecord.id)
    .group_by(Response.instrument)
    .correlate(PatientRecord)
    .subquery("last")
)
_ANSWERED_AT = sa.select(sa.func.jsonb_object_agg(_LAST.c.instrument, _LAST.c.at)).scalar_subquery()
_TOLD = (
    sa.select(sa.func.array_agg(ReviewEvent.source, type_=ARRAY(sa.String)))
    .join(Review, sa.and_(Review.service_id == ReviewEvent.service_id, Review.id == ReviewEvent.review_id))
    .where(
        Review.service_id == PatientRecord.service_id,
        Review.patient_id == PatientRecord.id,
        Review.kind == ReviewKind.MISSING,
    )
    .correlate(PatientRecord)
    .scalar_subquery()
)
# Somebody who was invited and did nothing yet has not stopped: the caseload says so in its own words.
_BEGUN = sa.or_(
    sa.exists().where(Evidence.service_id == PatientRecord.service_id, Evidence.patient_id == PatientRecord.id),
    sa.exists().where(Response.service_id == PatientRecord.service_id, Response.patient_id == PatientRecord.id),
)
_GOING_ON = (
    sa.select(
        PatientRecord.id,
        Enrolment.started_at,
        Enrolment.zone,
        _ANSWERED_AT.label("answered_at"),
        _TOLD.label("told"),
    )
    .join(
        Enrolment,
        sa.and_(
            Enrolment.service_id == PatientRecord.service_id,
            Enrolment.patient_id == PatientRecord.id,
            Enrolment.ended_at.is_(None),
        ),
    )
    .where(
        PatientRecord.service_id == sa.bindparam("service"),
        PatientRecord.discharged_at.is_(None),
        Enrolment.started_at < sa.bindparam("began_before", type_=sa.DateTime(timezone=True)),
        _BEGUN,
    )
)
_OF_ONE = _GOING_ON.where(PatientRecord.id == sa.bindparam("patient"))


def waiting(work: Work, measures: Sequence[str]) -> list[Waiting]:
    """Everybody whose treatment goes on and who missed two in a row of a measure."""
    rows = work.read(_GOING_ON, {"service": work.service_id, "began_before": work.now - _TOO_SOON})
    found = (Waiting(row.id, _missed(row, measures, work.now)) for row in rows)
    return [one for one in found if one.missed]


def missed_by(work: Work, patient_id: UUID, measures: Sequence[str]) -> tuple[Missed, ...]:
    """What one of them missed that nobody has been told of, as it is now."""
    asked = {"service": work.service_id, "began_before": work.now - _TOO_SOON, "patient": patient_id}
    return next((_missed(row, measures, work.now) for row in work.read(_OF_ONE, asked)), ())


def _missed(row: Any, measures: Sequence[str], now: datetime) -> tuple[Missed, ...]:
    zone, told = ZoneInfo(row.zone), set(row.told or ())
    answered: Mapping[str, str] = row.answered_at or {}
    today = now.astimezone(zone).date()
    due = [(key, list(missed.weekly(_first_due(row, answered.get(key), zone), until=today))) for key in measures]
    return tuple(one for one in missed.together(due) if source(one) not in told)


def _first_due(row: Any, answered_at: str | None, zone: ZoneInfo) -> date:
    """A week after the day of the last answer, or the day the course began."""
    if answered_at is None:
        began: datetime = row.started_at
        return began.astimezone(zone).date()
    return datetime.fromisoformat(answered_at).astimezone(zone).date() + DUE_EVERY
