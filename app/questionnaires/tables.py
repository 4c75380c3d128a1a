"""Submitted questionnaires, as answered."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.columns import FACT_SEQ


class Response(SQLModel, table=True):
    """The total and band are kept because they were shown: what a person was told is a fact."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.Index("ix_response_patient", "service_id", "patient_id", "instrument", "submitted_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    instrument: str = Field(max_length=40)
    instrument_version: str = Field(max_length=20)
    answers: dict[str, Any] = Field(sa_type=JSONB)
    total: int | None = None
    band: str | None = Field(default=None, max_length=60)
    submitted_at: datetime
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})
