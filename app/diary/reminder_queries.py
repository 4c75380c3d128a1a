"""Which reminders the diary asks for, and whether one that is about to go is still wanted."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical.local_time import instant, local_day
from app.clinical.planning import When, segment_for
from app.clinical.recurrence import Occurrence, Segment, Series, expand, occurrence, segment_of
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import USEFUL_FOR, Asked, ReminderKind, Wanted, quiet_hours
from app.diary import plan_queries
from app.diary.kinds import Outcome
from app.diary.plan_queries import Activity
from app.diary.tables import ActivityLog, ActivityOverride, ActivitySegment, ActivitySeries
from app.kit.work import Work
from app.notifications import switch_queries
from app.notifications.kinds import LEFT
from app.notifications.reminder_tables import Reminder

LONGEST_BEFORE = timedelta(minutes=120)
# When a reminder is due, when what it is about begins, and the time of day to show.
Moments = tuple[datetime, datetime, time | None]
_REMINDS = sa.or_(ActivitySegment.remind_before.is_not(None), ActivitySegment.remind_at.is_not(None))
_OF_SERIES = sa.and_(
    ActivitySegment.service_id == ActivitySeries.service_id, ActivitySegment.series_id == ActivitySeries.id
)
# What was decided of a day long ago says nothing of a reminder to come, unless it was moved to one.
_DECIDED_FROM = sa.bindparam("decided_from", type_=sa.Date)
_LATELY = sa.func.greatest(ActivityOverride.named_on, ActivityOverride.moved_to) >= _DECIDED_FROM


def schedules(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """What repeats and is reminded of, each with a `mark` that no other days and rules have, read with them."""
    each = (
        sa.select(ActivitySeries.id, ActivitySeries.patient_id, *plan_queries.schedule(_LATELY, since=_DECIDED_FROM))
        .where(ActivitySeries.service_id == sa.bindparam("service"), *which, sa.exists().where(_OF_SERIES, _REMINDS))
        .cte("schedule")
        # Else they are read once to be shown and once to be marked.
        .prefix_with("materialized")
    )
    return sa.select(each, sa.func.md5(sa.func.concat(each.c.segments, each.c.overrides)).label("mark"))


SCHEDULES = schedules(ActivitySeries.patient_id == sa.any_(sa.bindparam("patients", type_=sa.ARRAY(sa.Uuid)))).order_by(
    sa.text("id")
)


@dataclass
class Asking:
    """What a patient's diary asks for, and the marks of what it was read from."""

    wanted: list[Wanted] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


def decided_from(now: datetime) -> date:
    """A day before any that a reminder planned now can be about, wherever its patient is."""
    return now.date() - timedelta(days=3)


def zones(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, ZoneInfo]:
    """The time zone each of these patients is in."""
    rows = work.session.execute(
        sa.select(Person.id, Person.zone).where(Person.service_id == work.service_id, Person.id.in_(patient_ids))
    )
    return {row.id: ZoneInfo(row.zone) for row in rows}


def asking(work: Work, zones: Mapping[UUID, ZoneInfo], since: datetime, until: datetime) -> dict[UUID, Asking]:
    """Every reminder that the diaries of these patients ask for, due from one moment to before another."""
    found = {patient_id: Asking() for patient_id in zones}
    asked = {"service": work.service_id, "patients": list(zones), "decided_from": decided_from(work.now)}
    for row in work.read(SCHEDULES, asked):
        zone, mine = zones[row.patient_id], found[row.patient_id]
        mine.marks.append(row.mark)
        # No reminder is on a later day than what it is about, and none is longer before it.
        first, last = local_day(since, zone), local_day(until + LONGEST_BEFORE, zone)
        series, epochs = plan_queries.series_of(row), plan_queries.epochs_of(row)
        for planned in expand(series, first, last) if series.segments else []:
            segment = segment_of(series, planned.named_on)
            when = _when(segment, planned, zone)
            if when is not None and since <= when[0] < until:
                epoch = segment.epoch + epochs.get(planned.named_on, 0)
                mine.wanted.append(_wanted(row.id, segment, planned, epoch, when, zone))
    return found


def _epoch(series: Series, epochs: Mapping[date, int], named_on: date) -> int:
    return segment_of(series, named_on).epoch + epochs.get(named_on, 0)


def reminded_anew(work: Work, patient: Patient, activity: Activity, series: Series) -> Series:
    """What an activity becomes, with another number for its reminders where one that has left is to come later now.

    What was decided of a single occurrence has its own number. Both times are read from the clock on the wall, for a
    journey makes nothing later.
    """
    raised: dict[date, int] = {}
    for row in _left(work, patient, activity.id):
        named_on = date.fromisoformat(row.about["on"])
        planned = occurrence(series, named_on)
        if planned is None or series.overrides.get(named_on) != activity.series.overrides.get(named_on):
            continue
        segment = segment_of(series, named_on)
        when = _when(segment, planned, patient.zone)
        if when and _on_the_wall(when[0], patient.zone) > _on_the_wall(row.due_at, ZoneInfo(row.zone)):
            epoch = row.about["epoch"] + 1 - activity.epochs.get(named_on, 0)
            raised[segment.from_on] = max(epoch, raised.get(segment.from_on, 0))
    segments = (replace(one, epoch=max(one.epoch, raised.get(one.from_on, 0))) for one in series.segments)
    return replace(series, segments=tuple(segments))


def _left(work: Work, patient: Patient, series_id: UUID) -> Iterator[Any]:
    """The reminders of a series that left lately: nothing leaves long before what it is about."""
    yield from work.session.execute(
        sa.select(Reminder.about, Reminder.due_at, Reminder.zone).where(
            Reminder.service_id == work.service_id,
            Reminder.person_id == patient.id,
            Reminder.series_id == series_id,
            Reminder.state.in_(LEFT),
            Reminder.due_at > work.now - timedelta(days=2),
        )
    )


def _on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _wanted(
    series_id: UUID, segment: Segment, planned: Occurrence, epoch: int, when: Moments, zone: ZoneInfo
) -> Wanted:
    due_at, begins_at, at = when
    named_on = planned.named_on.isoformat()
    about = {"on": named_on, "at": at and at.isoformat("minutes"), "epoch": epoch}
    return Wanted(
        kind=ReminderKind.ACTIVITY,
        key=f"v1|act|{series_id}|{named_on}|0|{epoch}",
        about=about | ({"anyway": True} if segment.remind_anyway else {}),
        series_id=series_id,
        due_at=due_at,
        expires_at=begins_at + USEFUL_FOR,
        local_on=local_day(due_at, zone),
        zone=str(zone),
    )


def _when(segment: Segment, planned: Occurrence, zone: ZoneInfo) -> Moments | None:
    """When a reminder is due and all that goes with it; None where none is asked."""
    begins_at = planned.starts_at(zone)
    shown = begins_at.astimezone(zone).time() if begins_at else None
    if begins_at is not None and segment.remind_before is not None:
        return begins_at - timedelta(minutes=segment.remind_before), begins_at, shown
    if segment.remind_at is not None:
        due_at = instant(planned.on, segment.remind_at, zone)
        return due_at, begins_at or due_at, shown
    return None


def comes_in_quiet_hours(work: Work, patient: Patient, activity: Activity, on: date) -> bool:
    """Whether the reminder of what is planned for a day falls where nothing is sent, and is only shown in Braid."""
    limits = switch_queries.settings_of(work, patient.id)
    planned = [(activity.segment(one.named_on), one) for one in activity.between(on, on)]
    asked = (_when(segment, one, patient.zone) for segment, one in planned if not segment.remind_anyway)
    return any(when and quiet_hours(when[0], limits.quiet_from, limits.quiet_to, patient.zone) for when in asked)


@dataclass(frozen=True)
class QuietReminder:
    """A reminder that would come in somebody's quiet hours."""

    due_at: datetime
    quiet_from: time
    quiet_to: time


def in_quiet_hours(work: Work, patient: Patient, when: When) -> QuietReminder | None:
    """The first reminder of a plan, where it would come while its patient wants quiet."""
    segment = segment_for(when)
    first = expand(Series((segment,), {}), segment.from_on, segment.from_on)
    due = _when(segment, first[0], patient.zone) if first else None
    mine = switch_queries.settings_of(work, patient.id)
    if due is None or not quiet_hours(due[0], mine.quiet_from, mine.quiet_to, patient.zone):
        return None
    return QuietReminder(due[0], mine.quiet_from, mine.quiet_to)


def still_wanted(work: Work, reminders: Sequence[Asked]) -> Mapping[UUID, Reason | None]:
    """Why each of them is not wanted any more: what it is about is not planned, or was said to be done or not."""
    about = {one.series_id for one in reminders if one.series_id}
    schedules = {row.id: row for row in _schedules(work, about)}
    said = set(_said(work, about, {one.about["on"] for one in reminders}))
    return {one.id: _why_not(one, schedules.get(one.series_id), said) for one in reminders}


def _why_not(one: Asked, row: Any, said: Collection[tuple[UUID, date]]) -> Reason | None:
    named_on = date.fromisoformat(one.about["on"])
    series = plan_queries.series_of(row) if row else None
    if series is None or occurrence(series, named_on) is None:
        return Reason.NOT_PLANNED
    if _epoch(series, plan_queries.epochs_of(row), named_on) != one.about["epoch"]:
        return Reason.PLAN_CHANGED
    return Reason.ALREADY_SAID if (row.id, named_on) in said else None


def _schedules(work: Work, series_ids: Collection[UUID]) -> Iterator[Any]:
    statement = sa.select(ActivitySeries.id, *plan_queries.SCHEDULE).where(
        ActivitySeries.service_id == work.service_id, ActivitySeries.id.in_(series_ids)
    )
    yield from work.session.execute(statement)


def _said(work: Work, series_ids: Collection[UUID], days: Collection[str]) -> Iterator[tuple[UUID, date]]:
    rows = work.session.execute(
        sa.select(ActivityLog.series_id, ActivityLog.named_on).where(
            ActivityLog.service_id == work.service_id,
            ActivityLog.series_id.in_(series_ids),
            ActivityLog.named_on.in_(map(date.fromisoformat, days)),
            ActivityLog.superseded_by.is_(None),
            ActivityLog.outcome != Outcome.WITHDRAWN,
        )
    )
    yield from ((row.series_id, row.named_on) for row in rows)
