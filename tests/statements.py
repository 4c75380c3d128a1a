"""How many statements a page costs the database, and a fault at any one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from app.kit import db, wire

# What a test's lent connection adds to every transaction, and a deployment does not.
SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def counted(bind: sa.Connection) -> Iterator[list[str]]:
    """The statements sent while the block runs, in order: `with counted(bind) as sent: ...; len(sent)`.

    They are counted where they are sent, whoever made them.
    """
    sent: list[str] = []

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **how: Any) -> "Counting":
            if not str(query).startswith(SAVEPOINTS):
                sent.append(str(query))
            super().execute(query, *given, **how)
            return self

    def counting(self: wire.Wire, *asked: wire.Asked) -> list[list[Any]]:
        if self.driver is driver:
            sent.extend(statement.text for statement, _ in asked if statement is not wire.COMMIT[0])
        return ask(self, *asked)

    driver, ask = db.driver_of(bind), wire.Wire.ask
    before, driver.cursor_factory = driver.cursor_factory, Counting
    wire.Wire.ask = counting  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        driver.cursor_factory = before
        wire.Wire.ask = ask  # type: ignore[method-assign]


class Broken(Exception):
    """The fault that is put in."""


@contextmanager
def failing_at(bind: sa.Connection, place: int) -> Iterator[None]:
    """Let the database fail at one statement of the block, counted as `counted` does."""
    asked_before = 0

    def count() -> None:
        nonlocal asked_before
        asked_before += 1
        if asked_before == place:
            raise Broken

    class Failing(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **how: Any) -> "Failing":
            if not str(query).startswith(SAVEPOINTS):
                count()
            super().execute(query, *given, **how)
            return self

    def failing(self: wire.Wire, *asked: wire.Asked) -> list[list[Any]]:
        if self.driver is driver:
            for statement, _ in asked:
                if statement is not wire.COMMIT[0]:
                    count()
        return ask(self, *asked)

    driver, ask = db.driver_of(bind), wire.Wire.ask
    before, driver.cursor_factory = driver.cursor_factory, Failing
    wire.Wire.ask = failing  # type: ignore[method-assign]
    try:
        yield
    finally:
        driver.cursor_factory = before
        wire.Wire.ask = ask  # type: ignore[method-assign]
