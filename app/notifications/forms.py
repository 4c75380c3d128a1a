"""What somebody may send about their reminders, and the sentence for each mistake."""

import json
from datetime import date, time
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator

from app.clinical.answers import clock_time
from app.kit.forms import PageForm, on_field
from app.kit.push import Browser, opens
from app.notifications.kinds import Channel, LetterKind, ReminderKind, SwitchScope
from app.notifications.off_actions import What


def _clock(value: Any) -> Any:
    return clock_time(value) or value if isinstance(value, str) else value


def _browser(value: Any) -> Browser:
    """What `PushSubscription.toJSON()` gives, as text."""
    try:
        said = json.loads(value)
        browser = Browser(str(said["endpoint"]), str(said["keys"]["p256dh"]), str(said["keys"]["auth"]))
    except (ValueError, KeyError, TypeError):
        raise ValueError("This browser did not say how it can be reached") from None
    if len(browser.endpoint) > 2000 or not opens(browser.p256dh, browser.auth):
        raise ValueError("This browser did not say how it can be reached")
    return browser


Clock = Annotated[time, BeforeValidator(_clock)]


class SwitchForm(PageForm):
    """One switch: of everything, of a kind or a way that there is, or of one thing in the diary."""

    scope: SwitchScope
    which: Annotated[str, Field(max_length=36)] = ""
    on: Literal["yes", "no"]

    @model_validator(mode="after")
    def it_is_there(self) -> Self:
        match self.scope:
            case SwitchScope.ALL if self.which:
                raise on_field("which", "Everything has no parts")
            case SwitchScope.KIND:
                ReminderKind(self.which)
            case SwitchScope.CHANNEL:
                Channel(self.which)
            case SwitchScope.LETTER if self.which != LetterKind.OPENED:
                raise on_field("which", "No such letters go to a patient")
            # Spelt otherwise it would be another switch, which nothing looks for.
            case SwitchScope.SERIES if str(UUID(self.which)) != self.which:
                raise on_field("which", "That is no id of ours")
        return self

    @property
    def series_id(self) -> UUID | None:
        """The one thing in the diary that it is about."""
        return UUID(self.which) if self.scope is SwitchScope.SERIES else None


class LettersForm(PageForm):
    """Whether a practitioner wants letters about who waits for them."""

    on: Literal["yes", "no"]


class PauseForm(PageForm):
    problems: ClassVar = {
        "until": "Choose until when",
        "day": "Enter a day to come, like 27 6 2026",
    }
    until: Literal["today", "me", "day"]
    day: date | None = None

    @model_validator(mode="after")
    def a_day_is_given(self) -> Self:
        if self.until == "day" and self.day is None:
            raise on_field("day", "Enter a day to come, like 27 6 2026")
        return self


class QuietForm(PageForm):
    problems: ClassVar = {
        "quiet_from": "Enter when quiet hours begin, like 9pm",
        "quiet_to": "Enter when they end, like 8am",
    }
    quiet_from: Clock
    quiet_to: Clock

    @model_validator(mode="after")
    def they_end(self) -> Self:
        if self.quiet_from == self.quiet_to:
            raise on_field("quiet_to", "That would be quiet for ever. To have none at all, pause everything")
        return self


class MostForm(PageForm):
    problems: ClassVar = {"most_a_day": "Choose a number from 0 to 4"}
    most_a_day: Annotated[int, Field(ge=0, le=4)]


class WaysForm(PageForm):
    problems: ClassVar = {"phone": "Enter a UK mobile number, like 07700 900123"}
    email: Literal["yes"] | None = None
    push: Literal["yes"] | None = None
    sms: Literal["yes"] | None = None
    phone: Annotated[str, Field(max_length=20, pattern=r"^(\+44|0)7[\d ]{9,13}$")] | None = None

    @model_validator(mode="after")
    def a_text_has_a_number(self) -> Self:
        if self.sms and not self.phone:
            raise on_field("phone", "Enter a mobile number to get texts")
        return self


class OffForm(PageForm):
    what: What = What.THESE


class SubscriptionForm(PageForm):
    problems: ClassVar = {"subscription": "This browser did not say how it can be reached"}
    subscription: Annotated[Browser, BeforeValidator(_browser)]
    # Where a browser that reminders went to is opened again: what we called it.
    known: UUID | None = None
