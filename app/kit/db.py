"""The database: one engine, and sessions that carry their service into row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session

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
        # A server that does not answer is a failed request after five seconds, not a thread that waits for good.
        connect_args={"connect_timeout": 5},
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
    if transaction.nested:
        return
    connection.execute(_SCOPE, session.info["scope"])
    connection.info.pop("writes", None)


@event.listens_for(ScopedSession, "before_commit")
def _write_the_record(session: Session) -> None:
    if not session.in_nested_transaction():
        audit.write(session)


def session_for(bind: Engine | Connection, service_id: UUID | None, *, email_key: str = "") -> ScopedSession:
    """A session inside one service (or none), which may also see people by one exact e-mail address."""
    scope = {"service": str(service_id or ""), "email": email_key}
    # A test lends its own connection, whose outer transaction it rolls back.
    mode: Any = "create_savepoint" if isinstance(bind, Connection) else "conditional_savepoint"
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


@contextmanager
def transaction(bind: Engine | Connection, service_id: UUID | None, *, email_key: str = "") -> Iterator[ScopedSession]:
    """One transaction: committed where the block ends, rolled back where it raises."""
    with session_for(bind, service_id, email_key=email_key) as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
