"""The database: one engine, and sessions that carry their service into row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg.pq import Escaping, ExecStatus
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app.kit import audit

# One to hold the lead, two for jobs.
FOR_THE_SCHEDULER = 3


def connect(url: str, *, pool_size: int = 10) -> Engine:
    """An engine on a PostgreSQL URL; sessions made on it are guarded by `audit`.

    `pool_size` is for as many requests as `kit.web` lets in at once, each of which holds one connection at a time.
    """
    engine = sa.create_engine(
        url,
        pool_size=pool_size + FOR_THE_SCHEDULER,
        max_overflow=0,
        pool_pre_ping=False,
        # A failed statement is logged without its values: any of them may be what somebody wrote.
        hide_parameters=True,
        connect_args={
            # A server that does not answer is a failed request after five seconds, not a thread that waits for good.
            "connect_timeout": 5,
            # Our statements find one service's or one person's rows by their keys, so that one plan serves them all.
            # To plan a page's statements anew took longer than to run them.
            "options": "-c plan_cache_mode=force_generic_plan",
        },
    )
    event.listen(engine, "before_cursor_execute", audit.note_write)
    return engine


class Unguarded(RuntimeError):
    """The database would not protect what it is given: a reason not to start."""


def refuse_unguarded(engine: Engine) -> None:
    """Refuse, with Unguarded, a role that row-level security does not bind and a server that may lose a commit."""
    asked = (
        "select rolsuper or rolbypassrls as free, current_setting('fsync') as fsync,"
        " current_setting('synchronous_commit') as commit from pg_roles where rolname = current_user"
    )
    with engine.connect() as connection:
        found = connection.execute(sa.text(asked)).one()
    if found.free:
        raise Unguarded("DATABASE_URL signs in as a role that sees every service's rows: use braid_app.")
    if found.fsync != "on" or found.commit == "off":
        raise Unguarded("This PostgreSQL may lose what it said was saved: fsync and synchronous_commit must be on.")


class ScopedSession(Session):
    """A session whose transactions see one service's rows and cannot commit a change without a record."""


_SCOPE = sa.text("select set_config('app.service_id', :service, true), set_config('app.email_key', :email, true)")


@event.listens_for(ScopedSession, "after_begin")
def _enter_service(session: Session, transaction: Any, connection: Connection) -> None:
    # Local to the transaction (the third argument), so that the next borrower of the connection inherits nothing.
    if transaction.nested or session.info.pop("entered", False):
        return
    connection.execute(_SCOPE, session.info["scope"])
    connection.info.pop("writes", None)


@event.listens_for(ScopedSession, "before_commit")
def _write_the_record(session: Session) -> None:
    if not session.in_nested_transaction():
        audit.write(session, connection_of(session))


def session_for(bind: Engine | Connection, service_id: UUID | None, *, email_key: str = "") -> ScopedSession:
    """A session inside one service (or none), which may also see people by one exact e-mail address."""
    scope = {"service": str(service_id or ""), "email": email_key}
    # A test lends its own connection, whose outer transaction it rolls back.
    lent = isinstance(bind, Connection) and bind.in_transaction()
    mode: Any = "create_savepoint" if lent else "conditional_savepoint"
    return ScopedSession(
        bind,
        autoflush=False,
        expire_on_commit=False,
        join_transaction_mode=mode,
        info={"scope": scope, "entries": []},
    )


@event.listens_for(ScopedSession, "after_rollback")
def _forget_what_did_not_happen(session: Session) -> None:
    session.info["entries"].clear()


def connection_of(session: Session) -> Connection:
    """The connection of a session's transaction, which begins here if it has not begun."""
    opened: Connection | None = session.info.get("connection")
    return opened if opened is not None else session.connection()


@contextmanager
def transaction(bind: Engine | Connection, service_id: UUID | None, *, email_key: str = "") -> Iterator[ScopedSession]:
    """One transaction: committed where the block ends, rolled back where it raises."""
    with _opened(bind, service_id, email_key) as session:
        try:
            yield session
            audit.write(session, connection_of(session))
            _commit(session)
        except BaseException:
            session.rollback()
            raise


@contextmanager
def _opened(bind: Engine | Connection, service_id: UUID | None, email_key: str) -> Iterator[ScopedSession]:
    """A session; where there is an engine, on a connection that has begun already and stands in its service.

    Most requests only read and never need the session: what it takes to join it to a connection is left for those
    that do.
    """
    if isinstance(bind, Connection):
        with session_for(bind, service_id, email_key=email_key) as session:
            yield session
        return
    with bind.connect() as connection, session_for(connection, service_id, email_key=email_key) as session:
        _begin(connection, session.info["scope"])
        session.info |= {"connection": connection, "entered": True}
        yield session


def _begin(connection: Connection, scope: dict[str, str]) -> None:
    """Begin and enter the service in one message: two would cost a page as much as one of its own questions."""
    connection.info.pop("writes", None)
    server = driver_of(connection).pgconn
    quoted = {name: Escaping(server).escape_literal(value.encode()) for name, value in scope.items()}
    begun = server.exec_(
        b"begin; select set_config('app.service_id', %(service)b, true), set_config('app.email_key', %(email)b, true)"
        % {name.encode(): value for name, value in quoted.items()}
    )
    if begun.status != ExecStatus.TUPLES_OK:
        # Said again the long way, which knows what to make of a server that has gone.
        connection.execute(_SCOPE, scope)


def _commit(session: Session) -> None:
    connection: Connection | None = session.info.get("connection")
    if session.in_transaction() or connection is None:
        session.commit()
    elif connection.in_transaction():
        connection.commit()
    else:
        driver_of(connection).commit()


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection under SQLAlchemy's, in the same transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
