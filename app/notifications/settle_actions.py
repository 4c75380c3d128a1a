"""What came of sending: a message is marked by whoever holds its token, and one that nobody marked is looked into."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.clinical.reminder_reasons import Reason
from app.kit.work import Work
from app.notifications.claim_actions import LEASE, ON_THE_WAY, PLAIN, ROW, Claimed, change, message_of
from app.notifications.kinds import Channel, ReminderState
from app.notifications.reminder_tables import PushSubscription, Reminder
from app.notifications.sending import Address, Outcome, Sent

RETRY_AFTER, RETRY_AT_LEAST_EVERY = timedelta(seconds=30), timedelta(minutes=10)
AT_ONCE = 200
# A browser that answers is noted once a day and not with every message.
HEARD_EVERY = timedelta(days=1)
_ENDS: dict[Outcome, dict[str, Any]] = {
    Outcome.SENT: {"state": ReminderState.SENT},
    Outcome.REFUSED: {"state": ReminderState.FAILED, "reason": Reason.REFUSED.value},
    Outcome.UNREACHABLE: {"state": ReminderState.FAILED, "reason": Reason.UNREACHABLE.value},
    Outcome.UNSURE: {"state": ReminderState.UNKNOWN, "reason": Reason.UNSURE.value},
}
_FREE: dict[str, Any] = {"lease_token": None, "lease_ends_at": None}


def begin(work: Work, claimed: Claimed) -> bool:
    """Say that a message is about to be handed over; False where its lease has ended and another may have it."""
    if work.now >= claimed.lease_ends_at:
        return False
    values = {"state": ReminderState.SENDING, "lease_ends_at": work.now + LEASE}
    return _mark(work, claimed, (ReminderState.LEASED,), values)


def settle(work: Work, claimed: Claimed, sent: Sent, *, redo: bool) -> bool:
    """Say what came of a message, if it is still ours. What is unsure is done again only where the far end shows one.

    False where another has taken it over meanwhile.
    """
    outcome = Outcome.RETRY if redo and sent.outcome is Outcome.UNSURE else sent.outcome
    if outcome is Outcome.RETRY:
        marked = _try_again(work, _held(work, Reminder.id.in_(claimed.ids), Reminder.lease_token == claimed.token))
    else:
        values = {**_ENDS[outcome], **_FREE, "settled_at": work.now, "provider_ref": sent.provider_ref}
        marked = _mark(work, claimed, ON_THE_WAY, values)
    _hear_of(work, claimed, sent)
    return marked


def lapsed(work: Work, redo: Mapping[Channel, bool]) -> list[Claimed]:
    """Take over what somebody leased and never marked.

    What was not handed over yet goes out as if nothing had been. Of what may have been, some is done again, and some
    is returned, to be asked about by its key.
    """
    rows = _held(work, Reminder.lease_ends_at <= work.now)
    handed = [row for row in rows if row.state is ReminderState.SENDING]
    again = [row for row in handed if redo.get(row.channel) and row.expires_at > work.now]
    to_ask = [row for row in handed if redo.get(row.channel) is False]
    lost = [row for row in handed if row not in again and row not in to_ask]
    _put_back(work, [row.id for row in rows if row not in handed] + [row.id for row in again], None)
    change(work, [row.id for row in lost], **_ENDS[Outcome.UNSURE], **_FREE, settled_at=work.now)
    by_token: dict[UUID, list[Any]] = {}
    for row in to_ask:
        by_token.setdefault(row.lease_token, []).append(row)
    return [_taken_over(work, several) for several in by_token.values()]


def _held(work: Work, *which: sa.ColumnElement[bool]) -> list[Any]:
    statement = (
        sa.select(*ROW)
        .where(Reminder.service_id == work.service_id, *which, Reminder.state.in_(ON_THE_WAY))
        .order_by(Reminder.due_at, Reminder.key)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return list(work.session.execute(statement))


def _taken_over(work: Work, rows: Sequence[Any]) -> Claimed:
    ids, token, ends = tuple(row.id for row in rows), uuid4(), work.now + LEASE
    change(work, ids, lease_token=token, lease_ends_at=ends)
    first = next((row for row in rows if row.bundled_in is None), rows[0])
    message = message_of(work, [first, *(row for row in rows if row is not first)])
    return Claimed(message, Address(), ids, token, ends)


def _mark(work: Work, claimed: Claimed, states: tuple[ReminderState, ...], values: dict[str, Any]) -> bool:
    mine = (Reminder.service_id == work.service_id, Reminder.id.in_(claimed.ids))
    ours = (Reminder.lease_token == claimed.token, Reminder.state.in_(states))
    marked = work.session.execute(sa.update(Reminder).where(*mine, *ours).values(**values), execution_options=PLAIN)
    return bool(marked.rowcount)


def _try_again(work: Work, rows: Sequence[Any]) -> bool:
    wait = min(RETRY_AFTER * 2 ** min(max((row.attempts for row in rows), default=1) - 1, 10), RETRY_AT_LEAST_EVERY)
    late = [row.id for row in rows if row.expires_at <= work.now + wait]
    change(work, late, state=ReminderState.EXPIRED, reason=Reason.TOO_LATE.value, settled_at=work.now, **_FREE)
    _put_back(work, [row.id for row in rows if row.id not in late], work.now + wait)
    return bool(rows)


def _put_back(work: Work, ids: list[UUID], try_at: Any) -> None:
    free = {"state": ReminderState.PENDING, "reason": None, "bundled_in": None, **_FREE}
    change(work, ids, **free, try_at=try_at)


def _hear_of(work: Work, claimed: Claimed, sent: Sent) -> None:
    """Note which browsers answered, and let go of those that are no more."""
    person_id = claimed.message.person_id
    mine = (PushSubscription.service_id == work.service_id, PushSubscription.person_id == person_id)
    if sent.reached:
        before = sa.func.coalesce(PushSubscription.reached_at, PushSubscription.made_at - HEARD_EVERY)
        long_ago = sa.select(PushSubscription.id).where(
            *mine, PushSubscription.id.in_(sent.reached), before <= work.now - HEARD_EVERY
        )
        ids = list(work.session.execute(long_ago).scalars())
        if ids:
            heard = sa.update(PushSubscription).where(*mine, PushSubscription.id.in_(ids))
            work.session.execute(heard.values(reached_at=work.now), execution_options=PLAIN)
            work.record("device.reached", person=person_id, devices=ids)
    if sent.gone:
        over = sa.update(PushSubscription).where(*mine, PushSubscription.id.in_(sent.gone))
        work.session.execute(over.values(ended_at=work.now), execution_options=PLAIN)
        work.record("device.gone", person=person_id, devices=list(sent.gone))
