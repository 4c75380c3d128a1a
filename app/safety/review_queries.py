"""Who is on the review list and why, and what was decided about those who were."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.kit.work import Work
from app.safety.review_kinds import ReviewKind, ReviewStep
from app.safety.review_tables import Review, ReviewEvent


@dataclass(frozen=True)
class OpenReview:
    """An entry nobody has decided about; `causes` are what put the patient there, oldest first."""

    id: UUID
    patient_id: UUID
    kind: ReviewKind
    opened_at: datetime
    causes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Event:
    """One thing that happened about an entry; `by` is empty for the house itself."""

    id: UUID
    step: ReviewStep
    at: datetime
    by: str
    words: str
    about: dict[str, Any]


@dataclass(frozen=True)
class ReviewHistory:
    """An entry with everything that happened about it, oldest first."""

    id: UUID
    kind: ReviewKind
    opened_at: datetime
    closed_at: datetime | None
    events: tuple[Event, ...]

    @property
    def causes(self) -> list[Event]:
        """What put the patient on the list, oldest first."""
        return [event for event in self.events if event.step is not ReviewStep.REVIEWED]

    @property
    def decided(self) -> Event | None:
        """What was decided, by whom and when."""
        return next((event for event in self.events if event.step is ReviewStep.REVIEWED), None)


_by = aliased(Person, name="by_person")
_CAUSES = sa.func.jsonb_agg(aggregate_order_by(ReviewEvent.about, ReviewEvent.seq), type_=JSONB)
_OPEN = (
    sa.select(Review.id, Review.patient_id, Review.kind, Review.opened_at, _CAUSES.label("causes"))
    .join(ReviewEvent, sa.and_(ReviewEvent.service_id == Review.service_id, ReviewEvent.review_id == Review.id))
    .where(Review.service_id == sa.bindparam("service"), Review.closed_at.is_(None))
    .group_by(Review.service_id, Review.id)
    .order_by(Review.opened_at)
)


def open_of(table: Any, patient: sa.ColumnElement[UUID]) -> sa.ColumnElement[Any]:
    """The open entries of the patient in a row of another query, the longest waiting first, to be read by `as_open`."""
    each = _OPEN.where(Review.patient_id == patient).correlate(table).subquery("open_review")
    told = sa.func.json_build_array(each.c.id, each.c.kind, each.c.opened_at, each.c.causes)
    return sa.select(sa.func.json_agg(told)).select_from(each).scalar_subquery()


def as_open(patient_id: UUID, told: Iterable[Any] | None) -> tuple[OpenReview, ...]:
    """The same as values."""
    return tuple(
        OpenReview(UUID(id), patient_id, ReviewKind(kind), datetime.fromisoformat(opened_at), tuple(causes))
        for id, kind, opened_at, causes in told or ()
    )


_EVENTS = (
    sa.select(
        Review.id.label("review_id"),
        Review.kind,
        Review.opened_at,
        Review.closed_at,
        ReviewEvent.id,
        ReviewEvent.step,
        ReviewEvent.at,
        ReviewEvent.words,
        ReviewEvent.about,
        sa.func.concat_ws(" ", _by.given_name, _by.family_name).label("by"),
    )
    .select_from(Review)
    .join(ReviewEvent, sa.and_(ReviewEvent.service_id == Review.service_id, ReviewEvent.review_id == Review.id))
    .outerjoin(_by, sa.and_(_by.service_id == ReviewEvent.service_id, _by.id == ReviewEvent.by_id))
    .where(Review.service_id == sa.bindparam("service"), Review.patient_id == sa.bindparam("patient"))
    .order_by(Review.opened_at, Review.id, ReviewEvent.seq)
)


def reviews(work: Work, patient: Patient) -> list[ReviewHistory]:
    """Every entry of a patient, open and decided, the first first."""
    found: dict[UUID, list[Any]] = {}
    for row in work.read(_EVENTS, {"service": work.service_id, "patient": patient.id}):
        found.setdefault(row.review_id, []).append(row)
    return [_history(rows) for rows in found.values()]


def review(work: Work, patient: Patient, review_id: UUID) -> ReviewHistory | None:
    """One of a patient's entries."""
    return next((one for one in reviews(work, patient) if one.id == review_id), None)


def _history(rows: list[Any]) -> ReviewHistory:
    events = tuple(Event(one.id, ReviewStep(one.step), one.at, one.by, one.words, one.about) for one in rows)
    head = rows[0]
    return ReviewHistory(head.review_id, ReviewKind(head.kind), head.opened_at, head.closed_at, events)
