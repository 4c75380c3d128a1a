"""Small drawings beside each other, all on one scale and one stretch of days, so that they can be compared.

Lengths are in user units of a drawing, one CSS pixel each at its full width; y grows downwards.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.kit import chart_axes
from app.kit.chart_axes import Axes, Point

WIDTH, HEIGHT = 160, 56
_SIDE, _TOP, _FOOT = 2, 6, 8


@dataclass(frozen=True)
class Small:
    """One small drawing: its line, a dot on each day, and a thin line for each value of the scale."""

    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    grid: tuple[float, ...]


def multiples(series: Sequence[Sequence[Point]], low: int, high: int) -> list[Small]:
    """One drawing for each series of values by day, from the first day of any of them to the last.

    Raises ValueError for a scale of no height.
    """
    if low >= high:
        raise ValueError("the scale's low end is not below its high end")
    days = [on for points in series for on, _ in points]
    if not days:
        return [Small((), (), ()) for _ in series]
    axes = _axes(min(days), max(days), low, high)
    return [_small(axes, points) for points in series]


def _axes(first_on: dt.date, last_on: dt.date, low: int, high: int) -> Axes:
    days = (last_on - first_on).days
    return Axes(first_on, days, _SIDE, WIDTH - _SIDE, _TOP, HEIGHT - _FOOT, low, high)


def _small(axes: Axes, points: Sequence[Point]) -> Small:
    dots = tuple((axes.x(on), axes.y(value)) for on, value in points if value is not None)
    grid = tuple(axes.y(value) for value in range(int(axes.low), int(axes.high) + 1))
    return Small(chart_axes.paths(axes, points), dots, grid)
