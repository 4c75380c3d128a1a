"""Writing down the reminders a plan asks for, so that the rows come out as it is, however often it is done."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Wanted, before_quiet
from app.kit.work import Work
from app.notifications import switch_queries
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder
from app.notifications.switch_queries import Settings

_PLAN = ("about", "series_id", "due_at", "expires_at", "local_on", "zone")
# What was cancelled never left, so that a plan that is put back finds its reminder again.
_TO_COME = (ReminderState.PENDING, ReminderState.CANCELLED)


def reconcile(
    work: Work,
    *,
    person_id: UUID,
    kind: ReminderKind,
    wanted: Iterable[Wanted],
    since: datetime,
    until: datetime,
    series_ids: Collection[UUID] | None = None,
    why: Reason = Reason.PLAN_CHANGED,
) -> None:
    """Make somebody's pending reminders of a kind those that are wanted, by every way they are reached.

    What is wanted and due before `since` is not written down any more; where it was, it has come too late. What is
    pending within the window and not wanted is cancelled; with `series_ids` only theirs. What left stays as it is.
    """
    lock(work, person_id)
    settings = switch_queries.settings_of(work, person_id)
    channels = switch_queries.ways_to(work, person_id, settings)
    if kind is ReminderKind.APPOINTMENT:
        wanted = [_out_of_quiet_hours(one, settings) for one in wanted]
    asked = {f"{one.key}|{channel.value}": (one, channel) for one in wanted for channel in channels}
    stored = _stored(work, person_id, kind, asked, since, until)
    new, late, gone = [], [], []
    for key, (one, channel) in asked.items():
        row = stored.get(key)
        if one.due_at < since:
            if row is not None and row.state is ReminderState.PENDING and row.due_at > one.due_at:
                late.append(row.id)
        elif row is None or (row.state in _TO_COME and _differs(row, one)):
            new.append(_values(work, person_id, key, channel, one))
    for key, row in stored.items():
        if key not in asked and (series_ids is None or row.series_id in series_ids):
            gone.append(row.id)
    _write(work, new)
    _end(work, late, ReminderState.EXPIRED, Reason.TOO_LATE)
    _end(work, gone, ReminderState.CANCELLED, why)


def _out_of_quiet_hours(one: Wanted, settings: Settings) -> Wanted:
    due_at = before_quiet(one.due_at, settings.quiet_from, settings.quiet_to, ZoneInfo(one.zone))
    return replace(one, due_at=due_at)


def lock(work: Work, person_id: UUID) -> None:
    """Let nobody else plan or send somebody's reminders until this is committed."""
    work.one_at_a_time("reminders", person_id)


def _stored(
    work: Work, person_id: UUID, kind: ReminderKind, keys: Iterable[str], since: datetime, until: datetime
) -> dict[str, Any]:
    columns = (Reminder.id, Reminder.key, Reminder.state, *(getattr(Reminder, name) for name in _PLAN))
    mine = (Reminder.service_id == work.service_id, Reminder.person_id == person_id, Reminder.kind == kind)
    pending = (Reminder.state == ReminderState.PENDING, Reminder.due_at >= since, Reminder.due_at < until)
    rows = work.session.execute(
        sa.union(
            sa.select(*columns).where(Reminder.service_id == work.service_id, Reminder.key.in_(list(keys))),
            sa.select(*columns).where(*mine, *pending),
        )
    )
    return {row.key: row for row in rows}


def _differs(row: Any, one: Wanted) -> bool:
    return row.state is ReminderState.CANCELLED or any(getattr(row, name) != getattr(one, name) for name in _PLAN)


def _values(work: Work, person_id: UUID, key: str, channel: Channel, one: Wanted) -> dict[str, Any]:
    return {
        "service_id": work.service_id,
        "id": uuid4(),
        "person_id": person_id,
        "kind": one.kind,
        "key": key,
        "channel": channel,
        "state": ReminderState.PENDING,
        "attempts": 0,
        "made_at": work.now,
    } | {name: getattr(one, name) for name in _PLAN}


def _write(work: Work, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    # In one order, whoever writes: two that met half-way would wait for each other.
    found = insert(Reminder).values(sorted(rows, key=lambda row: str(row["key"])))
    again = {name: found.excluded[name] for name in _PLAN}
    work.session.execute(
        found.on_conflict_do_update(
            index_elements=["service_id", "key"],
            set_=again | {"state": ReminderState.PENDING, "reason": None, "try_at": None, "settled_at": None},
            where=Reminder.state.in_(_TO_COME),
        )
    )


def _end(work: Work, ids: list[UUID], state: ReminderState, reason: Reason) -> None:
    if ids:
        work.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.service_id == work.service_id, Reminder.id.in_(ids), Reminder.state == ReminderState.PENDING
            )
            .values(state=state, reason=reason.value, settled_at=work.now)
        )
