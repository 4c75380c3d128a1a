"""The savepoints of a lent connection, said to the server in as few steps as there are.

A test lends its connection, and every transaction of the house becomes a savepoint there. Each has a name of its own,
so that no layer above the driver can keep anything of one for the next.
"""

from collections.abc import Callable

import sqlalchemy as sa
from psycopg import pq
from psycopg.errors import error_from_result

from app.kit import db


def say_plainly(engine: sa.Engine) -> None:
    for name, words in (
        ("do_savepoint", "SAVEPOINT"),
        ("do_rollback_to_savepoint", "ROLLBACK TO SAVEPOINT"),
        ("do_release_savepoint", "RELEASE SAVEPOINT"),
    ):
        setattr(engine.dialect, name, _saying(words))


def _saying(words: str) -> Callable[[sa.Connection, str], None]:
    def say(connection: sa.Connection, name: str) -> None:
        driver = db.driver_of(connection)
        # The driver begins when the first thing is asked of it.
        begin = "BEGIN; " if driver.pgconn.transaction_status == pq.TransactionStatus.IDLE else ""
        with driver.lock:
            said = driver.pgconn.exec_(f"{begin}{words} {name}".encode())
        if said.status != pq.ExecStatus.COMMAND_OK:
            raise error_from_result(said)

    return say
