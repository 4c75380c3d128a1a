"""What staff send about when a patient is asked, and the sentence for each mistake."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.clinical.schedules import Timing
from app.kit.forms import PageForm, Problems

NO_DAY = "Enter a day like 27 6 2026"
GONE = "Choose today or a day to come"
TOO_LONG = "Shorten the reason to 500 letters"


class TimingForm(PageForm):
    problems: ClassVar = {
        "decision_id": "Reload the page and try again",
        "timing": "Choose when it is asked",
        "from_on": NO_DAY,
        "reason": TOO_LONG,
    }
    decision_id: UUID
    timing: Timing
    from_on: date | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class RequestForm(PageForm):
    problems: ClassVar = {
        "decision_id": "Reload the page and try again",
        "instrument": "Choose a questionnaire",
        "for_on": NO_DAY,
        "reason": TOO_LONG,
    }
    decision_id: UUID
    instrument: str
    for_on: date | None = None
    reason: Annotated[str, Field(max_length=500)] = ""


class EndingForm(PageForm):
    problems: ClassVar = {"decision_id": "Reload the page and try again", "reason": TOO_LONG}
    decision_id: UUID
    reason: Annotated[str, Field(max_length=500)] = ""


def not_gone(name: str, on: date | None, today: date) -> Problems:
    """The sentence for a day that has gone by, where it has."""
    return {name: GONE} if on is not None and on < today else {}
