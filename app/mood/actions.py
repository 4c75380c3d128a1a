"""Giving one's mood a number, saying it anew, and taking it back."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import Service
from app.clinical.mood import SCALES, Scale
from app.diary import plan_queries
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.mood import queries
from app.mood.queries import Rating
from app.mood.tables import MoodRating

BACKFILL = timedelta(days=14)
_WITHDRAWN = UUID("6e0f1d86-53b4-4b6c-8ed5-96a1d4a1a0a5")


class TooLongAgo(Conflict):
    title = "That is too long ago to give a number"
    words = "You can say how you felt in the last 14 days. What you said before is still there."


class NotYet(Conflict):
    title = "That time has not come yet"
    words = "You can say how you felt until now."


@dataclass(frozen=True)
class Said:
    """A number on a scale, when it was felt, and what somebody may add to it."""

    value: int
    scale: Scale
    felt_at: datetime
    note: str = ""
    doing: str = ""
    activity: tuple[UUID, date] | None = None


def rate(work: Work, *, patient: Patient, rating_id: UUID, said: Said) -> Rating:
    """Keep a number for somebody's mood.

    The id is the device's own: however often it arrives, there is one rating. Raises NotYet and TooLongAgo.
    """
    return _keep(work, patient, rating_id, said, None)


def correct(work: Work, *, patient: Patient, rating_id: UUID, said: Said, instead_of: Rating) -> Rating:
    """Say it anew; what was said before is kept beside it. Raises as `rate`, and Conflict where that was done since."""
    return _keep(work, patient, rating_id, said, instead_of)


def withdraw(work: Work, *, patient: Patient, rating_id: UUID) -> None:
    """Take a number back: it was a mistake. It stays in the record with this beside it, and twice is once."""
    work.one_at_a_time("mood", patient.id)
    row = work.session.get(MoodRating, (work.service_id, rating_id))
    if row is None or row.patient_id != patient.id or row.value is None:
        raise NotFound
    taken_back = uuid5(_WITHDRAWN, str(rating_id))
    if work.session.get(MoodRating, (work.service_id, taken_back)) is not None:
        return
    _supersede(work, rating_id, taken_back)
    # Superseded by itself: it takes a place among what was said, and none among what stands.
    work.add(
        MoodRating(
            id=taken_back,
            patient_id=patient.id,
            low=row.low,
            high=row.high,
            felt_at=row.felt_at,
            zone=row.zone,
            sent_at=work.now,
            superseded_by=taken_back,
        )
    )
    work.record("mood.withdrawn", patient=patient.id, rating=rating_id)


def choose_scale(work: Work, *, name: str) -> None:
    """Rate on another scale from now on, service-wide. What was rated stays as it was."""
    if name not in SCALES:
        raise ValueError(f"{name} is none of {', '.join(SCALES)}")
    service = work.session.get_one(Service, work.service_id)
    service.settings = {**service.settings, queries.SETTING: name}
    work.record("mood.scale-chosen", scale=name)


def _keep(work: Work, patient: Patient, rating_id: UUID, said: Said, before: Rating | None) -> Rating:
    work.one_at_a_time("mood", patient.id)
    known = _known(work, patient, rating_id)
    if known is not None:
        if _words(queries.of_row(known)) == _words(said):
            return queries.of_row(known)
        # Whoever heard no answer may say something else under the id that their page has: that is another, once.
        before = queries.standing(work, patient, rating_id)
        rating_id = uuid5(rating_id, json.dumps(_words(said)))
        if (again := _known(work, patient, rating_id)) is not None:
            return queries.of_row(again)
    # A correction of what stands may be as old as that is.
    if before is None or said.felt_at != before.felt_at:
        _within_reach(work, said.felt_at)
    series_id, named_on = _activity(work, patient, said, before)
    if before is not None:
        _supersede(work, before.id, rating_id)
    row = MoodRating(
        id=rating_id,
        patient_id=patient.id,
        value=said.value,
        low=said.scale.low,
        high=said.scale.high,
        note=said.note,
        series_id=series_id,
        named_on=named_on,
        doing=said.doing,
        felt_at=said.felt_at,
        zone=str(before.zone if before and before.felt_at == said.felt_at else patient.zone),
        sent_at=work.now,
    )
    work.add(row)
    if before is None:
        work.record("mood.rated", patient=patient.id, rating=rating_id)
    else:
        work.record("mood.corrected", patient=patient.id, rating=rating_id)
    return queries.of_row(row)


def _known(work: Work, patient: Patient, rating_id: UUID) -> MoodRating | None:
    row = work.session.get(MoodRating, (work.service_id, rating_id))
    if row is not None and (row.patient_id != patient.id or row.value is None):
        raise NotFound
    return row


def _words(said: Said | Rating) -> list[str]:
    """What was said without when: that is another moment each time it is sent."""
    return [str(part) for part in (said.value, said.scale, said.note, said.doing, said.activity)]


def _within_reach(work: Work, felt_at: datetime) -> None:
    if felt_at > work.now:
        raise NotYet
    if felt_at < work.now - BACKFILL:
        raise TooLongAgo


def _activity(work: Work, patient: Patient, said: Said, before: Rating | None) -> tuple[UUID, date] | tuple[None, None]:
    """The occurrence it goes with, where that is the patient's own or what it went with before."""
    if said.activity is None:
        return None, None
    series_id, named_on = said.activity
    if before is not None and (before.series_id, before.named_on) == said.activity:
        return said.activity
    if plan_queries.activity(work, patient, series_id).occurrence(named_on) is None:
        raise NotFound("That activity is not in your diary any more.")
    return series_id, named_on


def _supersede(work: Work, rating_id: UUID, by: UUID) -> None:
    mine = (MoodRating.service_id == work.service_id, MoodRating.id == rating_id)
    changed = work.session.execute(
        sa.update(MoodRating).where(*mine, MoodRating.superseded_by.is_(None)).values(superseded_by=by)
    )
    if changed.rowcount != 1:
        raise Conflict
