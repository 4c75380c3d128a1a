"""What staff may say they did about an alert, and the sentence for each mistake."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.kit.forms import PageForm
from app.safety.kinds import AlertStep


def mistake(field: str, sentence: str) -> PydanticCustomError:
    """A mistake that only shows with the other fields, said beside one of them."""
    return PydanticCustomError("on-field", "{sentence}", {"sentence": sentence, "field": field})


class ActForm(PageForm):
    problems: ClassVar = {
        "act": "Choose what you did",
        "words": "Write what was said and agreed, or what you tried",
        "then": "Choose whether the alert stays open",
    }
    act: Literal[AlertStep.CONTACTED, AlertStep.COULD_NOT_REACH, AlertStep.HANDED_OVER, AlertStep.KNOWN_AND_REVIEWED]
    words: Annotated[str, Field(min_length=3, max_length=4000)]
    next_at: datetime | None = None
    then: Literal["keep-open", "close"]

    @field_validator("next_at", mode="before")
    @classmethod
    def a_moment(cls, value: Any) -> datetime | None:
        """`2026-05-12T09:05` as a browser's own field sends it; wall time where the service is."""
        if not value:
            return None
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            raise ValueError("Enter the next attempt as a date and a time") from None

    @model_validator(mode="after")
    def an_attempt_needs_a_next_one(self) -> Self:
        if self.act is AlertStep.COULD_NOT_REACH:
            if self.then == "close":
                raise mistake("then", "An alert stays open until somebody has been reached. Keep it open.")
            if self.next_at is None:
                raise mistake("next_at", "Say when you will try again")
        return self
