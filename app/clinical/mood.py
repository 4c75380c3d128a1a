"""A mood rating: its scale in words, what the ratings of a day come to, and how days compare with each other.

One number from very low to very good, as in the daily mood rating of behavioural activation (Lejuez and others 2011).
A handful of numbers proves nothing: two groups of days are compared from three on each side, and never as a cause.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from statistics import mean
from zoneinfo import ZoneInfo

from app.clinical.lifts import ENOUGH
from app.clinical.local_time import instant

DAY = timedelta(days=1)
# A number given longer than this after it was felt is remembered rather than felt.
REMEMBERED_AFTER = timedelta(hours=2)
# When the parts of a day begin on the clock. What is before the first belongs to the evening before.
PARTS = (time(4), time(12), time(18))
# A prompt is of no use longer than this.
USEFUL_FOR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `low` to `high`, a larger one for a better mood."""

    low: int = 0
    high: int = 10

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)

    @property
    def ends(self) -> str:
        """ "0 is very low. 10 is very good." """
        return f"{self.low} is {self.words(self.low)}. {self.high} is {self.words(self.high)}."

    def words(self, value: float) -> str:
        """A place on the scale in words, the two ends by themselves. Raises ValueError for what is not on it."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{value} is not from {self.low} to {self.high}")
        if value in (self.low, self.high):
            return "very low" if value == self.low else "very good"
        middle = (self.low + self.high) / 2
        if abs(value - middle) <= 0.5:
            return "in the middle"
        fifth = (self.high - self.low) / 5
        if value < middle:
            return "low" if value - self.low < 1.25 * fifth else "rather low"
        return "good" if self.high - value < 1.25 * fifth else "rather good"

    def share(self, value: float) -> float:
        """How far up the scale a value stands, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


# The scales a service can choose from, by the name in its settings.
SCALES = {"0-10": Scale(0), "1-10": Scale(1)}
STANDARD = "0-10"


@dataclass(frozen=True, slots=True)
class Felt:
    """One number of one day, on the scale it was given on; those of a day in the order they were felt."""

    on: date
    value: int
    scale: Scale


@dataclass(frozen=True, slots=True)
class DayMood:
    """What the numbers of one day come to."""

    on: date
    values: tuple[int, ...]
    scale: Scale

    @property
    def mean(self) -> float:
        return mean(self.values)

    @property
    def first(self) -> int:
        return self.values[0]

    @property
    def last(self) -> int:
        return self.values[-1]

    @property
    def words(self) -> str:
        """ "7, good" for one number; "around 5, in the middle, from 3 to 7" for several."""
        if len(self.values) == 1:
            return f"{self.first}, {self.scale.words(self.first)}"
        return f"{around(self.mean)}, {self.scale.words(self.mean)}, from {self.first} to {self.last}"


def around(value: float) -> str:
    """A mean as people say it, to the half: "around 4" or "around 4.5"."""
    return f"around {round(value * 2) / 2:g}"


def by_day(felt: Iterable[Felt]) -> list[DayMood]:
    """The days that have a number, in their order. A day that has numbers on two scales is on the wider."""
    ordered = sorted(felt, key=lambda one: one.on)
    days = ((on, list(several)) for on, several in groupby(ordered, key=lambda one: one.on))
    return [
        DayMood(on, tuple(one.value for one in several), min((one.scale for one in several), key=lambda one: one.low))
        for on, several in days
    ]


@dataclass(frozen=True, slots=True)
class Halves:
    """The mean of the days in each half of a period, with how many days have a number; None below `ENOUGH`."""

    first: float
    second: float


def halves(days: Sequence[DayMood], first_on: date, last_on: date) -> Halves | None:
    """How the first half of a period compares with the second, each day counting once."""
    middle = first_on + (last_on - first_on + DAY) / 2
    earlier = [one.mean for one in days if one.on < middle]
    later = [one.mean for one in days if one.on >= middle]
    if min(len(earlier), len(later)) < ENOUGH:
        return None
    return Halves(mean(earlier), mean(later))


@dataclass(frozen=True, slots=True)
class Beside:
    """The mean of days on which something was done, and of those on which it was planned and not done."""

    name: str
    done: float
    not_done: float
    days: int
    other_days: int

    @property
    def difference(self) -> float:
        return self.done - self.not_done


def beside(name: str, days: Mapping[date, float], done: Collection[date], not_done: Collection[date]) -> Beside | None:
    """The comparison for one activity; None below `ENOUGH` days with a number on either side."""
    with_it = [days[on] for on in set(done) if on in days]
    without = [days[on] for on in set(not_done) - set(done) if on in days]
    if min(len(with_it), len(without)) < ENOUGH:
        return None
    return Beside(name, mean(with_it), mean(without), len(with_it), len(without))


def part_begins(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the part of the day began that a moment is in: morning, afternoon or evening."""
    local = moment.astimezone(zone)
    on, at = local.date(), local.time()
    if at < PARTS[0]:
        return instant(on - DAY, PARTS[-1], zone)
    return instant(on, max(one for one in PARTS if one <= at), zone)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One time of a day at which somebody wants to be asked: its place among them, and what makes it needless.

    A number felt at `since` or later has answered it. All are instants.
    """

    place: int
    on: date
    at: time
    due_at: datetime
    expires_at: datetime
    since: datetime


def prompts(times: Sequence[time], first_on: date, last_on: date, zone: ZoneInfo) -> list[Prompt]:
    """The prompts of these days. A number from the same part of the day, after the one before it, answers each."""
    ordered = sorted(set(times))
    found: list[Prompt] = []
    for on in (first_on + DAY * n for n in range((last_on - first_on).days + 1)):
        due = [instant(on, at, zone) for at in ordered]
        for place, (at, due_at) in enumerate(zip(ordered, due, strict=True)):
            since = part_begins(due_at, zone)
            ends = due_at + USEFUL_FOR
            if place:
                since = max(since, due[place - 1])
            if place + 1 < len(due):
                ends = min(ends, due[place + 1])
            found.append(Prompt(place, on, at, due_at, ends, since))
    return found
