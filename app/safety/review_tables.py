"""The review list: who is to be looked at by a person and why, and what was decided, as stored."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.columns import FACT_SEQ, choice
from app.kit.crypto import SealedText
from app.safety.review_kinds import ReviewKind, ReviewStep


class Review(SQLModel, table=True):
    """An entry of the list, until somebody has said what was decided."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.Index(
            "uq_review_open",
            "service_id",
            "patient_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("closed_at is null"),
        ),
        sa.Index("ix_review_patient", "service_id", "patient_id"),
        sa.Index("ix_review_closed", "service_id", "closed_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    kind: ReviewKind = Field(sa_type=choice(ReviewKind))
    opened_at: datetime
    closed_at: datetime | None = None


class ReviewEvent(SQLModel, table=True):
    """What put a patient on the list, and what was decided. `source` is what is never told twice."""

    __tablename__ = "review_event"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "review_id"], ["review.service_id", "review.id"]),
        sa.ForeignKeyConstraint(["service_id", "by_id"], ["person.service_id", "person.id"]),
        sa.Index("ix_review_event_review", "service_id", "review_id", "seq"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    review_id: UUID
    step: ReviewStep = Field(sa_type=choice(ReviewStep))
    at: datetime
    by_id: UUID | None = None
    words: str = Field(default="", sa_type=SealedText)
    source: str = Field(default="", max_length=120)
    # Which measure from what to what, or which due days went by: numbers and days, never words.
    about: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})
