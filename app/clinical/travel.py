"""What becomes of a device in another time zone than its owner's days: nothing, a question, or a move."""

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAYS_OF_A_YEAR = range(366)


class ZonePolicy(StrEnum):
    """What somebody wants done when a device of theirs is in another zone."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"


class Arrival(StrEnum):
    """What is to be done about a device."""

    NOTHING = "nothing"
    ASK = "ask"
    FOLLOW = "follow"


def on_arrival(home: ZoneInfo, here: ZoneInfo, *, policy: ZonePolicy, declined: str | None, now: datetime) -> Arrival:
    """What is to be done when a device of somebody whose zone is `home` says that it is `here`.

    A zone that was `declined` is not asked about again. Nobody follows a device without a word into a zone that
    browsers make up.
    """
    if policy is ZonePolicy.NEVER or is_same_clock(home, here, now):
        return Arrival.NOTHING
    if policy is ZonePolicy.ALWAYS and not may_be_made_up(here):
        return Arrival.FOLLOW
    return Arrival.NOTHING if here.key == declined else Arrival.ASK


def is_same_clock(one: ZoneInfo, other: ZoneInfo, since: datetime) -> bool:
    """Whether clocks in two zones show the same time all through the year from an instant: London's and Jersey's do.

    Looked at once a day: no clocks are put forward and back within one.
    """
    moments = (since + timedelta(days=days) for days in DAYS_OF_A_YEAR)
    return all(at.astimezone(one).utcoffset() == at.astimezone(other).utcoffset() for at in moments)


def may_be_made_up(zone: ZoneInfo) -> bool:
    """Whether browsers that hide where somebody is name this zone: UTC by any of its names, and Iceland's.

    Names without a place, such as GMT or EST5EDT, say of nobody where they are.
    """
    return zone.key == "Atlantic/Reykjavik" or "/" not in zone.key or zone.key.startswith("Etc/")
