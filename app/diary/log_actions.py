"""Saying what happened: of something planned, of something that was not, and taking back what was said by mistake."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.recurrence import Occurrence
from app.diary import log_queries
from app.diary.kinds import Category, Outcome
from app.diary.log_queries import Logged
from app.diary.plan_queries import Activity
from app.diary.tables import ActivityLog
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work

BACKFILL = timedelta(days=14)
# What tells two entries apart that come under one id: of something planned, what was said of it; else all of it.
_SAID = ("outcome", "done_at", "pleasure", "mastery", "mood_before", "mood_after", "barrier", "note")
_WROTE = (*_SAID, "title", "category", "done_on")


class OutOfReach(Conflict):
    """A day that the diary takes nothing about; `mistake` says it beside a field."""

    mistake = ""


class TooLongAgo(OutOfReach):
    mistake = "Enter one of the last 14 days, or today"
    title = "That day is too long ago to write about"
    words = "The diary takes what happened in the last 14 days. What you wrote before is still there."


class NotYet(OutOfReach):
    mistake = "That day has not come yet. Enter today, or one of the last 14 days"
    title = "That day has not come yet"
    words = "You can say how it went from that day on. To move it or take it out, change the plan."


@dataclass(frozen=True)
class Said:
    """What somebody says of one thing they did or did not do. Zero is an answer; None is none."""

    outcome: Outcome
    done_at: time | None = None
    pleasure: int | None = None
    mastery: int | None = None
    mood_before: int | None = None
    mood_after: int | None = None
    barrier: str = ""
    note: str = ""
    # How long it lay on the device before it was sent, as that device counts time.
    waited: timedelta | None = None


def log_occurrence(
    work: Work, *, patient: Patient, activity: Activity, occurrence: Occurrence, log_id: UUID, said: Said
) -> Logged:
    """Say what became of something planned; what was said of it before is kept beside it.

    The id is the device's own: however often it arrives, there is one entry. Raises NotYet and TooLongAgo.
    """
    work.one_at_a_time("diary", patient.id)
    row = _row(work, patient, log_id, said, occurrence.on, activity.title, activity.category)
    if (stored := _stored(work, patient, row, _SAID)) is not None:
        return stored
    _within_reach(work, patient, occurrence.on, said)
    before = log_queries.about(work, patient, activity.id, occurrence.named_on)
    _in_their_order(work, before, row)
    row.series_id, row.named_on = activity.id, occurrence.named_on
    row.planned = before.planned if before else planned(activity, occurrence, patient)
    return _kept(work, patient, row, "activity.logged" if before is None else "activity.log-corrected")


def log_unplanned(
    work: Work,
    *,
    patient: Patient,
    log_id: UUID,
    said: Said,
    done_on: date,
    title: str,
    category: Category | None,
    instead_of: Logged | None = None,
) -> Logged:
    """Write down something done that was not planned, or write anew what was written before. Raises as the other."""
    work.one_at_a_time("diary", patient.id)
    row = _row(work, patient, log_id, said, done_on, title, category)
    if (stored := _stored(work, patient, row, _WROTE)) is not None:
        return stored
    _within_reach(work, patient, done_on, said)
    if row.id != log_id:
        instead_of = log_queries.standing(work, patient, log_id)
    _in_their_order(work, instead_of, row)
    if instead_of is not None:
        # What it is about, it stays about, even where that is not planned any more.
        row.series_id, row.named_on, row.planned = instead_of.series_id, instead_of.named_on, instead_of.planned
    return _kept(work, patient, row, "activity.logged" if instead_of is None else "activity.log-corrected")


def withdraw(work: Work, *, patient: Patient, entry: Logged, log_id: UUID) -> None:
    """Take an entry back: it was a mistake. It stays in the record, with this beside it."""
    work.one_at_a_time("diary", patient.id)
    if _known(work, patient, log_id, withdrawn=True) is not None:
        return
    _supersede(work, entry, log_id)
    said = Said(Outcome.WITHDRAWN)
    row = _row(work, patient, log_id, said, entry.done_on, entry.title, entry.category)
    row.series_id, row.named_on, row.planned = entry.series_id, entry.named_on, entry.planned
    # Superseded by itself, so that the place is free for what somebody says next.
    row.superseded_by = log_id
    work.add(row)
    work.record("activity.log-withdrawn", patient=patient.id, log=entry.id)


def planned(activity: Activity, occurrence: Occurrence, patient: Patient) -> dict[str, Any]:
    """The plan as it was when somebody said what became of it."""
    return {
        "title": activity.title,
        "on": occurrence.on.isoformat(),
        "at": occurrence.at.isoformat() if occurrence.at else None,
        "minutes": occurrence.minutes,
        "zone": str(patient.zone),
        "place": activity.place,
        "company": activity.company,
        "pleasure": activity.expected_pleasure,
        "mastery": activity.expected_mastery,
    }


def _within_reach(work: Work, patient: Patient, on: date, said: Said) -> None:
    """Raises NotYet for a day to come, TooLongAgo for one that was too long ago when it was written."""
    today, written_on = (
        moment.astimezone(patient.zone).date() for moment in (work.now, _said_at(work, said) or work.now)
    )
    if on > today:
        raise NotYet
    if on < written_on - BACKFILL:
        raise TooLongAgo


def _said_at(work: Work, said: Said) -> datetime | None:
    """When it was written, where a device kept it a while; None where it says what cannot be."""
    waited = said.waited or timedelta()
    return work.now - waited if timedelta() < waited <= BACKFILL else None


def _in_their_order(work: Work, before: Logged | None, row: ActivityLog) -> None:
    """What was written last stands, whichever came first."""
    if before is not None and row.said_at is not None and row.said_at < before.written_at:
        row.superseded_by = before.id
    else:
        _supersede(work, before, row.id)


def _stored(work: Work, patient: Patient, row: ActivityLog, words: tuple[str, ...]) -> Logged | None:
    """What this entry was already kept as; refuses an id that is another person's.

    Whoever heard no answer may say something else under the id that their page has. That is an entry of its own, and
    its id follows from both, so that it is one however often it arrives.
    """
    first = _known(work, patient, row.id)
    if first is None:
        return None
    said = [str(getattr(row, name)) for name in words]
    if said != [str(getattr(first, name)) for name in words]:
        row.id = uuid5(row.id, json.dumps(said))
        first = _known(work, patient, row.id)
    return log_queries.of_row(first) if first else None


def _known(work: Work, patient: Patient, log_id: UUID, *, withdrawn: bool = False) -> ActivityLog | None:
    row = work.session.get(ActivityLog, (work.service_id, log_id))
    if row is not None and (row.patient_id != patient.id or (row.outcome is Outcome.WITHDRAWN) != withdrawn):
        raise NotFound
    return row


def _supersede(work: Work, before: Logged | None, log_id: UUID) -> None:
    if before is None:
        return
    mine = (ActivityLog.service_id == work.service_id, ActivityLog.id == before.id)
    changed = work.session.execute(
        sa.update(ActivityLog).where(*mine, ActivityLog.superseded_by.is_(None)).values(superseded_by=log_id)
    )
    if changed.rowcount != 1:
        raise Conflict


def _row(
    work: Work,
    patient: Patient,
    log_id: UUID,
    said: Said,
    done_on: date,
    title: str,
    category: Category | None,
) -> ActivityLog:
    said_at = _said_at(work, said)
    return ActivityLog(
        id=log_id,
        patient_id=patient.id,
        outcome=said.outcome,
        done_on=done_on,
        done_at=said.done_at,
        zone=str(patient.zone),
        title=title,
        category=category,
        pleasure=said.pleasure,
        mastery=said.mastery,
        mood_before=said.mood_before,
        mood_after=said.mood_after,
        mood_before_at=None if said.mood_before is None else said_at or work.now,
        mood_after_at=None if said.mood_after is None else said_at or work.now,
        barrier=said.barrier,
        note=said.note,
        said_at=said_at,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )


def _kept(work: Work, patient: Patient, row: ActivityLog, event: str) -> Logged:
    work.add(row)
    work.record(event, patient=patient.id, log=row.id, outcome=row.outcome.value)
    return log_queries.of_row(row)
