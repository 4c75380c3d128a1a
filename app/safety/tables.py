"""Safety alerts and all that was done about each, as stored."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.clinical.escalation import Level
from app.kit.columns import FACT_SEQ, choice
from app.kit.crypto import SealedText
from app.safety.kinds import AlertKind, AlertStep


class Alert(SQLModel, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.Index(
            "uq_alert_open",
            "service_id",
            "patient_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("closed_at is null"),
        ),
        sa.Index("ix_alert_patient", "service_id", "patient_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    kind: AlertKind = Field(sa_type=choice(AlertKind))
    raised_at: datetime
    closed_at: datetime | None = None


class AlertEvent(SQLModel, table=True):
    __tablename__ = "alert_event"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "alert_id"], ["alert.service_id", "alert.id"]),
        sa.ForeignKeyConstraint(["service_id", "by_id"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "to_id"], ["person.service_id", "person.id"]),
        sa.CheckConstraint(
            "step in ('raised', 'answered-again', 'climbed', 'passed-on') or by_id is not null", name="by_somebody"
        ),
        sa.CheckConstraint("step <> 'closed' or about is not null", name="ended_by_an_act"),
        sa.Index(
            "uq_alert_event_climbed",
            "service_id",
            "alert_id",
            "level",
            "since_at",
            unique=True,
            postgresql_where=sa.text("level is not null"),
        ),
        sa.Index("ix_alert_event_alert", "service_id", "alert_id", "seq"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    alert_id: UUID
    step: AlertStep = Field(sa_type=choice(AlertStep))
    at: datetime
    by_id: UUID | None = None
    words: str = Field(default="", sa_type=SealedText)
    next_at: datetime | None = None
    source: str = Field(default="", max_length=120)
    # Which answer was the newest on the page that somebody saw; of a closing, which act says why.
    about: UUID | None = None
    # Whose the alert was from then on.
    to_id: UUID | None = None
    # Of a climb: to which level, and since when it had waited.
    level: Level | None = Field(default=None, sa_type=choice(Level))
    since_at: datetime | None = None
    # What happened in which order: written under the lock of the patient's alerts, as no clock reading is.
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})
