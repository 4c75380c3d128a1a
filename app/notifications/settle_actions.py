"""What came of sending: a message is marked by whoever holds its token, and one that nobody marked is looked into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.clinical.reminder_reasons import Reason
from app.kit.columns import just
from app.kit.prepared import Question
from app.kit.work import Work
from app.notifications.claim_actions import LEASE, ON_THE_WAY, PLAIN, ROW, Claimed, message_of
from app.notifications.kinds import Channel, DeviceEnd, ReminderState
from app.notifications.ledger_actions import change
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
_IDS = sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))
_FREE: dict[str, Any] = {"lease_token": None, "lease_ends_at": None}


@dataclass(frozen=True)
class Came:
    """A message that was handed over and what came of it. What is unsure is done again where the far end shows one."""

    claimed: Claimed
    sent: Sent
    redo: bool

    @property
    def outcome(self) -> Outcome:
        return Outcome.RETRY if self.redo and self.sent.outcome is Outcome.UNSURE else self.sent.outcome


def begin(work: Work, claimed: Claimed) -> bool:
    """Say that a message is about to be handed over; False where its lease has ended and another may have it."""
    return go_on(work, None, claimed)


def settle(work: Work, claimed: Claimed, sent: Sent, *, redo: bool) -> bool:
    """Say what came of a message, if it is still ours; False where another has taken it over meanwhile."""
    came = Came(claimed, sent, redo)
    if came.outcome is Outcome.RETRY:
        marked = _try_again(work, _held(work, Reminder.id.in_(claimed.ids), Reminder.lease_token == claimed.token))
    else:
        marked = bool(work.read(*_settling(work, came)).all())
    _hear_of(work, claimed, sent)
    return marked


def go_on(work: Work, before: Came | None, claimed: Claimed) -> bool:
    """Settle one message and begin with another, in one question to the database where it can be."""
    asked = []
    if before is not None and (before.outcome is Outcome.RETRY or before.sent.reached or before.sent.gone):
        settle(work, before.claimed, before.sent, redo=before.redo)
    elif before is not None:
        asked.append(_settling(work, before))
    if work.now >= claimed.lease_ends_at:
        work.read_each(*asked)
        return False
    begun = {"state": ReminderState.SENDING, "lease_ends_at": work.now + LEASE}
    *_, ours = work.read_each(*asked, _marking(work, claimed, (ReminderState.LEASED,), begun))
    return bool(ours.all())


def _settling(work: Work, came: Came) -> Question:
    values = {**_ENDS[came.outcome], **_FREE, "settled_at": work.now, "provider_ref": came.sent.provider_ref}
    return _marking(work, came.claimed, ON_THE_WAY, values)


def _marking(work: Work, claimed: Claimed, states: tuple[ReminderState, ...], values: dict[str, Any]) -> Question:
    asked = {"service": work.service_id, "ids": list(claimed.ids), "token": claimed.token}
    return _marked(states, tuple(values)), asked | {f"new_{name}": value for name, value in values.items()}


@lru_cache
def _marked(states: tuple[ReminderState, ...], names: tuple[str, ...]) -> sa.Select[Any]:
    columns = Reminder.__table__.c
    marked = (
        sa.update(Reminder.__table__)
        .where(columns.service_id == sa.bindparam("service"), columns.id == sa.any_(_IDS))
        .where(columns.lease_token == sa.bindparam("token"), just(columns.state, *states))
        .values({name: sa.bindparam(f"new_{name}", type_=columns[name].type) for name in names})
        .returning(columns.id)
        .cte("marked")
    )
    return sa.select(marked.c.id)


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
        work.session.execute(over.values(ended_at=work.now, ended_why=DeviceEnd.GONE), execution_options=PLAIN)
        work.record("device.gone", person=person_id, devices=list(sent.gone))
