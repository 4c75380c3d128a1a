"""Reminders as stored: each one and its fate, what is switched off, where a phone can be reached, who ticks."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.columns import choice
from app.kit.crypto import SealedText
from app.notifications.kinds import Channel, DeviceEnd, ReminderKind, ReminderState, SwitchScope, ZonePolicy

_PERSON = (["service_id", "person_id"], ["person.service_id", "person.id"])


class Reminder(SQLModel, table=True):
    """One reminder by one channel. Its key holds no time of day and no zone, so a plan made anew meets the same row."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PERSON),
        sa.UniqueConstraint("service_id", "key"),
        sa.Index("ix_reminder_due", "service_id", "due_at", postgresql_where=sa.text("state = 'pending'")),
        sa.Index(
            "ix_reminder_lease", "service_id", "lease_ends_at", postgresql_where=sa.text("lease_ends_at is not null")
        ),
        sa.Index("ix_reminder_person", "service_id", "person_id", "due_at"),
        # However long somebody has been reminded, only what is to come is looked through to send or to plan.
        sa.Index(
            "ix_reminder_waiting",
            "service_id",
            "person_id",
            "due_at",
            postgresql_where=sa.text("state = 'pending'"),
        ),
        sa.Index(
            "ix_reminder_trouble", "service_id", "due_at", postgresql_where=sa.text("state in ('failed', 'unknown')")
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    kind: ReminderKind = Field(sa_type=choice(ReminderKind))
    key: str = Field(max_length=160)
    channel: Channel = Field(sa_type=choice(Channel))
    # Ids, days and times only: what it is about is read where it is shown.
    about: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    series_id: UUID | None = None
    due_at: datetime
    # Later than it is due where it waits: for a next try, for its turn after an outage, or for some distance.
    try_at: datetime | None = None
    expires_at: datetime
    local_on: date
    zone: str = Field(max_length=60)
    state: ReminderState = Field(default=ReminderState.PENDING, sa_type=choice(ReminderState))
    reason: str | None = Field(default=None, max_length=40)
    lease_ends_at: datetime | None = None
    lease_token: UUID | None = None
    attempts: int = 0
    provider_ref: str | None = Field(default=None, max_length=120)
    # Things due within minutes of each other go out as one message: the one that carried this one.
    bundled_in: UUID | None = None
    made_at: datetime
    settled_at: datetime | None = None
    seen_at: datetime | None = None


class ReminderSwitch(SQLModel, table=True):
    """Something turned off, until it is turned on again or until a day. `which` names the kind, channel or series."""

    __tablename__ = "reminder_switch"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PERSON),
        sa.Index("ix_reminder_switch_person", "service_id", "person_id"),
        sa.Index(
            "uq_reminder_switch_current",
            "service_id",
            "person_id",
            "scope",
            "which",
            unique=True,
            postgresql_where=sa.text("on_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    scope: SwitchScope = Field(sa_type=choice(SwitchScope))
    which: str = Field(default="", max_length=60)
    off_at: datetime
    # Where it was said: in the settings, from a message, by one click in a mail program.
    said_by: str = Field(max_length=20)
    until_at: datetime | None = None
    on_at: datetime | None = None


class ReminderSettings(SQLModel, table=True):
    """When and how somebody wants to be reached; without a row the service's defaults hold."""

    __tablename__ = "reminder_settings"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PERSON),
        sa.CheckConstraint("quiet_from <> quiet_to", name="quiet"),
        sa.CheckConstraint("most_a_day between 0 and 4", name="most"),
    )

    service_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    quiet_from: time = Field(default=time(21))
    quiet_to: time = Field(default=time(8))
    email: bool = True
    push: bool = True
    sms: bool = False
    phone: str | None = Field(default=None, sa_type=SealedText)
    # Activities and mood together; a service proposes it and nobody can have more.
    most_a_day: int = Field(default=4, sa_type=sa.SmallInteger)
    zone_policy: ZonePolicy = Field(default=ZonePolicy.ASK, sa_type=choice(ZonePolicy))
    # The zone somebody said no to: it is not asked about again.
    zone_declined: str | None = Field(default=None, max_length=60)
    version: int = 1


class PushSubscription(SQLModel, table=True):
    """A browser that may be reached: its address and the keys that only it can open a message with (RFC 8291)."""

    __tablename__ = "push_subscription"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PERSON),
        sa.UniqueConstraint("service_id", "fingerprint"),
        sa.Index("ix_push_subscription_person", "service_id", "person_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    fingerprint: bytes = Field(sa_type=sa.LargeBinary)
    endpoint: str = Field(sa_type=SealedText)
    p256dh: str = Field(sa_type=SealedText)
    auth: str = Field(sa_type=SealedText)
    device: str = Field(default="", max_length=80)
    made_at: datetime
    seen_at: datetime
    reached_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: DeviceEnd | None = Field(default=None, sa_type=choice(DeviceEnd))


class ReminderCount(SQLModel, table=True):
    """How many were sent to somebody for a day of theirs: raised only while below the most a day may have."""

    __tablename__ = "reminder_count"
    __table_args__ = (sa.ForeignKeyConstraint(*_PERSON),)

    service_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    local_on: date = Field(primary_key=True)
    sent: int = 0


class Heartbeat(SQLModel, table=True):
    """When each part that must not stop last went round, and since when whoever leads has promised that it will."""

    name: str = Field(primary_key=True, max_length=40)
    awaited_at: datetime
    beat_at: datetime | None = None


class SendingFence(SQLModel, table=True):
    """Which database it was that sent last. In a copy restored from a backup nothing is sent until this is set anew.

    `as_of_at` is when the copy was taken, from the moment it is known to be one until somebody has set the fence.
    """

    __tablename__ = "sending_fence"

    one: int = Field(default=1, primary_key=True, sa_type=sa.SmallInteger)
    stamp: str = Field(max_length=200)
    as_of_at: datetime | None = None
    not_before_at: datetime | None = None
    set_at: datetime
