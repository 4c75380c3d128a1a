"""Writing down the reminders a plan asks for, so that the rows come out as it is, however often it is done."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.tables import Person
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Wanted, before_quiet
from app.kit.columns import just, recordset
from app.kit.work import Work
from app.notifications import switch_queries
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder
from app.notifications.switch_queries import Settings

_PLAN = ("about", "series_id", "due_at", "expires_at", "local_on", "zone")
_planned: Callable[[Any], tuple[Any, ...]] = attrgetter(*_PLAN)
_COLUMNS = (Reminder.id, Reminder.key, Reminder.state, *(getattr(Reminder, name) for name in _PLAN))
_SERVICE = Reminder.service_id == sa.bindparam("service")
IN_WINDOW = sa.select(*_COLUMNS).where(
    _SERVICE,
    Reminder.person_id == sa.any_(sa.bindparam("people", type_=sa.ARRAY(sa.Uuid))),
    Reminder.kind == sa.bindparam("kind"),
    Reminder.due_at >= sa.bindparam("since"),
    Reminder.due_at < sa.bindparam("until"),
)
# Joined and not asked for one in many: for that the database may go through every row of a service, key by key.
_ASKED = sa.func.unnest(sa.bindparam("keys", type_=sa.ARRAY(sa.Text))).table_valued("key").render_derived()
BY_KEY = sa.select(*_COLUMNS).join(_ASKED, Reminder.key == _ASKED.c.key).where(_SERVICE)
# What was cancelled never left, so that a plan that is put back finds its reminder again.
_TO_COME = (ReminderState.PENDING, ReminderState.CANCELLED)

_GIVEN = ("person_id", "kind", "key", "channel", *_PLAN)
_ROWS = recordset(Reminder, *_GIVEN)
_ALIKE = {
    "service_id": sa.bindparam("service", type_=sa.Uuid),
    "id": sa.func.gen_random_uuid(),
    "state": sa.literal(ReminderState.PENDING, Reminder.__table__.c.state.type),
    "attempts": sa.literal(0),
    "made_at": sa.bindparam("now", type_=Reminder.__table__.c.made_at.type),
}
_INSERT = insert(Reminder.__table__).from_select(
    [*_ALIKE, *_GIVEN], sa.select(*_ALIKE.values(), *(_ROWS.c[name] for name in _GIVEN))
)
WRITTEN = _INSERT.on_conflict_do_update(
    index_elements=["service_id", "key"],
    set_={name: _INSERT.excluded[name] for name in _PLAN}
    | {"state": ReminderState.PENDING, "reason": None, "try_at": None, "settled_at": None},
    where=sa.or_(*(Reminder.state == state for state in _TO_COME)),
)


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
    everybody = {person_id: list(wanted)}
    reconcile_each(work, kind=kind, wanted=everybody, since=since, until=until, series_ids=series_ids, why=why)


def reconcile_each(
    work: Work,
    *,
    kind: ReminderKind,
    wanted: Mapping[UUID, Sequence[Wanted]],
    since: datetime,
    until: datetime,
    series_ids: Collection[UUID] | None = None,
    why: Reason = Reason.PLAN_CHANGED,
) -> dict[UUID, tuple[Channel, ...]]:
    """The same for several people, whose locks are held already, in as many statements as for one.

    Returns by which ways each of them was found to be reached.
    """
    settings = switch_queries.settings_of_each(work, wanted.keys())
    ways = switch_queries.ways_to_each(work, settings)
    asked: dict[str, tuple[UUID, Channel, Wanted]] = {}
    for person_id, several in wanted.items():
        for one in several:
            if kind is ReminderKind.APPOINTMENT:
                one = _out_of_quiet_hours(one, settings[person_id])
            asked |= {f"{one.key}|{channel.value}": (person_id, channel, one) for channel in ways[person_id]}
    stored = _stored(work, wanted.keys(), kind, asked, since, until)
    new, late, gone = [], [], []
    for key, (person_id, channel, one) in asked.items():
        row = stored.get(key)
        if one.due_at < since:
            if row is not None and row.state is ReminderState.PENDING and row.due_at > one.due_at:
                late.append(row.id)
        elif row is None or (row.state in _TO_COME and _differs(row, one)):
            new.append(_values(person_id, key, channel, one))
    for key, row in stored.items():
        unwanted = row.state is ReminderState.PENDING and key not in asked
        if unwanted and (series_ids is None or row.series_id in series_ids):
            gone.append(row.id)
    _write(work, new)
    _end(work, late, ReminderState.EXPIRED, Reason.TOO_LATE)
    _end(work, gone, ReminderState.CANCELLED, why)
    return ways


def _out_of_quiet_hours(one: Wanted, settings: Settings) -> Wanted:
    due_at = before_quiet(one.due_at, settings.quiet_from, settings.quiet_to, ZoneInfo(one.zone))
    return replace(one, due_at=due_at)


def lock(work: Work, person_id: UUID) -> None:
    """Let nobody else plan or send somebody's reminders until this is committed."""
    work.one_at_a_time("reminders", person_id)


def lock_free(work: Work, person_ids: Sequence[UUID]) -> set[UUID]:
    """The same for those of them whom nobody plans or sends for at this moment, without waiting for the others."""
    each = (
        sa.select(Person.id)
        .where(Person.service_id == work.service_id, Person.id.in_(person_ids))
        .limit(len(person_ids))
        .subquery()
    )
    return set(work.session.execute(sa.select(each.c.id).where(work.is_free("reminders", each.c.id))).scalars())


def planned_elsewhere(work: Work, zones: Mapping[UUID, ZoneInfo]) -> set[UUID]:
    """Which of these people have a reminder to come that was planned in another zone than theirs."""
    rows = work.session.execute(
        sa.select(Reminder.person_id, Reminder.zone)
        .distinct()
        .where(
            Reminder.service_id == work.service_id,
            Reminder.person_id.in_(zones),
            just(Reminder.state, ReminderState.PENDING),
        )
    )
    return {row.person_id for row in rows if row.zone != str(zones[row.person_id])}


def _stored(
    work: Work,
    person_ids: Collection[UUID],
    kind: ReminderKind,
    keys: Collection[str],
    since: datetime,
    until: datetime,
) -> dict[str, Any]:
    window = {"people": list(person_ids), "kind": kind, "since": since, "until": until}
    found = {row.key: row for row in work.read(IN_WINDOW, {"service": work.service_id, **window})}
    elsewhere = [key for key in keys if key not in found]
    if elsewhere:
        found |= {row.key: row for row in work.read(BY_KEY, {"service": work.service_id, "keys": elsewhere})}
    return found


def _differs(row: Any, one: Wanted) -> bool:
    return row.state is ReminderState.CANCELLED or _planned(row) != _planned(one)


def _values(person_id: UUID, key: str, channel: Channel, one: Wanted) -> dict[str, Any]:
    return {
        "person_id": str(person_id),
        "kind": one.kind,
        "key": key,
        "channel": channel,
        "about": one.about,
        "series_id": one.series_id and str(one.series_id),
        "due_at": one.due_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "local_on": one.local_on.isoformat(),
        "zone": one.zone,
    }


def _write(work: Work, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    # In one order, whoever writes: two that met half-way would wait for each other.
    rows.sort(key=itemgetter("key"))
    work.session.execute(WRITTEN, {"service": work.service_id, "now": work.now, "rows": rows})


def _end(work: Work, ids: list[UUID], state: ReminderState, reason: Reason) -> None:
    if ids:
        work.session.execute(
            sa.update(Reminder)
            .where(
                Reminder.service_id == work.service_id, Reminder.id.in_(ids), Reminder.state == ReminderState.PENDING
            )
            .values(state=state, reason=reason.value, settled_at=work.now)
        )
