"""Mood as its pages show it: a period as a drawing with what was done beneath, a month as a calendar, and sentences."""

import calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.accounts.queries import Patient
from app.clinical import mood
from app.clinical.mood import Beside, DayMood, Scale, around
from app.diary import week_queries
from app.diary.kinds import Outcome
from app.diary.week_queries import Item
from app.kit import chart, say
from app.kit.chart import Chart, Lane, Line
from app.kit.work import Work
from app.mood import queries
from app.mood.queries import Mood

DAY = timedelta(days=1)
# As many days as have room for a mark each under the drawing of a phone, and as many rows as can be taken in.
LANES_FOR, LANES = 16, 3
# A difference smaller than this is none.
WORTH_SAYING = 0.5
EARLIEST = date(2000, 1, 1)


class Span(StrEnum):
    """The periods that are offered, besides days of one's own."""

    WEEK = "7"
    TWO_WEEKS = "14"
    FOUR_WEEKS = "28"
    ALL = "all"

    @property
    def label(self) -> str:
        return {"7": "7 days", "14": "2 weeks", "28": "4 weeks", "all": "All"}[self.value]

    @property
    def heading(self) -> str:
        words = {"7": "The last 7 days", "14": "The last 14 days", "28": "The last 4 weeks", "all": "All of it"}
        return words[self.value]


@dataclass(frozen=True)
class Period:
    """The days to show, both included. `span` is None for days of one's own."""

    first: date
    last: date
    span: Span | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def heading(self) -> str:
        return self.span.heading if self.span else f"{say.day(self.first)} to {say.day_year(self.last)}"

    @property
    def address(self) -> str:
        """The period as the end of an address."""
        if self.span:
            return f"?period={self.span.value}"
        parts = {"first": self.first, "last": self.last}
        given = (
            f"{name}-{part}={getattr(on, part)}" for name, on in parts.items() for part in ("day", "month", "year")
        )
        return "?" + "&".join(given)


@dataclass(frozen=True)
class Shown:
    """A period of somebody's mood."""

    period: Period
    moods: list[Mood]
    days: list[DayMood]
    chart: Chart | None
    halves: mood.Halves | None
    beside: tuple[Beside, ...]

    @property
    def scale(self) -> Scale:
        """The widest scale that anything of this period was given on."""
        return min((one.scale for one in self.moods), key=lambda one: one.low, default=Scale())

    @property
    def on_two_scales(self) -> bool:
        return len({one.scale for one in self.moods if one.source is queries.Source.RATED}) > 1

    @property
    def by_day(self) -> list[tuple[date, list[Mood]]]:
        """Every number by its day, the latest day first."""
        found: dict[date, list[Mood]] = defaultdict(list)
        for one in self.moods:
            found[one.on].append(one)
        return sorted(found.items(), reverse=True)

    @property
    def worth_saying(self) -> Beside | None:
        """The activity whose days differ most, where that is more than nothing."""
        found = max(self.beside, key=lambda one: abs(one.difference), default=None)
        return found if found and abs(found.difference) >= WORTH_SAYING else None

    def sentence(self, who: str) -> str:
        """How many days have a number and how the halves compare; `who` gave them, as in "You" or "Ash"."""
        words = f"{who} gave {'your' if who == 'You' else 'their'} mood a number on {len(self.days)} of "
        words += f"{say.plural(self.period.days, 'day')}."
        if self.halves is None:
            return words
        first, second = around(self.halves.first), around(self.halves.second)
        if first == second:
            return f"{words} It was {first} all through."
        return f"{words} It was {first} in the first half and {second} in the second."

    def beside_words(self, who: str) -> str:
        """What goes with the activity whose days differ most; empty where there is too little to say."""
        one = self.worth_saying
        if one is None:
            return ""
        they = "you" if who == "You" else who
        return (
            f"On days with “{one.name}” it was {around(one.done)}. On days {they} had planned it and did not do it, "
            f"it was {around(one.not_done)}. That may be chance, but it is worth talking about."
        )


def shown(work: Work, patient: Patient, period: Period, widths: tuple[int, int] = chart.PATIENT) -> Shown:
    """A period with what the patient did beneath it, in their own words."""
    moods = queries.moods(work, patient, period.first, period.last)
    period = _from_the_first(period, moods)
    done = [
        item
        for day in week_queries.days(work, patient, period.first, period.last)
        for item in day.items
        if item.log or (item.series_id and day.on >= period.last)
    ]
    return _shown(period, moods, done, widths)


def numbers_shown(work: Work, patient: Patient, period: Period, widths: tuple[int, int]) -> Shown:
    """The same for those who may not read the patient's words."""
    moods = queries.numbers(work, patient, period.first, period.last)
    return _shown(_from_the_first(period, moods), moods, [], widths)


def _from_the_first(period: Period, moods: Sequence[Mood]) -> Period:
    if period.span is not Span.ALL:
        return period
    return Period(min([moods[0].on if moods else period.last, period.last - 6 * DAY]), period.last, period.span)


def _shown(period: Period, moods: list[Mood], done: Sequence[Item], widths: tuple[int, int]) -> Shown:
    days = mood.by_day(one.felt for one in moods)
    return Shown(
        period=period,
        moods=moods,
        days=days,
        chart=_chart(period, days, done, widths) if days else None,
        halves=mood.halves(days, period.first, period.last),
        beside=_beside(days, done),
    )


def _chart(period: Period, days: Sequence[DayMood], done: Sequence[Item], widths: tuple[int, int]) -> Chart:
    means = {one.on: one.mean for one in days}
    points = [(on, means.get(on)) for on in (period.first + DAY * n for n in range(period.days))]
    scale = min((one.scale for one in days), key=lambda one: one.low)
    lanes = _lanes(done) if period.days <= LANES_FOR else ()
    return chart.chart(Line(points, scale.low, scale.high, lanes=lanes), widths)


def _lanes(done: Sequence[Item]) -> tuple[Lane, ...]:
    by_name: dict[str, dict[date, str]] = defaultdict(dict)
    for item in done:
        state = item.state or "planned"
        if _RANK[state] >= _RANK.get(by_name[item.title].get(item.on, ""), -1):
            by_name[item.title][item.on] = state
    # A row in which nothing was ever said shows nothing.
    told = [(name, cells) for name, cells in by_name.items() if set(cells.values()) != {"planned"}]
    most = sorted(told, key=lambda one: (-len(one[1]), one[0].casefold()))[:LANES]
    return tuple(Lane(name, tuple(sorted(cells.items()))) for name, cells in most)


_RANK = {"planned": 0, Outcome.NOT_DONE: 1, Outcome.PARTLY: 2, Outcome.DONE: 3}


def _beside(days: Sequence[DayMood], done: Sequence[Item]) -> tuple[Beside, ...]:
    means = {one.on: one.mean for one in days}
    by_name: dict[str, tuple[set[date], set[date]]] = defaultdict(lambda: (set(), set()))
    for item in done:
        if item.log:
            by_name[item.title][item.state == Outcome.NOT_DONE].add(item.on)
    found = (mood.beside(name, means, *several) for name, several in by_name.items())
    return tuple(one for one in found if one)


def in_few_words(work: Work, patient: Patient, first: date, last: date) -> dict[date, str]:
    """What to write beside each of these days that has a number: "Mood 5", or "Mood 4 to 6" where it has several."""
    days = mood.by_day(one.felt for one in queries.numbers(work, patient, first, last))
    return {one.on: f"Mood {_range(min(one.values), max(one.values))}" for one in days}


def _range(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"


@dataclass(frozen=True)
class Cell:
    """One day of a calendar; `on` is None where the month has no such day."""

    on: date | None
    day: DayMood | None = None
    is_today: bool = False
    is_ahead: bool = False


@dataclass(frozen=True)
class Month:
    """A month in weeks from Monday."""

    first: date
    weeks: tuple[tuple[Cell, ...], ...]

    @property
    def name(self) -> str:
        return f"{say.MONTHS[self.first.month - 1]} {self.first.year}"

    @property
    def before(self) -> str:
        return (self.first - DAY).strftime("%Y-%m")

    @property
    def after(self) -> str:
        return (self.first + 31 * DAY).strftime("%Y-%m")

    @property
    def is_empty(self) -> bool:
        return not any(cell.day for week in self.weeks for cell in week)


def month(work: Work, patient: Patient, about: date) -> Month:
    """The month that a day is in, each day with what its numbers come to."""
    today = work.now.astimezone(patient.zone).date()
    first = about.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    days = {one.on: one for one in mood.by_day(m.felt for m in queries.moods(work, patient, first, last))}

    def cell(number: int) -> Cell:
        on = first.replace(day=number) if number else None
        return Cell(on, days.get(on) if on else None, on == today, on is not None and on > today)

    weeks = calendar.Calendar().monthdayscalendar(first.year, first.month)
    return Month(first, tuple(tuple(cell(number) for number in week) for week in weeks))
