"""What a clinical lead may say of the service’s hours and alerts, and the sentence for each mistake."""

from datetime import date, time, timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from app.clinical.bank_holidays import Calendar
from app.clinical.hours import Hours
from app.kit.forms import PageForm, on_field
from app.safety.forms import clock_time

NO_TIME = "Enter a time like 9:00"
DAYS_AT_MOST, CLOSED_AT_MOST = 100, 30
YEARS = range(2020, 2101)
Minutes = Annotated[int, Field(ge=5, le=480)]


def _days(value: Any) -> list[date]:
    """Days on a line each, as 24 12 2026, 24/12/2026 or 2026-12-24."""
    found = []
    for line in filter(None, (line.strip() for line in str(value or "").split("\n"))):
        parts = line.replace("/", " ").replace("-", " ").replace(".", " ").split()
        try:
            numbers = [int(part) for part in parts]
            year, month, day = numbers if len(parts[0]) == 4 else reversed(numbers)
            if year not in YEARS:
                raise ValueError
            found.append(date(year, month, day))
        except (ValueError, IndexError):
            raise ValueError(f"“{line[:40]}” is not a day: write one on each line, like 24 12 2026") from None
    if len(found) > DAYS_AT_MOST:
        raise ValueError(f"Enter at most {DAYS_AT_MOST} days")
    return sorted(set(found))


Days = Annotated[list[date], BeforeValidator(_days)]


class SettingsForm(PageForm):
    problems: ClassVar = {
        "weekdays": "Choose at least one day on which the service works",
        "opens": NO_TIME,
        "closes": NO_TIME,
        "bank_holidays": "Choose which bank holidays the service keeps",
        "alert_minutes": "Enter the minutes within which an answer is read, from 5 to 480",
        "duty_minutes": "Enter the minutes until the duty person is told, from 5 to 480",
        "supervisor_minutes": "Enter the minutes until the supervisor is told, from 5 to 480",
        "lead_minutes": "Enter the minutes until the clinical lead is told, from 5 to 480",
    }
    lists: ClassVar = frozenset({"weekdays"})
    opens: time
    closes: time
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1)]
    bank_holidays: Calendar
    closed_on: Days = Field(default_factory=list)
    open_on: Days = Field(default_factory=list)
    alert_minutes: Minutes
    duty_minutes: Minutes
    supervisor_minutes: Minutes
    lead_minutes: Minutes

    @field_validator("opens", "closes", mode="before")
    @classmethod
    def a_time(cls, value: Any) -> time:
        return clock_time(value, NO_TIME)

    @model_validator(mode="after")
    def goes_together(self) -> Self:
        if self.closes <= self.opens:
            raise on_field("closes", "The service must close after it opens")
        if set(self.closed_on) & set(self.open_on):
            raise on_field("open_on", "A day is either closed or open. Take it out of one of the two lists")
        if not self.duty_minutes <= self.supervisor_minutes <= self.lead_minutes:
            raise on_field(
                "supervisor_minutes", "The duty person is told first, then the supervisor, then the clinical lead"
            )
        if self.alert_minutes < self.duty_minutes:
            raise on_field(
                "alert_minutes", "Somebody else must be told before the time the patient was promised has passed"
            )
        if self._closed_for() > CLOSED_AT_MOST:
            raise on_field("closed_on", f"The service cannot be closed for more than {CLOSED_AT_MOST} days in a row")
        return self

    def _closed_for(self) -> int:
        """The longest run of days without work around the days that are named."""
        week = Hours(
            weekdays=frozenset(self.weekdays),
            calendar=self.bank_holidays,
            closed_on=frozenset(self.closed_on),
            open_on=frozenset(self.open_on),
        )
        longest = run = 0
        around = (min(self.closed_on), max(self.closed_on)) if self.closed_on else (date.min, date.min)
        for ahead in range((around[1] - around[0]).days + CLOSED_AT_MOST):
            run = 0 if week.works_on(around[0] + timedelta(days=ahead)) else run + 1
            longest = max(longest, run)
        return longest

    def as_said(self) -> dict[str, str]:
        """As the service’s settings hold it."""
        return {
            "weekdays": "".join(str(day) for day in sorted(set(self.weekdays))),
            "opens": f"{self.opens:%H:%M}",
            "closes": f"{self.closes:%H:%M}",
            "bank_holidays": self.bank_holidays.value,
            "closed_on": " ".join(day.isoformat() for day in self.closed_on),
            "open_on": " ".join(day.isoformat() for day in self.open_on),
            "alert_minutes": str(self.alert_minutes),
            "duty_minutes": str(self.duty_minutes),
            "supervisor_minutes": str(self.supervisor_minutes),
            "lead_minutes": str(self.lead_minutes),
        }
