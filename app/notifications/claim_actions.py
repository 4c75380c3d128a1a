"""Claiming what is due: the gate decides about each reminder, and what may go is ours alone to send for a minute."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.tables import PatientRecord, Person
from app.clinical import reminders
from app.clinical.local_time import local_day
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import CAPPED, SPACING, Due, Left, Limits, Verdict
from app.kit.columns import just
from app.kit.work import Work
from app.notifications import switch_queries
from app.notifications.kinds import LEFT, Channel, ReminderKind, ReminderState
from app.notifications.ledger_actions import Changes
from app.notifications.reminder_tables import PushSubscription, Reminder, ReminderCount
from app.notifications.sending import Address, Device, Message
from app.notifications.switch_queries import Settings, Switches
from app.notifications.wanted_queries import StillWanted, gone_of

# No row is held as an object that would have to be told.
PLAIN = {"synchronize_session": False}
LEASE = timedelta(seconds=60)
ASIDE = timedelta(minutes=5)
# Rows that are looked through for people nobody else is sending to just now.
LOOK_AT = 1000
ON_THE_WAY = (ReminderState.LEASED, ReminderState.SENDING)
ROW: tuple[Any, ...] = (
    Reminder.id,
    Reminder.person_id,
    Reminder.kind,
    Reminder.key,
    Reminder.channel,
    Reminder.about,
    Reminder.series_id,
    Reminder.due_at,
    Reminder.expires_at,
    Reminder.state,
    Reminder.attempts,
    Reminder.bundled_in,
    Reminder.lease_token,
)
_DAY = ("service_id", "person_id", "local_on")
COUNTED = (
    insert(ReminderCount.__table__)
    .values({name: sa.bindparam(name) for name in (*_DAY, "sent")})
    .on_conflict_do_update(
        index_elements=_DAY,
        set_={"sent": ReminderCount.sent + 1},
        where=ReminderCount.sent < sa.bindparam("most", type_=sa.Integer),
    )
)


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send until the lease ends, under a token that nobody else has."""

    message: Message
    address: Address
    ids: tuple[UUID, ...]
    token: UUID
    lease_ends_at: datetime


@dataclass
class Claim:
    """What was claimed at once, and how many reminders were decided about, those that stay inside Braid among them."""

    messages: list[Claimed] = field(default_factory=list)
    decided: int = 0


@dataclass(frozen=True)
class Reached:
    """Somebody, with all that decides what may reach them."""

    person_id: UUID
    zone: ZoneInfo
    active: bool
    email: str
    settings: Settings
    switches: Switches
    devices: tuple[Device, ...]
    left: tuple[Left, ...]
    counted: Mapping[date, int]

    @property
    def limits(self) -> Limits:
        mine = self.settings
        return Limits(self.zone, self.active, mine.quiet_from, mine.quiet_to, mine.most_a_day)

    def address(self, channel: Channel) -> Address | None:
        """Where this channel leads; None where it leads nowhere."""
        if channel is Channel.EMAIL:
            return Address(email=self.email) if self.email else None
        if channel is Channel.SMS:
            return Address(phone=self.settings.phone) if self.settings.phone else None
        return Address(devices=self.devices) if self.devices else None

    def off(self, row: Any, now: datetime) -> Reason | None:
        """What of their own choice keeps a reminder back."""
        if row.channel not in self.settings.channels:
            return Reason.CHANNEL_OFF
        # Whoever wants to hear nothing of activities wants no summary of them.
        kind = ReminderKind.ACTIVITY if row.kind is ReminderKind.SUMMARY else row.kind
        return self.switches.why_off(kind, row.channel, row.series_id, now)


def claim(
    work: Work,
    *,
    channels: Collection[Channel],
    still: Mapping[ReminderKind, StillWanted],
    limit: int = 50,
    only: UUID | None = None,
) -> Claim:
    """Decide about what is due to some people, or to one only, and lease what may go by these channels.

    Whoever plans or sends somebody's reminders holds their lock, so that limits hold however many processes send.
    """
    people = people_due(work, limit, only)
    rows = _rows(work, people)
    if not rows:
        return Claim()
    gone = gone_of(work, rows, still)
    claim, changes, counts = Claim(), Changes(), list[dict[str, Any]]()
    for one in reached(work, people):
        mine = [row for row in rows if row.person_id == one.person_id]
        due = {row.id: due_of(row, one, gone, work.now) for row in mine}
        verdict = reminders.sort_out(
            [each for each in due.values() if each.due_at <= work.now],
            limits=one.limits,
            left=one.left,
            counted=one.counted.get(local_day(work.now, one.zone), 0),
            now=work.now,
            soon=[each for each in due.values() if each.due_at > work.now],
        )
        if verdict.counts:
            counts.append(_counted_for(work, one))
        _hold(work, changes, verdict)
        by_id = {row.id: row for row in mine}
        for message in verdict.messages:
            _let_go(work, claim, changes, one, [by_id[each.id] for each in message], channels)
        claim.decided += len(verdict.held) + len(verdict.waits) + sum(map(len, verdict.messages))
    changes.write(work)
    if counts:
        # One more of somebody’s day. What was read holds, for their lock is ours; the database would refuse a fifth.
        work.session.execute(COUNTED, counts)
    # Whose has waited longest goes first.
    claim.messages.sort(key=lambda each: each.message.due_at)
    return claim


def people_due(work: Work, limit: int, only: UUID | None = None) -> list[UUID]:
    """People with something due whom nobody else plans or sends for at this moment; they stay ours until the commit."""
    due = (
        sa.select(Reminder.person_id, Reminder.due_at)
        .where(Reminder.service_id == work.service_id, *_may_go(work.now), Reminder.due_at <= work.now)
        .where(Reminder.person_id == only if only else sa.true())
        .order_by(Reminder.due_at)
        .limit(LOOK_AT)
        .subquery()
    )
    first = sa.select(due.c.person_id).group_by(due.c.person_id).order_by(sa.func.min(due.c.due_at)).limit(LOOK_AT)
    each = first.subquery()
    return list(
        work.session.execute(
            sa.select(each.c.person_id).where(work.is_free("reminders", each.c.person_id)).limit(limit)
        ).scalars()
    )


def set_aside(work: Work, person_id: UUID) -> None:
    """Let somebody's reminders wait a little, because what they are about cannot be read."""
    mine = (Reminder.service_id == work.service_id, Reminder.person_id == person_id, Reminder.due_at <= work.now)
    later = sa.update(Reminder).where(*mine, *_may_go(work.now)).values(try_at=work.now + ASIDE)
    work.session.execute(later, execution_options=PLAIN)


def _may_go(now: datetime) -> tuple[Any, ...]:
    return just(Reminder.state, ReminderState.PENDING), sa.or_(Reminder.try_at.is_(None), Reminder.try_at <= now)


def _rows(work: Work, people: Sequence[UUID]) -> list[Any]:
    """All that is due to these people, and what will be within minutes."""
    if not people:
        return []
    found = work.session.execute(
        sa.select(*ROW)
        .where(
            Reminder.service_id == work.service_id,
            Reminder.person_id.in_(people),
            *_may_go(work.now),
            Reminder.due_at <= work.now + SPACING,
        )
        .with_for_update(skip_locked=True)
    )
    return list(found)


def due_of(row: Any, one: Reached, gone: Mapping[UUID, Reason | None], now: datetime) -> Due:
    return Due(
        id=row.id,
        thing=thing_of(row.key),
        kind=row.kind,
        channel=row.channel,
        due_at=row.due_at,
        expires_at=row.expires_at,
        off=one.off(row, now),
        gone=gone.get(row.id),
        tried=row.attempts > 0,
        anyway=bool(row.about.get("anyway")),
    )


def thing_of(key: str) -> str:
    """What a reminder is about: its key without the channel."""
    return key.rpartition("|")[0]


def _counted_for(work: Work, one: Reached) -> dict[str, Any]:
    local_on = local_day(work.now, one.zone)
    return {
        "service_id": work.service_id,
        "person_id": one.person_id,
        "local_on": local_on,
        "sent": 1,
        "most": one.settings.most_a_day,
    }


def _hold(work: Work, changes: Changes, verdict: Verdict) -> None:
    for id, reason in verdict.held.items():
        state = ReminderState.EXPIRED if reason is Reason.TOO_LATE else ReminderState.SUPPRESSED
        changes.add([id], state=state, reason=reason.value, settled_at=work.now)
    for id, until in verdict.waits.items():
        changes.add([id], try_at=until)


def _let_go(
    work: Work, claim: Claim, changes: Changes, one: Reached, rows: list[Any], channels: Collection[Channel]
) -> None:
    first, *others = rows
    changes.add([row.id for row in others], bundled_in=first.id, reason=Reason.BUNDLED.value)
    ids = [row.id for row in rows]
    if first.channel is Channel.IN_APP:
        # The row is what is shown: it has arrived.
        changes.add(ids, state=ReminderState.SENT, settled_at=work.now, attempts=first.attempts + 1)
        return
    address = one.address(first.channel)
    if address is None or first.channel not in channels:
        changes.add(ids, state=ReminderState.FAILED, reason=Reason.UNREACHABLE.value, settled_at=work.now)
        return
    token, ends = uuid4(), work.now + LEASE
    leased = {"state": ReminderState.LEASED, "lease_token": token, "lease_ends_at": ends}
    changes.add(ids, **leased, attempts=first.attempts + 1)
    claim.messages.append(Claimed(message_of(work, rows), address, tuple(ids), token, ends))


def message_of(work: Work, rows: Sequence[Any]) -> Message:
    """The one message for some rows of one person by one channel, named by the first of them."""
    first = rows[0]
    at = first.about.get("at")
    return Message(
        key=first.key,
        service_id=work.service_id,
        person_id=first.person_id,
        channel=first.channel,
        kind=first.kind,
        count=first.about.get("count", len(rows)),
        due_at=first.due_at,
        expires_at=max(row.expires_at for row in rows),
        local_at=time.fromisoformat(at) if at else None,
        quiet=first.kind is ReminderKind.SUMMARY,
    )


def reached(work: Work, people: Collection[UUID]) -> list[Reached]:
    settings, switches = switch_queries.settings_of_each(work, people), switch_queries.switches_of_each(work, people)
    devices, left, counted = _devices(work, people), _left(work, people), _counted(work, people)
    rows = work.session.execute(
        sa.select(Person.id, Person.zone, Person.email, Person.deactivated_at, PatientRecord.discharged_at)
        .outerjoin(PatientRecord, sa.and_(PatientRecord.service_id == Person.service_id, PatientRecord.id == Person.id))
        .where(Person.service_id == work.service_id, Person.id.in_(people))
    )
    return [
        Reached(
            person_id=row.id,
            zone=ZoneInfo(row.zone),
            active=row.deactivated_at is None and row.discharged_at is None,
            email=row.email,
            settings=settings[row.id],
            switches=switches[row.id],
            devices=tuple(devices.get(row.id, ())),
            left=tuple(left.get(row.id, ())),
            counted=counted.get(row.id, {}),
        )
        for row in rows
    ]


def _devices(work: Work, people: Collection[UUID]) -> dict[UUID, list[Device]]:
    rows = work.session.execute(
        sa.select(PushSubscription).where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.person_id.in_(people),
            PushSubscription.ended_at.is_(None),
        )
    ).scalars()
    found: dict[UUID, list[Device]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(Device(row.id, row.endpoint, row.p256dh, row.auth))
    return found


def _left(work: Work, people: Collection[UUID]) -> dict[UUID, list[Left]]:
    """What left to each in the last day and counts, or is on its way."""
    left_at = sa.func.coalesce(Reminder.settled_at, Reminder.lease_ends_at - LEASE)
    rows = work.session.execute(
        sa.select(Reminder.person_id, Reminder.key, Reminder.bundled_in, left_at.label("left_at")).where(
            Reminder.service_id == work.service_id,
            Reminder.person_id.in_(people),
            Reminder.kind.in_(CAPPED),
            Reminder.state.in_(LEFT),
            # Nothing is sent long before it is due, and this is what the index knows.
            Reminder.due_at > work.now - reminders.DAY - reminders.ROLLING,
            left_at > work.now - reminders.DAY,
        )
    )
    found: dict[UUID, list[Left]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(Left(thing_of(row.key), row.bundled_in is None, row.left_at))
    return found


def _counted(work: Work, people: Collection[UUID]) -> dict[UUID, dict[date, int]]:
    rows = work.session.execute(
        sa.select(ReminderCount.person_id, ReminderCount.local_on, ReminderCount.sent).where(
            ReminderCount.service_id == work.service_id,
            ReminderCount.person_id.in_(people),
            ReminderCount.local_on >= work.today - reminders.DAY,
        )
    )
    found: dict[UUID, dict[date, int]] = {}
    for row in rows:
        found.setdefault(row.person_id, {})[row.local_on] = row.sent
    return found
