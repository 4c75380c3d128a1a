"""Heartbeats: whoever leads says which parts to wait for, and each part that it went round."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.notifications.part_kinds import Part
from app.notifications.reminder_tables import Heartbeat


def await_parts(session: Session, parts: Iterable[Part], *, now: datetime) -> None:
    """From now on each of these parts is missed if it does not come. When it last came stays known."""
    rows = insert(Heartbeat).values([{"name": part.value, "awaited_at": now} for part in parts])
    session.execute(rows.on_conflict_do_update(index_elements=["name"], set_={"awaited_at": now}))


def beat(session: Session, part: Part, *, now: datetime) -> None:
    """Say that a part has been round every service."""
    row = insert(Heartbeat).values(name=part.value, awaited_at=now, beat_at=now)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"beat_at": now}))
