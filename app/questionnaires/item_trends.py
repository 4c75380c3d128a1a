"""Every question of a questionnaire over time, as small drawings on one scale, each with its sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.clinical.instruments import Instrument, Question
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
    asked = [one for one in instrument.questions if one.number is not None and one.choices]
    series = [_points(mine, one.key) for one in asked]
    low = min((one.choices[0].value for one in asked), default=0)
    high = max((one.choices[-1].value for one in asked), default=1)
    drawn = chart_multiples.multiples(series, low, high)
    return [
        ItemTrend(one.number or 0, one.text, _sentence(one, [value for _, value in points]), small)
        for one, points, small in zip(asked, series, drawn, strict=True)
    ]


def _points(given: Sequence[Answered], key: str) -> list[tuple[date, float]]:
    # The later of two on one day stands for the day.
    by_day = {one.submitted_at.date(): one.answers.get(key) for one in given}
    return [(on, float(value)) for on, value in by_day.items() if value is not None]


def _sentence(asked: Question, values: Sequence[float]) -> str:
    if not values:
        return "No answer."
    first, last = int(values[0]), int(values[-1])
    label = next((choice.label.lower() for choice in asked.choices if choice.value == last), "")
    now = f"{last}, {label}" if label else str(last)
    return f"{now}." if len(values) == 1 else f"{now}; {first} at first, {moved(first, last)}."
