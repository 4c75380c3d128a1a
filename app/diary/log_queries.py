"""What was said to have happened, day by day, beside what had been planned."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.local_time import instant, local_day
from app.diary.kinds import Category, Outcome
from app.diary.tables import ActivityLog
from app.kit.errors import NotFound
from app.kit.work import Work

# A rating given longer than this after something was over is remembered rather than felt.
REMEMBERED_AFTER = timedelta(hours=2)
SAME_MOMENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Logged:
    """One entry that stands: not corrected since, and not withdrawn."""

    id: UUID
    series_id: UUID | None
    named_on: date | None
    outcome: Outcome
    done_on: date
    done_at: time | None
    title: str
    category: Category | None
    planned: dict[str, Any] | None
    pleasure: int | None
    mastery: int | None
    mood_before: int | None
    mood_after: int | None
    barrier: str
    note: str
    said_at: datetime | None
    recorded_at: datetime
    remembered: bool

    @property
    def written_at(self) -> datetime:
        """When it was written, wherever it lay until it came."""
        return self.said_at or self.recorded_at

    @property
    def was_sent_later(self) -> bool:
        """Whether it lay on a device for longer than anybody would take for the same moment."""
        return self.recorded_at - self.written_at > SAME_MOMENT


_LOGS_COLUMNS: tuple[Any, ...] = (
    ActivityLog.id,
    ActivityLog.series_id,
    ActivityLog.named_on,
    ActivityLog.outcome,
    ActivityLog.done_on,
    ActivityLog.done_at,
    ActivityLog.zone,
    ActivityLog.title,
    ActivityLog.category,
    ActivityLog.planned,
    ActivityLog.pleasure,
    ActivityLog.mastery,
    ActivityLog.mood_before,
    ActivityLog.mood_after,
    ActivityLog.barrier,
    ActivityLog.note,
    ActivityLog.said_at,
    ActivityLog.recorded_at,
)
LOGS = (
    sa.select(*_LOGS_COLUMNS)
    .where(
        ActivityLog.service_id == sa.bindparam("service"),
        ActivityLog.patient_id == sa.bindparam("patient"),
        ActivityLog.done_on.between(sa.bindparam("first"), sa.bindparam("last")),
        ActivityLog.superseded_by.is_(None),
        ActivityLog.outcome != Outcome.WITHDRAWN,
    )
    .order_by(ActivityLog.done_on, ActivityLog.recorded_at)
)


def logged(work: Work, patient: Patient, first: date, last: date) -> list[Logged]:
    """What stands about the days from one to another, both included, in their order."""
    rows = work.read(LOGS, {"service": work.service_id, "patient": patient.id, "first": first, "last": last})
    return [of_row(row) for row in rows]


def log_of(work: Work, patient: Patient, log_id: UUID) -> Logged:
    """One entry by its id, as it stands now: where it was corrected since, what it was corrected to."""
    found = standing(work, patient, log_id)
    if found is None:
        raise NotFound
    return found


def standing(work: Work, patient: Patient, log_id: UUID) -> Logged | None:
    """The same; None where it was taken back or there never was one."""
    mine = (ActivityLog.service_id == work.service_id, ActivityLog.patient_id == patient.id)
    since = sa.select(ActivityLog.id, ActivityLog.superseded_by).where(*mine, ActivityLog.id == log_id)
    chain = since.cte("chain", recursive=True)
    later = sa.select(ActivityLog.id, ActivityLog.superseded_by).where(*mine, ActivityLog.id == chain.c.superseded_by)
    chain = chain.union(later)
    rows = _current(work, patient, ActivityLog.id.in_(sa.select(chain.c.id)))
    return rows[0] if rows else None


def kept_on(work: Work, patient: Patient, log_id: UUID) -> date | None:
    """The day of an entry that is kept, whatever was said since; None where there is no such entry of theirs."""
    mine = (ActivityLog.patient_id == patient.id, ActivityLog.id == log_id)
    found = work.session.execute(sa.select(ActivityLog.done_on).where(ActivityLog.service_id == work.service_id, *mine))
    return found.scalar_one_or_none()


def about(work: Work, patient: Patient, series_id: UUID, named_on: date) -> Logged | None:
    """What stands about one occurrence."""
    rows = _current(work, patient, ActivityLog.series_id == series_id, ActivityLog.named_on == named_on)
    return rows[0] if rows else None


def _current(work: Work, patient: Patient, *which: Any) -> list[Logged]:
    rows: Iterable[Any] = work.session.execute(
        sa.select(ActivityLog).where(
            ActivityLog.service_id == work.service_id,
            ActivityLog.patient_id == patient.id,
            ActivityLog.superseded_by.is_(None),
            ActivityLog.outcome != Outcome.WITHDRAWN,
            *which,
        )
    ).scalars()
    return [of_row(row) for row in rows]


def of_row(row: Any) -> Logged:
    return Logged(
        id=row.id,
        series_id=row.series_id,
        named_on=row.named_on,
        outcome=row.outcome,
        done_on=row.done_on,
        done_at=row.done_at,
        title=row.title,
        category=row.category,
        planned=row.planned,
        pleasure=row.pleasure,
        mastery=row.mastery,
        mood_before=row.mood_before,
        mood_after=row.mood_after,
        barrier=row.barrier,
        note=row.note,
        said_at=row.said_at,
        recorded_at=row.recorded_at,
        remembered=_remembered(row),
    )


def _remembered(row: Any) -> bool:
    # Where they were then: who has travelled since remembers nothing more and nothing less by it.
    zone = ZoneInfo(row.zone)
    written_at = row.said_at or row.recorded_at
    at = row.done_at or (row.planned and row.planned.get("at") and time.fromisoformat(row.planned["at"]))
    if not at:
        return bool(local_day(written_at, zone) > row.done_on)
    ends_at = instant(row.done_on, at, zone) + timedelta(minutes=(row.planned or {}).get("minutes") or 0)
    return bool(written_at > ends_at + REMEMBERED_AFTER)
