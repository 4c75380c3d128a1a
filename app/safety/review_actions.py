"""A patient is put on the review list with what caused it, and taken off it by somebody who says what was decided."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.safety.review_kinds import ReviewKind, ReviewStep
from app.safety.review_tables import Review, ReviewEvent

LOCK = "reviews"


class AlreadyReviewed(Conflict):
    words = "Somebody recorded what was decided while you were writing."


class CameSince(Conflict):
    words = "Something was added to this since you opened it. Read it, then record what you decide."


def put_on_list(work: Work, *, patient_id: UUID, kind: ReviewKind, source: str, about: Mapping[str, Any]) -> None:
    """Put a patient on the review list in the same transaction as what caused it, or add to the entry that is open.

    The same source is never told twice, also where somebody recorded a decision about it since.
    """
    # Two answers at one moment would otherwise each see no open entry, and one would be refused.
    work.one_at_a_time(LOCK, patient_id)
    if _already_told(work, patient_id, source):
        return
    review = _open(work, patient_id, kind)
    step = ReviewStep.ADDED if review else ReviewStep.OPENED
    if review is None:
        review = work.add(Review(patient_id=patient_id, kind=kind, opened_at=work.now))
    event = work.add(ReviewEvent(review_id=review.id, step=step, at=work.now, source=source, about=dict(about)))
    work.record(
        "review.put-on-list", patient=patient_id, review=review.id, kind=kind.value, step=step.value,
        review_event=event.id,
    )  # fmt: skip


def record_review(work: Work, *, patient: Patient, review_id: UUID, words: str, newest: UUID | None) -> None:
    """Record what was decided about an entry, which ends it; `newest` is the last thing its page showed.

    Refuses with CameSince where something was added that the page did not show.
    """
    work.require(Capability.HANDLE_REVIEWS)
    work.one_at_a_time(LOCK, patient.id)
    review = work.session.execute(
        sa.select(Review)
        .where(Review.service_id == work.service_id, Review.patient_id == patient.id, Review.id == review_id)
        .with_for_update()
    ).scalar_one_or_none()
    if review is None:
        raise NotFound
    if review.closed_at is not None:
        raise AlreadyReviewed
    if newest != _newest(work, review):
        raise CameSince
    work.add(ReviewEvent(review_id=review.id, step=ReviewStep.REVIEWED, at=work.now, by_id=work.actor.id, words=words))
    review.closed_at = work.now
    work.session.add(review)
    work.session.flush()
    work.record("review.recorded", patient=patient.id, review=review.id)


def _open(work: Work, patient_id: UUID, kind: ReviewKind) -> Review | None:
    return work.session.execute(
        sa.select(Review).where(
            Review.service_id == work.service_id,
            Review.patient_id == patient_id,
            Review.kind == kind,
            Review.closed_at.is_(None),
        )
    ).scalar_one_or_none()


def _already_told(work: Work, patient_id: UUID, source: str) -> bool:
    told = (
        sa.select(ReviewEvent.id)
        .join(Review, sa.and_(Review.service_id == ReviewEvent.service_id, Review.id == ReviewEvent.review_id))
        .where(Review.service_id == work.service_id, Review.patient_id == patient_id, ReviewEvent.source == source)
    )
    return work.session.execute(told).first() is not None


def _newest(work: Work, review: Review) -> UUID | None:
    newest = (
        sa.select(ReviewEvent.id)
        .where(ReviewEvent.service_id == work.service_id, ReviewEvent.review_id == review.id)
        .order_by(ReviewEvent.seq.desc())
        .limit(1)
    )
    return work.session.execute(newest).scalar_one_or_none()
