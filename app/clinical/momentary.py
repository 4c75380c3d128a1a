"""Momentary assessment: when somebody is asked, how each prompt ends, and how many were answered.

Experience sampling asks a few questions several times a day at times that nobody knows beforehand (Csikszentmihalyi
and Larson 1987; Shiffman, Stone and Hufford 2008). Whether answers can be believed is read from how many of the
prompts were answered, so every prompt has an end, and one that nobody was asked is not counted as left unanswered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

from app.clinical.local_time import instant
from app.clinical.momentary_protocols import Late, Protocol, Window
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Limits, quiet_hours

DAY = timedelta(days=1)


class Standing(StrEnum):
    """Where a prompt stands. The last four are its end; only an accepted late answer still changes "expired"."""

    TO_COME = "to-come"
    OPEN = "open"
    ANSWERED = "answered"
    LATE = "late"
    EXPIRED = "expired"
    WITHHELD = "withheld"


class Withheld(StrEnum):
    """Why somebody was not asked."""

    QUIET_HOURS = "quiet-hours"
    OFF = "off"
    PAUSED = "paused"
    TREATMENT_ENDED = "treatment-ended"
    ENDED_EARLY = "ended-early"
    TRAVEL = "travel"
    OUTAGE = "outage"

    @property
    def words(self) -> str:
        """As staff read it."""
        return {
            "quiet-hours": "in their quiet hours",
            "off": "turned off by the patient",
            "paused": "paused by the patient",
            "treatment-ended": "treatment had ended",
            "ended-early": "ended early",
            "travel": "skipped by a change of time zone",
            "outage": "Braid was not working",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One prompt as it was drawn: its number from 1, its day from 1, and what the clock shows where somebody is."""

    number: int
    day: int
    on: date
    window: str
    at: time


@dataclass(frozen=True, slots=True)
class Times:
    """The instants of a prompt: due, too late to be in time, and too late to be answered at all."""

    due_at: datetime
    expires_at: datetime
    closes_at: datetime


def draw(protocol: Protocol, seed: str, first_on: date, days: int) -> tuple[Drawn, ...]:
    """Every prompt of so many days, in their order. The same seed gives the same times, to the minute.

    Each random time is drawn by itself from the seed, the day and its window, each minute as likely as any other, so
    that nothing else has to be known to draw it again. Raises ValueError for no days.
    """
    if days < 1:
        raise ValueError("there is no day to ask on")
    found: list[Drawn] = []
    for day in range(1, days + 1):
        on = first_on + (day - 1) * DAY
        for window in protocol.windows:
            found.append(Drawn(len(found) + 1, day, on, window.key, _at(window, seed, on)))
    return tuple(found)


def _at(window: Window, seed: str, on: date) -> time:
    first, last = (at.hour * 60 + at.minute for at in window.ends)
    if first == last:
        return window.ends[0]
    chance = int.from_bytes(sha256(f"{seed}|{on.isoformat()}|{window.key}".encode()).digest()[:8])
    minute = first + chance % (last - first)
    return time(minute // 60, minute % 60)


def times(protocol: Protocol, drawn: Sequence[Drawn], zone: ZoneInfo) -> tuple[Times, ...]:
    """The instants of prompts in a zone, in their order.

    No prompt is in time any more once the next one is due, and none can be answered after the day that it was on.
    """
    due = [instant(one.on, one.at, zone) for one in drawn]
    found: list[Times] = []
    for place, (one, due_at) in enumerate(zip(drawn, due, strict=True)):
        ends = instant(one.on + DAY, time(), zone)
        if place + 1 < len(due):
            ends = min(ends, due[place + 1])
        expires_at = min(ends, due_at + timedelta(minutes=protocol.expires_after))
        found.append(Times(due_at, expires_at, ends if protocol.late is Late.ACCEPT else expires_at))
    return tuple(found)


def why_not(times: Times, *, limits: Limits, off: Reason | None, now: datetime) -> Withheld | None:
    """Why somebody is not asked what is due now; None where they are.

    Their own choice comes first: it would have held also where Braid was late.
    """
    if not limits.active:
        return Withheld.TREATMENT_ENDED
    if off:
        return Withheld.PAUSED if off is Reason.PAUSED else Withheld.OFF
    if quiet_hours(times.due_at, limits.quiet_from, limits.quiet_to, limits.zone):
        return Withheld.QUIET_HOURS
    return Withheld.OUTAGE if now >= times.expires_at else None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is known of a prompt: its times, when it was asked, why it was not, and when it was answered.

    `ended_at` is when what it belongs to was ended early.
    """

    times: Times
    asked_at: datetime | None = None
    withheld: Withheld | None = None
    said_at: datetime | None = None
    ended_at: datetime | None = None

    def why_withheld(self, now: datetime) -> Withheld | None:
        """Why nobody was asked; None where somebody was or will be."""
        if self.said_at is not None:
            return None
        if self.withheld is not None:
            return self.withheld
        if self.ended_at is not None and self.ended_at < self.times.expires_at:
            return Withheld.ENDED_EARLY
        # Nobody decided about it while it was of use, so nobody asked.
        return Withheld.OUTAGE if self.asked_at is None and now >= self.times.expires_at else None

    def standing(self, now: datetime) -> Standing:
        """Where it stands at a moment."""
        if self.said_at is not None:
            return Standing.LATE if self.said_at >= self.times.expires_at else Standing.ANSWERED
        if self.why_withheld(now):
            return Standing.WITHHELD
        if now < self.times.due_at:
            return Standing.TO_COME
        return Standing.OPEN if now < self.times.expires_at else Standing.EXPIRED

    def takes(self, said_at: datetime) -> bool:
        """Whether an answer of this moment is taken, in time or late."""
        is_asked = self.asked_at is not None and self.withheld is None
        goes_on = self.ended_at is None or said_at < self.ended_at
        return is_asked and goes_on and self.times.due_at <= said_at < self.times.closes_at


@dataclass(frozen=True)
class Compliance:
    """How many prompts ended in which way. Those that are open or to come are no part of any share."""

    answered: int = 0
    late: int = 0
    expired: int = 0
    open: int = 0
    to_come: int = 0
    withheld: dict[Withheld, int] = field(default_factory=dict)

    @property
    def not_asked(self) -> int:
        return sum(self.withheld.values())

    @property
    def asked(self) -> int:
        """The prompts that were asked and are over: all, without those withheld, open and to come."""
        return self.answered + self.late + self.expired

    @property
    def all(self) -> int:
        return self.asked + self.not_asked + self.open + self.to_come

    @property
    def share(self) -> float | None:
        """Answered in time, of those asked, from 0 to 1; None before any was asked and is over."""
        return self.answered / self.asked if self.asked else None

    @property
    def share_with_late(self) -> float | None:
        """The same, counting late answers too."""
        return (self.answered + self.late) / self.asked if self.asked else None


def compliance(prompts: Iterable[Prompt], now: datetime) -> Compliance:
    """How many prompts ended in which way until a moment."""
    counts = dict.fromkeys(Standing, 0)
    withheld: dict[Withheld, int] = {}
    for one in prompts:
        counts[one.standing(now)] += 1
        why = one.why_withheld(now)
        if why:
            withheld[why] = withheld.get(why, 0) + 1
    return Compliance(
        answered=counts[Standing.ANSWERED],
        late=counts[Standing.LATE],
        expired=counts[Standing.EXPIRED],
        open=counts[Standing.OPEN],
        to_come=counts[Standing.TO_COME],
        withheld=withheld,
    )


def compliance_words(found: Compliance) -> str:
    """ "Answered 12 of 18 asked in time (67%), and 2 more late. 4 ran out." and what does not count."""
    if found.share is None:
        parts = ["Nothing that was asked is over yet."]
    else:
        late = f", and {found.late} more late" if found.late else ""
        parts = [f"Answered {found.answered} of {found.asked} asked in time ({found.share:.0%}){late}."]
        parts += [f"{found.expired} ran out."] if found.expired else []
    reasons = ", ".join(f"{count} {why.words}" for why, count in sorted(found.withheld.items()))
    parts += [f"{found.not_asked} not asked and not counted: {reasons}."] if reasons else []
    parts += [f"{found.open} open now."] if found.open else []
    parts += [f"{found.to_come} still to come."] if found.to_come else []
    return " ".join(parts)
