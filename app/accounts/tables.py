"""Services, people, roles, caseloads and sign-in, as stored. Facts only: what is over has an end, not a flag."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.accounts.roles import Role
from app.kit.columns import choice
from app.kit.crypto import SealedText


class PersonKind(StrEnum):
    PATIENT = "patient"
    STAFF = "staff"


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    SIGN_IN = "sign-in"


class Service(SQLModel, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str = Field(max_length=60, unique=True)
    name: str = Field(max_length=120)
    zone: str = Field(default="Europe/London", max_length=60)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    created_at: datetime


class Person(SQLModel, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id"], ["service.id"]),
        sa.UniqueConstraint("service_id", "email_key"),
        sa.Index("ix_person_email_key", "email_key"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: PersonKind = Field(sa_type=choice(PersonKind))
    given_name: str = Field(max_length=80)
    family_name: str = Field(max_length=80)
    email: str = Field(max_length=254)
    email_key: str = Field(max_length=254)
    zone: str = Field(default="Europe/London", max_length=60)
    local_staff_id: str | None = Field(default=None, max_length=20)
    password_hash: str | None = Field(default=None, sa_type=sa.Text)
    totp_secret: str | None = Field(default=None, sa_type=SealedText)
    totp_used_step: int | None = Field(default=None, sa_type=sa.BigInteger)
    created_at: datetime
    deactivated_at: datetime | None = None


class PatientRecord(SQLModel, table=True):
    __tablename__ = "patient_record"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "id"], ["person.service_id", "person.id"]),
        sa.UniqueConstraint("service_id", "nhs_number"),
        sa.Index("ix_patient_record_discharged", "service_id", "discharged_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    born_on: date
    nhs_number: str | None = Field(default=None, max_length=10)
    contact_note: str = Field(default="", max_length=200)
    local_patient_id: str | None = Field(default=None, max_length=20)
    local_referral_id: str | None = Field(default=None, max_length=20)
    referred_on: date | None = None
    discharged_at: datetime | None = None


class StaffRole(SQLModel, table=True):
    __tablename__ = "staff_role"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.Index("ix_staff_role_person", "service_id", "person_id"),
        sa.Index(
            "uq_staff_role_current",
            "service_id",
            "person_id",
            "role",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    role: Role = Field(sa_type=choice(Role))
    given_at: datetime
    given_by: UUID | None = None
    ended_at: datetime | None = None


class Assignment(SQLModel, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"]),
        sa.ForeignKeyConstraint(["service_id", "practitioner_id"], ["person.service_id", "person.id"]),
        sa.Index("ix_assignment_practitioner", "service_id", "practitioner_id", "ended_at"),
        sa.Index(
            "uq_assignment_current",
            "service_id",
            "patient_id",
            unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    practitioner_id: UUID
    started_at: datetime
    ended_at: datetime | None = None


class Supervision(SQLModel, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "supervisor_id"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "practitioner_id"], ["person.service_id", "person.id"]),
        sa.Index("ix_supervision_practitioner", "service_id", "practitioner_id"),
        sa.Index("ix_supervision_supervisor", "service_id", "supervisor_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    supervisor_id: UUID
    practitioner_id: UUID
    started_at: datetime
    ended_at: datetime | None = None


class SignIn(SQLModel, table=True):
    __tablename__ = "sign_in"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.UniqueConstraint("service_id", "token_hash"),
        sa.Index("ix_sign_in_person", "service_id", "person_id"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    token_hash: bytes
    role: Role = Field(sa_type=choice(Role))
    device: str = Field(default="", max_length=120)
    started_at: datetime
    ended_at: datetime | None = None


class SignInSeen(SQLModel, table=True):
    __tablename__ = "sign_in_seen"
    __table_args__ = (sa.ForeignKeyConstraint(["service_id", "sign_in_id"], ["sign_in.service_id", "sign_in.id"]),)

    service_id: UUID = Field(primary_key=True)
    sign_in_id: UUID = Field(primary_key=True)
    seen_at: datetime


class SignInLink(SQLModel, table=True):
    __tablename__ = "sign_in_link"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.UniqueConstraint("service_id", "token_hash"),
        sa.Index("ix_sign_in_link_person", "service_id", "person_id"),
        sa.Index("ix_sign_in_link_to_post", "service_id", "made_at", postgresql_where=sa.text("posted_at is null")),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    purpose: LinkPurpose = Field(sa_type=choice(LinkPurpose))
    token_hash: bytes
    # The link itself, until it is in a letter; then nothing of it is left but its hash.
    secret: str | None = Field(default=None, sa_type=SealedText)
    made_at: datetime
    expires_at: datetime
    posted_at: datetime | None = None
    used_at: datetime | None = None


class KnownDevice(SQLModel, table=True):
    __tablename__ = "known_device"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.UniqueConstraint("service_id", "token_hash"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    token_hash: bytes
    known_at: datetime
    forgotten_at: datetime | None = None


class Attempt(SQLModel, table=True):
    """Counts of tries in a window. It has no service: a try at signing in comes before there is one."""

    bucket: str = Field(primary_key=True, max_length=80)
    window_at: datetime = Field(primary_key=True)
    tries: int
