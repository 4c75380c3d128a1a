"""After an outage: what came too late is said to have, one summary makes up for it, and the rest takes turns."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.clinical import reminders
from app.clinical.local_time import instant, local_day
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import SILENCE, Overdue
from app.kit.columns import just
from app.kit.work import Work
from app.notifications.claim_actions import (
    PLAIN,
    ROW,
    Reached,
    due_of,
    reached,
    thing_of,
)
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.ledger_actions import change
from app.notifications.reminder_tables import Reminder
from app.notifications.wanted_queries import StillWanted, gone_of

PEOPLE_AT_ONCE = 200
# By which way a summary goes besides in Braid: the first that what was lost would have gone by. It is not worth a text.
BEST = (Channel.PUSH, Channel.EMAIL)
_NEVER_TRIED = (just(Reminder.state, ReminderState.PENDING), Reminder.attempts == 0, Reminder.try_at.is_(None))


def was_silent(work: Work) -> bool:
    """Whether something has been due for so long that nobody can have been there to send it."""
    due = sa.select(Reminder.id).where(
        Reminder.service_id == work.service_id, *_NEVER_TRIED, Reminder.due_at <= work.now - SILENCE
    )
    # The first, and not whether there is any: to find that there is none, every reminder there ever was would be read.
    return work.session.execute(due.order_by(Reminder.due_at).limit(1)).first() is not None


def give_up_lost(work: Work, *, still: Mapping[ReminderKind, StillWanted]) -> int:
    """End what came too late, for some people at a time, each told once of what was planned; returns how many rows."""
    late = (
        sa.select(Reminder.person_id, Reminder.due_at)
        .where(Reminder.service_id == work.service_id, *_NEVER_TRIED, Reminder.due_at <= work.now)
        .where(Reminder.expires_at <= work.now)
        .order_by(Reminder.due_at)
        .limit(PEOPLE_AT_ONCE)
        .subquery()
    )
    each = sa.select(late.c.person_id).distinct().limit(PEOPLE_AT_ONCE).subquery()
    free = sa.select(each.c.person_id).where(work.is_free("reminders", each.c.person_id))
    people = list(work.session.execute(free).scalars())
    rows = _lost(work, people)
    gone = gone_of(work, rows, still)
    for one in reached(work, people):
        mine = [row for row in rows if row.person_id == one.person_id]
        due = [due_of(row, one, gone, work.now) for row in mine]
        why = {each.id: reminders.lost(each, limits=one.limits, at=work.now) or Reason.OUTAGE for each in due}
        for reason in set(why.values()):
            state = ReminderState.EXPIRED if reason is Reason.OUTAGE else ReminderState.SUPPRESSED
            ids = [id for id, its in why.items() if its is reason]
            change(work, ids, state=state, reason=reason.value, settled_at=work.now)
        _summarise(work, one, [row for row in mine if why[row.id] is Reason.OUTAGE])
    return len(rows)


def _lost(work: Work, people: Sequence[UUID]) -> list[Any]:
    rows = work.session.execute(
        sa.select(*ROW)
        .where(Reminder.service_id == work.service_id, Reminder.person_id.in_(people), *_NEVER_TRIED)
        .where(Reminder.due_at <= work.now, Reminder.expires_at <= work.now)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


def _summarise(work: Work, one: Reached, lost: Sequence[Any]) -> None:
    activities = [row for row in lost if row.kind is ReminderKind.ACTIVITY]
    if not activities or not one.active or not one.settings.most_a_day:
        return
    ways = {row.channel for row in activities}
    today = local_day(work.now, one.zone)
    row = {
        "service_id": work.service_id,
        "person_id": one.person_id,
        "kind": ReminderKind.SUMMARY,
        "about": {"count": len({thing_of(row.key) for row in activities})},
        "due_at": work.now,
        "expires_at": instant(today + timedelta(days=1), time(), one.zone),
        "local_on": today,
        "zone": str(one.zone),
        "state": ReminderState.PENDING,
        "attempts": 0,
        "made_at": work.now,
    }
    for channel in (Channel.IN_APP, *[way for way in BEST if way in ways][:1]):
        key = f"v1|sum|{one.person_id}|{today}|{channel.value}"
        found = insert(Reminder).values(row | {"id": uuid4(), "key": key, "channel": channel})
        work.session.execute(found.on_conflict_do_nothing())


def take_turns(work: Work, *, a_minute: int) -> None:
    """Give what is due and still worth sending a moment of its own, so that no minute carries more than its number."""
    work.one_at_a_time("turns", work.service_id)
    rows = work.session.execute(
        sa.select(Reminder.id, Reminder.person_id, Reminder.kind, Reminder.channel)
        .where(Reminder.service_id == work.service_id, *_NEVER_TRIED, Reminder.due_at <= work.now)
        .where(Reminder.channel != Channel.IN_APP)
        .with_for_update(skip_locked=True)
    )
    turns = reminders.paced((Overdue(*row) for row in rows), now=work.now, a_minute=a_minute)
    if turns:
        work.session.execute(
            sa.update(Reminder),
            [{"service_id": work.service_id, "id": id, "try_at": at} for id, at in turns.items()],
            execution_options=PLAIN,
        )
