"""Questionnaires: what makes one sound, how its answers are scored, and which of them must be seen at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from app.clinical.fields import Key, Value, Words, mistake

Answers = Mapping[str, int | None]


class Item(Value):
    """A scored question."""

    key: Key
    text: Words


class Option(Value):
    """One answer to choose, and the points it gives."""

    value: Annotated[int, Field(ge=0)]
    label: Words


Options = Annotated[tuple[Option, ...], Field(min_length=2)]


class Extra(Value):
    """A question asked beside the items and never scored."""

    key: Key
    text: Words
    options: Options


class Range(Value):
    """Whole totals from `lowest` to `highest`, both included; written in files as from and to."""

    lowest: int = Field(alias="from")
    highest: int = Field(alias="to")

    def __contains__(self, total: int) -> bool:
        return self.lowest <= total <= self.highest

    @model_validator(mode="after")
    def _runs_upwards(self) -> "Range":
        if self.lowest > self.highest:
            raise mistake(f'"from" {self.lowest} is above "to" {self.highest}', "Exchange them.", "from")
        return self


class Band(Range):
    """A stretch of totals under the questionnaire's own name for it."""

    label: Words


class Instrument(Value):
    """A questionnaire as it was published: any total is within `range` and in exactly one band.

    `caseness` is the lowest total that counts as a case and `reliable_change` the smallest difference,
    in points, that is more than the measure's own error. An answer above zero to one of `risk_items`
    matters whatever the total is.
    """

    key: Key
    title: Words
    short: Words
    version: Words
    minutes: Annotated[int, Field(ge=1, le=60)]
    stem: Words
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    options: Options
    extra: tuple[Extra, ...] = ()
    range: Range
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    risk_items: tuple[Key, ...] = ()
    caseness: int
    reliable_change: Annotated[int, Field(ge=1)]
    licence: Words
    source: Words

    @model_validator(mode="after")
    def _sound(self) -> "Instrument":
        _refuse_repeated_questions(self)
        _refuse_unordered_options(self.options, "options")
        for place, extra in enumerate(self.extra):
            _refuse_unordered_options(extra.options, "extra", place, "options")
        _refuse_unreachable_range(self)
        _refuse_gaps(self)
        _refuse_unknown_risk_items(self)
        if self.caseness not in self.range:
            raise mistake(f"caseness {self.caseness} is outside the range", "Use a possible total.", "caseness")
        return self


@dataclass(frozen=True)
class Score:
    """The total of a whole questionnaire, in points, and the label of its band."""

    total: int
    band: str


def score(instrument: Instrument, answers: Answers) -> Score | None:
    """The total and its band, or None when a scored item has no answer: a part is never added up.

    `answers` holds points by the key of an item or extra question; None is no answer. Raises ValueError
    for a key the instrument does not have and for points none of its options gives.
    Source: the scoring of the PHQ-9 (Kroenke 2001) and the GAD-7 (Spitzer 2006).
    """
    _refuse_foreign_answers(instrument, answers)
    points = [value for item in instrument.items if (value := answers.get(item.key)) is not None]
    if len(points) < len(instrument.items):
        return None
    reached = total(points)
    return Score(reached, band_of(instrument, reached).label)


def total(points: Iterable[int]) -> int:
    """The points of all scored items, added up."""
    return sum(points)


def band_of(instrument: Instrument, total: int) -> Band:
    """The band a total is in. Raises ValueError for a total outside the instrument's range."""
    for band in instrument.bands:
        if total in band:
            return band
    raise ValueError(f"{instrument.key} has no total of {total}")


def risk_answers(instrument: Instrument, answers: Answers) -> dict[str, int]:
    """The answers above zero to risk items, by item, whatever else is missing or wrong."""
    return {key: value for key in instrument.risk_items if (value := answers.get(key) or 0) > 0}


def _refuse_foreign_answers(instrument: Instrument, answers: Answers) -> None:
    allowed = dict.fromkeys((item.key for item in instrument.items), _points(instrument.options))
    allowed |= {extra.key: _points(extra.options) for extra in instrument.extra}
    for key, value in answers.items():
        if key not in allowed:
            raise ValueError(f'{instrument.key} has no item "{key}"')
        # True and 1.0 equal 1, but neither is an answer anyone can have given.
        if value is not None and (type(value) is not int or value not in allowed[key]):
            raise ValueError(f'{instrument.key} has no answer {value!r} to "{key}"')


def _points(options: tuple[Option, ...]) -> frozenset[int]:
    return frozenset(option.value for option in options)


def _refuse_repeated_questions(instrument: Instrument) -> None:
    placed = [(("items", place), item.key) for place, item in enumerate(instrument.items)]
    placed += [(("extra", place), extra.key) for place, extra in enumerate(instrument.extra)]
    taken: set[str] = set()
    for at, key in placed:
        if key in taken:
            raise mistake(f'question "{key}" is there twice', "Give one another key.", *at, "key")
        taken.add(key)


def _refuse_unordered_options(options: tuple[Option, ...], *at: str | int) -> None:
    for place in range(1, len(options)):
        if options[place].value <= options[place - 1].value:
            problem = f"the option {options[place].value} does not give more than the one before it"
            raise mistake(problem, "Put the options in order, the lowest first.", *at, place, "value")


def _refuse_unreachable_range(instrument: Instrument) -> None:
    count, options = len(instrument.items), instrument.options
    lowest, highest = count * options[0].value, count * options[-1].value
    if (instrument.range.lowest, instrument.range.highest) != (lowest, highest):
        problem = f"{count} items of {options[0].value} to {options[-1].value} give {lowest} to {highest}"
        raise mistake(problem, f"Write range: {{from: {lowest}, to: {highest}}}.", "range")


def _refuse_gaps(instrument: Instrument) -> None:
    expected = instrument.range.lowest
    for place, band in enumerate(instrument.bands):
        if band.lowest != expected:
            problem = f'the band "{band.label}" begins at {band.lowest}'
            raise mistake(problem, f"Let it begin at {expected}, so that the bands meet.", "bands", place, "from")
        expected = band.highest + 1
    if expected != instrument.range.highest + 1:
        problem = f"the bands end at {expected - 1}"
        raise mistake(problem, f"Let the last one end at {instrument.range.highest}.", "bands", place, "to")


def _refuse_unknown_risk_items(instrument: Instrument) -> None:
    known = [item.key for item in instrument.items]
    for place, key in enumerate(instrument.risk_items):
        if key not in known:
            raise mistake(f'there is no item "{key}"', f"Use one of: {', '.join(known)}.", "risk_items", place)
