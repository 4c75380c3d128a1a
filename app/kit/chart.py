"""Line charts as geometry: where each line, dot, label and tick goes. What is drawn here means nothing here.

Lengths are in user units of the drawing, one CSS pixel each at its full width; y grows downwards.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from app.kit.chart_axes import Axes, Dot, Point, Tick, days, dots, number, paths, ticks

# Of the two drawings, the widths at which one unit is one CSS pixel.
PATIENT = STAFF = (360, 720)

_PLOT = {True: 150, False: 190}
_LEFT, _TOP, _FOOT, _EDGE = 28, 22, 44, 8
_ABOVE_LANE = 30
_BAND_WORDS = 124
_LANE = 46


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
        paths=paths(axes, shown),
        dots=dots(axes, shown),
        ticks=ticks(axes),
        days=days(axes),
        bands=_bands(axes, line.bands),
        marks=tuple(Tick(axes.x(m.on), m.words) for m in line.marks if axes.shows(m.on)),
        lanes=_lanes(axes, line.lanes),
    )


def _axes(line: Line, width: int, *, is_narrow: bool) -> Axes:
    first_on = line.first_on or line.points[0][0]
    last_on = line.last_on or line.points[-1][0]
    beside = _BAND_WORDS if line.bands and not is_narrow else _EDGE
    return Axes(
        first_on=first_on,
        days=max((last_on - first_on).days, 0),
        left=_LEFT,
        right=width - beside,
        top=_TOP,
        bottom=_TOP + _PLOT[is_narrow],
        low=line.low,
        high=line.high,
    )


def _bands(axes: Axes, bands: Sequence[Band]) -> tuple[Box, ...]:
    # Each band reaches down to the top of the one below, so that no value falls between two of them.
    boxes = []
    floor = axes.low
    for place, band in enumerate(bands):
        top, bottom = axes.y(band.high), axes.y(floor)
        boxes.append(Box(top, round(bottom - top, 1), band.words, is_shaded=place % 2 == 0))
        floor = band.high
    return tuple(boxes)


def _lanes(axes: Axes, lanes: Sequence[Lane]) -> tuple[Row, ...]:
    rows = []
    for place, lane in enumerate(lanes):
        cells = tuple(Cell(axes.x(on), state) for on, state in lane.cells if axes.shows(on))
        rows.append(Row(axes.bottom + _FOOT + _ABOVE_LANE + place * _LANE, lane.words, cells))
    return tuple(rows)
