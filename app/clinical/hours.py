"""When a service is there to read what a patient told it."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Hours:
    """A service's working week in its own zone. Weekdays are 0 (Monday) to 6 (Sunday)."""

    opens: time = time(9)
    closes: time = time(17)
    weekdays: frozenset[int] = frozenset(range(5))


def is_open(at: datetime, *, hours: Hours, zone: ZoneInfo) -> bool:
    """Whether the service is there at an aware moment; the closing minute no longer counts."""
    local = at.astimezone(zone)
    return local.weekday() in hours.weekdays and hours.opens <= local.time() < hours.closes


def next_opening(at: datetime, *, hours: Hours, zone: ZoneInfo) -> datetime:
    """The first moment at or after `at` when the service is there, in its zone; raises ValueError if it never is."""
    if not hours.weekdays or hours.opens >= hours.closes:
        raise ValueError("A service that never opens cannot promise anything")
    if is_open(at, hours=hours, zone=zone):
        return at.astimezone(zone)
    local = at.astimezone(zone)
    for ahead in range(8):
        day = local.date() + timedelta(days=ahead)
        opening = datetime.combine(day, hours.opens, zone)
        if day.weekday() in hours.weekdays and opening >= local:
            return opening
    raise ValueError("No working day within a week")


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
