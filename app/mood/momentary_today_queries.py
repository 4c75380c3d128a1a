"""What Today says of short questions: whether one is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.mood.momentary_tables import MomentaryAssignment, MomentaryPrompt

_last = (
    sa.select(MomentaryPrompt.id, MomentaryPrompt.expires_at, MomentaryPrompt.closes_at)
    .join(
        MomentaryAssignment,
        sa.and_(
            MomentaryAssignment.service_id == MomentaryPrompt.service_id,
            MomentaryAssignment.id == MomentaryPrompt.assignment_id,
        ),
    )
    .where(
        MomentaryPrompt.service_id == sa.bindparam("service"),
        MomentaryPrompt.patient_id == sa.bindparam("patient"),
        MomentaryPrompt.decided_at.is_not(None),
        MomentaryPrompt.withheld.is_(None),
        MomentaryPrompt.said_at.is_(None),
        MomentaryAssignment.ended_at.is_(None),
    )
    .order_by(MomentaryPrompt.due_at.desc())
    .limit(1)
    .subquery("last_asked")
)
# One JSON value without a word of the patient's: a column of what Today asks for.
ASKED = sa.select(sa.func.to_json(sa.literal_column("last_asked"))).select_from(_last).scalar_subquery()


@dataclass(frozen=True)
class OpenPrompt:
    """A prompt that can be answered: in time until `expires_at`, which may be over."""

    id: UUID
    expires_at: datetime
    in_time: bool


def open_of(given: Mapping[str, Any] | None, now: datetime) -> OpenPrompt | None:
    """What the column `ASKED` holds, where it can be answered still."""
    if given is None or datetime.fromisoformat(given["closes_at"]) <= now:
        return None
    expires_at = datetime.fromisoformat(given["expires_at"])
    return OpenPrompt(UUID(given["id"]), expires_at, now < expires_at)
