"""Asking those who planned reminders whether they are still wanted."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Asked
from app.kit.work import Work
from app.notifications.kinds import ReminderKind


class StillWanted(Protocol):
    """Why each reminder is not wanted any more, asked of whoever planned it; None, or nothing said, where it is."""

    def __call__(self, work: Work, reminders: Sequence[Asked], /) -> Mapping[UUID, Reason | None]: ...


def gone_of(work: Work, rows: Sequence[Any], still: Mapping[ReminderKind, StillWanted]) -> dict[UUID, Reason | None]:
    """Why some of these rows are not wanted any more, by their ids."""
    gone: dict[UUID, Reason | None] = {}
    for kind, asks in still.items():
        asked = [Asked(row.id, row.person_id, row.series_id, row.about) for row in rows if row.kind is kind]
        if asked:
            gone |= asks(work, asked)
    return gone
