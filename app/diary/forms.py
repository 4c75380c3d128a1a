"""What a patient may send about their diary, and the sentence for each mistake."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from app.clinical import answers
from app.clinical.planning import Scope, When
from app.clinical.recurrence import MOST_TIMES, Freq, Rule, first_on, last_of
from app.clinical.to_diary import WEEKDAYS
from app.clinical.travel import ZonePolicy
from app.diary.kinds import Category, Outcome, SeriesKind, Source
from app.diary.log_actions import Said
from app.diary.plan_actions import About
from app.kit import say, zones
from app.kit.forms import PageForm, on_field

AGAIN = "Reload the page and try again"
NO_TIME = "Enter a time, like 9:30am or 18:30, or leave it empty for any time of the day"


def _clock(value: Any) -> Any:
    return answers.clock_time(value) or value if isinstance(value, str) else value


def _length(value: Any) -> Any:
    found = answers.length_in_minutes(value) if isinstance(value, str) else value
    return value if found is None else found


def _zone(value: Any) -> ZoneInfo:
    if value not in zones.known():
        raise ValueError("Choose a place from the list")
    return ZoneInfo(value)


def _waited(value: Any) -> timedelta | None:
    """Whole seconds. A device that says anything else has not lost its words by it."""
    is_a_count = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9
    return timedelta(seconds=int(value)) if is_a_count else None


Clock = Annotated[time, BeforeValidator(_clock)]
Minutes = Annotated[int, BeforeValidator(_length), Field(ge=1, le=1440)]
Rating = Annotated[int, Field(ge=0, le=10)]
Words = Annotated[str, Field(max_length=2000)]
Weekday = Annotated[int, Field(ge=0, le=6)]
RATED = "Choose a number from 0 to 10, or leave it empty"
REMINDERS = {"none": None, "0": 0, "5": 5, "15": 15, "30": 30, "60": 60, "120": 120}


class Repeat:
    """The answers to "How often?", as the form sends them."""

    ONCE, DAILY, WEEKLY, MONTH_DAY, MONTH_WEEKDAY = "once", "daily", "weekly", "month-day", "month-weekday"


class PlanForm(PageForm):
    """An activity and when it is planned. The form carries the id that it will get."""

    problems: ClassVar = {
        "series_id": AGAIN,
        "title": "Write what you plan to do, up to 120 letters",
        "place": "Shorten where to 120 letters",
        "company": "Shorten with whom to 120 letters",
        "category": "Choose what kind of activity it is, or leave it empty",
        "difficulty": RATED,
        "expected_pleasure": RATED,
        "expected_mastery": RATED,
        "on": "Enter the day, like 27 3 2026",
        "at": NO_TIME,
        "minutes": "Enter how long in minutes, like 20. A day has 1,440",
        "repeat": "Choose how often",
        "every": "Enter a whole number from 1 to 52",
        "weekdays": "Choose the days of the week",
        "ends": "Choose when it ends",
        "until_on": "Enter the last day, like 27 6 2026",
        "times": f"Enter how many times, from 1 to {MOST_TIMES}",
        "remind": "Choose when to remind you",
        "remind_at": "Enter the time to remind you, like 9:30am",
        "anyway": "Choose what happens in your quiet hours",
    }
    lists: ClassVar = frozenset({"weekdays"})
    series_id: UUID
    kind: SeriesKind = SeriesKind.ACTIVITY
    title: Annotated[str, Field(min_length=1, max_length=120)]
    place: Annotated[str, Field(max_length=120)] = ""
    company: Annotated[str, Field(max_length=120)] = ""
    category: Category | None = None
    difficulty: Rating | None = None
    expected_pleasure: Rating | None = None
    expected_mastery: Rating | None = None
    on: date
    at: Clock | None = None
    minutes: Minutes | None = None
    repeat: Literal["once", "daily", "weekly", "month-day", "month-weekday"] = "once"
    every: Annotated[int, Field(ge=1, le=52)] = 1
    weekdays: tuple[Weekday, ...] = ()
    ends: Literal["never", "on", "after"] = "never"
    until_on: date | None = None
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] | None = None
    remind: Literal["none", "0", "5", "15", "30", "60", "120", "at"] = "none"
    remind_at: Clock | None = None
    anyway: Literal["yes", "no"] | None = None
    source: Source = Source.PATIENT
    source_id: UUID | None = None

    @model_validator(mode="after")
    def it_is_whole(self) -> Self:
        if not 2000 <= self.on.year <= 2100:
            raise on_field("on", "Enter a day in this century, like 27 3 2026")
        if self.repeat == Repeat.ONCE:
            return self
        if self.ends == "on" and self.until_on is None:
            raise on_field("until_on", "Enter the last day, like 27 6 2026")
        if self.ends == "on" and self.until_on is not None and self.until_on < self.on:
            raise on_field("until_on", "The last day is before the first")
        first = first_on(self.rule(), self.on)
        if self.ends == "on" and self.until_on is not None and self.until_on < first:
            raise on_field("until_on", f"Nothing would be planned: the first day that fits is {say.day(first)}")
        if self.ends == "after" and self.times is None:
            raise on_field("times", f"Enter how many times, from 1 to {MOST_TIMES}")
        return self

    @model_validator(mode="after")
    def the_reminder_has_a_time(self) -> Self:
        if self.at is None and self.remind not in ("none", "at"):
            raise on_field("remind", "For any time of the day, choose a time to be reminded at")
        if self.at is None and self.remind == "at" and self.remind_at is None:
            raise on_field("remind_at", "Enter the time to remind you, like 9:30am")
        return self

    def rule(self) -> Rule:
        """How it repeats."""
        match self.repeat:
            case Repeat.ONCE:
                return Rule(freq=Freq.ONCE)
            case Repeat.DAILY:
                return Rule(freq=Freq.DAILY, every=self.every)
            case Repeat.WEEKLY:
                days = tuple(sorted(set(self.weekdays))) or (self.on.weekday(),)
                return Rule(freq=Freq.WEEKLY, every=self.every, weekdays=days)
            case Repeat.MONTH_DAY:
                return Rule(freq=Freq.MONTHLY, every=self.every, month_day=self.on.day)
        nth = (self.on.day - 1) // 7 + 1
        return Rule(
            freq=Freq.MONTHLY, every=self.every, month_nth=nth if nth < 5 else -1, month_weekday=self.on.weekday()
        )

    def when(self) -> When:
        """When it is planned; "so many times" becomes the day of the last."""
        rule = self.rule()
        until_on = self.until_on if self.ends == "on" else None
        if self.ends == "after" and self.times is not None:
            until_on = last_of(rule, first_on(rule, self.on), self.times)
        return When(
            on=self.on,
            rule=rule,
            at=self.at,
            minutes=self.minutes,
            until_on=None if self.repeat == Repeat.ONCE else until_on,
            remind_before=REMINDERS.get(self.remind) if self.at else None,
            remind_at=self.remind_at if self.remind == "at" else None,
            remind_anyway=self.anyway == "yes" if self.anyway and self.remind != "none" else None,
        )

    def about(self) -> About:
        """What the activity is."""
        return About(
            title=" ".join(self.title.split()),
            category=self.category,
            place=self.place,
            company=self.company,
            difficulty=self.difficulty,
            expected_pleasure=self.expected_pleasure,
            expected_mastery=self.expected_mastery,
            kind=self.kind,
        )


class ChangeForm(PlanForm):
    """What a planned activity becomes, and how far that reaches: asked for where it repeats."""

    problems: ClassVar = PlanForm.problems | {"edit_id": AGAIN, "version": AGAIN, "scope": "Choose which to change"}
    edit_id: UUID
    version: int
    scope: Scope | None = None

    def when_instead_of(self, was: Rule) -> When:
        """When it is to be, with the old rule where how often was left: the 31st stays the 31st in February."""
        rule = self.rule()
        same = (rule.freq, rule.every, rule.weekdays, rule.month_nth is None) == (
            was.freq,
            was.every,
            tuple(sorted(was.weekdays)),
            was.month_nth is None,
        )
        return replace(self.when(), rule=was) if same else self.when()


class StopForm(PageForm):
    problems: ClassVar = {"edit_id": AGAIN, "version": AGAIN, "scope": "Choose which to take out"}
    edit_id: UUID
    version: int
    scope: Scope


class LogForm(PageForm):
    """What became of something. The id is the one that the device chose for this entry."""

    problems: ClassVar = {
        "log_id": AGAIN,
        "outcome": "Choose done, partly or not today",
        "done_at": "Enter the time, like 9:30am or 18:30, or leave it empty",
        "pleasure": RATED,
        "mastery": RATED,
        "mood_before": RATED,
        "mood_after": RATED,
        "barrier": "Shorten what got in the way to 2,000 letters",
        "note": "Shorten your note to 2,000 letters",
    }
    log_id: UUID
    outcome: Literal[Outcome.DONE, Outcome.PARTLY, Outcome.NOT_DONE]
    done_at: Clock | None = None
    pleasure: Rating | None = None
    mastery: Rating | None = None
    mood_before: Rating | None = None
    mood_after: Rating | None = None
    barrier: Words = ""
    note: Words = ""
    # Added by a device that kept the form until it could be sent.
    waited: Annotated[timedelta | None, BeforeValidator(_waited)] = None

    def said(self) -> Said:
        """What they say, without the ids."""
        return Said(**self.model_dump(include=set(Said.__dataclass_fields__)))


class HappenedForm(LogForm):
    """Something done that nobody had planned."""

    problems: ClassVar = LogForm.problems | {
        "title": "Write what you did, up to 120 letters",
        "on": "Enter the day, like 27 3 2026",
        "category": "Choose what kind of activity it was, or leave it empty",
    }
    outcome: Literal[Outcome.DONE, Outcome.PARTLY] = Outcome.DONE
    title: Annotated[str, Field(min_length=1, max_length=120)]
    on: date
    category: Category | None = None


class WithdrawForm(PageForm):
    problems: ClassVar = {"log_id": AGAIN}
    log_id: UUID


class BeginForm(PageForm):
    """Something written elsewhere that is to be planned: it comes by post, for an address must not hold words."""

    problems: ClassVar = {"title": "Shorten it to 120 letters"}
    title: Annotated[str, Field(max_length=1000)] = ""
    place: Annotated[str, Field(max_length=1000)] = ""
    company: Annotated[str, Field(max_length=1000)] = ""
    category: Category | None = None
    expected_pleasure: Rating | None = None
    at: Clock | None = None
    minutes: Minutes | None = None
    kind: SeriesKind = SeriesKind.ACTIVITY
    on: date | None = None
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = None
    source: Source = Source.PATIENT
    source_id: UUID | None = None

    def first_day(self, today: date) -> date:
        """The day it names, or the next of its day of the week; today where it names none or one that has passed."""
        if self.on is not None:
            return max(self.on, today)
        wanted = WEEKDAYS.index(self.weekday) if self.weekday else today.weekday()
        return today + timedelta(days=(wanted - today.weekday()) % 7)


class AddressForm(PageForm):
    problems: ClassVar = {"feed_id": AGAIN}
    feed_id: UUID


class CalendarForm(PageForm):
    problems: ClassVar = {"shows": "Choose what your calendar says", "alerts": AGAIN}
    shows: Literal["neutral", "titles"]
    alerts: Literal["", "calendar"] = ""


class ZoneForm(PageForm):
    """A time zone, and the page that it was said on."""

    problems: ClassVar = {"zone": "Choose a place from the list"}
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    back: Literal["/my/today", "/my/diary", "/my/reminders"] = "/my/reminders"


class PolicyForm(PageForm):
    policy: ZonePolicy
