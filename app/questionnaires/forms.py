"""A questionnaire as it is asked and as it is posted, and the sentence for each question left out."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self
from uuid import UUID, uuid4

from pydantic import Field, model_validator

from app.clinical import instruments
from app.clinical.instruments import Instrument, Kind, Question
from app.kit.forms import PageForm, PostedForm, Problems, on_field
from app.questionnaires.kinds import VoidReason
from app.questionnaires.sitting_actions import Given

# How a choice that is a reason for no answer is posted, beside the numbers of the others.
REASON = "reason:"


@dataclass(frozen=True)
class Asked:
    """One question of the form. `options` and `reasons` are what is posted and the words for it.

    `ends` are the points of a scale that have words; `longest` is in letters, 0 for what is not answered in words.
    """

    key: str
    legend: str
    number: int | None
    kind: Kind
    options: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    ends: tuple[tuple[int, str], ...]
    longest: int
    must_be_answered: bool

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Whatever can be chosen."""
        return self.options + self.reasons


def questions(instrument: Instrument) -> list[Asked]:
    """The questions as they are asked, numbered as the questionnaire numbers them."""
    return [_asked(question) for question in instrument.questions]


def risk_numbers(instrument: Instrument) -> list[int]:
    """The numbers of the questions whose answers are passed on as soon as they are given."""
    return [question.number for question in instrument.questions if question.is_risk and question.number]


def chosen(given: Given) -> dict[str, str]:
    """What was answered as a form has it, by question."""
    points = {key: str(value) for key, value in given.answers.items()}
    reasons = {key: REASON + reason for key, reason in given.reasons.items()}
    return {**points, **reasons, **given.words}


def read(posted: PostedForm, instrument: Instrument) -> tuple[Given, Problems]:
    """What was answered, and a sentence for each question without the answer it needs or with too long a one."""
    answers, reasons, words = {}, {}, {}
    problems: Problems = {}
    for question in instrument.questions:
        typed = posted.get(question.key, "")
        if question.kind is Kind.WORDS and typed.strip():
            words[question.key] = typed.strip()
            if len(words[question.key]) > question.longest:
                problems[question.key] = f"Shorten what you wrote to {question.longest:,} letters"
        elif (points := _points(question, typed)) is not None:
            answers[question.key] = points
        elif (reason := _reason(question, typed)) is not None:
            reasons[question.key] = reason
    missing = instruments.missing(instrument, answers, reasons)
    problems |= {question.key: f"Choose an answer to question {question.number}" for question in missing}
    order = [question.key for question in instrument.questions]
    return Given(answers, reasons, words), dict(sorted(problems.items(), key=lambda one: order.index(one[0])))


def read_id(posted: PostedForm) -> UUID:
    """The id the form carries for its row; a new one where it was lost."""
    try:
        return UUID(posted.get("response_id", ""))
    except ValueError:
        return uuid4()


def _asked(question: Question) -> Asked:
    return Asked(
        key=question.key,
        legend=f"{question.number}. {question.text}" if question.number else question.text,
        number=question.number,
        kind=question.kind,
        options=tuple((str(choice.value), choice.label) for choice in question.choices),
        reasons=tuple((REASON + reason.key, reason.label) for reason in question.reasons),
        ends=tuple((choice.value, choice.label) for choice in question.choices if choice.label),
        longest=question.longest,
        must_be_answered=question.must_be_answered,
    )


def _points(question: Question, given: str) -> int | None:
    return next((choice.value for choice in question.choices if str(choice.value) == given), None)


def _reason(question: Question, given: str) -> str | None:
    return next((reason.key for reason in question.reasons if REASON + reason.key == given), None)


class VoidForm(PageForm):
    """Why a questionnaire does not count."""

    problems: ClassVar = {
        "reason": "Choose why it does not count",
        "words.string_too_long": "Shorten this to 2,000 letters",
    }
    reason: VoidReason
    words: Annotated[str, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _says_what_else(self) -> Self:
        if self.reason is VoidReason.OTHER and not self.words:
            raise on_field("words", "Write why it does not count")
        return self
