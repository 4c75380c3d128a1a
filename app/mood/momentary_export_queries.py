"""Momentary assessment for analysis: one row for every prompt, whatever became of it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.clinical.momentary_protocols import AnyItem, WordsItem
from app.kit.work import Work
from app.mood import momentary_queries as queries
from app.mood.momentary_queries import Assigned, Prompted
from app.notifications.kinds import ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder

# The same in every file, in this order; the answers follow, one column for each item.
COLUMNS = (
    "participant",
    "assignment",
    "protocol",
    "version",
    "purpose",
    "prompt",
    "day",
    "window",
    "local_date",
    "local_time",
    "zone",
    "scheduled",
    "expires",
    "closes",
    "decided",
    "reminded",
    "shown",
    "answered",
    "arrived",
    "status",
    "withheld",
)
Row = dict[str, str]
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(work: Work, several: Sequence[Assigned], *, with_words: bool) -> Iterator[Row]:
    """One row for each prompt of these assignments, in their order. What patients wrote only where it is asked for."""
    for assigned in several:
        reminded = _reminded(work, assigned)
        items = [item for item in assigned.protocol.items if with_words or not isinstance(item, WordsItem)]
        for one in queries.prompts(work, assigned):
            yield _row(assigned, one, reminded.get(one.id), work.now) | _answers(items, one)


def as_csv(found: Iterable[Row]) -> str:
    """The rows as a file in UTF-8 with a header (RFC 4180). Where protocols differ each has columns for all items."""
    several = list(found)
    items = dict.fromkeys(name for row in several for name in row if name not in COLUMNS)
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS, *items], restval="")
    writer.writeheader()
    writer.writerows(several)
    return out.getvalue()


def _row(assigned: Assigned, one: Prompted, reminded: datetime | None, now: datetime) -> Row:
    why = one.why_withheld(now)
    return {
        "participant": str(assigned.patient_id),
        "assignment": str(assigned.id),
        "protocol": assigned.protocol.key,
        "version": assigned.protocol.version,
        "purpose": assigned.purpose.value,
        "prompt": str(one.number),
        "day": str(one.day),
        "window": one.slot,
        "local_date": one.local_on.isoformat(),
        "local_time": one.local_at.isoformat("minutes"),
        "zone": str(one.zone),
        "scheduled": _moment(one.times.due_at),
        "expires": _moment(one.times.expires_at),
        "closes": _moment(one.times.closes_at),
        "decided": _moment(one.decided_at),
        "reminded": _moment(reminded),
        "shown": _moment(one.shown_at),
        "answered": _moment(one.said_at),
        "arrived": _moment(one.arrived_at),
        "status": one.standing(now).value,
        "withheld": why.value if why else "",
    }


def _answers(items: Iterable[AnyItem], one: Prompted) -> Row:
    given: Mapping[str, Any] = one.answers or {}
    return {item.key: _cell(item, given.get(item.key)) for item in items}


def _cell(item: AnyItem, value: Any) -> str:
    if value is None:
        return ""
    text = str(value)
    is_formula = isinstance(item, WordsItem) and text.startswith(_FORMULA)
    return f"'{text}" if is_formula else text


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def _reminded(work: Work, assigned: Assigned) -> dict[UUID, datetime]:
    """When a reminder of each prompt left first, by any way."""
    found = work.session.execute(
        sa.select(Reminder.about["prompt"].astext, Reminder.settled_at)
        .where(
            Reminder.service_id == work.service_id,
            Reminder.person_id == assigned.patient_id,
            Reminder.kind == ReminderKind.MOMENTARY,
            Reminder.state == ReminderState.SENT,
        )
        .order_by(Reminder.settled_at.desc())
    )
    # The first of them is the last to be set.
    return {UUID(prompt): at for prompt, at in found}
