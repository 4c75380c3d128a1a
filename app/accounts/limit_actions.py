"""How often somebody may try: limits that stop a stranger and cannot keep the owner out."""

from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.tables import Attempt
from app.kit import crypto
from app.kit.errors import TooMany

WINDOW = timedelta(hours=1)
KEPT = timedelta(days=1)
# Failed passwords for one person, failed codes, and passwords from a device of their own; all tries from one network
# address, behind which a whole service may sit; links to one e-mail address, and those asked for on such a device.
TRIES = {"person": 10, "code": 10, "device": 20, "address": 200, "letters": 6, "device-letters": 6}
ASKED = frozenset({"letters", "device-letters"})


def count_try(session: Session, *, kind: str, name: str, now: datetime) -> None:
    """Count one try in this hour's window; refuses with TooMany beyond the limit, which takes the try back with it."""
    refusal = counted(session, kind=kind, name=name, now=now)
    if refusal:
        raise refusal


def counted(session: Session, *, kind: str, name: str, now: datetime) -> TooMany | None:
    """Count one try in this hour's window, and say whether that was beyond the limit.

    A known device has a count of its own, so that whoever guesses from elsewhere cannot keep its owner out.
    """
    tries = session.execute(
        insert(Attempt)
        .values(bucket=_bucket(kind, name), window_at=_window(now), tries=1)
        .on_conflict_do_update(index_elements=["bucket", "window_at"], set_={"tries": Attempt.tries + 1})
        .returning(Attempt.tries)
    ).scalar_one()
    if tries == 1:
        session.execute(sa.delete(Attempt).where(Attempt.window_at < now - KEPT))
    return TooMany(_words(kind, now)) if tries > TRIES[kind] else None


def forgive_try(session: Session, *, kind: str, name: str, now: datetime) -> None:
    """Take one try back, because it was right: only what went wrong counts against anybody."""
    session.execute(
        sa.update(Attempt)
        .where(Attempt.bucket == _bucket(kind, name), Attempt.window_at == _window(now), Attempt.tries > 0)
        .values(tries=Attempt.tries - 1)
    )


def _bucket(kind: str, name: str) -> str:
    return f"{kind}:{crypto.sealer().sign(name)[:40]}"


def _window(now: datetime) -> datetime:
    return now - timedelta(seconds=now.timestamp() % WINDOW.total_seconds())


def _words(kind: str, now: datetime) -> str:
    minutes = ceil((_window(now) + WINDOW - now).total_seconds() / 60)
    wait = f"Wait {minutes} minutes and try again" if minutes > 1 else "Wait a minute and try again"
    if kind in ASKED:
        return f"Several links were asked for. Look in your e-mails, also among the unwanted ones. {wait}."
    return f"{wait}." if kind == "code" else f"{wait}, or ask for a link by e-mail instead."
