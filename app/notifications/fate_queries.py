"""Which reminders come next, which were sent, which were held back and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.clinical.reminder_reasons import Reason
from app.kit.work import Work
from app.notifications import wanted_queries
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder
from app.notifications.switch_queries import Switches
from app.notifications.wanted_queries import StillWanted

NEXT, DAYS = 3, timedelta(days=7)
# More than anybody has in a week.
MOST = 400
WAYS = {
    Channel.IN_APP: "here in Braid",
    Channel.PUSH: "to your phone or browser",
    Channel.EMAIL: "by e-mail",
    Channel.SMS: "by text message",
}
WAYS_TO_STAFF = {Channel.IN_APP: "in the app", Channel.PUSH: "push", Channel.EMAIL: "e-mail", Channel.SMS: "SMS"}
OVER = (
    ReminderState.SENT,
    ReminderState.SUPPRESSED,
    ReminderState.EXPIRED,
    ReminderState.FAILED,
    ReminderState.UNKNOWN,
)


@dataclass(frozen=True)
class Fate:
    """One reminder and what became of it, by all the ways it was to go."""

    kind: ReminderKind
    series_id: UUID | None
    due_at: datetime
    sent_by: tuple[Channel, ...]
    reasons: tuple[Reason, ...]
    state: str

    @property
    def ways(self) -> str:
        """How it was sent, in words."""
        return " and ".join(WAYS[channel] for channel in self.sent_by)

    @property
    def ways_to_staff(self) -> str:
        return ", ".join(WAYS_TO_STAFF[channel] for channel in self.sent_by)


@dataclass(frozen=True)
class Fates:
    """What comes and what was, both by the minute."""

    coming: tuple[Fate, ...]
    past: tuple[Fate, ...]


def fates_of(work: Work, person_id: UUID, *, switches: Switches, still: Mapping[ReminderKind, StillWanted]) -> Fates:
    """The next three reminders that will come, and those of the last seven days with their fate, the newest first."""
    mine = (Reminder.service_id == work.service_id, Reminder.person_id == person_id)
    pending = work.session.execute(
        sa.select(Reminder)
        .where(*mine, Reminder.state.in_((ReminderState.PENDING, ReminderState.LEASED)), Reminder.due_at >= work.now)
        .order_by(Reminder.due_at, Reminder.key)
        .limit(MOST)
    ).scalars()
    on = [row for row in pending if not switches.why_off(row.kind, row.channel, row.series_id, row.due_at)]
    gone = wanted_queries.gone_of(work, on, still)
    coming = [row for row in on if not gone.get(row.id)]
    past = work.session.execute(
        sa.select(Reminder)
        .where(*mine, Reminder.state.in_(OVER), Reminder.due_at.between(work.now - DAYS, work.now))
        .order_by(Reminder.due_at.desc(), Reminder.key)
        .limit(MOST)
    ).scalars()
    return Fates(tuple(_together(coming))[:NEXT], tuple(_together(past)))


def _together(rows: Iterable[Any]) -> list[Fate]:
    """The rows of one reminder by several channels as one line: whoever reads it was reminded once."""
    by_key: dict[str, list[Any]] = {}
    for row in rows:
        by_key.setdefault(row.key.rpartition("|")[0], []).append(row)
    return [_fate(several) for several in by_key.values()]


def _fate(rows: list[Any]) -> Fate:
    sent = tuple(row.channel for row in rows if row.state is ReminderState.SENT)
    reasons = dict.fromkeys(Reason(row.reason) for row in rows if row.reason)
    return Fate(
        kind=rows[0].kind,
        series_id=rows[0].series_id,
        due_at=rows[0].due_at,
        sent_by=sent,
        reasons=tuple(reasons),
        state="sent" if sent else rows[0].state.value,
    )
