"""Submitted questionnaires, as answered."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.columns import FACT_SEQ
from app.kit.crypto import SealedJson, SealedText


class Response(SQLModel, table=True):
    """The total and band are kept because they were shown: what a person was told is a fact.

    `reasons` has, by question, why it does not apply; `words` what was written in the person's own words, None for
    nothing. `about` names the module where the questionnaire is about one. `taken_by` is the member of staff who took
    it from the patient, or whose own view of them it is.
    """

    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.ForeignKeyConstraint(["service_id", "taken_by"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(
            ["service_id", "instrument_text_id"], ["instrument_text.service_id", "instrument_text.id"]
        ),
        sa.Index("ix_response_patient", "service_id", "patient_id", "instrument", "submitted_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    instrument: str = Field(max_length=40)
    instrument_version: str = Field(max_length=20)
    answers: dict[str, Any] = Field(sa_type=JSONB)
    reasons: dict[str, str] = Field(default_factory=dict, sa_type=JSONB)
    words: dict[str, str] | None = Field(default=None, sa_type=SealedJson)
    respondent: str = Field(default="patient", max_length=20)
    about: str = Field(default="", max_length=60)
    way: str = Field(default="online", max_length=20)
    taken_by: UUID | None = None
    instrument_text_id: UUID | None = None
    total: int | None = None
    band: str | None = Field(default=None, max_length=60)
    submitted_at: datetime
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})


class ResponseVoid(SQLModel, table=True):
    """A submitted questionnaire that does not count, and why; the answers stay as they are."""

    __tablename__ = "response_void"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "response_id"], ["response.service_id", "response.id"]),
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.ForeignKeyConstraint(["service_id", "voided_by"], ["person.service_id", "person.id"]),
        sa.Index("ix_response_void_patient", "service_id", "patient_id"),
    )

    service_id: UUID = Field(primary_key=True)
    response_id: UUID = Field(primary_key=True)
    patient_id: UUID
    reason: str = Field(max_length=20)
    words: str = Field(default="", sa_type=SealedText)
    voided_by: UUID
    voided_at: datetime


class SittingPaging(SQLModel, table=True):
    """Whether somebody answers one question at a time or all on one page, as they last chose."""

    __tablename__ = "sitting_paging"
    __table_args__ = (sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),)

    service_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    paging: str = Field(max_length=20)
    chosen_at: datetime
