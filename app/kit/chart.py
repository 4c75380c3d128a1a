"""Line charts as geometry: where each line, dot, label and tick goes. What is drawn here means nothing here.

Lengths are in user units of the drawing, one CSS pixel each at its full width; y grows downwards.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from app.kit import say

PATIENT = (326, 760)
STAFF = (358, 1216)

_PLOT = {True: 150, False: 190}
_LEFT, _TOP, _FOOT, _EDGE = 28, 22, 44, 8
_ABOVE_LANE = 30
_BAND_WORDS = 124
_LANE = 46
_CHARACTER = 8
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)
_DAYS = (1, 2, 7, 14, 28, 56, 91, 182, 364)

Point = tuple[dt.date, float | None]


@dataclass(frozen=True)
class Band:
    """A range of values with a name of its own, from `low` to `high`."""

    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day, drawn as an upright line."""

    on: dt.date
    words: str


@dataclass(frozen=True)
class Lane:
    """A row below the line: what became of one thing on each day, as done, partly, not-done or planned."""

    words: str
    cells: tuple[tuple[dt.date, str], ...]


@dataclass(frozen=True)
class Line:
    """What is to be drawn: a value or None (a gap) for each day, in order, and the ends of its scale.

    `first_on` and `last_on` set the days at both ends where several charts share one axis.
    """

    points: Sequence[Point]
    low: float
    high: float
    bands: tuple[Band, ...] = ()
    marks: tuple[Mark, ...] = ()
    lanes: tuple[Lane, ...] = ()
    first_on: dt.date | None = None
    last_on: dt.date | None = None


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


@dataclass(frozen=True)
class Box:
    y: float
    height: float
    words: str
    is_shaded: bool


@dataclass(frozen=True)
class Cell:
    x: float
    state: str


@dataclass(frozen=True)
class Row:
    y: float
    words: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Drawing:
    """One drawing: `paths` are SVG path data, one for each run of days without a gap."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    paths: tuple[str, ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    days: tuple[Tick, ...]
    bands: tuple[Box, ...]
    marks: tuple[Tick, ...]
    lanes: tuple[Row, ...]


@dataclass(frozen=True)
class Chart:
    """Both drawings of a line, and its rows for a table: the day and the value, or None for a gap."""

    narrow: Drawing
    wide: Drawing
    rows: tuple[tuple[dt.date, str | None], ...]
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]


class Spark(NamedTuple):
    """A line the size of a word: SVG points in a box of 56 by 34, and the last value's dot."""

    points: str
    x: float
    y: float


def chart(line: Line, widths: tuple[int, int] = PATIENT) -> Chart:
    """Both drawings of a line. Raises ValueError when it has no points or its scale no height."""
    if not line.points:
        raise ValueError("a chart needs at least one day")
    if line.low >= line.high:
        raise ValueError("the scale's low end is not below its high end")
    narrow, wide = (_draw(line, width, is_narrow=width == min(widths)) for width in widths)
    rows = tuple((on, None if value is None else number(value)) for on, value in line.points)
    return Chart(narrow, wide, rows, line.marks, line.lanes)


def spark(values: Iterable[float], low: float, high: float) -> Spark | None:
    """A caseload's small line of some values on a fixed scale, or None when there are no values."""
    several = list(values)
    if not several:
        return None
    spots = [_spot(place, len(several), value, low, high) for place, value in enumerate(several)]
    return Spark(" ".join(spot.point for spot in spots), spots[-1].x, spots[-1].y)


class _Spot(NamedTuple):
    x: float
    y: float
    point: str


@lru_cache(maxsize=4096)
def _spot(place: int, count: int, value: float, low: float, high: float) -> _Spot:
    # A lone value stands at the end, where the latest always stands.
    x = round(2 + 52 / (count - 1) * place, 1) if count > 1 else 54.0
    y = round(31 - 28 * (value - low) / (high - low), 1)
    return _Spot(x, y, f"{x:g},{y:g}")


def number(value: float) -> str:
    """A value as it is written at its point: whole where it is whole, else to one decimal."""
    return f"{value:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class _Axes:
    first_on: dt.date
    days: int
    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    def x(self, on: dt.date) -> float:
        inset = 10
        if not self.days:
            return round((self.left + self.right) / 2, 1)
        share = (on - self.first_on).days / self.days
        return round(self.left + inset + share * (self.right - self.left - 2 * inset), 1)

    def y(self, value: float) -> float:
        held = min(max(value, self.low), self.high)
        return round(self.bottom - (held - self.low) / (self.high - self.low) * (self.bottom - self.top), 1)

    def shows(self, on: dt.date) -> bool:
        return 0 <= (on - self.first_on).days <= self.days

    @property
    def a_day(self) -> float:
        return (self.right - self.left - 20) / max(self.days, 1)


def _draw(line: Line, width: int, *, is_narrow: bool) -> Drawing:
    axes = _axes(line, width, is_narrow=is_narrow)
    shown = [point for point in line.points if axes.shows(point[0])]
    return Drawing(
        width=width,
        height=round(axes.bottom + _FOOT + (_LANE * len(line.lanes) + 8 if line.lanes else 0)),
        left=axes.left,
        right=axes.right,
        top=axes.top,
        bottom=axes.bottom,
        paths=_paths(axes, shown),
        dots=_dots(axes, shown),
        ticks=_ticks(axes),
        days=_days(axes),
        bands=_bands(axes, line.bands),
        marks=tuple(Tick(axes.x(m.on), m.words) for m in line.marks if axes.shows(m.on)),
        lanes=_lanes(axes, line.lanes),
    )


def _axes(line: Line, width: int, *, is_narrow: bool) -> _Axes:
    first_on = line.first_on or line.points[0][0]
    last_on = line.last_on or line.points[-1][0]
    beside = _BAND_WORDS if line.bands and not is_narrow else _EDGE
    return _Axes(
        first_on=first_on,
        days=max((last_on - first_on).days, 0),
        left=_LEFT,
        right=width - beside,
        top=_TOP,
        bottom=_TOP + _PLOT[is_narrow],
        low=line.low,
        high=line.high,
    )


def _paths(axes: _Axes, points: Sequence[Point]) -> tuple[str, ...]:
    runs: list[list[str]] = [[]]
    for on, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{axes.x(on):g} {axes.y(value):g}")
    return tuple("M" + "L".join(run) for run in runs if len(run) > 1)


def _dots(axes: _Axes, points: Sequence[Point]) -> tuple[Dot, ...]:
    held = [(on, value) for on, value in points if value is not None]
    labelled = _labelled(axes, held)
    dots = []
    for place, (on, value) in enumerate(held):
        before = held[place - 1][1] if place else value
        after = held[place + 1][1] if place + 1 < len(held) else value
        is_dip = value <= before and value <= after and (value < before or value < after)
        y = axes.y(value)
        below = is_dip and y + 20 <= axes.bottom + 6
        label = number(value) if place in labelled else ""
        dots.append(Dot(axes.x(on), y, label, round(y + 20 if below else y - 10, 1)))
    return tuple(dots)


def _labelled(axes: _Axes, held: Sequence[tuple[dt.date, float]]) -> set[int]:
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


def _ticks(axes: _Axes) -> tuple[Tick, ...]:
    span = axes.high - axes.low
    step = next((size for size in _STEPS if span / size <= 3), span)
    values = [axes.low + step * count for count in range(int(span / step) + 1)]
    if axes.high - values[-1] < step / 2 and len(values) > 1:
        values.pop()
    if values[-1] != axes.high:
        values.append(axes.high)
    return tuple(Tick(axes.y(value), number(value)) for value in values)


def _days(axes: _Axes) -> tuple[Tick, ...]:
    """A letter and a number under every day while they fit, then the days that do, evenly spaced."""
    if axes.a_day >= 17 and axes.days < 21:
        every = [axes.first_on + dt.timedelta(days=count) for count in range(axes.days + 1)]
        return tuple(Tick(axes.x(on), say.WEEKDAYS[on.weekday()][0], str(on.day)) for on in every)
    step = next((days for days in _DAYS if days * axes.a_day >= 52), _DAYS[-1])
    marked = [axes.first_on + dt.timedelta(days=count) for count in range(0, axes.days + 1, step)]
    return tuple(Tick(axes.x(on), str(on.day), say.MONTHS[on.month - 1][:3]) for on in marked)


def _bands(axes: _Axes, bands: Sequence[Band]) -> tuple[Box, ...]:
    # Each band reaches down to the top of the one below, so that no value falls between two of them.
    boxes = []
    floor = axes.low
    for place, band in enumerate(bands):
        top, bottom = axes.y(band.high), axes.y(floor)
        boxes.append(Box(top, round(bottom - top, 1), band.words, is_shaded=place % 2 == 0))
        floor = band.high
    return tuple(boxes)


def _lanes(axes: _Axes, lanes: Sequence[Lane]) -> tuple[Row, ...]:
    rows = []
    for place, lane in enumerate(lanes):
        cells = tuple(Cell(axes.x(on), state) for on, state in lane.cells if axes.shows(on))
        rows.append(Row(axes.bottom + _FOOT + _ABOVE_LANE + place * _LANE, lane.words, cells))
    return tuple(rows)
