"""Momentary assessment as stored: what somebody is asked, each prompt as it was drawn, and what became of it."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.clinical.momentary import Withheld
from app.clinical.momentary_protocols import Purpose
from app.kit.columns import choice
from app.kit.crypto import SealedJson, SealedText


class MomentaryAssignment(SQLModel, table=True):
    """A protocol that a patient is asked, with its text as it was then and the seed of its times."""

    __tablename__ = "momentary_assignment"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.ForeignKeyConstraint(["service_id", "assigned_by"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "ended_by"], ["person.service_id", "person.id"]),
        sa.CheckConstraint("days between 1 and 60", name="days"),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name="ended"),
        sa.Index("ix_momentary_assignment_patient", "service_id", "patient_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    patient_id: UUID
    protocol: str = Field(max_length=40)
    version: str = Field(max_length=20)
    body: dict[str, Any] = Field(sa_type=JSONB)
    purpose: Purpose = Field(sa_type=choice(Purpose))
    first_on: date
    days: int = Field(sa_type=sa.SmallInteger)
    seed: str = Field(max_length=40)
    assigned_at: datetime
    assigned_by: UUID
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    end_reason: str | None = Field(default=None, sa_type=SealedText)


class MomentaryPrompt(SQLModel, table=True):
    """One time at which somebody is asked. The clock’s time was drawn once; the instants follow the zone they are in.

    Once it is due it is decided whether they are asked. That it ran out is no fact of its own: its times say so.
    """

    __tablename__ = "momentary_prompt"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["service_id", "assignment_id"], ["momentary_assignment.service_id", "momentary_assignment.id"]
        ),
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.UniqueConstraint("service_id", "assignment_id", "number"),
        sa.CheckConstraint("due_at < expires_at and expires_at <= closes_at", name="times"),
        sa.CheckConstraint("withheld is null or decided_at is not null", name="decided"),
        sa.CheckConstraint("(said_at is null) = (answers is null)", name="answered"),
        sa.CheckConstraint("said_at is null or (withheld is null and said_at <= arrived_at)", name="said"),
        sa.Index(
            "ix_momentary_prompt_undecided", "service_id", "due_at", postgresql_where=sa.text("decided_at is null")
        ),
        sa.Index("ix_momentary_prompt_patient", "service_id", "patient_id", "due_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    assignment_id: UUID
    patient_id: UUID
    number: int = Field(sa_type=sa.SmallInteger)
    day: int = Field(sa_type=sa.SmallInteger)
    slot: str = Field(max_length=60)
    local_on: date
    local_at: time
    zone: str = Field(max_length=60)
    due_at: datetime
    expires_at: datetime
    closes_at: datetime
    decided_at: datetime | None = None
    withheld: Withheld | None = Field(default=None, sa_type=choice(Withheld))
    # When its page was opened first, when it was answered, and when that came: a phone may have had no connection.
    shown_at: datetime | None = None
    said_at: datetime | None = None
    arrived_at: datetime | None = None
    answers: dict[str, Any] | None = Field(default=None, sa_type=SealedJson)
