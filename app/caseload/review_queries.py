"""The review list of everybody a scope reaches: who waits, the longest first, and what was decided lately."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient, reaches, within
from app.accounts.roles import Scope
from app.accounts.tables import Assignment, PatientRecord, Person
from app.caseload import cause_queries
from app.caseload.cause_queries import Taken
from app.clinical.instruments import Instrument
from app.kit import say
from app.kit.work import Work
from app.questionnaires import queries as questionnaires
from app.safety.banner import spaced
from app.safety.review_kinds import ReviewKind, ReviewStep
from app.safety.review_queries import ReviewHistory
from app.safety.review_tables import Review, ReviewEvent

LATELY = timedelta(days=28)
AT_MOST = 200
TITLES = {ReviewKind.WORSE: "Getting worse", ReviewKind.MISSING: "Measures stopped"}


@dataclass(frozen=True)
class Entry:
    """One entry of the list; `decided` and `by` are empty while it is open."""

    patient_id: UUID
    review_id: UUID
    name: str
    born: str
    nhs_number: str
    practitioner: str
    title: str
    words: str
    opened_at: datetime
    closed_at: datetime | None
    decided: str
    by: str


@dataclass(frozen=True)
class ReviewList:
    """Who waits for somebody to look, and what was decided in the last four weeks."""

    waiting: list[Entry]
    decided: list[Entry]


_practitioner = aliased(Person, name="practitioner")
_by = aliased(Person, name="by_person")
_decided = aliased(ReviewEvent, name="decided")


def review_list(work: Work, scope: Scope, instruments: Mapping[str, Instrument]) -> ReviewList:
    """The entries of everybody a scope reaches: all that are open, and those decided in the last four weeks."""
    rows = work.read(_entries(scope), {**within(work), "since": work.now - LATELY, "at_most": AT_MOST}).all()
    taken = cause_queries.taken(work, [row.patient_id for row in rows if row.closed_at is None])
    entries = [_entry(row, taken.get(row.patient_id, {}), instruments, work) for row in rows]
    return ReviewList(
        waiting=[one for one in entries if one.closed_at is None],
        decided=[one for one in reversed(entries) if one.closed_at is not None],
    )


def _with_people(shown: sa.Select[Any]) -> sa.Select[Any]:
    return (
        shown.select_from(Review)
        .join(
            PatientRecord,
            sa.and_(PatientRecord.service_id == Review.service_id, PatientRecord.id == Review.patient_id),
        )
        .join(Person, sa.and_(Person.service_id == Review.service_id, Person.id == Review.patient_id))
        .outerjoin(
            Assignment,
            sa.and_(
                Assignment.service_id == Review.service_id,
                Assignment.patient_id == Review.patient_id,
                Assignment.ended_at.is_(None),
            ),
        )
        .outerjoin(
            _practitioner,
            sa.and_(_practitioner.service_id == Assignment.service_id, _practitioner.id == Assignment.practitioner_id),
        )
        .outerjoin(
            _decided,
            sa.and_(
                _decided.service_id == Review.service_id,
                _decided.review_id == Review.id,
                _decided.step == ReviewStep.REVIEWED,
            ),
        )
        .outerjoin(_by, sa.and_(_by.service_id == _decided.service_id, _by.id == _decided.by_id))
    )


@cache
def _entries(scope: Scope) -> sa.Select[Any]:
    causes = (
        sa.select(sa.func.jsonb_agg(aggregate_order_by(ReviewEvent.about, ReviewEvent.seq), type_=JSONB))
        .where(
            ReviewEvent.service_id == Review.service_id,
            ReviewEvent.review_id == Review.id,
            ReviewEvent.step != ReviewStep.REVIEWED,
        )
        .correlate(Review)
        .scalar_subquery()
    )
    shown: sa.Select[Any] = sa.select(
        Review.patient_id,
        Review.id,
        Review.kind,
        Review.opened_at,
        Review.closed_at,
        causes.label("causes"),
        PatientRecord.born_on,
        PatientRecord.nhs_number,
        Person.given_name,
        Person.family_name,
        sa.func.concat_ws(" ", _practitioner.given_name, _practitioner.family_name).label("practitioner"),
        _decided.words.label("decided"),
        sa.func.concat_ws(" ", _by.given_name, _by.family_name).label("by"),
    )
    found: sa.Select[Any] = (
        _with_people(shown)
        .where(
            Review.service_id == sa.bindparam("service"),
            sa.or_(Review.closed_at.is_(None), Review.closed_at > sa.bindparam("since")),
            reaches(scope),
        )
        .order_by(Review.closed_at.is_not(None), Review.closed_at, Review.opened_at)
        .limit(sa.bindparam("at_most"))
    )
    return found


def _entry(row: Any, taken: Mapping[str, Taken], instruments: Mapping[str, Instrument], work: Work) -> Entry:
    kind = ReviewKind(row.kind)
    return Entry(
        patient_id=row.patient_id,
        review_id=row.id,
        name=f"{row.given_name} {row.family_name}",
        born=say.short_date(row.born_on),
        nhs_number=spaced(row.nhs_number),
        practitioner=row.practitioner,
        title=TITLES[kind],
        words=cause_queries.in_short(kind, row.causes, taken, instruments, work.actor.zone),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        decided=row.decided or "",
        by=row.by,
    )


def since(work: Work, patient: Patient, history: ReviewHistory, instruments: Mapping[str, Instrument]) -> list[str]:
    """What the patient answered after an entry was made, in words."""
    taken: dict[str, Taken] = {}
    for one in questionnaires.answered(work, patient):
        if one.total is not None:
            before = taken[one.instrument].totals if one.instrument in taken else []
            taken[one.instrument] = Taken([*before, one.total], one.submitted_at)
    causes = [one.about for one in history.causes]
    return cause_queries.since(history.kind, causes, taken, instruments, patient.zone)
