"""What staff may say about duty and leave, and the sentence for each mistake."""

from datetime import date, datetime, time
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import field_validator

from app.kit.forms import PageForm
from app.safety.forms import clock_time

NO_TIME = "Enter a time like 13:30"


class ShiftForm(PageForm):
    problems: ClassVar = {
        "person_id": "Choose who is on duty",
        "from_on": "Enter the day the shift begins, as a day, a month and a year",
        "from_time": "Enter the time the shift begins, like 9:00",
        "until_on": "Enter the day the shift ends, as a day, a month and a year",
        "until_time": "Enter the time the shift ends, like 17:00",
    }
    person_id: UUID
    from_on: date
    from_time: time
    until_on: date
    until_time: time

    @field_validator("from_time", "until_time", mode="before")
    @classmethod
    def a_time(cls, value: Any) -> time:
        return clock_time(value, NO_TIME)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when until when, as wall time where the service is."""
        return datetime.combine(self.from_on, self.from_time, zone), datetime.combine(
            self.until_on, self.until_time, zone
        )


class OwnLeaveForm(PageForm):
    problems: ClassVar = {
        "from_on": "Enter the first day away, as a day, a month and a year",
        "until_on": "Enter the last day away, as a day, a month and a year",
        "cover_id": "Choose who covers",
    }
    from_on: date
    until_on: date
    cover_id: UUID


class LeaveForm(OwnLeaveForm):
    problems: ClassVar = {**OwnLeaveForm.problems, "person_id": "Choose who is away"}
    person_id: UUID


class CoverForm(PageForm):
    problems: ClassVar = {"cover_id": "Choose who covers"}
    cover_id: UUID
