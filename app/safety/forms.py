"""What staff may say they did about an alert, and the sentence for each mistake."""

import re
from datetime import date, datetime, time
from typing import Annotated, Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from app.kit.forms import PageForm, PostedForm, Problems
from app.safety.kinds import AlertStep

_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.ASCII | re.IGNORECASE)
NO_TIME = "Enter the time of the next attempt like 13:30"


def clock_time(value: Any, otherwise: str) -> time:
    """A time of day as a browser's own field sends it or as people type it; raises ValueError with `otherwise`."""
    found = _TIME.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(otherwise)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise ValueError(otherwise)
    return time(hour, minute)


class ActForm(PageForm):
    problems: ClassVar = {
        "act": "Choose what you did",
        "words": "Write what was said and agreed, or what you tried",
        "words.string_too_long": "Shorten this to 4,000 letters",
        "next_on": "Enter the day of the next attempt as a day, a month and a year",
        "then": "Choose whether the alert stays open",
    }
    act: Literal[AlertStep.CONTACTED, AlertStep.COULD_NOT_REACH, AlertStep.HANDED_OVER, AlertStep.KNOWN_AND_REVIEWED]
    words: Annotated[str, Field(min_length=3, max_length=4000)]
    next_on: date | None = None
    next_time: time | None = None
    then: Literal["keep-open", "close"]

    @field_validator("next_time", mode="before")
    @classmethod
    def a_time(cls, value: Any) -> time:
        """`13:30` as a browser's own field sends it, or `1.30pm` as people type it."""
        return clock_time(value, NO_TIME)

    def next_at(self, zone: ZoneInfo) -> datetime | None:
        """When to try again, as wall time where the service is."""
        return datetime.combine(self.next_on, self.next_time, zone) if self.next_on and self.next_time else None

    @classmethod
    def read_at(cls, posted: PostedForm, *, now: datetime, zone: ZoneInfo) -> tuple[Self | None, Problems]:
        """As `read`, with what only shows between fields or against the clock, all of it at once."""
        form, problems = cls.read(posted)
        also = cls._about_next(posted, now=now, zone=zone) | problems
        ordered = {name: also[name] for name in [*cls.model_fields, *also] if name in also}
        return (None if ordered else form), ordered

    @classmethod
    def _about_next(cls, posted: PostedForm, *, now: datetime, zone: ZoneInfo) -> Problems:
        found: Problems = {}
        on, at = cls._date(posted, "next_on"), posted.get("next_time", "").strip()
        if posted.get("act") == AlertStep.COULD_NOT_REACH:
            if posted.get("then") == "close":
                found["then"] = "An alert stays open until somebody has been reached. Keep it open."
            if not on:
                found["next_on"] = "Say on which day you will try again"
            if not at:
                found["next_time"] = "Say at what time you will try again"
        try:
            moment = datetime.combine(date.fromisoformat(on or ""), cls.a_time(at), zone)
        except ValueError:
            return found
        return found | ({"next_time": "Give a time that is still to come"} if moment <= now else {})
