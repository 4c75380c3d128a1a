"""Dates, times and numbers in plain British English, for pages, letters and charts."""

import datetime as dt
from zoneinfo import ZoneInfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Zone = str | dt.tzinfo


def day(value: dt.date, zone: Zone | None = None) -> str:
    """ "Tuesday 12 May". A moment (aware datetime) needs the person's zone; raises ValueError without it."""
    on = _date(value, zone)
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"


def day_year(value: dt.date, zone: Zone | None = None) -> str:
    """ "Tuesday 12 May 2026", as `day`."""
    return f"{day(value, zone)} {_date(value, zone).year}"


def date(value: dt.date, zone: Zone | None = None) -> str:
    """ "12 May 2026", for dates whose weekday says nothing, such as a birth."""
    on = _date(value, zone)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def short_date(value: dt.date) -> str:
    """ "14 Mar 1989", for narrow columns."""
    return f"{value.day} {MONTHS[value.month - 1][:3]} {value.year}"


def short_day(value: dt.date, zone: Zone | None = None) -> str:
    """ "Tue 12 May", for tables."""
    on = _date(value, zone)
    return f"{WEEKDAYS[on.weekday()][:3]} {on.day} {MONTHS[on.month - 1][:3]}"


def time(value: dt.time | dt.datetime, zone: Zone | None = None) -> str:
    """ "9:00am", "midday", "midnight". A moment needs the person's zone; raises ValueError without it."""
    at = _time(value, zone)
    if at.minute == 0 and at.hour in (0, 12):
        return "midday" if at.hour else "midnight"
    return f"{at.hour % 12 or 12}:{at.minute:02}{'am' if at.hour < 12 else 'pm'}"


def clock(value: dt.time | dt.datetime, zone: Zone | None = None) -> str:
    """ "09:05", as staff write it. A moment needs the zone; raises ValueError without it."""
    at = _time(value, zone)
    return f"{at.hour:02}:{at.minute:02}"


def moment(value: dt.datetime, zone: Zone) -> str:
    """ "Tuesday 12 May at 9:05am" in `zone`."""
    return f"{day(value, zone)} at {time(value, zone)}"


def staff_moment(value: dt.datetime, zone: Zone) -> str:
    """ "Tuesday 12 May at 09:05" in `zone`, as staff write it."""
    return f"{day(value, zone)} at {clock(value, zone)}"


def place(zone: Zone) -> str:
    """ "New York", of the zone America/New_York."""
    return str(zone).rpartition("/")[2].replace("_", " ")


def plural(count: int, one: str, several: str = "") -> str:
    """ "1 page", "3 pages"; `several` where an s is not enough."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def possessive(name: str) -> str:
    """ "Robin’s", "James’s"."""
    return f"{name}’s" if name else ""


def listed(words: list[str] | tuple[str, ...], last: str = "and") -> str:
    """ "a, b and c", or with another word before the last."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _local(value: dt.datetime, zone: Zone | None) -> dt.datetime:
    if zone is None or value.tzinfo is None:
        raise ValueError("a moment is told in somebody's zone")
    return value.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


def _date(value: dt.date, zone: Zone | None) -> dt.date:
    return _local(value, zone).date() if isinstance(value, dt.datetime) else value


def _time(value: dt.time | dt.datetime, zone: Zone | None) -> dt.time:
    return _local(value, zone).time() if isinstance(value, dt.datetime) else value
