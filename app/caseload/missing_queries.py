"""Whose measures did not come when they were due, two in a row, and have not been told of yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.tables import PatientRecord
from app.clinical import missed, schedules
from app.clinical.instruments import Instrument
from app.clinical.local_time import local_day
from app.clinical.missed import Missed
from app.kit.work import Work
from app.programme import asking_queries
from app.programme.tables import Evidence
from app.questionnaires import schedule_queries
from app.questionnaires.schedule_queries import read_said, said_of
from app.questionnaires.tables import Response
from app.questionnaires.void_queries import COUNTS
from app.safety.review_kinds import ReviewKind
from app.safety.review_tables import Review, ReviewEvent


@dataclass(frozen=True)
class Waiting:
    """Somebody whose treatment goes on, and what they missed that nobody has been told of."""

    patient_id: UUID
    missed: tuple[Missed, ...]


def source(one: Missed) -> str:
    """What is told once: these measures, missed since that day."""
    return f"missing:{','.join(one.measures)}:{one.since.isoformat()}"


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
    sa.exists().where(Response.service_id == PatientRecord.service_id, Response.patient_id == PatientRecord.id, COUNTS),
)
_GOING_ON = asking_queries.GOING_ON.add_columns(said_of(PatientRecord.id).label("said"), _TOLD.label("told")).where(
    _BEGUN
)
_OF_ONE = _GOING_ON.where(PatientRecord.id == sa.bindparam("patient"))


def waiting(work: Work, instruments: Collection[Instrument]) -> list[Waiting]:
    """Everybody whose treatment goes on and who missed two in a row of a measure that they are asked for."""
    rows = work.read(_GOING_ON, {"service": work.service_id})
    found = (Waiting(row.id, _missed(row, instruments, work.now)) for row in rows)
    return [one for one in found if one.missed]


def missed_by(work: Work, patient_id: UUID, instruments: Collection[Instrument]) -> tuple[Missed, ...]:
    """What one of them missed that nobody has been told of, as it is now."""
    asked = {"service": work.service_id, "patient": patient_id}
    return next((_missed(row, instruments, work.now) for row in work.read(_OF_ONE, asked)), ())


def _missed(row: Any, instruments: Collection[Instrument], now: datetime) -> tuple[Missed, ...]:
    told, said = set(row.told or ()), read_said(row.said)
    course = schedule_queries.ended(said, asking_queries.read_course(row))
    today = local_day(now, course.zone)
    asked = schedule_queries.scheduled(said, course, instruments)
    due = [(one.instrument, schedules.unanswered(one, said.answered, course, today)) for one in asked]
    return tuple(one for one in missed.together(due) if source(one) not in told)
