"""A pathway while it is written, asked to be published, tried on the caseload, and what moving patients came to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.kit.columns import choice
from app.kit.crypto import SealedJson, SealedText


def _person(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["service_id", name], ["person.service_id", "person.id"])


def _version(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["service_id", name], ["pathway_version.service_id", "pathway_version.id"])


def _draft() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["service_id", "draft_id"], ["pathway_draft.service_id", "pathway_draft.id"])


class PathwayDraft(SQLModel, table=True):
    """A pathway that the service writes on; what it says is in its editions."""

    __tablename__ = "pathway_draft"
    __table_args__ = (_person("begun_by"), _person("ended_by"))

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    begun_by: UUID
    begun_at: datetime
    ended_by: UUID | None = None
    ended_at: datetime | None = None


class PathwayEdition(SQLModel, table=True):
    """A draft as somebody saved it; editions are added, never changed. `base_id` is the version it was begun from."""

    __tablename__ = "pathway_edition"
    __table_args__ = (_draft(), _person("saved_by"), _version("base_id"))

    service_id: UUID = Field(primary_key=True)
    draft_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSONB)
    base_id: UUID | None = None
    before: int | None = None
    saved_by: UUID
    saved_at: datetime


class Answered(StrEnum):
    """What became of a request to publish."""

    PUBLISHED = "published"
    SENT_BACK = "sent-back"
    WITHDRAWN = "withdrawn"


class PathwayProposal(SQLModel, table=True):
    """A request that somebody in the other role publishes an edition, with the reasons its author signed."""

    __tablename__ = "pathway_proposal"
    __table_args__ = (
        _draft(),
        _person("asked_by"),
        _person("answered_by"),
        _version("version_id"),
        sa.Index(
            "uq_pathway_proposal_open",
            "service_id",
            "draft_id",
            unique=True,
            postgresql_where=sa.text("answered_at is null"),
        ),
        sa.Index("ix_pathway_proposal_draft", "service_id", "draft_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    draft_id: UUID
    edition: int
    reasons: list[dict[str, str]] = Field(default_factory=list, sa_type=SealedJson)
    note: str = Field(default="", sa_type=SealedText)
    asked_by: UUID
    role: str = Field(max_length=40)
    asked_at: datetime
    answer: Answered | None = Field(default=None, sa_type=choice(Answered))
    words: str = Field(default="", sa_type=SealedText)
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    version_id: UUID | None = None


class WhatIf(SQLModel, table=True):
    """A question what a draft or version would do for everybody on some versions; what was found is in its lines."""

    __tablename__ = "what_if"
    __table_args__ = (
        _draft(),
        _version("to_id"),
        _person("asked_by"),
        sa.Index("ix_what_if_draft", "service_id", "draft_id"),
        sa.Index("ix_what_if_to", "service_id", "to_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    draft_id: UUID | None = None
    edition: int | None = None
    to_id: UUID | None = None
    from_ids: list[str] = Field(sa_type=JSONB)
    mapping: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSONB)
    new_core: str = Field(max_length=40)
    asked_by: UUID
    asked_at: datetime
    patients: int
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    failed_at: datetime | None = None


class WhatIfLine(SQLModel, table=True):
    """What one patient's course would be; nothing in it changes anything for them."""

    __tablename__ = "what_if_line"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "what_if_id"], ["what_if.service_id", "what_if.id"]),
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
    )

    service_id: UUID = Field(primary_key=True)
    what_if_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    outcomes: list[str] = Field(sa_type=JSONB)
    found: dict[str, Any] = Field(sa_type=JSONB)
    at: datetime


class MovePlan(SQLModel, table=True):
    """A plan to move patients to the version a what-if was about: made by one, agreed by another, for a day."""

    __tablename__ = "move_plan"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "what_if_id"], ["what_if.service_id", "what_if.id"]),
        _version("to_id"),
        _person("planned_by"),
        _person("agreed_by"),
        _person("ended_by"),
        _person("undone_by"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    what_if_id: UUID
    to_id: UUID
    # The patients who are left out, by the what-if or by name; everybody else on the versions asked about is moved.
    but: list[str] = Field(default_factory=list, sa_type=JSONB)
    # The groups of the what-if they stood in: whoever has come into one of these by the day is left out too.
    leave_out: list[str] = Field(default_factory=list, sa_type=JSONB)
    due_on: date
    note: str = Field(default="", sa_type=SealedText)
    planned_by: UUID
    role: str = Field(max_length=40)
    planned_at: datetime
    agreed_by: UUID | None = None
    agreed_role: str | None = Field(default=None, max_length=40)
    agreed_at: datetime | None = None
    # Nobody ended it where it could not be carried out any more; then it is said why.
    ended_by: UUID | None = None
    ended_at: datetime | None = None
    ended_why: str = Field(default="", max_length=400)
    done_at: datetime | None = None
    undone_by: UUID | None = None
    undone_role: str | None = Field(default=None, max_length=40)
    undone_at: datetime | None = None


class Moved(SQLModel, table=True):
    """What a plan came to for one patient: moved from a version, or left on it and why; and whether moved back."""

    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "plan_id"], ["move_plan.service_id", "move_plan.id"]),
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.ForeignKeyConstraint(["service_id", "decision_id"], ["decision.service_id", "decision.id"]),
        _version("from_id"),
    )

    service_id: UUID = Field(primary_key=True)
    plan_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    from_id: UUID
    decision_id: UUID | None = None
    why: str = Field(default="", max_length=400)
    at: datetime
    back_at: datetime | None = None
    back_why: str = Field(default="", max_length=400)
