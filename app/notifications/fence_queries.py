"""Whether this database is the one that sent last, or a copy of it that somebody has restored.

A copy is known by a stamp that names where the rows are, and that a copy of the rows cannot take along:

- the system identifier, which each PostgreSQL server makes for itself when it is first set up;
- the timeline, which begins anew at every recovery from an archive and when a standby takes over;
- the number of the database in its server, another one in each that is created;
- the number of this very table, another one where a dump was restored over a database that stays.

It holds no secret and needs no right that the application's role has not. What it cannot see is a disk put back just as
it was, without PostgreSQL's knowledge: docs/operations.md says what to do then.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.notifications.reminder_tables import SendingFence

# Of the log's present file and not of the last checkpoint, which for a while still names the timeline before.
_HERE = sa.text(
    "select concat_ws('/', (select system_identifier from pg_control_system()),"
    " left(pg_walfile_name(pg_current_wal_lsn()), 8),"
    " (select oid from pg_database where datname = current_database()), 'sending_fence'::regclass::oid)"
)


@dataclass(frozen=True)
class Fence:
    """What may leave this database. `stamp` is of the database that sent last, None where none has yet."""

    here: str
    stamp: str | None
    as_of_at: datetime | None = None
    not_before_at: datetime | None = None
    set_at: datetime | None = None

    @property
    def up(self) -> bool:
        """Whether this is a copy in which nobody has said yet from when on things may be sent."""
        return self.stamp is not None and self.stamp != self.here

    @property
    def words(self) -> str:
        """How it stands, for whoever sits at the server."""
        if self.up:
            taken = f" taken {self.as_of_at:%Y-%m-%d %H:%M} UTC" if self.as_of_at else ""
            return f"This database is a copy{taken}. No reminder is sent until you say: braid fence --not-before WHEN"
        if self.not_before_at:
            return f"Reminders due from {self.not_before_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC on are sent."
        return "This is the database that has been sending all along. Nothing is held back."


def fence(session: Session) -> Fence:
    """How the fence stands."""
    here = session.execute(_HERE).scalar_one()
    row = session.execute(sa.select(SendingFence.__table__)).one_or_none()
    if row is None:
        return Fence(here, None)
    return Fence(here, row.stamp, row.as_of_at, row.not_before_at, row.set_at)


def allowed(session: Session) -> bool:
    """Whether anything at all may be sent to patients from here."""
    return not fence(session).up
