"""Questionnaires: how they are asked, how their answers are scored, and which of them must be seen at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from app.clinical import instrument_checks as checks
from app.clinical.instrument_parts import (
    Band,
    Extra,
    Item,
    Option,
    Part,
    PractitionerForm,
    Questionnaire,
    Range,
    Reason,
    Respondent,
    Scale,
    When,
)

__all__ = [
    "Answers",
    "Band",
    "Extra",
    "Instrument",
    "Item",
    "Kind",
    "Line",
    "Option",
    "Part",
    "PractitionerForm",
    "Question",
    "Range",
    "Reason",
    "Reasons",
    "Respondent",
    "Scale",
    "Score",
    "When",
    "band_of",
    "for_goals",
    "form_for",
    "missing",
    "risk_answers",
    "score",
    "total",
]

# Points by the key of a question, and why a question does not apply by its key. None is no answer.
Answers = Mapping[str, int | None]
Reasons = Mapping[str, str]
NO_REASONS: Reasons = MappingProxyType({})


class Kind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    SCALE = "scale"
    WORDS = "words"


@dataclass(frozen=True)
class Question:
    """One question as it is asked, whatever part of the file it stands in.

    `label` names it in few words, for tables and charts. `choices` are points and the words for them, which most
    points of a scale do not have; `longest` is in characters, 0 for a question that is not answered in words.
    `number` is None beside the score.
    """

    key: str
    label: str
    text: str
    kind: Kind
    choices: tuple[Option, ...] = ()
    longest: int = 0
    reasons: tuple[Reason, ...] = ()
    number: int | None = None
    is_risk: bool = False

    @property
    def must_be_answered(self) -> bool:
        """Whether the questionnaire is not whole without it."""
        return self.number is not None


@dataclass(frozen=True)
class Line:
    """One line of a questionnaire's course beside its total: a part of it, or a single question."""

    key: str
    label: str
    lowest: int
    highest: int


class Instrument(Questionnaire):
    """A questionnaire as it was published.

    With a `range` it has a total, which is within the range and, where there are bands, in exactly one of
    them; without, its course is that of its `lines`. `caseness` is the lowest total that counts as a case and
    `reliable_change` the smallest difference, in points, that is more than the measure's own error. An answer
    above zero to one of `risk_items` matters whatever the total is.

    With `text: local` the words are somebody else's: the file has none, and a service brings its own text pack
    (`instrument_texts`). With `per: goal` the one item is asked of each of the person's goals (`for_goals`).
    """

    @model_validator(mode="after")
    def _sound(self) -> "Instrument":
        if found := checks.mistakes(self):
            first = found[0]
            context = {"problem": first.problem, "fix": first.fix, "at": first.at, "mistakes": found}
            raise PydanticCustomError("mistake", "{problem}. {fix}", context)
        return self

    @property
    def needs_text(self) -> bool:
        """Whether it cannot be asked before a text pack has brought its words."""
        return self.text == "local"

    @property
    def respondents(self) -> tuple[Respondent, ...]:
        """Whom it can be asked of."""
        return (Respondent.PATIENT, Respondent.PRACTITIONER) if self.practitioner else (Respondent.PATIENT,)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order it is asked: the items by their numbers, then those beside the score."""
        items = (self._item(item, number) for number, item in enumerate(self.items, 1))
        return (*items, *(_beside(extra) for extra in self.extra))

    @cached_property
    def by_key(self) -> Mapping[str, Question]:
        """The questions by their keys."""
        return {question.key: question for question in self.questions}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What its course is drawn of beside a total: its parts, or each item where it has neither."""
        if self.parts:
            return tuple(Line(part.key, part.label, part.range.lowest, part.range.highest) for part in self.parts)
        if self.range:
            return ()
        return tuple(
            Line(item.key, self.by_key[item.key].label, *checks.ends(self.by_key[item.key].choices))
            for item in self.items
        )

    @cached_property
    def points_of(self) -> Mapping[str, Mapping[int, int]]:
        """For each question that gives points, what each choice gives; another way round where it is reversed."""
        turned = {item.key for item in self.items if item.reversed}
        found = {}
        for question in self.questions:
            values = [choice.value for choice in question.choices]
            found[question.key] = dict(zip(values, reversed(values) if question.key in turned else values, strict=True))
        return found

    def _item(self, item: Item, number: int) -> Question:
        own = bool(item.options or item.scale)
        is_scale = item.scale is not None if own else self.scale is not None
        return Question(
            key=item.key,
            label=item.label or f"Question {number}",
            text=item.text,
            kind=Kind.SCALE if is_scale else Kind.CHOICE,
            choices=checks.choices(item, checks.shared_choices(self.options, self.scale)),
            reasons=item.not_applicable,
            number=number,
            is_risk=item.key in self.risk_items,
        )


def _beside(extra: Extra) -> Question:
    label = extra.label or extra.text
    if extra.longest:
        return Question(extra.key, label, extra.text, Kind.WORDS, longest=extra.longest)
    kind = Kind.SCALE if extra.scale else Kind.CHOICE
    return Question(extra.key, label, extra.text, kind, choices=checks.choices(extra, ()))


@dataclass(frozen=True)
class Score:
    """What a whole questionnaire comes to, in points.

    `total` is None where the questionnaire has none, and where an item did not apply; `band` also where it has
    no bands. `parts` holds the points of each of the instrument's lines whose items all have an answer.
    """

    total: int | None
    band: str | None = None
    parts: Mapping[str, int] = field(default_factory=dict)


def form_for(instrument: Instrument, respondent: Respondent) -> Instrument:
    """The questionnaire in the words for whoever answers it. Raises ValueError where they have no form of their own."""
    if respondent is Respondent.PATIENT:
        return instrument
    words = instrument.practitioner
    if words is None:
        raise ValueError(f"{instrument.key} has no form for the practitioner")
    items = (item.model_copy(update={"text": words.items[item.key]}) for item in instrument.items)
    extra = (one.model_copy(update={"text": words.extra[one.key]}) for one in instrument.extra)
    changed = {"stem": words.stem, "who_sees": words.who_sees, "items": tuple(items), "extra": tuple(extra)}
    return changed_to(instrument, changed)


def for_goals(instrument: Instrument, goals: Sequence[tuple[str, str]]) -> Instrument:
    """A questionnaire that is asked per goal, with one item for each goal: its key and what it is called.

    No more than `most` of them, the first ones. Raises ValueError for no goals and for another questionnaire.
    """
    if instrument.per != "goal" or not goals:
        raise ValueError(f"{instrument.key} cannot be asked of {len(goals)} goals")
    (asked,) = instrument.items
    items = [
        asked.model_copy(update={"key": key, "label": name, "text": asked.text.replace("{goal}", name)})
        for key, name in goals[: instrument.most]
    ]
    return changed_to(instrument, {"items": tuple(items)})


def changed_to(instrument: Instrument, fields: dict[str, Any]) -> Instrument:
    """The questionnaire with other fields, and nothing remembered of the old ones."""
    return Instrument.model_construct(**dict(instrument) | fields)


def score(instrument: Instrument, answers: Answers, reasons: Reasons = NO_REASONS) -> Score | None:
    """What the answers come to, or None when an item has neither answer nor reason: a part is never added up.

    `answers` holds what was chosen by the key of an item or extra question, None for no answer; `reasons`, by the
    key of an item, why it does not apply. An item that does not apply leaves no total, as the rest of the items
    would be too few. Raises ValueError for a key the instrument does not have, for a choice none of its options
    gives, and for a reason it does not know or that is given beside an answer.
    Source: the scoring of the PHQ-9 (Kroenke 2001) and the GAD-7 (Spitzer 2006); of the parts, the WAI-SR
    (Hatcher and Gillaspy 2006).
    """
    _refuse_foreign(instrument, answers, reasons)
    points = {
        item.key: instrument.points_of[item.key][value]
        for item in instrument.items
        if (value := answers.get(item.key)) is not None
    }
    if len(points) + len(reasons) < len(instrument.items):
        return None
    parts = _parts(instrument, points)
    if instrument.range is None or reasons:
        return Score(None, parts=parts)
    reached = total(points.values())
    return Score(reached, band_of(instrument, reached).label if instrument.bands else None, parts)


def missing(instrument: Instrument, answers: Answers, reasons: Reasons = NO_REASONS) -> tuple[Question, ...]:
    """The questions without which the questionnaire is not whole, in their order."""
    return tuple(
        question
        for question in instrument.questions
        if question.must_be_answered and answers.get(question.key) is None and question.key not in reasons
    )


def total(points: Iterable[int]) -> int:
    """The points of all scored items, added up."""
    return sum(points)


def band_of(instrument: Instrument, total: int) -> Band:
    """The band a total is in. Raises ValueError for a total no band of the instrument holds."""
    for band in instrument.bands:
        if total in band:
            return band
    raise ValueError(f"{instrument.key} has no total of {total}")


def risk_answers(instrument: Instrument, answers: Answers) -> dict[str, int]:
    """The answers above zero to risk items, by item, whatever else is missing or wrong."""
    return {key: value for key in instrument.risk_items if (value := answers.get(key) or 0) > 0}


def _parts(instrument: Instrument, points: Mapping[str, int]) -> Mapping[str, int]:
    if not instrument.parts:
        return {line.key: points[line.key] for line in instrument.lines if line.key in points}
    whole = (part for part in instrument.parts if all(key in points for key in part.items))
    return {part.key: total(points[key] for key in part.items) for part in whole}


def _refuse_foreign(instrument: Instrument, answers: Answers, reasons: Reasons) -> None:
    for key, value in answers.items():
        question = instrument.by_key.get(key)
        if question is None:
            raise ValueError(f'{instrument.key} has no item "{key}"')
        # True and 1.0 equal 1, but neither is an answer anyone can have given.
        if value is not None and (type(value) is not int or value not in instrument.points_of[key]):
            raise ValueError(f'{instrument.key} has no answer {value!r} to "{key}"')
    for key, reason in reasons.items():
        question = instrument.by_key.get(key)
        if question is None or reason not in (known.key for known in question.reasons):
            raise ValueError(f'{instrument.key} does not know "{reason}" as a reason to leave out "{key}"')
        if answers.get(key) is not None:
            raise ValueError(f'"{key}" of {instrument.key} has both an answer and a reason to have none')
