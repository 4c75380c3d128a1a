"""What happened in a patient's course, as stored. Whether a step is open is replayed from this, never kept."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.columns import FACT_SEQ
from app.kit.crypto import SealedJson, SealedText

_PATIENT = (["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"])


class PathwayVersion(SQLModel, table=True):
    """A pathway as it was published; it is never changed, only retired."""

    __tablename__ = "pathway_version"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id"], ["service.id"]),
        sa.ForeignKeyConstraint(["service_id", "base_id"], ["pathway_version.service_id", "pathway_version.id"]),
        sa.UniqueConstraint("service_id", "key", "version"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(max_length=60)
    version: int
    title: str = Field(max_length=120)
    body: dict[str, Any] = Field(sa_type=JSONB)
    hash: str = Field(max_length=64)
    adopted_at: datetime
    adopted_by: UUID | None = None
    asked_by: UUID | None = None
    base_id: UUID | None = None
    # What its checks asked a reason for, and the reasons that were signed for it.
    signed: list[dict[str, str]] | None = Field(default=None, sa_type=SealedJson)
    retired_at: datetime | None = None


class Enrolment(SQLModel, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(
            ["service_id", "pathway_version_id"], ["pathway_version.service_id", "pathway_version.id"]
        ),
        sa.Index(
            "uq_enrolment_current",
            "service_id",
            "patient_id",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    pathway_version_id: UUID
    zone: str = Field(max_length=60)
    started_at: datetime
    # When this version took over from another; the course itself began before.
    moved_at: datetime | None = None
    ended_at: datetime | None = None


class ModuleVersion(SQLModel, table=True):
    """A module as it read when somebody started it, so that they and their answers keep its text."""

    __tablename__ = "module_version"
    __table_args__ = (sa.ForeignKeyConstraint(["service_id"], ["service.id"]),)

    service_id: UUID = Field(primary_key=True)
    module: str = Field(primary_key=True, max_length=60)
    hash: str = Field(primary_key=True, max_length=64)
    version: str = Field(max_length=20)
    body: dict[str, Any] = Field(sa_type=JSONB)
    kept_at: datetime


class ModuleStart(SQLModel, table=True):
    __tablename__ = "module_start"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(
            ["service_id", "module", "hash"],
            ["module_version.service_id", "module_version.module", "module_version.hash"],
        ),
    )

    service_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    module: str = Field(primary_key=True, max_length=60)
    hash: str = Field(max_length=64)
    started_at: datetime


class Evidence(SQLModel, table=True):
    """What a patient did online: opened a step, moved on from a page, practised, asked for a step."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.Index("ix_evidence_patient", "service_id", "patient_id", "seq"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    kind: str = Field(max_length=40)
    step: str | None = Field(default=None, max_length=60)
    page: str | None = Field(default=None, max_length=80)
    activity: str | None = Field(default=None, max_length=60)
    technique: str | None = Field(default=None, max_length=60)
    effective_at: datetime
    recorded_at: datetime
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})


class Decision(SQLModel, table=True):
    """What staff decided about a patient's course; append-only, undone by another decision."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(["service_id", "decided_by"], ["person.service_id", "person.id"]),
        sa.Index("ix_decision_patient", "service_id", "patient_id", "seq"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    kind: str = Field(max_length=40)
    step: str | None = Field(default=None, max_length=60)
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    note: str = Field(default="", sa_type=SealedText)
    told: str = Field(default="", sa_type=SealedText)
    effective_at: datetime
    recorded_at: datetime
    decided_by: UUID
    role: str = Field(max_length=40)
    supersedes: UUID | None = None
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})


class DecisionForMany(SQLModel, table=True):
    """One act of staff about a step of many patients, and what it came to for each; each decision stands by itself."""

    __tablename__ = "decision_for_many"
    __table_args__ = (sa.ForeignKeyConstraint(["service_id", "decided_by"], ["person.service_id", "person.id"]),)

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    act: str = Field(max_length=20)
    step: str = Field(max_length=60)
    title: str = Field(max_length=120)
    reason: str = Field(default="", max_length=40)
    note: str = Field(default="", sa_type=SealedText)
    told: str = Field(default="", sa_type=SealedText)
    decided_by: UUID
    decided_at: datetime
    outcomes: list[dict[str, str]] = Field(sa_type=JSONB)
    undone_at: datetime | None = None
    undone: list[dict[str, str]] = Field(default_factory=list, sa_type=JSONB)


class Answer(SQLModel, table=True):
    """One version of what a patient wrote on a worksheet; versions are added, never changed."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.UniqueConstraint("service_id", "patient_id", "entry_id", "version"),
        sa.Index("ix_answer_patient", "service_id", "patient_id", "module", "worksheet", "saved_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    module: str = Field(max_length=60)
    module_hash: str = Field(max_length=64)
    worksheet: str = Field(max_length=60)
    entry_id: UUID
    version: int
    values: dict[str, Any] | None = Field(default=None, sa_type=SealedJson)
    saved_at: datetime
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})


class Feedback(SQLModel, table=True):
    """What a practitioner wrote to the patient about one answer."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(["service_id", "answer_id"], ["answer.service_id", "answer.id"]),
        sa.ForeignKeyConstraint(["service_id", "given_by"], ["person.service_id", "person.id"]),
        sa.Index("ix_feedback_patient", "service_id", "patient_id", "given_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    answer_id: UUID
    given_by: UUID
    words: str = Field(default="", sa_type=SealedText)
    given_at: datetime
    seq: int | None = Field(default=None, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": FACT_SEQ})


class Homework(SQLModel, table=True):
    """Something agreed in a session to do before the next one."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(["service_id", "decision_id"], ["decision.service_id", "decision.id"]),
        sa.Index("ix_homework_patient", "service_id", "patient_id", "set_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    decision_id: UUID
    technique: str | None = Field(default=None, max_length=60)
    step: str | None = Field(default=None, max_length=60)
    words: str = Field(sa_type=SealedText)
    due_on: date | None = None
    set_at: datetime
    done_at: datetime | None = None


class CourseSummary(SQLModel, table=True):
    """A patient's course as lists show it: a cache of the replay, never the truth, proved equal every night."""

    __tablename__ = "course_summary"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.Index("ix_course_summary_due", "service_id", "next_due_at"),
    )

    service_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    summary: dict[str, Any] = Field(sa_type=JSONB)
    last_active_at: datetime | None = None
    next_due_at: datetime | None = None
    # Each step's standing as it was last announced: what the replay of that moment must give again.
    announced: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    refreshed_at: datetime


class Incident(SQLModel, table=True):
    """A course that did not come out again as it was announced: somebody must look at it."""

    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(["service_id", "closed_by"], ["person.service_id", "person.id"]),
        sa.Index(
            "uq_incident_open",
            "service_id",
            "patient_id",
            unique=True,
            postgresql_where=sa.text("closed_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    found: list[dict[str, Any]] = Field(sa_type=JSONB)
    found_at: datetime
    seen_again_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    words: str = Field(default="", sa_type=SealedText)


class AuditCursor(SQLModel, table=True):
    """How far a job has read in the service's record."""

    __tablename__ = "audit_cursor"
    __table_args__ = (sa.ForeignKeyConstraint(["service_id"], ["service.id"]),)

    service_id: UUID = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=60)
    seq: int = Field(default=0, sa_type=sa.BigInteger)
