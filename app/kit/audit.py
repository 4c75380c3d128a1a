"""The record of who did what: nothing changes without an entry, and no entry can be changed unseen.

Entries form a SHA-256 chain per service, appended by one database function that holds a lock, so that
order and hash are decided in the same place. The log is for people who ask; features never depend on it,
save for `programme.jobs`, which reads on from its cursor.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel

from app.kit import wire


class AuditEntry(SQLModel, table=True):
    """The log as stored; written only by the database function `append_audit`."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_patient", "service_id", "patient_id", "seq"),)

    service_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: datetime
    actor_id: UUID | None = None
    patient_id: UUID | None = None
    event: str = Field(sa_type=sa.Text)
    body: str = Field(sa_type=sa.Text)
    hash: bytes


# Rows that say nothing new about a person’s care, or where an entry a keystroke would bury the others. Reminders keep a
# ledger of their own: each row says what became of it, when and why.
UNRECORDED = frozenset(
    {
        "draft",
        "attempt",
        "sign_in_seen",
        "audit_cursor",
        "course_summary",
        "what_if_line",
        "reminder",
        "reminder_count",
        "reminder_plan",
        "alembic_version",
        # These two are of no service: what follows from them for one is recorded there.
        "heartbeat",
        "sending_fence",
    }
)

_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_WRITE = re.compile(
    r"(?<!for )(?<!no key )(?<!do )\b"
    r"(?:insert\s+into|update|delete\s+from|merge\s+into|truncate(?:\s+table)?|copy)\s+"
    r"(?:only\s+)?\"?(\w+)\"?",
    re.IGNORECASE,
)


_APPEND = wire.Statement("select append_audit(%(bodies)s::text[])")

# Entries held in memory while the chain is walked.
AT_ONCE = 1000


class Unrecorded(RuntimeError):
    """A change was about to be committed with nothing recorded: a fault of ours, never the person's."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. Details are codes and ids, never what somebody wrote."""

    event: str
    at: datetime
    actor_id: UUID | None
    actor_role: str
    patient_id: UUID | None
    request_id: str
    details: dict[str, Any]
    look: bool = False

    def body(self) -> str:
        """Canonical JSON: what the chain is made over."""
        said = {
            "event": self.event,
            "at": self.at.isoformat(),
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "actor_role": self.actor_role,
            "patient_id": str(self.patient_id) if self.patient_id else None,
            "request_id": self.request_id,
            "details": self.details,
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def note_write(
    conn: sa.Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> None:
    """Remember which tables a statement changes: ORM, bulk and raw text alike pass through here."""
    changed = changes(statement)
    if changed:
        conn.info.setdefault("writes", set()).update(changed)


@lru_cache(maxsize=4096)
def changes(statement: str) -> frozenset[str]:
    """The tables an SQL text changes, without those whose changes nobody records."""
    # Both ways: a comment may stand inside a write, and what looks like a comment may be a piece of quoted text.
    found = _WRITE.findall(statement) + _WRITE.findall(_COMMENT.sub(" ", statement))
    return frozenset(table.lower() for table in found) - UNRECORDED


def entries_to_write(session: Session, connection: sa.Connection) -> wire.Asked | None:
    """What appends this transaction's entries, if any; raises Unrecorded where rows changed and there are none."""
    session.flush()
    entries: list[Entry] = session.info["entries"]
    changed = connection.info.pop("writes", set())
    if changed and all(entry.look for entry in entries):
        raise Unrecorded(f"changed {', '.join(sorted(changed))} with nothing recorded")
    return (_APPEND, {"bodies": [entry.body() for entry in entries]}) if entries else None


def verify(session: Session) -> Iterator[str]:
    """Every fault found in the current service's chain, in words; none where it is whole.

    A cut tail cannot be seen from inside: compare the last sequence number and hash with a copy kept elsewhere.
    """
    before, expected = b"", 1
    rows = session.execute(
        sa.text("select seq, event, at, actor_id, patient_id, body, hash from audit_entry order by seq"),
        execution_options={"yield_per": AT_ONCE},
    )
    for row in rows:
        if row.seq != expected:
            gone = f"entry {expected} is" if row.seq == expected + 1 else f"entries {expected} to {row.seq - 1} are"
            yield f"{gone} missing"
        if hashlib.sha256(before + f"{row.seq}{row.body}".encode()).digest() != bytes(row.hash):
            yield f"entry {row.seq} does not follow from the one before it"
        if not _agrees(row):
            yield f"entry {row.seq} says one thing in its columns and another in its body"
        before, expected = bytes(row.hash), row.seq + 1


def _agrees(row: Any) -> bool:
    """Whether the columns that people search by say what the hashed body says."""
    try:
        said = json.loads(row.body)
        told = (said["event"], said["actor_id"], said["patient_id"], datetime.fromisoformat(said["at"]))
    except (ValueError, KeyError, TypeError):
        return False
    ids = (str(value) if value else None for value in (row.actor_id, row.patient_id))
    return told == (row.event, *ids, row.at)
