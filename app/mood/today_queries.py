"""What Today says of mood: the number given last, and whether a prompt has come that none has answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.clinical.mood import Scale
from app.mood.tables import MoodRating
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder

_last = (
    sa.select(MoodRating.id, MoodRating.value, MoodRating.low, MoodRating.felt_at, MoodRating.zone)
    .where(
        MoodRating.service_id == sa.bindparam("service"),
        MoodRating.patient_id == sa.bindparam("patient"),
        MoodRating.superseded_by.is_(None),
        MoodRating.value.is_not(None),
    )
    .order_by(MoodRating.felt_at.desc())
    .limit(1)
    .subquery("last_mood")
)
_prompt = (
    sa.select(Reminder.about["since"].label("since"), Reminder.expires_at)
    .where(
        Reminder.service_id == sa.bindparam("service"),
        Reminder.person_id == sa.bindparam("patient"),
        Reminder.kind == ReminderKind.MOOD,
        Reminder.channel == Channel.IN_APP,
        Reminder.state == ReminderState.SENT,
    )
    .order_by(Reminder.due_at.desc())
    .limit(1)
    .subquery("last_prompt")
)
# Each one JSON value without a word of the patient's: columns of what Today asks for.
LAST = sa.select(sa.func.to_json(sa.literal_column("last_mood"))).select_from(_last).scalar_subquery()
PROMPT = sa.select(sa.func.to_json(sa.literal_column("last_prompt"))).select_from(_prompt).scalar_subquery()


@dataclass(frozen=True)
class LastMood:
    """The number given last, on the day it was felt."""

    id: UUID
    value: int
    scale: Scale
    on: date
    at: time
    felt_at: datetime


def last_of(given: Mapping[str, Any] | None) -> LastMood | None:
    """What the column `LAST` holds."""
    if given is None:
        return None
    felt_at = datetime.fromisoformat(given["felt_at"])
    local = felt_at.astimezone(ZoneInfo(given["zone"]))
    return LastMood(UUID(given["id"]), given["value"], Scale(given["low"]), local.date(), local.time(), felt_at)


def is_prompted(given: Mapping[str, Any] | None, last: LastMood | None, now: datetime) -> bool:
    """Whether the prompt that the column `PROMPT` holds is still of use."""
    if given is None or datetime.fromisoformat(given["expires_at"]) <= now:
        return False
    return last is None or last.felt_at < datetime.fromisoformat(given["since"])
