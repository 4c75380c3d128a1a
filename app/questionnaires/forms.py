"""A questionnaire as it is posted, and the sentence for each question left out."""

from uuid import UUID, uuid4

from app.clinical.instruments import Instrument
from app.kit.forms import PostedForm, Problems


def read_answers(posted: PostedForm, instrument: Instrument) -> tuple[dict[str, int], Problems]:
    """The answers given, and a sentence for each question with none or with one that is not an option."""
    options = {option.value for option in instrument.options}
    answers: dict[str, int] = {}
    problems: Problems = {}
    for number, item in enumerate(instrument.items, start=1):
        value = _number(posted.get(item.key, ""))
        if value in options:
            answers[item.key] = value
        else:
            problems[item.key] = f"Choose an answer to question {number}"
    for asked in instrument.extra:
        value = _number(posted.get(asked.key, ""))
        if value in {option.value for option in asked.options}:
            answers[asked.key] = value
    return answers, problems


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else -1


def read_id(posted: PostedForm) -> UUID:
    """The id the form carries for its row; a new one where it was lost."""
    try:
        return UUID(posted.get("response_id", ""))
    except ValueError:
        return uuid4()
