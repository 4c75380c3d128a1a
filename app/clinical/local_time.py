"""Wall-clock time in a place, turned into instants: the one resolver, and the two odd days of a year."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class Shift(StrEnum):
    """What the clocks do to a wall-clock time: it does not exist that day, or it comes twice."""

    FORWARD = "forward"
    BACK = "back"


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The date on a wall calendar in the zone at that instant."""
    return moment.astimezone(zone).date()


def instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time, in UTC.

    A time that does not exist moves forward by the length of the gap; one that occurs twice is the first (PEP 495,
    fold 0 for both).
    """
    return datetime.combine(on, at, tzinfo=zone).astimezone(UTC)


def shift(on: date, at: time, zone: ZoneInfo) -> Shift | None:
    """Whether the clocks go forward over this time, or come back to it; None on every ordinary day (PEP 495)."""
    first, second = (datetime.combine(on, at, tzinfo=zone).replace(fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None and second is not None
    if first == second:
        return None
    return Shift.FORWARD if second > first else Shift.BACK
