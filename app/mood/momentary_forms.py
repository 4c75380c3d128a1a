"""What may be sent about short questions, and the sentence for each mistake."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.clinical.momentary_protocols import Purpose
from app.kit.forms import PageForm
from app.mood.momentary_actions import FURTHEST, PERIOD

DAYS = f"Enter how many days, from {PERIOD[0]} to {PERIOD[-1]}"
TO_COME = "Enter a day from tomorrow on, like 27 3 2026"
TOO_FAR = f"Enter a day in the next {FURTHEST.days} days"


class AssignForm(PageForm):
    """What is asked, from when on, and for how long; without days it is as long as the protocol has it."""

    problems: ClassVar = {
        "assignment_id": "Open the page again and send it once more",
        "protocol": "Choose what is asked",
        "purpose": "Choose what it is for",
        "first": TO_COME,
        "days": DAYS,
    }
    assignment_id: UUID
    protocol: str
    purpose: Purpose
    first: date
    days: Annotated[int, Field(ge=PERIOD[0], le=PERIOD[-1])] | None = None


class EndForm(PageForm):
    problems: ClassVar = {
        "reason": "Write why it ends early",
        "reason.string_too_long": "Shorten the reason to 500 letters",
    }
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class WaitedForm(PageForm):
    """How many seconds an answer waited on a device without a connection."""

    problems: ClassVar = {"waited": "Open the page again and send it once more"}
    waited: Annotated[int, Field(ge=0)] = 0
