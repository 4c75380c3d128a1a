"""Whose reminders stand as they were planned: nothing they were made of has changed, and nothing new comes near."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.accounts.tables import PatientRecord, Person
from app.clinical.reminders import AHEAD
from app.diary import reminder_queries
from app.diary.tables import ReminderPlan
from app.kit.work import Work
from app.notifications import switch_queries
from app.notifications.kinds import Channel

# The code that plans and the rules of the zones are read once, when a process starts: what another planned, or the
# same before it was started anew, is planned once more.
_KNOWN = uuid4().hex

_each = reminder_queries.schedules().subquery("each")
_OF_DIARY = (
    sa.select(
        _each.c.patient_id,
        sa.func.md5(sa.func.string_agg(_each.c.mark, aggregate_order_by(sa.literal(""), _each.c.id))).label("mark"),
    )
    .group_by(_each.c.patient_id)
    .subquery("diary")
)


def _is(table: Any, column: Any) -> sa.ColumnElement[bool]:
    return sa.and_(table.service_id == sa.bindparam("service"), column == _OF_DIARY.c.patient_id)


REMINDED = (
    sa.select(_OF_DIARY, Person.zone, ReminderPlan.made_of, ReminderPlan.whole_until_at)
    .join(PatientRecord, _is(PatientRecord, PatientRecord.id))
    .join(Person, _is(Person, Person.id))
    .outerjoin(ReminderPlan, _is(ReminderPlan, ReminderPlan.patient_id))
    .where(PatientRecord.discharged_at.is_(None))
    .order_by(_OF_DIARY.c.patient_id)
)


@dataclass(frozen=True)
class Reminded:
    """A patient whose diary has something to remind of, and whether what was planned of it stands."""

    patient_id: UUID
    stands: bool


def reminded(work: Work) -> list[Reminded]:
    """The patients in treatment whose diary has something to remind of."""
    asked = {"service": work.service_id, "decided_from": reminder_queries.decided_from(work.now)}
    rows = work.read(REMINDED, asked).all()
    people = [row.patient_id for row in rows]
    ways = switch_queries.ways_to_each(work, switch_queries.settings_of_each(work, people))
    return [Reminded(row.patient_id, _stands(row, ways[row.patient_id], work.now)) for row in rows]


def _stands(row: Any, ways: Sequence[Channel], now: datetime) -> bool:
    if row.made_of is None or now + AHEAD > row.whole_until_at:
        return False
    return bool(row.made_of == made_of(row.zone, ways, row.mark))


def mark_of(marks: Iterable[str]) -> str:
    """The mark of a whole diary, of those of what is in it by their ids."""
    return _hash("".join(marks))


def made_of(zone: str, ways: Iterable[Channel], mark: str) -> str:
    """A fingerprint of all that somebody's reminders follow from, so that other reminders have another."""
    return _hash("|".join((_KNOWN, zone, *ways, mark)))


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
