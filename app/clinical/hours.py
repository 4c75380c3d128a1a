"""When a service is there to read what a patient told it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.clinical.bank_holidays import Calendar, is_bank_holiday

# A service that says it works on no day for longer than this has said something wrong.
CLOSED_AT_MOST = 60


@dataclass(frozen=True)
class Hours:
    """A service's working week in its own zone. Weekdays are 0 (Monday) to 6 (Sunday).

    It is closed on the bank holidays of its calendar and on `closed_on`; on `open_on` it works whatever day it is.
    """

    opens: time = time(9)
    closes: time = time(17)
    weekdays: frozenset[int] = frozenset(range(5))
    calendar: Calendar = Calendar.NONE
    closed_on: frozenset[date] = frozenset()
    open_on: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        """Whether the service works on a day."""
        if day in self.open_on:
            return True
        closed = day in self.closed_on or is_bank_holiday(day, self.calendar)
        return day.weekday() in self.weekdays and not closed


def is_open(at: datetime, *, hours: Hours, zone: ZoneInfo) -> bool:
    """Whether the service is there at an aware moment; the closing minute no longer counts."""
    local = at.astimezone(zone)
    return hours.works_on(local.date()) and hours.opens <= local.time() < hours.closes


def next_opening(at: datetime, *, hours: Hours, zone: ZoneInfo) -> datetime:
    """The first moment at or after `at` when the service is there, in its zone.

    Raises ValueError if it never is, or not within two months.
    """
    if hours.opens >= hours.closes:
        raise ValueError("A service that never opens cannot promise anything")
    if is_open(at, hours=hours, zone=zone):
        return at.astimezone(zone)
    local = at.astimezone(zone)
    for ahead in range(CLOSED_AT_MOST):
        day = local.date() + timedelta(days=ahead)
        opening = datetime.combine(day, hours.opens, zone)
        if hours.works_on(day) and opening >= local:
            return opening
    raise ValueError("A service that never opens cannot promise anything")


def read_by(at: datetime, *, within: timedelta, hours: Hours, zone: ZoneInfo) -> datetime:
    """By when something told at `at` is read, where it is read `within` so much working time.

    Work left at closing time goes on at the next opening: 16:45 with 30 minutes is 9:15 the next working day.
    """
    moment, left = next_opening(at, hours=hours, zone=zone), within
    while True:
        closing = datetime.combine(moment.date(), hours.closes, zone)
        # Subtract as instants: on the day the clocks change, wall time would be an hour out.
        room = timedelta(seconds=closing.timestamp() - moment.timestamp())
        if left <= room:
            return datetime.fromtimestamp(moment.timestamp() + left.total_seconds(), zone)
        left -= room
        moment = next_opening(closing, hours=hours, zone=zone)
