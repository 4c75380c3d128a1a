"""Several lanes of different kinds over one axis of days, as geometry. What is drawn here means nothing here.

Lengths are in user units of the drawing, one CSS pixel each at its full width; y grows downwards.
"""

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.kit import chart_axes
from app.kit.chart import STAFF, Band
from app.kit.chart_axes import Axes, Point

_BESIDE = {True: 18, False: 118}
_AFTER = {True: 26, False: 128}
_HEADING = {True: 22, False: 0}
_TOP = {True: 6.0, False: 20.0}
_GAP = 22
_HEIGHT = {"line": 92, "dots": 56, "bars": 40, "marks": 22}
_SPAN = 20
_CHARACTER = 7


@dataclass(frozen=True)
class Values:
    """A value on each of some days: joined by a line, or each by itself."""

    words: str
    about: tuple[str, ...]
    points: tuple[Point, ...]
    low: float
    high: float
    bands: tuple[Band, ...] = ()
    is_joined: bool = True
    is_second: bool = False


@dataclass(frozen=True)
class Bar:
    """How many of several from one day to another, both included."""

    first_on: dt.date
    last_on: dt.date
    count: int
    of: int


@dataclass(frozen=True)
class Bars:
    words: str
    about: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Marks:
    """Something that happened on each of some days, in the order in which they are numbered."""

    words: str
    about: tuple[str, ...]
    on: tuple[dt.date, ...]
    first_number: int = 1


@dataclass(frozen=True)
class Span:
    """From one day to another, and from there without anything until a third where there is one."""

    words: str
    first_on: dt.date
    last_on: dt.date
    idle_until: dt.date | None = None


@dataclass(frozen=True)
class Spans:
    words: str
    about: tuple[str, ...]
    spans: tuple[Span, ...]


Lane = Values | Bars | Marks | Spans


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Stroke:
    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True)
class Circle:
    x: float
    y: float
    r: float
    kind: str


@dataclass(frozen=True)
class Path:
    data: str
    kind: str


@dataclass(frozen=True)
class Words:
    x: float
    y: float
    words: str
    kind: str
    more: str = ""


@dataclass
class Picture:
    """One drawing: shapes by kind, of which the styles know how each looks."""

    width: int
    height: int = 0
    rects: list[Rect] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    circles: list[Circle] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)


@dataclass(frozen=True)
class Pictures:
    """Both drawings of the same lanes."""

    narrow: Picture
    wide: Picture


def pictures(lanes: Sequence[Lane], first_on: dt.date, last_on: dt.date, widths: tuple[int, int] = STAFF) -> Pictures:
    """Both drawings of lanes over the days from one to another. Raises ValueError where the last is before the first.

    The days of a `Marks` lane are drawn as thin upright lines through every lane.
    """
    if last_on < first_on:
        raise ValueError("the last day is before the first")
    narrow, wide = (_draw(lanes, first_on, last_on, width, is_narrow=width == min(widths)) for width in widths)
    return Pictures(narrow, wide)


def _draw(lanes: Sequence[Lane], first_on: dt.date, last_on: dt.date, width: int, *, is_narrow: bool) -> Picture:
    picture, top = Picture(width), _TOP[is_narrow]
    days = _days_of(first_on, last_on, width, is_narrow=is_narrow)
    for lane in lanes:
        top += _HEADING[is_narrow]
        axes = _placed(days, lane, top)
        _heading(picture, lane, axes, is_narrow=is_narrow)
        _lane(picture, lane, axes, is_narrow=is_narrow)
        top = axes.bottom + _GAP
    _foot(picture, days, top - _GAP + 8, lanes)
    picture.height = round(top + 22)
    return picture


def _days_of(first_on: dt.date, last_on: dt.date, width: int, *, is_narrow: bool) -> Axes:
    left, right = _BESIDE[is_narrow], width - _AFTER[is_narrow]
    return Axes(first_on, (last_on - first_on).days, left, right, 0, 1, 0, 1)


def _placed(days: Axes, lane: Lane, top: float) -> Axes:
    low, high = (lane.low, lane.high) if isinstance(lane, Values) else (0, _most(lane))
    return Axes(days.first_on, days.days, days.left, days.right, top, top + _height(lane), low, high)


def _height(lane: Lane) -> float:
    match lane:
        case Values():
            return _HEIGHT["line" if lane.is_joined else "dots"]
        case Spans():
            return _SPAN * max(len(lane.spans), 1)
    return _HEIGHT["bars" if isinstance(lane, Bars) else "marks"]


def _most(lane: Lane) -> int:
    return max((bar.of for bar in lane.bars), default=1) or 1 if isinstance(lane, Bars) else 1


def _heading(picture: Picture, lane: Lane, axes: Axes, *, is_narrow: bool) -> None:
    if is_narrow:
        picture.words.append(Words(0, axes.top - 8, lane.words, "lane", more=", ".join(lane.about)))
        return
    picture.words.append(Words(0, axes.top + 11, lane.words, "lane"))
    picture.words.extend(Words(0, axes.top + 26 + 15 * place, words, "q") for place, words in enumerate(lane.about))


def _lane(picture: Picture, lane: Lane, axes: Axes, *, is_narrow: bool) -> None:
    match lane:
        case Values():
            _values(picture, lane, axes, is_narrow=is_narrow)
        case Bars():
            _bars(picture, lane, axes)
        case Marks():
            _marks(picture, lane, axes)
        case Spans():
            _spans(picture, lane, axes)


def _values(picture: Picture, lane: Values, axes: Axes, *, is_narrow: bool) -> None:
    floor = axes.low
    for place, band in enumerate(lane.bands):
        top, bottom = axes.y(band.high), axes.y(floor)
        floor = band.high
        if place % 2 == 0:
            picture.rects.append(Rect(axes.left, top, axes.right - axes.left, round(bottom - top, 1), "band"))
        if not is_narrow:
            picture.words.append(Words(axes.right + 8, round((top + bottom) / 2 + 4, 1), band.words, "q"))
    for value in () if lane.bands else (lane.low, (lane.low + lane.high) / 2, lane.high):
        y = axes.y(value)
        picture.strokes.append(Stroke(axes.left, y, axes.right, y, "grid"))
        picture.words.append(Words(axes.right + 8, y + 4, chart_axes.number(value), "q"))
    shown = [point for point in lane.points if axes.shows(point[0])]
    if lane.is_joined:
        _joined(picture, lane, axes, shown)
    else:
        held = [(on, value) for on, value in shown if value is not None]
        picture.circles.extend(Circle(axes.x(on), axes.y(value), 2.8, "dot") for on, value in held)


def _joined(picture: Picture, lane: Values, axes: Axes, shown: Sequence[Point]) -> None:
    second = "2" if lane.is_second else ""
    picture.paths.extend(Path(data, f"line{second}") for data in chart_axes.paths(axes, shown))
    for dot in chart_axes.dots(axes, shown):
        picture.circles.append(Circle(dot.x, dot.y, 4, f"dot{second}"))
        if dot.label:
            picture.words.append(Words(dot.x, dot.label_y, dot.label, "m b"))


def _bars(picture: Picture, lane: Bars, axes: Axes) -> None:
    foot = axes.bottom
    picture.strokes.append(Stroke(axes.left, foot, axes.right, foot, "axis"))
    for bar in lane.bars:
        if bar.last_on < axes.first_on or not axes.shows(max(bar.first_on, axes.first_on)):
            continue
        left, right = axes.edge(bar.first_on), axes.edge(bar.last_on + dt.timedelta(days=1))
        wide = round(max(right - left - 2, 2), 1)
        all_of, some = axes.y(bar.of), axes.y(bar.count)
        picture.rects.append(Rect(left + 1, all_of, wide, round(foot - all_of, 1), "frame"))
        picture.rects.append(Rect(left + 1, some, wide, round(foot - some, 1), "fill"))
        if label := _fits((f"{bar.count} of {bar.of}", f"{bar.count}/{bar.of}"), wide):
            picture.words.append(Words(round(left + 1 + wide / 2, 1), all_of - 4, label, "m"))


def _fits(several: Sequence[str], width: float) -> str:
    return next((words for words in several if len(words) * _CHARACTER <= width), "")


def _marks(picture: Picture, lane: Marks, axes: Axes) -> None:
    y, before = axes.top + 2, -math.inf
    for number, on in enumerate(lane.on, start=lane.first_number):
        if not axes.shows(on):
            continue
        x = axes.x(on)
        # One that would stand on the number before it is a bar without a number; the table has them all.
        if x - before < 20:
            picture.rects.append(Rect(x - 2, y, 4, 18, "solid"))
            continue
        picture.rects.append(Rect(x - 9, y, 18, 18, "solid"))
        picture.words.append(Words(x, y + 13, str(number), "m on"))
        before = x


def _spans(picture: Picture, lane: Spans, axes: Axes) -> None:
    for place, span in enumerate(lane.spans):
        y = axes.top + place * _SPAN
        left = axes.held(span.first_on)
        right = max(axes.held(span.last_on), left + 4)
        picture.rects.append(Rect(left, y, round(right - left, 1), 16, "tint"))
        idle = axes.held(span.idle_until) if span.idle_until else right
        if idle > right:
            picture.strokes.append(Stroke(right, y + 8, idle, y + 8, "idle"))
        picture.words.append(_named(span.words, left, max(right, idle), y + 12, axes, width=right - left))


def _named(words: str, left: float, end: float, y: float, axes: Axes, *, width: float) -> Words:
    """Within the span where it fits, else after it, else before it, and only else over what is drawn."""
    needed = len(words) * _CHARACTER + 8
    if needed > width and end + needed <= axes.right:
        return Words(end + 5, y, words, "")
    if needed > width and left - needed >= axes.left:
        return Words(left - 5, y, words, "e")
    return Words(left + 4, y, words, "")


def _foot(picture: Picture, days: Axes, bottom: float, lanes: Sequence[Lane]) -> None:
    for on in _held(lanes, days):
        picture.strokes.insert(0, Stroke(days.x(on), 6, days.x(on), bottom, "mark"))
    picture.strokes.append(Stroke(days.left, bottom, days.right, bottom, "axis"))
    for day in chart_axes.days(days):
        picture.words.append(Words(day.at, bottom + 18, f"{day.words} {day.more}", "q m"))


def _held(lanes: Sequence[Lane], days: Axes) -> Iterator[dt.date]:
    for lane in lanes:
        if isinstance(lane, Marks):
            yield from (on for on in lane.on if days.shows(on))
