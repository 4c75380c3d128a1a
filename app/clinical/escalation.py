"""When an alert that waits is told to somebody further up, and to whom: minutes are minutes of service hours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.clinical.hours import Hours, read_by


class Level(StrEnum):
    """Who is told, in the order in which it climbs."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"
    LEAD = "clinical-lead"


class Wait(StrEnum):
    """What an open alert waits for."""

    LOOK = "look"
    ACT = "act"
    ATTEMPT = "attempt"


@dataclass(frozen=True)
class Steps:
    """After how much working time each level is told of what waits."""

    duty: timedelta = timedelta(minutes=30)
    supervisor: timedelta = timedelta(minutes=60)
    lead: timedelta = timedelta(minutes=120)

    def after(self, level: Level) -> timedelta:
        """How long something waits before a level is told."""
        return {Level.DUTY: self.duty, Level.SUPERVISOR: self.supervisor, Level.LEAD: self.lead}[level]


@dataclass(frozen=True)
class Waiting:
    """What is waited for, and since which moment."""

    wait: Wait
    since: datetime


@dataclass(frozen=True)
class Climb:
    """A level that is to be told now, and those below it whose time passed without anybody being told."""

    level: Level
    passed: tuple[Level, ...]


def waiting(
    *, unread_since: datetime | None, looked_at: datetime | None, acted_at: datetime | None, next_at: datetime | None
) -> Waiting | None:
    """What an open alert waits for; None where somebody acted and nothing was put off to a later moment.

    `unread_since` is when the oldest answer that nobody has looked at was given, `looked_at` when the newest was first
    looked at, `acted_at` when something was last done about it, `next_at` when somebody is to be tried again.
    """
    if unread_since is not None:
        return Waiting(Wait.LOOK, unread_since)
    if acted_at is None:
        return Waiting(Wait.ACT, looked_at) if looked_at else None
    return Waiting(Wait.ATTEMPT, next_at) if next_at else None


def times(since: datetime, steps: Steps, *, hours: Hours, zone: ZoneInfo) -> dict[Level, datetime]:
    """When each level is told of something that has waited since an aware moment, in the service's zone."""
    return {level: read_by(since, within=steps.after(level), hours=hours, zone=zone) for level in Level}


def climb(
    since: datetime, steps: Steps, *, told: Collection[Level], now: datetime, hours: Hours, zone: ZoneInfo
) -> Climb | None:
    """The highest level whose time has come, unless it or one above it was told already.

    Where nobody looked for hours, because what tells them stood still, that is one step to the right level and not a
    step to each: those passed over are named.
    """
    due = [level for level, at in times(since, steps, hours=hours, zone=zone).items() if at <= now]
    if not due or any(_rank(level) >= _rank(due[-1]) for level in told):
        return None
    passed = tuple(level for level in due[:-1] if level not in told)
    return Climb(due[-1], passed)


def upcoming(
    since: datetime, steps: Steps, *, told: Collection[Level], hours: Hours, zone: ZoneInfo
) -> tuple[Level, datetime] | None:
    """The next level that is told, and when; None once the highest was."""
    highest = max((_rank(level) for level in told), default=-1)
    ahead = [(level, at) for level, at in times(since, steps, hours=hours, zone=zone).items() if _rank(level) > highest]
    return ahead[0] if ahead else None


def _rank(level: Level) -> int:
    return list(Level).index(level)
