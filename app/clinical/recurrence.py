"""Activities that repeat: a small grammar of rules, in force from day to day, and the days they come to.

One occurrence a local day, named by the day its rule put it on, whatever is done with it later: moving it renames
nothing (RFC 5545, RECURRENCE-ID; RFC 8984). Months that are too short have their last day (RFC 7529, BACKWARD). Weeks
begin on Monday. Expansion looks at the days of the window and at nothing before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from app.clinical.fields import Value, mistake
from app.clinical.local_time import instant

DAY = timedelta(days=1)
MOST_EVERY = 52
MOST_TIMES = 200
Weekday = Annotated[int, Field(ge=0, le=6)]


class Freq(StrEnum):
    """How a rule repeats."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Rule(Value):
    """When something repeats. `every` counts days, weeks or months from a phase; Monday is 0.

    Weekly has `weekdays`. Monthly has `month_day` (31 is the last day of every month), or `month_nth` and
    `month_weekday`: the first to fourth, or from the end of the month with -1 to -4, so that no month lacks one.
    """

    freq: Freq
    every: Annotated[int, Field(ge=1, le=MOST_EVERY)] = 1
    weekdays: tuple[Weekday, ...] = ()
    month_day: Annotated[int, Field(ge=1, le=31)] | None = None
    month_nth: Literal[1, 2, 3, 4, -1, -2, -3, -4] | None = None
    month_weekday: Weekday | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.freq is Freq.WEEKLY) != bool(self.weekdays):
            raise mistake("a weekly rule needs its days of the week, and no other has them", "Choose days.", "weekdays")
        if len(set(self.weekdays)) != len(self.weekdays):
            raise mistake("a day of the week is there twice", "Name each once.", "weekdays")
        by_day, by_nth = self.month_day is not None, self.month_nth is not None or self.month_weekday is not None
        if (self.freq is Freq.MONTHLY) != (by_day or by_nth) or (by_day and by_nth):
            raise mistake("a monthly rule needs one day of the month", "Give a day, or a weekday of it.", "month_day")
        if by_nth and (self.month_nth is None or self.month_weekday is None):
            raise mistake("which weekday of the month is not whole", "Give which, and which weekday.", "month_nth")
        return self


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule while it is in force: from a day, to the day before `to` (None for good), at most until `until_on`.

    `phase_on` is the day that "every n" is counted from; it stays when only the time or the title changes. `at` is the
    time on the patient's own clock, wherever they are; None for any time of the day. `minutes` is how long it takes.
    A reminder comes so many minutes before it begins, or for any time of the day at a time of its own. `remind_anyway`
    is whether it disturbs in quiet hours too; None where that was never asked.
    `epoch` tells reminders apart that come for the same occurrence once more.
    """

    from_on: date
    rule: Rule
    phase_on: date
    to: date | None = None
    until_on: date | None = None
    at: time | None = None
    minutes: int | None = None
    remind_before: int | None = None
    remind_at: time | None = None
    remind_anyway: bool | None = None
    epoch: int = 0

    @property
    def last_on(self) -> date | None:
        """The last day it is in force; None where it goes on."""
        ends = [on for on in (self.to and self.to - DAY, self.until_on) if on is not None]
        return min(ends, default=None)

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.from_on <= on and (self.last_on is None or on <= self.last_on)


class Act(StrEnum):
    """What somebody decided about one occurrence."""

    SKIP = "skip"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Override:
    """A decision about one occurrence: left out, or another day, time or length for it alone.

    What is None is as the rule has it; `any_time` and `any_length` say that this one has none, whatever the rule has.
    """

    act: Act
    moved_to: date | None = None
    at: time | None = None
    minutes: int | None = None
    any_time: bool = False
    any_length: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time something is planned. `named_on` is its name: the day its rule put it on; `on` is when it is."""

    named_on: date
    on: date
    at: time | None
    minutes: int | None
    changed: bool = False

    def starts_at(self, zone: ZoneInfo) -> datetime | None:
        """The instant it begins where the patient is, in UTC; None for any time of the day."""
        return instant(self.on, self.at, zone) if self.at is not None else None


@dataclass(frozen=True)
class Series:
    """Something that repeats, as it was and is planned: segments by their first day, and single decisions by name."""

    segments: tuple[Segment, ...]
    overrides: Mapping[date, Override] = field(default_factory=dict)


def expand(series: Series, first: date, last: date) -> list[Occurrence]:
    """What is planned from `first` to `last`, both included, by day and time; any time of the day comes first."""
    found = [_as_planned(segment, on) for segment, on in _planned(series, first, last) if on not in series.overrides]
    for named_on, override in series.overrides.items():
        if override.act is Act.CHANGE and first <= (override.moved_to or named_on) <= last:
            found.append(_changed(series, named_on, override))
    return sorted(found, key=lambda one: (one.on, one.at is not None, one.at or time(), one.named_on))


def occurrence(series: Series, named_on: date) -> Occurrence | None:
    """The one that has this name, wherever it was moved; None where there is none."""
    if not series.segments:
        return None
    override = series.overrides.get(named_on)
    on = (override and override.moved_to) or named_on
    return next((one for one in expand(series, on, on) if one.named_on == named_on), None)


def _planned(series: Series, first: date, last: date) -> Iterator[tuple[Segment, date]]:
    for segment in series.segments:
        begins = max(first, segment.from_on)
        ends = last if segment.last_on is None else min(last, segment.last_on)
        for on in days(segment.rule, segment.phase_on, begins, ends):
            yield segment, on


def _as_planned(segment: Segment, on: date) -> Occurrence:
    return Occurrence(on, on, segment.at, segment.minutes)


def _changed(series: Series, named_on: date, override: Override) -> Occurrence:
    segment = segment_of(series, named_on)
    return Occurrence(
        named_on,
        override.moved_to or named_on,
        None if override.any_time else override.at if override.at is not None else segment.at,
        None if override.any_length else override.minutes if override.minutes is not None else segment.minutes,
        changed=True,
    )


def segment_of(series: Series, on: date) -> Segment:
    """The segment in force on a day, else the last that began before it, else the first."""
    if len(series.segments) == 1:
        return series.segments[0]
    begun = [segment for segment in series.segments if segment.from_on <= on]
    return next((one for one in begun if one.holds(on)), begun[-1] if begun else series.segments[0])


def days(rule: Rule, phase_on: date, first: date, last: date) -> Iterator[date]:
    """The days of a rule from `first` to `last`, both included, in order; the phase may lie before or after them."""
    match rule.freq:
        case Freq.ONCE:
            yield from (on for on in (phase_on,) if first <= on <= last)
        case Freq.DAILY:
            on = first + timedelta(days=(phase_on - first).days % rule.every)
            while on <= last:
                yield on
                on += timedelta(days=rule.every)
        case Freq.WEEKLY:
            yield from _weekly(rule, phase_on, first, last)
        case Freq.MONTHLY:
            yield from _monthly(rule, phase_on, first, last)


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _weekly(rule: Rule, phase_on: date, first: date, last: date) -> Iterator[date]:
    weeks = (_monday(phase_on) - _monday(first)).days // 7 % rule.every
    monday = _monday(first) + timedelta(weeks=weeks)
    while monday <= last:
        for weekday in sorted(rule.weekdays):
            on = monday + timedelta(days=weekday)
            if first <= on <= last:
                yield on
        monday += timedelta(weeks=rule.every)


def _monthly(rule: Rule, phase_on: date, first: date, last: date) -> Iterator[date]:
    start = first.year * 12 + first.month - 1
    month = start + (phase_on.year * 12 + phase_on.month - 1 - start) % rule.every
    while month <= last.year * 12 + last.month - 1:
        on = _day_in(rule, month // 12, month % 12 + 1)
        if first <= on <= last:
            yield on
        month += rule.every


def _day_in(rule: Rule, year: int, month: int) -> date:
    opens = date(year, month, 1)
    closes = (opens + timedelta(days=31)).replace(day=1) - DAY
    if rule.month_day is not None:
        return opens.replace(day=min(rule.month_day, closes.day))
    assert rule.month_nth is not None and rule.month_weekday is not None
    if rule.month_nth > 0:
        return opens + timedelta(days=(rule.month_weekday - opens.weekday()) % 7, weeks=rule.month_nth - 1)
    return closes - timedelta(days=(closes.weekday() - rule.month_weekday) % 7, weeks=-rule.month_nth - 1)


def first_on(rule: Rule, wanted: date) -> date:
    """The first day from the wanted one on that satisfies the rule, counted from itself: what is saved as its start."""
    far = wanted + timedelta(days=62)
    return next(days(rule.model_copy(update={"every": 1}), wanted, wanted, far), wanted)


def repeats(segment: Segment) -> bool:
    """Whether more than one occurrence can come of it."""
    return segment.rule.freq is not Freq.ONCE and segment.last_on != segment.from_on


def moved_rule(rule: Rule, was_on: date, now_on: date) -> Rule:
    """The rule that has a day where the other had another, for all that follow: every Monday becomes every Tuesday."""
    match rule.freq:
        case Freq.WEEKLY:
            others = (day for day in rule.weekdays if day != was_on.weekday())
            return rule.model_copy(update={"weekdays": tuple(sorted({*others, now_on.weekday()}))})
        case Freq.MONTHLY if rule.month_day is not None:
            return rule.model_copy(update={"month_day": now_on.day})
        case Freq.MONTHLY:
            place = (now_on.day - 1) // 7 + 1
            return rule.model_copy(update={"month_nth": place if place < 5 else -1, "month_weekday": now_on.weekday()})
    return rule


def last_of(rule: Rule, start_on: date, times: int) -> date:
    """The day of the last of so many times (1 to 200) from a start that satisfies the rule.

    Those left out count (RFC 5545, COUNT with EXDATE). Raises ValueError for any other number of times.
    """
    if not 1 <= times <= MOST_TIMES:
        raise ValueError(f"{times} times")
    found = days(rule, start_on, start_on, date.max - timedelta(days=32 * rule.every))
    return list(islice(found, times))[-1]


def changed_from(series: Series, on: date, new: Segment) -> Series:
    """The series with another plan from a day on; no earlier day and no name changes, nor a move somebody decided.

    The other plan may begin later than what was planned ends.

    What was left out stays left out while the new rule still gives its day. What was moved or given another time stays
    whatever the rule gives.
    """
    segment = replace(new, from_on=max(on, new.from_on))
    last = max([on, *series.overrides])
    still = {each for each in days(segment.rule, segment.phase_on, on, last) if segment.holds(each)}
    overrides = {day: one for day, one in series.overrides.items() if day < on or one.act is Act.CHANGE or day in still}
    return Series((*_closed(series, on), segment), overrides)


def ended_from(series: Series, on: date) -> Series:
    """The series with nothing planned from a day on: what was moved there goes as well."""
    overrides = {}
    for day, one in series.overrides.items():
        if day < on:
            later = one.act is Act.CHANGE and (one.moved_to or day) >= on
            overrides[day] = Override(Act.SKIP) if later else one
    return Series(_closed(series, on), overrides)


def _closed(series: Series, on: date) -> tuple[Segment, ...]:
    begun = (segment for segment in series.segments if segment.from_on < on)
    return tuple(replace(one, to=on) if one.to is None or one.to > on else one for one in begun)
