"""What becomes of reminders that are due: which may go, which rule holds one back, and what goes out together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.clinical.local_time import instant, local_day
from app.clinical.reminder_reasons import Reason

DAY = timedelta(days=1)
# How far ahead reminders are written down, and how late one may still be written down.
AHEAD, LATE = timedelta(hours=48), timedelta(minutes=10)
# Things due within this go out together, and two messages are never closer than this.
SPACING = timedelta(minutes=10)
# An activity that began longer ago than this is not reminded of.
USEFUL_FOR = timedelta(minutes=30)
BEFORE_QUIET = timedelta(minutes=15)
# Not 24 hours: the same four times on the next day, an hour sooner when the clocks go forward and some minutes late or
# not, are that day's own. Short of that, no journey across zones gives anybody a second day's worth.
ROLLING = timedelta(hours=22)
# Nothing was sent for so long although it was due: nobody was there to send it.
SILENCE = timedelta(minutes=10)
# How many messages a minute leave while what an outage held up is made good.
PACE = 600


class ReminderKind(StrEnum):
    """What somebody is reminded of."""

    ACTIVITY = "activity"
    MOOD = "mood"
    MOMENTARY = "momentary"
    APPOINTMENT = "appointment"
    QUESTIONNAIRE = "questionnaire"
    SUMMARY = "summary"


class Channel(StrEnum):
    """The way a reminder goes."""

    IN_APP = "in-app"
    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"


# What a day may only have so many of, and what goes out together.
CAPPED = frozenset({ReminderKind.ACTIVITY, ReminderKind.MOOD})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reminder that a plan asks for. Its key has no time of day, no zone and no channel in it."""

    kind: ReminderKind
    key: str
    about: Mapping[str, Any]
    series_id: UUID | None
    due_at: datetime
    expires_at: datetime
    local_on: date
    zone: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A reminder about to go, as whoever planned it is asked whether it is still wanted."""

    id: UUID
    person_id: UUID
    series_id: UUID | None
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder by one channel that is due or will be in a moment.

    `thing` is its key without the channel. `off` is what its person turned off, `gone` why it is not wanted any more.
    One that was `tried` before was counted then. `anyway` is one that its person wants in quiet hours too.
    """

    id: UUID
    thing: str
    kind: ReminderKind
    channel: Channel
    due_at: datetime
    expires_at: datetime
    off: Reason | None = None
    gone: Reason | None = None
    tried: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What somebody may be sent: nothing once their account is closed, nothing in quiet hours, so many a day."""

    zone: ZoneInfo
    active: bool = True
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    most_a_day: int = 4


@dataclass(frozen=True, slots=True)
class Left:
    """A message about something that counts, sent or on its way, and when it left."""

    thing: str
    leads: bool
    left_at: datetime


@dataclass
class Verdict:
    """What becomes of one person's reminders at a moment.

    `held` are over with their reason, `waits` stay until a moment, `messages` go now, each with its reminders in their
    order; `counts` says whether they are one more of the day's. What is in none of them is not due yet.
    """

    held: dict[UUID, Reason] = field(default_factory=dict)
    waits: dict[UUID, datetime] = field(default_factory=dict)
    messages: list[tuple[Due, ...]] = field(default_factory=list)
    counts: bool = False


def quiet_hours(at: datetime, begins: time, ends: time, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """From when until when it is quiet, where it is quiet at this instant; None where it is not.

    The window belongs to the day on which it begins, and its end no longer is quiet. Both are compared as instants, so
    that a change of the clocks inside it makes it an hour longer or shorter. One that ends when it begins never holds.
    """
    for on in (local_day(at, zone) - DAY, local_day(at, zone)):
        opens, closes = instant(on, begins, zone), instant(on if begins < ends else on + DAY, ends, zone)
        if begins != ends and opens <= at < closes:
            return opens, closes
    return None


def before_quiet(due_at: datetime, begins: time, ends: time, zone: ZoneInfo) -> datetime:
    """When a reminder of an appointment goes: never in quiet hours, and rather earlier than later."""
    window = quiet_hours(due_at, begins, ends, zone)
    return window[0] - BEFORE_QUIET if window else due_at


def gate(one: Due, *, limits: Limits, at: datetime) -> Reason | None:
    """Why a reminder may not go at a moment, the first reason that there is; None where it may."""
    if not limits.active:
        return Reason.ACCOUNT_CLOSED
    if one.off or one.gone:
        return one.off or one.gone
    if at >= one.expires_at:
        return Reason.TOO_LATE
    if _is_kept_from_quiet(one) and quiet_hours(at, limits.quiet_from, limits.quiet_to, limits.zone):
        return Reason.QUIET_HOURS
    return None


def lost(one: Due, *, limits: Limits, at: datetime) -> Reason | None:
    """Why one that nobody was there to send is over: the reason that would have held it in any case comes first."""
    reason = gate(one, limits=limits, at=at)
    return Reason.OUTAGE if reason is Reason.TOO_LATE else reason


def _is_kept_from_quiet(one: Due) -> bool:
    """A prompt disturbs wherever it is; the rest may wait inside Braid, where nothing makes a sound.

    Somebody who is to be told of an appointment is told: it was moved out of quiet hours when it was planned. So is
    somebody who asked to be reminded of an activity anyway.
    """
    if one.kind is ReminderKind.APPOINTMENT or one.anyway:
        return False
    return one.kind in (ReminderKind.MOOD, ReminderKind.MOMENTARY) or one.channel is not Channel.IN_APP


def sort_out(
    due: Iterable[Due], *, limits: Limits, left: Sequence[Left], counted: int, now: datetime, soon: Iterable[Due] = ()
) -> Verdict:
    """What becomes of one person's reminders that are due; what is due `soon` goes with them where they go.

    `left` is what left in the last day, `counted` how many messages their day has had.
    """
    verdict, together = Verdict(), list[Due]()
    for one in sorted(due, key=_in_order):
        reason = gate(one, limits=limits, at=now)
        if reason:
            verdict.held[one.id] = reason
        elif one.kind in CAPPED:
            together.append(one)
        else:
            verdict.messages.append((one,))
    _bundle(verdict, together, limits, left, counted, now, soon)
    return verdict


def _bundle(
    verdict: Verdict,
    together: list[Due],
    limits: Limits,
    left: Sequence[Left],
    counted: int,
    now: datetime,
    soon: Iterable[Due],
) -> None:
    if not together:
        return
    known = {one.thing for one in left}
    # Another way of something that left already: it is the same reminder.
    follows = [one for one in together if one.tried or one.thing in known]
    new = [one for one in together if one not in follows]
    last = max((one.left_at for one in left), default=None)
    if last is not None and now < last + SPACING:
        waits = [one for one in new if last + SPACING < one.expires_at]
        verdict.waits |= {one.id: last + SPACING for one in waits}
        new = [one for one in new if one not in waits]
    if new:
        reason = _over_the_cap(limits, left, counted, now)
        if reason:
            verdict.held |= {one.id: reason for one in new}
            new = []
        verdict.counts = bool(new)
    going = sorted((*follows, *new), key=_in_order)
    # With what counts: beside what is only tried again they would go uncounted.
    channels = {one.channel for one in new}
    going += [
        one
        for one in sorted(soon, key=_in_order)
        if one.kind in CAPPED and one.channel in channels and _may_go_early(one, limits, now)
    ]
    by_channel = sorted(going, key=lambda one: one.channel)
    verdict.messages += [tuple(several) for _, several in groupby(by_channel, key=lambda one: one.channel)]


def _may_go_early(one: Due, limits: Limits, now: datetime) -> bool:
    return not (gate(one, limits=limits, at=now) or gate(one, limits=limits, at=one.due_at))


def _over_the_cap(limits: Limits, left: Sequence[Left], counted: int, now: datetime) -> Reason | None:
    if counted >= limits.most_a_day:
        return Reason.DAY_CAP
    lately = {one.thing for one in left if one.leads and one.left_at > now - ROLLING}
    return Reason.ROLLING_CAP if len(lately) >= limits.most_a_day else None


def _in_order(one: Due) -> tuple[datetime, str]:
    return one.due_at, one.thing


@dataclass(frozen=True, slots=True)
class Overdue:
    """What an outage held up and is still worth sending."""

    id: UUID
    person_id: UUID
    kind: ReminderKind
    channel: Channel


def paced(overdue: Iterable[Overdue], *, now: datetime, a_minute: int) -> dict[UUID, datetime]:
    """When each of them goes: summaries first, then appointments, then the rest, at most so many a minute.

    What goes to one person by one channel goes as one. The moment inside its place is by chance, but always the same.
    """
    # One place fewer than fit, for with chance on both sides a minute reaches into one more.
    place, found = timedelta(minutes=1) / max(1, a_minute - 1), dict[UUID, datetime]()
    for number, (_, several) in enumerate(groupby(sorted(overdue, key=_rank), key=_rank)):
        together = list(several)
        chance = int.from_bytes(sha256(together[0].id.bytes).digest()[:4]) / 2**32
        found |= {one.id: now + place * (number + chance) for one in together}
    return found


def _rank(one: Overdue) -> tuple[int, str, str]:
    first = {ReminderKind.SUMMARY: 0, ReminderKind.APPOINTMENT: 1}
    return first.get(one.kind, 2), str(one.person_id), one.channel
