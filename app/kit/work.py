"""A piece of work: who is doing it, for which service, at what moment, in which transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app.kit import audit, db, prepared
from app.kit.errors import Forbidden

Row = TypeVar("Row")
Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The present moment in UTC: the one place where the house looks at the clock."""
    return datetime.now(UTC)  # noqa: TID251


@dataclass(frozen=True)
class Actor:
    """Who acts. `may` holds the capabilities of the one role they act in."""

    id: UUID | None
    name: str
    role: str
    zone: ZoneInfo
    may: frozenset[str] = frozenset()
    given_name: str = ""


@dataclass
class Work:
    """One request's or one job item's unit of work; the first argument of every action."""

    session: Session
    service_id: UUID
    actor: Actor
    now: datetime
    request_id: str = field(default_factory=lambda: uuid4().hex)
    _ahead: dict[sa.SelectBase, tuple[dict[str, Any], prepared.Rows]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def add(self, row: Row) -> Row:
        """Store a row now, so that rows arrive in reading order; it belongs to this work's service."""
        if getattr(row, "service_id", None) is None:
            row.service_id = self.service_id  # type: ignore[attr-defined]
        self.session.add(row)
        self.session.flush()
        return row

    def read(self, statement: sa.SelectBase, values: dict[str, Any] | None = None) -> prepared.Rows:
        """Plain rows of a query that is built once, past the object-relational layer: for pages that must be quick."""
        values = values or {}
        asked, found = self._ahead.pop(statement, (None, None))
        if found is not None and asked == values:
            return found
        return prepared.read(self.session, (statement, values))[0]

    def read_each(self, *questions: prepared.Question) -> list[prepared.Rows]:
        """The rows of several such queries, asked in one message."""
        return prepared.read(self.session, *questions) if questions else []

    def ahead(self, *questions: sa.SelectBase | prepared.Question, **values: UUID | list[UUID]) -> None:
        """Ask now, in one message, what the page is going to `read` with just these values, each once.

        A statement that asks for more than they come with brings that along. For a page that only reads: what is
        changed after this is not in it.
        """
        asked = [(one[0], values | one[1]) if isinstance(one, tuple) else (one, values) for one in questions]
        found = prepared.read(self.session, *asked)
        self._ahead |= {one: (given, rows) for (one, given), rows in zip(asked, found, strict=True)}

    def record(self, event: str, *, patient: UUID | None = None, **details: Any) -> None:
        """Say what happened, as `subject.past-tense`. Details are codes and ids, never free text."""
        entry = audit.Entry(event, self.now, self.actor.id, self.actor.role, patient, self.request_id, details)
        self.session.info["entries"].append(entry)

    def record_look(self, event: str, *, patient: UUID, **details: Any) -> None:
        """Say that somebody's record was opened; this never stands for a change."""
        entry = audit.Entry(
            event, self.now, self.actor.id, self.actor.role, patient, self.request_id, details, look=True
        )
        self.session.info["entries"].append(entry)

    def one_at_a_time(self, kind: str, id: UUID) -> None:
        """Wait until no other work about this thing is under way, and let none begin before this one is committed.

        `kind` names what is being done, such as "alerts". Two clicks on one button are then one after the other,
        and the second finds what the first did.
        """
        self.session.execute(sa.select(sa.func.pg_advisory_xact_lock(self._lock(kind, sa.literal(str(id))))))

    def is_free(self, kind: str, id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
        """A condition on a column of ids: no other work about this thing is under way, and now it is this one's.

        For work that takes what it finds free instead of waiting. The rows it is asked of must come from a sub-query
        with a limit, or the database may ask it of rows that the query leaves out.
        """
        return sa.func.pg_try_advisory_xact_lock(self._lock(kind, sa.cast(id, sa.Text)))

    def _lock(self, kind: str, id: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
        return sa.func.hashtextextended(sa.literal(f"{kind}:{self.service_id}:") + id, 0)

    def require(self, capability: str) -> None:
        """Refuse with Forbidden unless the role acted in has this capability."""
        if capability not in self.actor.may:
            raise Forbidden

    @property
    def today(self) -> date:
        """The day it is where the actor is."""
        return self.now.astimezone(self.actor.zone).date()


NOBODY = Actor(id=None, name="", role="anonymous", zone=ZoneInfo("Europe/London"))
SYSTEM = Actor(id=None, name="Braid", role="system", zone=ZoneInfo("Europe/London"))


@contextmanager
def system_work(bind: Engine | Connection, service_id: UUID, *, clock: Clock = wall_clock) -> Iterator[Work]:
    """Work by the house itself: a job's item, in a transaction of its own."""
    with db.transaction(bind, service_id) as session:
        yield Work(session=session, service_id=service_id, actor=SYSTEM, now=clock())
