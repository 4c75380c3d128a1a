"""What a patient may send about their mood, and the sentence for each mistake."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from app.clinical import answers
from app.clinical.local_time import instant, local_day
from app.clinical.mood import SCALES, Scale
from app.kit.forms import PageForm, Problems, on_field
from app.mood.actions import BACKFILL, Said

AGAIN = "Reload the page and try again"
NO_TIME = "Enter a time, like 9:30am or 18:30"
MOST_TIMES = 4
YEARS = range(2000, 2101)
LONGEST = timedelta(days=731)
# The choice that says what one was doing in words of one's own.
NOT_PLANNED = "other"
Activity = tuple[UUID, date]


def _clock(value: Any) -> Any:
    return answers.clock_time(value) or value if isinstance(value, str) else value


def _activity(value: Any) -> Any:
    """An occurrence as a choice carries it: the series and the day that names it. What is not planned is none."""
    if value in (None, NOT_PLANNED):
        return None
    series_id, _, named_on = str(value).partition(" ")
    try:
        return UUID(series_id), date.fromisoformat(named_on)
    except ValueError:
        raise ValueError("Choose what it goes with from the list, or leave it empty") from None


Clock = Annotated[time, BeforeValidator(_clock)]
With = Annotated[Activity | None, BeforeValidator(_activity)]


class RatingForm(PageForm):
    """A number with what somebody may add. The form carries the id that it will get and the scale it shows.

    `waited` is how many seconds it waited on a device without a connection: the device's own clock may be wrong.
    """

    problems: ClassVar = {
        "rating_id": AGAIN,
        "mood": "Choose a number for your mood",
        "low": AGAIN,
        "when": "Choose when it was",
        "on": "Enter the day, like 27 3 2026",
        "at": NO_TIME,
        "doing": "Shorten what you were doing to 120 letters",
        "note": "Shorten what you wrote to 2,000 letters",
        "waited": AGAIN,
    }
    rating_id: UUID
    mood: int
    low: Annotated[int, Field(ge=0, le=1)] = 0
    when: Literal["now", "earlier"] = "now"
    on: date | None = None
    at: Clock | None = None
    activity: With = None
    doing: Annotated[str, Field(max_length=120)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    waited: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def it_is_whole(self) -> Self:
        if self.mood not in self.scale:
            raise on_field("mood", f"Choose a number from {self.scale.low} to {self.scale.high}")
        if self.when == "earlier" and (self.on is None or self.on.year not in YEARS):
            raise on_field("on", "Enter the day, like 27 3 2026")
        if self.when == "earlier" and self.at is None:
            raise on_field("at", "Enter about what time it was, like 9:30am")
        return self

    @property
    def scale(self) -> Scale:
        return next(one for one in SCALES.values() if one.low == self.low)

    def felt_at(self, now: datetime, zone: ZoneInfo, before: datetime | None = None) -> datetime:
        """The moment it was felt. A minute that has not passed yet is this moment; one that was said before stays."""
        if self.when == "now" or self.on is None or self.at is None:
            return before or now - timedelta(seconds=min(self.waited, _AGES))
        felt_at = instant(self.on, self.at, zone)
        if before is not None and felt_at == before.replace(second=0, microsecond=0):
            return before
        return felt_at

    def out_of_reach(self, now: datetime, zone: ZoneInfo, before: datetime | None = None) -> Problems:
        """The sentence for a time that has not come yet, or that is too long ago."""
        felt_at = self.felt_at(now, zone, before)
        if felt_at == before:
            return {}
        if felt_at > now:
            is_today = self.on is not None and self.on <= local_day(now, zone)
            return {"at" if is_today else "on": "That time has not come yet. Enter when it was"}
        if felt_at < now - BACKFILL:
            return {"on": "Enter a day in the last 14 days"} if self.when == "earlier" else {"mood": _TOO_OLD}
        return {}

    def said(self, now: datetime, zone: ZoneInfo, before: datetime | None = None) -> Said:
        """What was said."""
        return Said(
            self.mood,
            self.scale,
            self.felt_at(now, zone, before),
            note=self.note,
            doing="" if self.activity else self.doing,
            activity=self.activity,
        )


# So long that it is too old in any case, and short enough to reckon with.
_AGES = int(2 * BACKFILL.total_seconds())
_TOO_OLD = "This waited for more than 14 days, and we cannot take it any more"


class TimesForm(PageForm):
    """The times of day at which somebody wants to be asked; none turns it off."""

    problems: ClassVar = {"times": NO_TIME + ". Leave a line empty if you do not need it"}
    lists: ClassVar = frozenset({"times"})
    times: tuple[Clock, ...] = ()

    @model_validator(mode="after")
    def they_are_few(self) -> Self:
        if len(set(self.times)) > MOST_TIMES:
            raise on_field("times", f"Choose at most {MOST_TIMES} times a day")
        return self


class PeriodForm(PageForm):
    """The days that somebody wants to see."""

    problems: ClassVar = {
        "first": "Enter the first day, like 1 3 2026",
        "last": "Enter the last day, like 27 3 2026",
    }
    first: date
    last: date

    @model_validator(mode="after")
    def it_has_days(self) -> Self:
        if self.last < self.first:
            raise on_field("last", "The last day is before the first")
        if self.first.year not in YEARS:
            raise on_field("first", "Enter a day in this century, like 1 3 2026")
        if self.last - self.first > LONGEST:
            raise on_field("last", "Choose at most two years at a time")
        return self
