"""The time zones there are, by their names in the time zone database (IANA, RFC 6557)."""

from functools import cache
from zoneinfo import available_timezones

from app.kit import say

# Files of the database that are no zone of anybody.
_NO_PLACES = {"Factory", "localtime"}
_REGIONS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
}  # fmt: skip


@cache
def known() -> frozenset[str]:
    """Every name, those of old among them, for a device may still say one."""
    return frozenset(available_timezones() - _NO_PLACES)


@cache
def places() -> tuple[tuple[str, str], ...]:
    """The zones that are named for a place, each with what to show for it, by the place."""
    found = ((name, f"{say.place(name)} ({name.split('/')[0]})") for name in known() if name.split("/")[0] in _REGIONS)
    return tuple(sorted(found, key=lambda one: one[1]))
