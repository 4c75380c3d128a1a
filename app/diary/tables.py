"""The diary as stored: what was planned and from when, single decisions, and what was said to have happened."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlmodel import Field, SQLModel

from app.clinical.recurrence import Act, Freq
from app.diary.kinds import Category, Outcome, SeriesKind, Source
from app.kit.columns import choice
from app.kit.crypto import SealedJson, SealedText

_PATIENT = (["service_id", "patient_id"], ["patient_record.service_id", "patient_record.id"])
_SERIES = (["service_id", "series_id"], ["activity_series.service_id", "activity_series.id"])


def _rating(name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{name} between 0 and 10", name=name)


class ActivitySeries(SQLModel, table=True):
    """Something planned once. When it is planned, and from which day, its segments say."""

    __tablename__ = "activity_series"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.Index("ix_activity_series_patient", "service_id", "patient_id"),
        _rating("difficulty"),
        _rating("expected_pleasure"),
        _rating("expected_mastery"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    kind: SeriesKind = Field(sa_type=choice(SeriesKind))
    title: str = Field(sa_type=SealedText)
    category: Category | None = Field(default=None, sa_type=choice(Category))
    place: str = Field(default="", sa_type=SealedText)
    company: str = Field(default="", sa_type=SealedText)
    difficulty: int | None = Field(default=None, sa_type=sa.SmallInteger)
    expected_pleasure: int | None = Field(default=None, sa_type=sa.SmallInteger)
    expected_mastery: int | None = Field(default=None, sa_type=sa.SmallInteger)
    source: Source = Field(default=Source.PATIENT, sa_type=choice(Source))
    source_id: UUID | None = None
    made_at: datetime
    made_by: UUID | None = None
    changed_at: datetime
    # Rises with every change; a page that shows an older one is told so before it writes.
    version: int = 1


class ActivitySegment(SQLModel, table=True):
    """A rule from one day to the day before another. No two of a series share a day: the database sees to it."""

    __tablename__ = "activity_segment"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_SERIES),
        ExcludeConstraint(
            (sa.column("service_id"), "="),
            (sa.column("series_id"), "="),
            (sa.text("daterange(from_on, to_on, '[)')"), "&&"),
            name="ex_activity_segment_days",
            using="gist",
        ),
        sa.CheckConstraint("to_on is null or to_on > from_on", name="days"),
        sa.Index("ix_activity_segment_series", "service_id", "series_id", "from_on"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    series_id: UUID
    from_on: date
    to_on: date | None = None
    freq: Freq = Field(sa_type=choice(Freq))
    every: int = Field(default=1, sa_type=sa.SmallInteger)
    weekdays: list[int] = Field(default_factory=list, sa_type=ARRAY(sa.SmallInteger))
    month_day: int | None = Field(default=None, sa_type=sa.SmallInteger)
    month_nth: int | None = Field(default=None, sa_type=sa.SmallInteger)
    month_weekday: int | None = Field(default=None, sa_type=sa.SmallInteger)
    phase_on: date
    until_on: date | None = None
    at: time | None = None
    minutes: int | None = Field(default=None, sa_type=sa.SmallInteger)
    # Minutes before it begins; for any time of the day a time of its own.
    remind_before: int | None = Field(default=None, sa_type=sa.SmallInteger)
    remind_at: time | None = None
    # Whether it disturbs in quiet hours too: asked where it falls in them.
    remind_anyway: bool | None = None
    # Rises when it begins later than before on a day whose reminder has left, as that of a single one does.
    epoch: int = Field(default=0, sa_type=sa.SmallInteger)


class ActivityOverride(SQLModel, table=True):
    """What was decided about one occurrence, by the day that names it."""

    __tablename__ = "activity_override"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_SERIES),
        # By the later of its two days, so that what years have left behind is not read to plan two days.
        sa.Index("ix_activity_override_last", "service_id", "series_id", sa.text("greatest(named_on, moved_to)")),
    )

    service_id: UUID = Field(primary_key=True)
    series_id: UUID = Field(primary_key=True)
    named_on: date = Field(primary_key=True)
    act: Act = Field(sa_type=choice(Act))
    moved_to: date | None = None
    at: time | None = None
    minutes: int | None = Field(default=None, sa_type=sa.SmallInteger)
    any_time: bool = False
    any_length: bool = False
    # Rises when it is moved to a later time after its reminder was sent, so that the new time has one of its own.
    epoch: int = Field(default=0, sa_type=sa.SmallInteger)
    decided_at: datetime


class ActivityEdit(SQLModel, table=True):
    """A change that was made, under the id that its form carried: sent twice, it is made once."""

    __tablename__ = "activity_edit"
    __table_args__ = (sa.ForeignKeyConstraint(*_SERIES),)

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    series_id: UUID
    made_at: datetime
    # What the change made it, and what it had before: the days and rules, and the words of what it is.
    version: int
    before: dict[str, Any] = Field(sa_type=JSONB)
    about_before: dict[str, Any] = Field(sa_type=SealedJson)


class ActivityLog(SQLModel, table=True):
    """What somebody said happened, with what had been planned as it was then. Its id is the one that the device chose.

    A correction is a new entry that supersedes the old. Zero is an answer; nothing is none.
    """

    __tablename__ = "activity_log"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.ForeignKeyConstraint(*_SERIES),
        sa.CheckConstraint("(series_id is null) = (named_on is null)", name="named"),
        sa.Index("ix_activity_log_patient", "service_id", "patient_id", "done_on"),
        sa.Index(
            "ix_activity_log_series",
            "service_id",
            "series_id",
            "done_on",
            postgresql_where=sa.text("superseded_by is null"),
        ),
        sa.Index(
            "uq_activity_log_current",
            "service_id",
            "series_id",
            "named_on",
            unique=True,
            postgresql_where=sa.text("superseded_by is null and series_id is not null"),
        ),
        _rating("pleasure"),
        _rating("mastery"),
        _rating("mood_before"),
        _rating("mood_after"),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    patient_id: UUID
    series_id: UUID | None = None
    named_on: date | None = None
    outcome: Outcome = Field(sa_type=choice(Outcome))
    # The day it is about, on the patient's calendar, and the time where they said one.
    done_on: date
    done_at: time | None = None
    zone: str = Field(max_length=60)
    title: str = Field(sa_type=SealedText)
    category: Category | None = Field(default=None, sa_type=choice(Category))
    planned: dict[str, Any] | None = Field(default=None, sa_type=SealedJson)
    pleasure: int | None = Field(default=None, sa_type=sa.SmallInteger)
    mastery: int | None = Field(default=None, sa_type=sa.SmallInteger)
    mood_before: int | None = Field(default=None, sa_type=sa.SmallInteger)
    mood_after: int | None = Field(default=None, sa_type=sa.SmallInteger)
    mood_before_at: datetime | None = None
    mood_after_at: datetime | None = None
    barrier: str = Field(default="", sa_type=SealedText)
    note: str = Field(default="", sa_type=SealedText)
    # When it was written on a device that sent it later; where it was sent at once, nothing.
    said_at: datetime | None = None
    recorded_at: datetime
    recorded_by: UUID | None = None
    superseded_by: UUID | None = None


class ReminderPlan(SQLModel, table=True):
    """What somebody's reminders were last planned from, and up to when their diary asks for no more than those."""

    __tablename__ = "reminder_plan"
    __table_args__ = (sa.ForeignKeyConstraint(*_PATIENT),)

    service_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    made_of: str = Field(max_length=32)
    whole_until_at: datetime


class CalendarFeed(SQLModel, table=True):
    """An address that a calendar reads one's own activities from, until it is withdrawn. The secret is not kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        sa.ForeignKeyConstraint(*_PATIENT),
        sa.UniqueConstraint("service_id", "fingerprint"),
        sa.Index(
            "uq_calendar_feed_current",
            "service_id",
            "patient_id",
            unique=True,
            postgresql_where=sa.text("withdrawn_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID
    fingerprint: bytes = Field(sa_type=sa.LargeBinary)
    made_at: datetime
    withdrawn_at: datetime | None = None


class CalendarChoices(SQLModel, table=True):
    """What somebody's calendar says besides when: nothing at all, unless they chose it."""

    __tablename__ = "calendar_choices"
    __table_args__ = (sa.ForeignKeyConstraint(*_PATIENT),)

    service_id: UUID = Field(primary_key=True)
    patient_id: UUID = Field(primary_key=True)
    titles: bool = False
    alerts: bool = False
    chosen_at: datetime
