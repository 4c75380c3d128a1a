"""A questionnaire as it is asked and as it is posted, and the sentence for each question left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from app.clinical.instruments import Instrument, Option
from app.kit.forms import PostedForm, Problems


@dataclass(frozen=True)
class Question:
    """One question of the form; `options` are points and the words for them."""

    key: str
    legend: str
    options: tuple[tuple[int, str], ...]


def scored_questions(instrument: Instrument) -> list[Question]:
    """The questions that make up the score, numbered as the questionnaire numbers them."""
    options = _pairs(instrument.options)
    return [Question(item.key, f"{place}. {item.text}", options) for place, item in enumerate(instrument.items, 1)]


def extra_questions(instrument: Instrument) -> list[Question]:
    """The questions asked beside the score, which may be left out."""
    return [Question(extra.key, extra.text, _pairs(extra.options)) for extra in instrument.extra]


def risk_numbers(instrument: Instrument) -> list[int]:
    """The numbers of the questions whose answers are passed on as soon as they are given."""
    return [place for place, item in enumerate(instrument.items, 1) if item.key in instrument.risk_items]


def read_answers(posted: PostedForm, instrument: Instrument) -> tuple[dict[str, int], Problems]:
    """The answers given, and a sentence for each question with none or with one that is not an option."""
    answers: dict[str, int] = {}
    problems: Problems = {}
    for number, item in enumerate(instrument.items, start=1):
        value = _read(posted, item.key, instrument.options)
        if value is None:
            problems[item.key] = f"Choose an answer to question {number}"
        else:
            answers[item.key] = value
    for extra in instrument.extra:
        value = _read(posted, extra.key, extra.options)
        if value is not None:
            answers[extra.key] = value
    return answers, problems


def read_id(posted: PostedForm) -> UUID:
    """The id the form carries for its row; a new one where it was lost."""
    try:
        return UUID(posted.get("response_id", ""))
    except ValueError:
        return uuid4()


def _read(posted: PostedForm, key: str, options: Iterable[Option]) -> int | None:
    given = posted.get(key, "")
    return next((option.value for option in options if str(option.value) == given), None)


def _pairs(options: Iterable[Option]) -> tuple[tuple[int, str], ...]:
    return tuple((option.value, option.label) for option in options)
