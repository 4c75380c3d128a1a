"""Reads that every page makes: compiled once, then handed to the driver as they are.

SQLAlchemy finds a compiled statement again by walking through all of it, and wraps each row and each answer's
description anew. On a page of five statements that took longer than the database did.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine
from sqlmodel import AutoString
from sqlmodel.sql.sqltypes import UTCDateTime

from app.kit import audit, db, wire

Change = Callable[[Any], Any]
Question = tuple[sa.SelectBase, dict[str, Any]]


class Rows:
    """What a read found: named tuples, in the order of the statement."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> list[Any]:
        return self._rows

    def first(self) -> Any | None:
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row; raises LookupError where there is not just one."""
        if len(self._rows) != 1:
            raise LookupError(f"{len(self._rows)} rows where there is always one")
        return self._rows[0]

    def one_or_none(self) -> Any | None:
        """The only row, if there is any; raises LookupError where there are several."""
        return self.one() if self._rows else None


class Prepared:
    """A SELECT as the driver takes it, with what its types do to values on their way in and out."""

    def __init__(self, statement: sa.SelectBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        asked = {name: None for bind, name in compiled.bind_names.items() if bind.required}
        whole = compiled.construct_expanded_state(asked)
        if audit.changes(whole.statement):
            raise ValueError("A read changes nothing: what writes goes through the session")
        self._binds: dict[str, Change] = {name: change for name, change in whole.processors.items() if callable(change)}
        self._binds |= {name: _array_of_ids for name in asked if _is_of_ids(compiled.binds[name].type)}
        self._constants = {
            name: self._binds[name](value) if name in self._binds else value
            for name, value in whole.parameters.items()
            if name not in asked
        }
        self._to_change = [name for name in asked if name in self._binds]
        columns = statement.selected_columns
        # The type checker knows no tuple whose names differ from statement to statement.
        row: Any = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]
        self._row: Callable[[Any], Any] = row._make
        changes = [_change(column.type, dialect) for column in columns]
        self._changes: list[tuple[int, Change]] = [(n, change) for n, change in enumerate(changes) if change]
        self._statement = wire.Statement(whole.statement, self._changed if self._changes else self._row)

    def asked(self, values: dict[str, Any] | None) -> wire.Asked:
        """The statement with these values, as it is sent."""
        given = {**self._constants, **(values or {})}
        for name in self._to_change:
            given[name] = self._binds[name](given[name])
        return self._statement, given

    def _changed(self, row: tuple[Any, ...]) -> Any:
        values = list(row)
        for at, change in self._changes:
            values[at] = change(values[at])
        return self._row(values)


def _is_of_ids(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, sa.ARRAY) and isinstance(kind.item_type, sa.Uuid)


def _array_of_ids(ids: Any) -> str:
    """As the server reads it: the driver looks up for each single id how it is to be written."""
    return f"{{{','.join(map(str, ids))}}}"


def _change(kind: TypeEngine[Any], dialect: Dialect) -> Change | None:
    """What a type does to a value from the driver; None for the types that leave it as it came.

    Moments come in UTC, which `db.connect` asks for.
    """
    if isinstance(kind, AutoString | UTCDateTime):
        return None
    if isinstance(kind, sa.ARRAY) and _change(kind.item_type, dialect) is None:
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)


_PREPARED: WeakKeyDictionary[sa.SelectBase, Prepared] = WeakKeyDictionary()


def read(session: Session, *asked: Question) -> list[Rows]:
    """The rows of each SELECT with its values, within the session's transaction, asked in one message.

    Made for statements that are built once: one built for a single question is compiled for it alone. Raises
    ValueError for a statement that changes anything that has to be recorded, and what the driver raises.
    """
    dialect = session.get_bind().dialect
    found = db.ask(session, *(_prepared(statement, dialect).asked(values) for statement, values in asked))
    return [Rows(rows) for rows in found]


def _prepared(statement: sa.SelectBase, dialect: Dialect) -> Prepared:
    found = _PREPARED.get(statement)
    if found is None:
        found = _PREPARED[statement] = Prepared(statement, dialect)
    return found
