"""The diary as its pages show it: a week, a day, and what is planned for today."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.local_time import Shift, instant, shift
from app.clinical.recurrence import Occurrence
from app.diary import log_queries, plan_queries
from app.diary.kinds import Category, Outcome
from app.diary.log_queries import Logged
from app.diary.plan_queries import Activity
from app.diary.tables import ActivityLog, ActivitySeries
from app.kit.prepared import Question
from app.kit.work import Work
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder

DAY = timedelta(days=1)
# Until this hour, what was open yesterday is asked about first: it is still the same evening.
NEW_DAY_AT = time(4)
RATINGS = ("pleasure", "mastery", "mood_before", "mood_after")
PARTS = ("morning", "afternoon", "evening")


@dataclass(frozen=True)
class Item:
    """One thing on one day: planned, said to have happened, or both."""

    title: str
    on: date
    at: time | None
    category: Category | None
    href: str
    repeats: str = ""
    log: "Logged | Felt | None" = None
    series_id: UUID | None = None
    named_on: date | None = None
    moved: bool = False
    clocks: Shift | None = None
    # What was planned, where the clocks leave that hour out and `at` is what they show instead.
    planned_at: time | None = None
    # The id that an entry made from here will get, so that two taps are one entry.
    log_id: UUID | None = None

    @property
    def part(self) -> str:
        if self.at is None:
            return "afternoon"
        return "morning" if self.at < time(12) else "afternoon" if self.at < time(18) else "evening"

    @property
    def state(self) -> str:
        return self.log.outcome.value if self.log else ""


@dataclass(frozen=True)
class Day:
    """One day with what is on it."""

    on: date
    items: tuple[Item, ...]
    is_today: bool
    is_past: bool

    @property
    def parts(self) -> list[list[Item]]:
        return [[item for item in self.items if item.part == part] for part in PARTS]


@dataclass(frozen=True)
class Week:
    """Seven days from a Monday."""

    first: date
    days: tuple[Day, ...]

    @property
    def last(self) -> date:
        return self.first + 6 * DAY

    @property
    def before(self) -> date:
        return self.first - 7 * DAY

    @property
    def after(self) -> date:
        return self.first + 7 * DAY

    @property
    def is_empty(self) -> bool:
        return not any(day.items for day in self.days)

    @property
    def repeating(self) -> str:
        """The name of something that repeats, for the sentence that says so."""
        return next((item.title for day in self.days for item in day.items if item.repeats), "")


def week(work: Work, patient: Patient, about: date) -> Week:
    """The week that a day is in."""
    first = about - timedelta(days=about.weekday())
    return Week(first, tuple(days(work, patient, first, first + 6 * DAY)))


@dataclass(frozen=True)
class Counts:
    """How many things of a week were planned until today, and what became of them."""

    planned: int
    done: int
    partly: int
    not_done: int
    unsaid: int
    unplanned: int


def has_come(day: Day, item: Item, now: datetime) -> bool:
    """Whether something planned has begun by `now`, the patient's own time; what has no time may be all day long."""
    if item.at is None or not day.is_today or not isinstance(now.tzinfo, ZoneInfo):
        return day.is_past
    return instant(day.on, item.at, now.tzinfo) <= now


def counts(week: Week, now: datetime) -> Counts:
    """A week in numbers: what was planned until `now`, the patient's own time, and what was done besides."""
    come = [item for day in week.days for item in day.items if item.log or has_come(day, item, now)]
    planned = [item for item in come if item.series_id]
    states = [item.state for item in planned]
    return Counts(
        planned=len(planned),
        done=states.count(Outcome.DONE),
        partly=states.count(Outcome.PARTLY),
        not_done=states.count(Outcome.NOT_DONE),
        unsaid=states.count(""),
        unplanned=len(come) - len(planned),
    )


def days(work: Work, patient: Patient, first: date, last: date) -> list[Day]:
    """The days from one to another, both included, each with what is on it in the order of the clock."""
    today = work.now.astimezone(patient.zone).date()
    planned = plan_queries.activities_between(work, patient, first, last)
    said = log_queries.logged(work, patient, first, last)
    found = items(planned, said, patient, first, last)
    count = (last - first).days + 1
    return [
        Day(on, tuple(one for one in found if one.on == on), on == today, on < today)
        for on in (first + n * DAY for n in range(count))
    ]


_latest = (
    sa.select(Reminder.kind, Reminder.series_id, Reminder.about, Reminder.expires_at)
    .where(
        Reminder.service_id == sa.bindparam("service"),
        Reminder.person_id == sa.bindparam("patient"),
        Reminder.channel == Channel.IN_APP,
        Reminder.state == ReminderState.SENT,
    )
    .order_by(Reminder.due_at.desc())
    # More than are sent in a day.
    .limit(20)
    .subquery("latest")
)
_REMINDED = sa.select(sa.func.json_agg(sa.literal_column("latest"))).select_from(_latest).subquery("shown")
_SAID = plan_queries.rows_of(
    ActivityLog,
    (
        ActivityLog.named_on,
        ActivityLog.outcome,
        ActivityLog.pleasure,
        ActivityLog.mastery,
        ActivityLog.mood_before,
        ActivityLog.mood_after,
    ),
    ActivityLog.superseded_by.is_(None),
    ActivityLog.outcome != Outcome.WITHDRAWN,
    newest=ActivityLog.done_on,
).label("said")
# What is planned with the latest entries beside it, their numbers without their words: all that Today shows. What
# somebody was reminded of is theirs and not a series', so that it is there where nothing is planned.
TODAY = (
    sa.select(*plan_queries.AMONG, _SAID, _REMINDED.c[0].label("reminded"))
    .select_from(_REMINDED.outerjoin(ActivitySeries, sa.and_(*plan_queries.MINE, plan_queries.COMES)))
    .order_by(*plan_queries.ORDER)
)


@dataclass(frozen=True)
class Felt:
    """What somebody said of one occurrence, in numbers."""

    outcome: Outcome
    pleasure: int | None
    mastery: int | None
    mood_before: int | None
    mood_after: int | None


@dataclass(frozen=True)
class ForToday:
    """What is planned for today, and on which day what was agreed or written elsewhere is in the diary next.

    `reminded` are those whose reminder has come and is of use yet; `missed` is how many an outage kept back.
    """

    items: list[Item]
    placed: dict[UUID, date]
    reminded: list[Item]
    missed: int


def todays(work: Work, patient: Patient) -> Question:
    """What Today asks the database besides whose it is, for a page that asks all its questions in one message."""
    today = work.now.astimezone(patient.zone).date()
    return TODAY, {"first": today - DAY, "last": today + plan_queries.AHEAD}


def for_today(work: Work, patient: Patient) -> ForToday:
    """What is planned for today; in the small hours what was open yesterday comes first."""
    now = work.now.astimezone(patient.zone)
    today = now.date()
    first = today - DAY if now.time() < NEW_DAY_AT else today
    found, reminded = [], []
    planned, missed = [], 0
    statement, days = todays(work, patient)
    for row in work.read(statement, {"service": work.service_id, "patient": patient.id, **days}):
        shown = [one for one in row.reminded or [] if datetime.fromisoformat(one["expires_at"]) > now]
        missed = max((one["about"]["count"] for one in shown if one["kind"] == ReminderKind.SUMMARY), default=0)
        if row.id is None:
            continue
        activity = plan_queries.of_row(row)
        planned.append(activity)
        said = {one["named_on"]: one for one in row.said or []}
        for occurrence in activity.between(first, today):
            felt = said.get(occurrence.named_on.isoformat())
            log = Felt(Outcome(felt["outcome"]), *(felt[name] for name in RATINGS)) if felt else None
            if occurrence.on == today or log is None:
                found.append(item_of(activity, occurrence, log, patient))
                if log is None and _is_among(shown, found[-1]):
                    reminded.append(found[-1])
    placed = plan_queries.placed(planned, today)
    return ForToday(sorted(found, key=_in_order), placed, sorted(reminded, key=_in_order), missed)


def _is_among(reminders: list[dict[str, Any]], item: Item) -> bool:
    about = (str(item.series_id), item.named_on and item.named_on.isoformat())
    return any((one["series_id"], one["about"].get("on")) == about for one in reminders)


def items(planned: list[Activity], said: list[Logged], patient: Patient, first: date, last: date) -> list[Item]:
    """Each occurrence with what was said of it, then what was said of anything else, by day and time."""
    about = {(one.series_id, one.named_on): one for one in said if one.series_id}
    found = []
    for activity in planned:
        for occurrence in activity.between(first, last):
            log = about.pop((activity.id, occurrence.named_on), None)
            found.append(item_of(activity, occurrence, log, patient))
    alone = [*about.values(), *(one for one in said if one.series_id is None)]
    found += [_said(one) for one in alone]
    return sorted(found, key=_in_order)


def _in_order(item: Item) -> tuple[date, bool, time, str]:
    return item.on, item.at is not None, item.at or time(), item.title


def on_the_clock(occurrence: Occurrence, zone: ZoneInfo) -> time | None:
    """What the clocks of that day show when it comes: another time than was planned only where they go forward."""
    begins_at = occurrence.starts_at(zone)
    return begins_at.astimezone(zone).time() if begins_at else None


def item_of(activity: Activity, occurrence: Occurrence, log: "Logged | Felt | None", patient: Patient) -> Item:
    """One occurrence as pages show it."""
    return Item(
        title=activity.title,
        on=occurrence.on,
        at=on_the_clock(occurrence, patient.zone),
        category=activity.category,
        href=f"/my/diary/{activity.id}/{occurrence.named_on.isoformat()}",
        repeats=activity.repeats(occurrence.named_on),
        log=log,
        series_id=activity.id,
        named_on=occurrence.named_on,
        moved=occurrence.on != occurrence.named_on,
        clocks=shift(occurrence.on, occurrence.at, patient.zone) if occurrence.at else None,
        planned_at=occurrence.at,
        log_id=uuid4(),
    )


def _said(log: Logged) -> Item:
    """An entry about what was not planned, or is not planned any more."""
    planned_at = log.planned and log.planned.get("at")
    return Item(
        title=log.title,
        on=log.done_on,
        at=log.done_at or (time.fromisoformat(planned_at) if planned_at else None),
        category=log.category,
        href=f"/my/diary/said/{log.id}",
        log=log,
        series_id=log.series_id,
        named_on=log.named_on,
    )
