"""Setting the fence, service by service: each lets go of what was due before it in a transaction of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection, Engine

from app.accounts.queries import services
from app.kit import db
from app.kit.work import Clock, system_work
from app.notifications import fence_actions


@dataclass(frozen=True)
class LetGo:
    """How many will not be sent, of all services together."""

    reminders: int
    letters: int


def set_fence(bind: Engine | Connection, *, not_before_at: datetime, clock: Clock) -> LetGo:
    """Let go of what was due before a moment, then make this the database that sends; safe to run again."""
    reminders = letters = 0
    with db.transaction(bind, None) as session:
        known = services(session)
    for service in known:
        with system_work(bind, service.id, clock=clock) as work:
            gone = fence_actions.let_go(work, not_before_at=not_before_at)
        reminders, letters = reminders + gone[0], letters + gone[1]
    # Last, so that nothing leaves while some of it is still there.
    with db.transaction(bind, None) as session:
        fence_actions.set_fence(session, not_before_at=not_before_at, now=clock())
    return LetGo(reminders, letters)
