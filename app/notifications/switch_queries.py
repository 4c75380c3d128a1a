"""When and how somebody wants to be reached, and what they have turned off."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.clinical.reminder_reasons import Reason
from app.kit.work import Work
from app.notifications.kinds import CAN_BE_OFF, Channel, DeviceEnd, LetterKind, ReminderKind, SwitchScope, ZonePolicy
from app.notifications.reminder_tables import PushSubscription, ReminderSettings, ReminderSwitch

MOST_A_DAY = 4
# How long the pages say that a browser was let go of.
TOLD_FOR = timedelta(days=60)


@dataclass(frozen=True)
class Settings:
    """Somebody's own limits; what they never set is as the service proposes it."""

    quiet_from: time = time(21)
    quiet_to: time = time(8)
    email: bool = True
    push: bool = True
    sms: bool = False
    phone: str | None = None
    most_a_day: int = MOST_A_DAY
    zone_policy: ZonePolicy = ZonePolicy.ASK
    zone_declined: str | None = None
    version: int = 0

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The ways to send by, in-app always among them."""
        wanted = ((Channel.PUSH, self.push), (Channel.EMAIL, self.email), (Channel.SMS, self.sms and bool(self.phone)))
        return (Channel.IN_APP, *(channel for channel, on in wanted if on))


@dataclass(frozen=True)
class Off:
    """One thing that is turned off, since when, until when, and where that was said."""

    scope: SwitchScope
    which: str
    off_at: datetime
    until_at: datetime | None
    said_by: str


@dataclass(frozen=True)
class Switches:
    """All that somebody has turned off and not on again."""

    off: tuple[Off, ...] = field(default=())

    def find(self, scope: SwitchScope, which: str, now: datetime) -> Off | None:
        """The switch that holds this off at a moment; None where it is on."""
        held = (one for one in self.off if (one.scope, one.which) == (scope, which))
        return next((one for one in held if one.until_at is None or now < one.until_at), None)

    def why_off(self, kind: ReminderKind, channel: Channel, series_id: UUID | None, now: datetime) -> Reason | None:
        """Why nothing of this kind may go by this channel at a moment; None where it may."""
        everything = self.find(SwitchScope.ALL, "", now)
        if everything is not None:
            return Reason.PAUSED if everything.until_at else Reason.SWITCHED_OFF
        if self.find(SwitchScope.KIND, kind.value, now):
            return Reason.KIND_OFF
        if self.find(SwitchScope.CHANNEL, channel.value, now):
            return Reason.CHANNEL_OFF
        if series_id and self.find(SwitchScope.SERIES, str(series_id), now):
            return Reason.SERIES_OFF
        return None


def settings_of(work: Work, person_id: UUID) -> Settings:
    """Somebody's settings, or the defaults."""
    return settings_of_each(work, [person_id])[person_id]


def settings_of_each(work: Work, person_ids: Collection[UUID]) -> dict[UUID, Settings]:
    """The settings of several people, the defaults where somebody never set any."""
    rows = work.session.execute(
        sa.select(ReminderSettings).where(
            ReminderSettings.service_id == work.service_id, ReminderSettings.person_id.in_(person_ids)
        )
    ).scalars()
    found = {row.person_id: Settings(*(getattr(row, one.name) for one in fields(Settings))) for row in rows}
    return {person_id: found.get(person_id, Settings()) for person_id in person_ids}


def switches_of(work: Work, person_id: UUID) -> Switches:
    """What somebody has turned off."""
    return switches_of_each(work, [person_id])[person_id]


def switches_of_each(work: Work, person_ids: Collection[UUID]) -> dict[UUID, Switches]:
    """What several people have turned off, each in the order in which they did."""
    rows = work.session.execute(
        sa.select(ReminderSwitch)
        .where(
            ReminderSwitch.service_id == work.service_id,
            ReminderSwitch.person_id.in_(person_ids),
            ReminderSwitch.on_at.is_(None),
        )
        .order_by(ReminderSwitch.off_at)
    ).scalars()
    off: dict[UUID, list[Off]] = {person_id: [] for person_id in person_ids}
    for row in rows:
        off[row.person_id].append(Off(row.scope, row.which, row.off_at, row.until_at, row.said_by))
    return {person_id: Switches(tuple(several)) for person_id, several in off.items()}


def ways_to_each(work: Work, settings: Mapping[UUID, Settings]) -> dict[UUID, tuple[Channel, ...]]:
    """The ways these people chose that lead somewhere: a browser only where there is one to reach."""
    wanting = [person_id for person_id, one in settings.items() if one.push]
    reached = set(
        work.session.execute(
            sa.select(PushSubscription.person_id).where(
                PushSubscription.service_id == work.service_id,
                PushSubscription.person_id.in_(wanting),
                PushSubscription.ended_at.is_(None),
            )
        ).scalars()
    )
    return {
        person_id: tuple(way for way in one.channels if way is not Channel.PUSH or person_id in reached)
        for person_id, one in settings.items()
    }


def wants_letters(work: Work, person_id: UUID, about: LetterKind) -> bool:
    """Whether somebody is to have letters of this kind: what is their duty they always are."""
    if about not in CAN_BE_OFF:
        return True
    switches = switches_of(work, person_id)
    off = ((SwitchScope.ALL, ""), (SwitchScope.LETTER, about.value))
    is_off = any(switches.find(scope, which, work.now) for scope, which in off)
    return not is_off and Channel.EMAIL in settings_of(work, person_id).channels


@dataclass(frozen=True)
class Device:
    """A browser that reminders can go to."""

    id: UUID
    name: str
    made_at: datetime
    reached_at: datetime | None


def devices_of(work: Work, person_id: UUID) -> list[Device]:
    """The browsers that somebody lets reminders go to, the newest first."""
    rows = work.session.execute(
        sa.select(PushSubscription.id, PushSubscription.device, PushSubscription.made_at, PushSubscription.reached_at)
        .where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.person_id == person_id,
            PushSubscription.ended_at.is_(None),
        )
        .order_by(PushSubscription.made_at.desc())
    )
    return [Device(*row) for row in rows]


@dataclass(frozen=True)
class LetGo:
    """A browser that reminders no longer go to, because Braid was not opened in it."""

    name: str
    ended_at: datetime


def let_go_of(work: Work, person_id: UUID) -> list[LetGo]:
    """The browsers of somebody that were let go of lately because they were not seen, the latest first."""
    rows = work.session.execute(
        sa.select(PushSubscription.device, PushSubscription.ended_at)
        .where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.person_id == person_id,
            PushSubscription.ended_why == DeviceEnd.UNSEEN,
            PushSubscription.ended_at > work.now - TOLD_FOR,
        )
        .order_by(PushSubscription.ended_at.desc())
    )
    return [LetGo(*row) for row in rows]
