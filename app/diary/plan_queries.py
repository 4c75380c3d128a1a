"""What a patient has planned: each activity with its rules, as the core takes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient
from app.clinical import recurrence_words
from app.clinical.recurrence import (
    Act,
    Freq,
    Occurrence,
    Override,
    Rule,
    Segment,
    Series,
    expand,
    occurrence,
    segment_of,
)
from app.diary.kinds import Category, SeriesKind, Source
from app.diary.tables import ActivityOverride, ActivitySegment, ActivitySeries
from app.kit.errors import NotFound
from app.kit.work import Work


@dataclass(frozen=True)
class Activity:
    """Something planned, with all that is known of it; `version` rises with each change."""

    id: UUID
    kind: SeriesKind
    title: str
    category: Category | None
    place: str
    company: str
    difficulty: int | None
    expected_pleasure: int | None
    expected_mastery: int | None
    source: Source
    source_id: UUID | None
    version: int
    changed_at: datetime
    series: Series
    epochs: dict[date, int]

    def between(self, first: date, last: date) -> list[Occurrence]:
        """What is planned of it from one day to another, both included."""
        return expand(self.series, first, last) if self.series.segments else []

    def occurrence(self, named_on: date) -> Occurrence | None:
        """The one that has this name, wherever it was moved; None where there is none."""
        return occurrence(self.series, named_on)

    def segment(self, named_on: date) -> Segment:
        return segment_of(self.series, named_on)

    def repeats(self, named_on: date) -> str:
        """How it repeats, in a few words; empty for once."""
        return recurrence_words.short(self.segment(named_on).rule)


# More than anybody can have said of one thing for today and yesterday.
FEW = 5


def rows_of(table: Any, columns: Iterable[Any], *which: Any, newest: Any = None) -> Any:
    """The rows of a table that belong to a series, as one JSON value beside it: a page asks once for all of it.

    With `newest`, only the few that are last by this column.
    """
    found = sa.select(*columns).where(
        table.service_id == ActivitySeries.service_id, table.series_id == ActivitySeries.id, *which
    )
    if newest is not None:
        found = found.order_by(newest.desc()).limit(FEW)
    rows = found.correlate(ActivitySeries).subquery("row")
    return sa.select(sa.func.json_agg(sa.literal_column('"row"'))).select_from(rows).scalar_subquery()


_SEGMENT = (
    ActivitySegment.from_on,
    ActivitySegment.to_on,
    ActivitySegment.freq,
    ActivitySegment.every,
    ActivitySegment.weekdays,
    ActivitySegment.month_day,
    ActivitySegment.month_nth,
    ActivitySegment.month_weekday,
    ActivitySegment.phase_on,
    ActivitySegment.until_on,
    ActivitySegment.at,
    ActivitySegment.minutes,
    ActivitySegment.remind_before,
    ActivitySegment.remind_at,
    ActivitySegment.remind_anyway,
    ActivitySegment.epoch,
)
_OVERRIDE = (
    ActivityOverride.named_on,
    ActivityOverride.act,
    ActivityOverride.moved_to,
    ActivityOverride.at,
    ActivityOverride.minutes,
    ActivityOverride.any_time,
    ActivityOverride.any_length,
    ActivityOverride.epoch,
)


_DECIDED = (ActivityOverride.service_id == ActivitySeries.service_id, ActivityOverride.series_id == ActivitySeries.id)


def schedule(*decided: Any, since: Any = None) -> tuple[Any, ...]:
    """When something is planned: its rules by their days, and what was decided of single ones, or of some of them.

    With `since`, without the rules that say nothing of this day or a later one, nor of what was decided of an earlier.
    """
    rules = () if since is None else (_begun_since(since, decided),)
    segments, overrides = rows_of(ActivitySegment, _SEGMENT, *rules), rows_of(ActivityOverride, _OVERRIDE, *decided)
    return segments.label("segments"), overrides.label("overrides")


def _begun_since(since: Any, decided: Any) -> sa.ColumnElement[bool]:
    """From the rule in force on the first of these days on: none before it says anything of any of them."""
    about = sa.select(sa.func.min(ActivityOverride.named_on)).where(*_DECIDED, *decided).correlate(ActivitySeries)
    # Where nothing is decided, the least of a day and of null is the day.
    first = sa.func.least(since, about.scalar_subquery())
    other = aliased(ActivitySegment)
    begun = sa.select(sa.func.max(other.from_on)).where(
        other.service_id == ActivitySeries.service_id, other.series_id == ActivitySeries.id, other.from_on <= first
    )
    return ActivitySegment.from_on >= sa.func.coalesce(
        begun.correlate(ActivitySeries).scalar_subquery(), ActivitySegment.from_on
    )


SCHEDULE = schedule()
_FIRST, _LAST = sa.bindparam("first", type_=sa.Date), sa.bindparam("last", type_=sa.Date)
_OF_SERIES = (ActivitySegment.service_id == ActivitySeries.service_id, ActivitySegment.series_id == ActivitySeries.id)
_MOVED_IN = (ActivityOverride.act == Act.CHANGE, ActivityOverride.moved_to.between(_FIRST, _LAST))
# What decides about a day from `first` to `last`: what is named by one, and what was moved to one.
_OF_THOSE_DAYS = sa.or_(ActivityOverride.named_on.between(_FIRST, _LAST), sa.and_(*_MOVED_IN))
# In force on one of those days, whether its rule has it or not.
_IN_FORCE = (
    ActivitySegment.from_on <= _LAST,
    sa.or_(ActivitySegment.to_on.is_(None), ActivitySegment.to_on > _FIRST),
    sa.or_(ActivitySegment.until_on.is_(None), ActivitySegment.until_on >= _FIRST),
    sa.or_(ActivitySegment.freq != Freq.ONCE, ActivitySegment.phase_on.between(_FIRST, _LAST)),
)


def _any(table: Any, *which: Any) -> Any:
    # Not `exists`: the database may answer that for everybody's series at once.
    found = sa.select(table.series_id).where(*which).limit(1).correlate(ActivitySeries)
    return found.scalar_subquery().is_not(None)


# Whether anything can be planned of a series from `first` to `last`.
COMES = sa.or_(
    _any(ActivitySegment, *_OF_SERIES, *_IN_FORCE),
    _any(ActivityOverride, *_DECIDED, ActivityOverride.act == Act.CHANGE, _OF_THOSE_DAYS),
)
_COLUMNS: tuple[Any, ...] = (
    ActivitySeries.id,
    ActivitySeries.kind,
    ActivitySeries.title,
    ActivitySeries.category,
    ActivitySeries.place,
    ActivitySeries.company,
    ActivitySeries.difficulty,
    ActivitySeries.expected_pleasure,
    ActivitySeries.expected_mastery,
    ActivitySeries.source,
    ActivitySeries.source_id,
    ActivitySeries.version,
    ActivitySeries.changed_at,
)
MINE = (ActivitySeries.service_id == sa.bindparam("service"), ActivitySeries.patient_id == sa.bindparam("patient"))
ORDER = (ActivitySeries.made_at, ActivitySeries.id)
PLANNED = sa.select(*_COLUMNS, *SCHEDULE).where(*MINE).order_by(*ORDER)
ONE = sa.select(*_COLUMNS, *SCHEDULE).where(*MINE, ActivitySeries.id == sa.bindparam("series"))
# What is planned from `first` to `last`, without what is over, begins later or was decided of other days.
AMONG = (*_COLUMNS, *schedule(_OF_THOSE_DAYS, since=_FIRST))
PLANNED_BETWEEN = sa.select(*AMONG).where(*MINE, COMES).order_by(*ORDER)


def activities(work: Work, patient: Patient) -> list[Activity]:
    """Everything a patient has ever planned, in the order it was."""
    rows = work.read(PLANNED, {"service": work.service_id, "patient": patient.id})
    return [of_row(row) for row in rows]


def activities_between(work: Work, patient: Patient, first: date, last: date) -> list[Activity]:
    """What a patient has planned from one day to another, in the order it was; it knows of no other days."""
    asked = {"service": work.service_id, "patient": patient.id, "first": first, "last": last}
    return [of_row(row) for row in work.read(PLANNED_BETWEEN, asked)]


def activity(work: Work, patient: Patient, series_id: UUID) -> Activity:
    """One of a patient's activities; another's is as unknown as none."""
    row = work.read(ONE, {"service": work.service_id, "patient": patient.id, "series": series_id}).one_or_none()
    if row is None:
        raise NotFound
    return of_row(row)


def is_theirs(work: Work, patient: Patient, series_id: UUID) -> bool:
    """Whether something in the diary is this patient's."""
    mine = (ActivitySeries.patient_id == patient.id, ActivitySeries.id == series_id)
    found = sa.select(ActivitySeries.id).where(ActivitySeries.service_id == work.service_id, *mine)
    return work.session.execute(found).scalar() is not None


# Nothing that a worksheet or a session asks for is put off for longer.
AHEAD = timedelta(days=92)


def placed(planned: Iterable[Activity], today: date) -> dict[UUID, date]:
    """Of what was planned from elsewhere, such as a worksheet's entry, the next day that it is in the diary."""
    found: dict[UUID, date] = {}
    for activity in planned:
        if activity.source_id is not None:
            coming = activity.between(today, today + AHEAD)
            if coming:
                on = coming[0].on
                found[activity.source_id] = min(on, found.get(activity.source_id, on))
    return found


def of_row(row: Any) -> Activity:
    """A series as it was read, with its plans by their first day and what was decided of single days."""
    return Activity(
        id=row.id,
        kind=row.kind,
        title=row.title,
        category=row.category,
        place=row.place,
        company=row.company,
        difficulty=row.difficulty,
        expected_pleasure=row.expected_pleasure,
        expected_mastery=row.expected_mastery,
        source=row.source,
        source_id=row.source_id,
        version=row.version,
        changed_at=row.changed_at,
        series=series_of(row),
        epochs=epochs_of(row),
    )


def series_of(row: Any) -> Series:
    """The days and rules of a series as it was read."""
    return Series(
        tuple(sorted(map(_segment, row.segments or []), key=lambda one: one.from_on)),
        {date.fromisoformat(one["named_on"]): _override(one) for one in row.overrides or []},
    )


def epochs_of(row: Any) -> dict[date, int]:
    """How often each single one was moved to a later time."""
    return {date.fromisoformat(one["named_on"]): one["epoch"] for one in row.overrides or []}


def _segment(given: dict[str, Any]) -> Segment:
    return Segment(
        from_on=date.fromisoformat(given["from_on"]),
        rule=_rule(
            given["freq"],
            given["every"],
            tuple(given["weekdays"]),
            given["month_day"],
            given["month_nth"],
            given["month_weekday"],
        ),
        phase_on=date.fromisoformat(given["phase_on"]),
        to=_date(given["to_on"]),
        until_on=_date(given["until_on"]),
        at=_time(given["at"]),
        minutes=given["minutes"],
        remind_before=given["remind_before"],
        remind_at=_time(given["remind_at"]),
        remind_anyway=given["remind_anyway"],
        epoch=given["epoch"],
    )


@lru_cache(maxsize=1024)
def _rule(freq: str, every: int, weekdays: tuple[int, ...], day: int | None, nth: Any, weekday: int | None) -> Rule:
    return Rule(freq=Freq(freq), every=every, weekdays=weekdays, month_day=day, month_nth=nth, month_weekday=weekday)


def _override(given: dict[str, Any]) -> Override:
    return Override(
        Act(given["act"]),
        _date(given["moved_to"]),
        _time(given["at"]),
        given["minutes"],
        given["any_time"],
        given["any_length"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
