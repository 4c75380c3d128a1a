"""Days and hours in a patient's zone. Dates are reckoned on local dates, then turned into instants."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.clinical.local_time import instant, local_day
from app.clinical.sequencing.rules import OPENS_AT


def days_after(anchor: datetime, days: int, zone: ZoneInfo, at: time = OPENS_AT) -> datetime:
    """So many calendar days after the anchor's local date, at a wall-clock time, as an instant in UTC."""
    return instant(local_day(anchor, zone) + timedelta(days=days), at, zone)


def hours_after(anchor: datetime, hours: int) -> datetime:
    """So many elapsed hours after the anchor, in UTC, whatever the clocks do in between."""
    return anchor.astimezone(UTC) + timedelta(hours=hours)
