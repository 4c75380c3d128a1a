"""Days and hours in a patient's zone. Dates are reckoned on local dates, then turned into instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.clinical.sequencing.rules import OPENS_AT


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The date on a wall calendar in the zone at that instant."""
    return moment.astimezone(zone).date()


def instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time, in UTC.

    A time that does not exist moves forward by the length of the gap; one that occurs twice is the first (PEP 495,
    fold 0 for both).
    """
    return datetime.combine(on, at, tzinfo=zone).astimezone(UTC)


def days_after(anchor: datetime, days: int, zone: ZoneInfo, at: time = OPENS_AT) -> datetime:
    """So many calendar days after the anchor's local date, at a wall-clock time, as an instant in UTC."""
    return instant(local_day(anchor, zone) + timedelta(days=days), at, zone)


def hours_after(anchor: datetime, hours: int) -> datetime:
    """So many elapsed hours after the anchor, in UTC, whatever the clocks do in between."""
    return anchor.astimezone(UTC) + timedelta(hours=hours)
