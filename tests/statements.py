"""How many statements a page costs the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from app.kit import db

# What a test's lent connection adds to every transaction, and a deployment does not.
SAVEPOINTS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def counted(bind: sa.Connection) -> Iterator[list[str]]:
    """The statements sent while the block runs, in order: `with counted(bind) as sent: ...; len(sent)`.

    They are counted where the driver is given them, whoever made them.
    """
    sent: list[str] = []

    class Counting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **how: Any) -> "Counting":
            if not str(query).startswith(SAVEPOINTS):
                sent.append(str(query))
            super().execute(query, *given, **how)
            return self

    driver = db.driver_of(bind)
    before, driver.cursor_factory = driver.cursor_factory, Counting
    try:
        yield sent
    finally:
        driver.cursor_factory = before
