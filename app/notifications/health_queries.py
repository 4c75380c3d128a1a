"""Whether the parts that must not stop are at work, whether anything may be sent, and what has not arrived."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kit.columns import just
from app.kit.work import Work
from app.notifications import fence_queries
from app.notifications.fence_queries import Fence
from app.notifications.kinds import TURNED_OFF, UNSETTLED, ReminderState
from app.notifications.part_kinds import LATE_AFTER, Part
from app.notifications.reminder_tables import Heartbeat, Reminder
from app.notifications.tables import Outbox

SOON, LATELY = timedelta(days=1), timedelta(days=7)
# A mail server that is busy takes a letter at the second try.
LETTER_LATE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Seen:
    """One part: since when it is waited for, when it last came, and whether it should have come again by now."""

    part: Part
    awaited_at: datetime
    beat_at: datetime | None
    stopped: bool


@dataclass(frozen=True)
class Health:
    """Every part that whoever leads has promised, and the fence."""

    parts: tuple[Seen, ...]
    fence: Fence

    @property
    def stopped(self) -> tuple[Part, ...]:
        return tuple(seen.part for seen in self.parts if seen.stopped)

    @property
    def well(self) -> bool:
        return bool(self.parts) and not self.stopped and not self.fence.up

    def told(self) -> dict[str, str]:
        """Each part with its state: nothing that a stranger could use."""
        told = {seen.part.value: "stopped" if seen.stopped else "working" for seen in self.parts}
        told |= {} if self.parts else {"worker": "never started"}
        return told | {"sending": "held after a restore" if self.fence.up else "working"}


def health(session: Session, now: datetime) -> Health:
    """How everything stands, as the heartbeats say."""
    return Health(parts(session, now), fence_queries.fence(session))


def parts(session: Session, now: datetime) -> tuple[Seen, ...]:
    """Every part that whoever leads has promised; none where none has ever led."""
    found = {row.name: row for row in session.execute(sa.select(Heartbeat.__table__))}
    # A part of another version leaves a heartbeat that nobody waits for.
    rows = [(part, found[part.value]) for part in Part if part.value in found]
    return tuple(
        Seen(part, row.awaited_at, row.beat_at, _has_stopped(part, row.awaited_at, row.beat_at, now))
        for part, row in rows
    )


def _has_stopped(part: Part, awaited_at: datetime, beat_at: datetime | None, now: datetime) -> bool:
    return now - max(awaited_at, beat_at or awaited_at) > part.every + LATE_AFTER


@dataclass(frozen=True)
class OnTheWay:
    """How many letters and reminders of a service wait, are late, or will not arrive."""

    letters: int
    letters_late: int
    letters_given_up: int
    reminders: int
    reminders_late: int
    reminders_failed: int


def on_the_way(work: Work) -> OnTheWay:
    """What of this service is on its way."""
    return OnTheWay(**_letters(work), **_reminders(work))


def _letters(work: Work) -> dict[str, int]:
    waiting = sa.and_(Outbox.sent_at.is_(None), Outbox.given_up_at.is_(None))
    was_wanted = Outbox.given_up_why.is_distinct_from(TURNED_OFF)
    return _counts(
        work,
        Outbox,
        letters=waiting,
        letters_late=sa.and_(waiting, Outbox.made_at < work.now - LETTER_LATE_AFTER),
        letters_given_up=sa.and_(Outbox.given_up_at > work.now - LATELY, was_wanted),
    )


def _reminders(work: Work) -> dict[str, int]:
    failed = just(Reminder.state, ReminderState.FAILED, ReminderState.UNKNOWN)
    pending = just(Reminder.state, ReminderState.PENDING)
    return _counts(
        work,
        Reminder,
        reminders=sa.and_(pending, Reminder.due_at.between(work.now, work.now + SOON)),
        reminders_late=sa.and_(Reminder.state.in_(UNSETTLED), Reminder.due_at < work.now - LATE_AFTER),
        reminders_failed=sa.and_(failed, Reminder.due_at > work.now - LATELY),
    )


def _counts(work: Work, table: type[Outbox] | type[Reminder], **which: sa.ColumnElement[bool]) -> dict[str, int]:
    """How many rows there are of each kind, each found by its own index."""
    counted = [
        sa.select(sa.func.count()).where(table.service_id == work.service_id, wanted).scalar_subquery().label(name)
        for name, wanted in which.items()
    ]
    return dict(work.session.execute(sa.select(*counted)).one()._mapping)
