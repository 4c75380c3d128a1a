"""Mood as stored: numbers on the scale they were given on, and when somebody wants to be asked for one."""

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.kit.crypto import SealedText

_PATIENT = (["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"])


class MoodRating(SQLModel, table=True):
    """A number somebody gave their mood. Its id is the one that the device chose.

    A correction is a new rating that supersedes the old; one without a value takes back what it supersedes.
    """

    __tablename__ = "mood_rating"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(["service_id", "series_id"], ["activity_series.service_id", "activity_series.id"]),
        sa.CheckConstraint("value between low and high", name="value"),
        sa.CheckConstraint("low between 0 and 1 and high = 10", name="scale"),
        sa.CheckConstraint("(series_id is null) = (named_on is null)", name="named"),
        sa.CheckConstraint("felt_at <= sent_at", name="felt"),
        sa.Index(
            "ix_mood_rating_current",
            "service_id",
            "patient_id",
            "felt_at",
            postgresql_where=sa.text("superseded_by is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    patient_id: UUID
    value: int | None = Field(default=None, sa_type=sa.SmallInteger)
    low: int = Field(sa_type=sa.SmallInteger)
    high: int = Field(default=10, sa_type=sa.SmallInteger)
    note: str = Field(default="", sa_type=SealedText)
    # What it goes with: an occurrence of the diary, or a few plain words.
    series_id: UUID | None = None
    named_on: date | None = None
    doing: str = Field(default="", sa_type=SealedText)
    felt_at: datetime
    # Where they were, so that the day it was felt on stays that day wherever they go.
    zone: str = Field(max_length=60)
    sent_at: datetime
    superseded_by: UUID | None = None


class MoodTimes(SQLModel, table=True):
    """The times of day at which somebody wants to be asked. Without a row, or with none in it, nobody asks."""

    __tablename__ = "mood_times"
    __table_args__ = (sa.ForeignKeyConstraint(*_PATIENT),)

    service_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    # Another one with every change of the times, so that what left for the old ones is not taken for the new.
    plan_id: UUID
    times: list[time] = Field(default_factory=list, sa_type=ARRAY(sa.Time))
    chosen_at: datetime
