"""What becomes of reminders that are ours: written down for many at once, in one statement for each kind of change."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.kit.columns import recordset
from app.kit.work import Work
from app.notifications.reminder_tables import Reminder


@dataclass
class Changes:
    """What is to be changed in which rows; the later of two changes of one thing holds."""

    _of: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def add(self, ids: Collection[UUID], **values: Any) -> None:
        for id in ids:
            self._of.setdefault(id, {}).update(values)

    def write(self, work: Work) -> None:
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for id, values in self._of.items():
            row = {"id": str(id)} | {name: _plain(value) for name, value in values.items()}
            alike.setdefault(tuple(sorted(values)), []).append(row)
        for names, rows in alike.items():
            work.session.execute(_changed(names), {"service": work.service_id, "rows": rows})


def change(work: Work, ids: Collection[UUID], **values: Any) -> None:
    """Change some rows that are ours, all alike."""
    changes = Changes()
    changes.add(ids, **values)
    changes.write(work)


@lru_cache
def _changed(names: tuple[str, ...]) -> sa.Update:
    given = recordset(Reminder, "id", *names)
    table = Reminder.__table__
    return (
        sa.update(table)
        .where(table.c.service_id == sa.bindparam("service"), table.c.id == given.c.id)
        .values({name: given.c[name] for name in names})
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
