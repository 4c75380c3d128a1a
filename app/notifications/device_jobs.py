"""What the scheduler runs: browsers in which nobody has opened Braid for long are sent nothing more."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.notifications import device_actions


def let_go_of_unseen(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Let go of them; returns how many there were."""
    with system_work(bind, service_id, clock=clock) as work:
        return device_actions.let_go_of_unseen(work)
