"""Every question of a questionnaire over time, as small drawings on one scale, each with its sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.clinical.instruments import Instrument
from app.clinical.outcome_words import moved
from app.kit import chart_multiples
from app.kit.chart_multiples import Small
from app.questionnaires.queries import Answered


@dataclass(frozen=True)
class ItemTrend:
    """One question over time; `number` as its questionnaire numbers it."""

    number: int
    question: str
    sentence: str
    drawn: Small


def by_item(given: Sequence[Answered], instrument: Instrument) -> list[ItemTrend]:
    """Each question of a questionnaire that was answered, oldest answer first; empty where it never was."""
    mine = [one for one in given if one.instrument == instrument.key]
    if not mine:
        return []
    series = [_points(mine, item.key) for item in instrument.items]
    low, high = instrument.options[0].value, instrument.options[-1].value
    drawn = chart_multiples.multiples(series, low, high)
    labels = {option.value: option.label for option in instrument.options}
    return [
        ItemTrend(number, item.text, _sentence([value for _, value in points], labels), small)
        for number, (item, points, small) in enumerate(zip(instrument.items, series, drawn, strict=True), 1)
    ]


def _points(given: Sequence[Answered], key: str) -> list[tuple[date, float]]:
    # The later of two on one day stands for the day.
    by_day = {one.submitted_at.date(): one.answers.get(key) for one in given}
    return [(on, float(value)) for on, value in by_day.items() if value is not None]


def _sentence(values: Sequence[float], labels: Mapping[int, str]) -> str:
    if not values:
        return "No answer."
    first, last = int(values[0]), int(values[-1])
    now = f"{last}, {labels.get(last, '').lower()}"
    return f"{now}." if len(values) == 1 else f"{now}; {first} at first, {moved(first, last)}."
