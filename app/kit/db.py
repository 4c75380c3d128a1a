"""The database: one engine, and sessions that carry their service into row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app.kit import audit, wire

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
            # Moments are read in UTC, so that nothing has to turn them.
            "options": "-c plan_cache_mode=force_generic_plan -c timezone=UTC",
        },
    )
    event.listen(engine, "connect", wire.keep_prepared)
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


# Local to the transaction (the third argument), so that the next borrower of the connection inherits nothing.
_ENTER = wire.Statement(
    "select set_config('app.service_id', %(service)s, true), set_config('app.email_key', %(email)s, true)"
)


@event.listens_for(ScopedSession, "after_begin")
def _enter_service(session: Session, transaction: Any, connection: Connection) -> None:
    if transaction.nested:
        return
    if session.info.get("connection") is not None and not session.info.get("joined"):
        # It joins what began without it.
        session.info["joined"] = True
        _begin(session, connection)
        return
    _wire_of(connection).ask((_ENTER, session.info["scope"]))
    connection.info.pop("writes", None)


@event.listens_for(ScopedSession, "before_commit")
def _write_the_record(session: Session) -> None:
    if session.in_nested_transaction():
        return
    connection = connection_of(session)
    record = audit.entries_to_write(session, connection)
    if record:
        _wire_of(connection).ask(record)
        session.info["entries"].clear()


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
    if opened is None:
        return session.connection()
    _begin(session, opened)
    return opened


def ask(session: Session, *asked: wire.Asked) -> list[list[Any]]:
    """The rows of each statement, asked in one message, with the transaction's beginning where it has not begun.

    Each message costs a page as much as a small question does.
    """
    opened: Connection | None = session.info.get("connection")
    if opened is None:
        return _wire_of(session.connection()).ask(*asked)
    if session.info["begun"]:
        return _wire_of(opened).ask(*asked)
    session.info["begun"] = True
    return _wire_of(opened).ask((_ENTER, session.info["scope"]), *asked)[1:]


@contextmanager
def transaction(bind: Engine | Connection, service_id: UUID | None, *, email_key: str = "") -> Iterator[ScopedSession]:
    """One transaction: committed where the block ends, rolled back where it raises."""
    with _opened(bind, service_id, email_key) as session:
        try:
            yield session
            _commit(session)
        except BaseException:
            session.rollback()
            raise


@contextmanager
def _opened(bind: Engine | Connection, service_id: UUID | None, email_key: str) -> Iterator[ScopedSession]:
    """A session; where there is an engine, on a connection that begins when the first thing is asked of it.

    Most requests only read and never need the session: what it takes to join it to a connection is left for those
    that do.
    """
    if isinstance(bind, Connection):
        with session_for(bind, service_id, email_key=email_key) as session:
            yield session
        return
    with bind.connect() as connection, session_for(connection, service_id, email_key=email_key) as session:
        connection.info.pop("writes", None)
        session.info |= {"connection": connection, "begun": False}
        try:
            yield session
        except psycopg.OperationalError:
            _give_up_lost(bind, connection)
            raise


def _give_up_lost(engine: Engine, connection: Connection) -> None:
    """Where the server went away, every connection that was kept went with it, and each would fail somebody's request.

    SQLAlchemy does this for the statements it makes; of those that go past it, it does not know.
    """
    if not connection.invalidated and driver_of(connection).closed:
        connection.invalidate()
        engine.dispose()


def _begin(session: Session, connection: Connection) -> None:
    if not session.info["begun"]:
        session.info["begun"] = True
        _wire_of(connection).ask((_ENTER, session.info["scope"]))


def _commit(session: ScopedSession) -> None:
    connection: Connection | None = session.info.get("connection")
    if connection is None or session.in_transaction() or session.new:
        # The end of the session's own transaction writes the record.
        session.commit()
        return
    record = audit.entries_to_write(session, connection)
    if record:
        ask(session, record, wire.COMMIT)
        session.info["entries"].clear()
    elif session.info["begun"]:
        _wire_of(connection).ask(wire.COMMIT)


def _wire_of(connection: Connection) -> wire.Wire:
    """The wire of a connection: made once, and gone with it."""
    found: wire.Wire | None = connection.info.get("wire")
    if found is None:
        found = connection.info["wire"] = wire.Wire(driver_of(connection))
    return found


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection under SQLAlchemy's, in the same transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
