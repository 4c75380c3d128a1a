"""Where a day and a value stand in a drawing, which of the values can be written, and which days are named.

Lengths are in user units of the drawing, one CSS pixel each at its full width; y grows downwards.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.kit import say

_CHARACTER = 8
_INSET = 10
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 364)

Point = tuple[dt.date, float | None]


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    label: str
    label_y: float


@dataclass(frozen=True)
class Tick:
    at: float
    words: str
    more: str = ""


def number(value: float) -> str:
    """A value as it is written at its point: whole where it is whole, else to one decimal."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Axes:
    """A rectangle of the drawing on which days run from left to right and values upwards."""

    first_on: dt.date
    days: int
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    def x(self, on: dt.date) -> float:
        if not self.days:
            return round((self.left + self.right) / 2, 1)
        share = (on - self.first_on).days / self.days
        return round(self.left + _INSET + share * (self.right - self.left - 2 * _INSET), 1)

    def edge(self, on: dt.date) -> float:
        """Where a day begins, half a day before its middle, held within the rectangle."""
        x = self.x(on) - self.a_day / 2
        return round(min(max(x, self.left), self.right), 1)

    def held(self, on: dt.date) -> float:
        """Where a day stands, one outside the days shown at the nearer end."""
        last_on = self.first_on + dt.timedelta(days=self.days)
        return self.x(min(max(on, self.first_on), last_on))

    def y(self, value: float) -> float:
        held = min(max(value, self.low), self.high)
        return round(self.bottom - (held - self.low) / (self.high - self.low) * (self.bottom - self.top), 1)

    def shows(self, on: dt.date) -> bool:
        return 0 <= (on - self.first_on).days <= self.days

    @property
    def a_day(self) -> float:
        return (self.right - self.left - 2 * _INSET) / max(self.days, 1)


def paths(axes: Axes, points: Sequence[Point]) -> tuple[str, ...]:
    """SVG path data of the line through the points, one for each run of days without a gap."""
    runs: list[list[str]] = [[]]
    for on, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{axes.x(on):g} {axes.y(value):g}")
    return tuple("M" + "L".join(run) for run in runs if len(run) > 1)


def dots(axes: Axes, points: Sequence[Point]) -> tuple[Dot, ...]:
    """The points that have a value, with their numbers where these fit beside each other."""
    held = [(on, value) for on, value in points if value is not None]
    labelled = _labelled(axes, held)
    found = []
    for place, (on, value) in enumerate(held):
        before = held[place - 1][1] if place else value
        after = held[place + 1][1] if place + 1 < len(held) else value
        is_dip = value <= before and value <= after and (value < before or value < after)
        y = axes.y(value)
        below = is_dip and y + 20 <= axes.bottom + 6
        label = number(value) if place in labelled else ""
        found.append(Dot(axes.x(on), y, label, round(y + 20 if below else y - 10, 1)))
    return tuple(found)


def _labelled(axes: Axes, held: Sequence[tuple[dt.date, float]]) -> set[int]:
    """The places whose numbers fit beside each other: the ends, the lowest and the highest before all others.

    Where most of the others fit too, only those that would stand on another are left out; where they do not,
    all others are, so that the few that are written mean something.
    """
    widest = max((len(number(value)) for _, value in held), default=1) * _CHARACTER + 4
    gaps = [axes.x(later[0]) - axes.x(earlier[0]) for earlier, later in pairwise(held)]
    places = range(len(held))
    if not gaps or min(gaps) >= widest:
        return set(places)
    lowest = min(places, key=lambda place: held[place][1])
    highest = max(places, key=lambda place: held[place][1])
    chosen: list[int] = []
    first = [len(held) - 1, lowest, highest, 0]
    for place in [*first, *reversed(places)]:
        x = axes.x(held[place][0])
        if all(abs(x - axes.x(held[other][0])) >= widest for other in chosen):
            chosen.append(place)
    return set(chosen if 3 * len(chosen) >= 2 * len(held) else [place for place in chosen if place in first])


def ticks(axes: Axes) -> tuple[Tick, ...]:
    """A few round values of the scale, its two ends among them."""
    span = axes.high - axes.low
    step = next((size for size in _STEPS if span / size <= 3), span)
    values = [axes.low + step * count for count in range(int(span / step) + 1)]
    if axes.high - values[-1] < step / 2 and len(values) > 1:
        values.pop()
    if values[-1] != axes.high:
        values.append(axes.high)
    return tuple(Tick(axes.y(value), number(value)) for value in values)


def days(axes: Axes) -> tuple[Tick, ...]:
    """A letter and a number under every day while they fit, then the days that do, evenly spaced."""
    if axes.a_day >= 17 and axes.days < 21:
        every = [axes.first_on + dt.timedelta(days=count) for count in range(axes.days + 1)]
        return tuple(Tick(axes.x(on), say.WEEKDAYS[on.weekday()][0], str(on.day)) for on in every)
    step = next((days for days in _DAYS if days * axes.a_day >= 52), _DAYS[-1])
    marked = [axes.first_on + dt.timedelta(days=count) for count in range(0, axes.days + 1, step)]
    return tuple(Tick(axes.x(on), str(on.day), say.MONTHS[on.month - 1][:3]) for on in marked)
