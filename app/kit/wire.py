"""Statements as they go to the server: several in one message, prepared once a connection, answered in binary.

A cursor of the driver's sends each statement in a message of its own, works out anew how its values are written and
asks for text to be read: pages spent longer on that than the database did on their questions.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import generators, pq
from psycopg._preparing import PrepareManager
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGconn, PGresult

_PLACE = re.compile(r"%\((?P<name>[^)]+)\)s|%%")


@dataclass(eq=False)
class Statement:
    """An SQL text with places such as `%(patient)s`, and what makes a row of the values that come back."""

    text: str
    make_row: Callable[[Any], Any] = tuple
    names: tuple[str, ...] = field(init=False)
    sql: bytes = field(init=False)
    asked_before: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.names = tuple(dict.fromkeys(place["name"] for place in _PLACE.finditer(self.text) if place["name"]))
        numbers = {name: f"${number}" for number, name in enumerate(self.names, 1)}
        self.sql = _PLACE.sub(lambda place: numbers[place["name"]] if place["name"] else "%", self.text).encode()


Asked = tuple[Statement, dict[str, Any]]
COMMIT: Asked = (Statement("COMMIT"), {})
_BEGIN: Asked = (Statement("BEGIN"), {})
_Send = Callable[[PGconn], None]


class _Kept(PrepareManager):
    def clear(self) -> bool:
        return False


def keep_prepared(driver: psycopg.Connection[Any], _: object) -> None:
    """Let what a connection has prepared outlive a rollback, for the event of its opening.

    The driver forgets it all, ours too, in case a table was made and rolled back. Our tables do not come and go, and
    PostgreSQL plans anew by itself where one was changed.
    """
    driver._prepared = _Kept()


class Wire:
    """One connection: the statements it has prepared, and how values are written and read on it."""

    def __init__(self, driver: psycopg.Connection[Any]) -> None:
        self.driver = driver
        self._values = Transformer(driver)
        self._prepared: dict[tuple[Statement, tuple[int, ...]], bytes] = {}

    def ask(self, *asked: Asked) -> list[list[Any]]:
        """The rows of each statement with its values, a transaction begun before them where there is none.

        Raises what the server refused as the driver would; of what stood after that, nothing was done.
        """
        begins = self.driver.pgconn.transaction_status == pq.TransactionStatus.IDLE
        sent = (_BEGIN, *asked) if begins else asked
        results = self._exchange([self._ready(*one) for one in sent])[len(sent) - len(asked) :]
        rows = [self._rows(statement, result) for (statement, _), result in zip(asked, results, strict=True)]
        self._values.set_pgresult(None)
        return rows

    def _ready(self, statement: Statement, values: dict[str, Any]) -> _Send:
        """What puts a statement into a message. It is prepared when it is asked again: some are asked but once."""
        count = len(statement.names)
        written = self._values.dump_sequence([values[name] for name in statement.names], [PyFormat.AUTO] * count)
        types, formats = tuple(self._values.types or ()), self._values.formats
        if not statement.asked_before:
            statement.asked_before = True
            return lambda pgconn: pgconn.send_query_params(statement.sql, written, types, formats, pq.Format.BINARY)
        name = self._prepared.get((statement, types)) or self._prepare(statement, types)
        return lambda pgconn: pgconn.send_query_prepared(name, written, formats, pq.Format.BINARY)

    def _prepare(self, statement: Statement, types: tuple[int, ...]) -> bytes:
        name = f"braid_{len(self._prepared)}".encode()
        self._exchange([lambda pgconn: pgconn.send_prepare(name, statement.sql, types)])
        self._prepared[statement, types] = name
        return name

    def _rows(self, statement: Statement, result: PGresult) -> list[Any]:
        if not result.ntuples:
            return []
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, statement.make_row)

    def _exchange(self, message: Sequence[_Send]) -> list[PGresult]:
        with self.driver.lock:
            results = self.driver.wait(_exchanged(self.driver.pgconn, message))
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
        return results


def _exchanged(pgconn: PGconn, message: Sequence[_Send]) -> PQGen[list[PGresult]]:
    pgconn.enter_pipeline_mode()
    for send in message:
        send(pgconn)
    pgconn.pipeline_sync()
    yield from generators.send(pgconn)
    results: list[PGresult] = []
    for _ in message:
        results += yield from generators.fetch_many(pgconn)
    # The end of the message has an answer of its own.
    yield from generators.fetch_many(pgconn)
    pgconn.exit_pipeline_mode()
    return results
