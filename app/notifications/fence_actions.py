"""Putting the fence up in a copy that was restored, taking it down, and letting go of what was due behind it."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.clinical.reminder_reasons import Reason
from app.kit.work import Work
from app.notifications import actions, fence_queries
from app.notifications.fence_queries import Fence
from app.notifications.kinds import UNSETTLED, ReminderState
from app.notifications.reminder_tables import Heartbeat, Reminder, SendingFence

# A heartbeat is written now and then: what came between the last one and the copy is in the copy as well.
AFTER_THE_LAST_BEAT = timedelta(minutes=1)
# What is planned anew may have been due a little while ago.
PLANNED_BEHIND = timedelta(hours=1)


def notice(session: Session, now: datetime) -> Fence:
    """Stamp a database that has never sent; in a copy of one that has, keep when the copy was taken."""
    found = fence_queries.fence(session)
    if found.stamp is None:
        row = insert(SendingFence).values(one=1, stamp=found.here, set_at=now)
        session.execute(row.on_conflict_do_nothing())
    elif found.up and found.as_of_at is None:
        last = session.execute(sa.select(sa.func.max(Heartbeat.beat_at))).scalar()
        as_of_at = min(now, last + AFTER_THE_LAST_BEAT) if last else now
        session.execute(sa.update(SendingFence).values(as_of_at=as_of_at))
    return found


def set_fence(session: Session, *, not_before_at: datetime, now: datetime) -> None:
    """Make this the database that sends; what was due before a moment is not sent."""
    here = fence_queries.fence(session).here
    told = {"stamp": here, "as_of_at": None, "not_before_at": not_before_at, "set_at": now}
    row = insert(SendingFence).values(one=1, **told)
    session.execute(row.on_conflict_do_update(index_elements=["one"], set_=told))


def let_go(work: Work, *, not_before_at: datetime) -> tuple[int, int]:
    """Let go of all that was to reach a patient before a moment; returns how many reminders and letters.

    A letter made after now, or that signs somebody in, or that is for staff, is not held back by it.
    """
    reminders = expire_before(work, not_before_at=not_before_at)
    letters = actions.give_up_notices(work, made_before=min(not_before_at, work.now))
    work.record("fence.set", not_before=not_before_at.isoformat(), reminders=reminders, letters=letters)
    return reminders, letters


def may_send(work: Work) -> bool:
    """Whether reminders may be sent from this database. What is due before the fence has its end here."""
    found = fence_queries.fence(work.session)
    if found.up:
        return False
    if found.not_before_at and work.now < found.not_before_at + PLANNED_BEHIND:
        expire_before(work, not_before_at=found.not_before_at)
    return True


def expire_before(work: Work, *, not_before_at: datetime) -> int:
    """End every reminder that was due before the fence and has no end yet; returns how many."""
    behind = sa.and_(
        Reminder.service_id == work.service_id,
        Reminder.state.in_(UNSETTLED),
        Reminder.due_at < not_before_at,
    )
    count = work.session.execute(sa.select(sa.func.count()).where(behind)).scalar_one()
    if count:
        ended = {
            "state": ReminderState.EXPIRED,
            "reason": Reason.RESTORED.value,
            "settled_at": work.now,
            "lease_ends_at": None,
            "lease_token": None,
        }
        work.session.execute(sa.update(Reminder).where(behind).values(**ended))
        work.record("reminders.fenced", count=count)
    return int(count)
