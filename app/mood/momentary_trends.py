"""Each question that is answered with a number, day by day, as small drawings on one scale, each with its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean

from app.clinical.fields import Scale
from app.kit import chart_multiples, say
from app.kit.chart_multiples import Small
from app.mood.momentary_shown_queries import Shown

Points = list[tuple[date, float]]


@dataclass(frozen=True)
class Line:
    """One question over the days, as the drawings of a questionnaire’s have it."""

    number: int
    question: str
    sentence: str
    drawn: Small


def lines(shown: Shown) -> list[Line]:
    """The questions on a scale that were answered, in their order; several answers of a day count as their mean."""
    asked = [item for item in shown.assigned.protocol.items if isinstance(item, Scale)]
    given = {item.key: _given(shown, item.key) for item in asked}
    asked = [item for item in asked if given[item.key]]
    if not asked:
        return []
    drawn = chart_multiples.multiples([_by_day(given[item.key]) for item in asked], 0, max(one.top for one in asked))
    return [
        Line(number, item.short, _sentence(item.top, [value for _, value in given[item.key]]), small)
        for number, (item, small) in enumerate(zip(asked, drawn, strict=True), start=1)
    ]


def _given(shown: Shown, key: str) -> Points:
    answered = [one.prompted for one in shown.cells if one.prompted.answers is not None]
    return [(one.local_on, float(one.answers[key])) for one in answered if one.answers and key in one.answers]


def _by_day(given: Points) -> Points:
    days = sorted({on for on, _ in given})
    return [(day, mean(value for on, value in given if on == day)) for day in days]


def _sentence(top: int, values: Sequence[float]) -> str:
    """ "From 4 to 8 of 10, 5.9 on average, in 15 answers." """
    low, high = min(values), max(values)
    spread = f"{low:g} of {top}" if low == high else f"From {low:g} to {high:g} of {top}, {mean(values):.1f} on average"
    return f"{spread}, in {say.plural(len(values), 'answer')}."
