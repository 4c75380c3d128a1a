"""Who is on duty for a service’s alerts, and who is away with whom in their place, as stored."""

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class DutyShift(SQLModel, table=True):
    __tablename__ = "duty_shift"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "made_by"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "ended_by"], ["person.service_id", "person.id"]),
        sa.CheckConstraint("until_at >= from_at", name="lasts"),
        sa.Index("ix_duty_shift_until", "service_id", "until_at"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    from_at: datetime
    until_at: datetime
    made_at: datetime
    made_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None


class StaffLeave(SQLModel, table=True):
    __tablename__ = "staff_leave"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "cover_id"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "made_by"], ["person.service_id", "person.id"]),
        sa.ForeignKeyConstraint(["service_id", "ended_by"], ["person.service_id", "person.id"]),
        sa.CheckConstraint("until_on >= from_on", name="lasts"),
        sa.Index("ix_staff_leave_until", "service_id", "until_on"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    cover_id: UUID
    # The last day counts.
    from_on: date
    until_on: date
    made_at: datetime
    made_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = None
