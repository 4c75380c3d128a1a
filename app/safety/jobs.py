"""What the scheduler runs: alerts go to whoever has them now, and climb where nobody acts. One transaction each."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.safety import climb_actions


def climb(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Pass on what changed hands by itself, as where leave begins, and tell the next level of every alert that waits.

    Returns of how many alerts somebody was told.
    """
    with system_work(bind, service_id, clock=clock) as work:
        count = climb_actions.hand_over(work)
        waiting = [alert.id for alert in climb_actions.waiting_to_climb(work)]
    for alert_id in waiting:
        with system_work(bind, service_id, clock=clock) as work:
            count += climb_actions.climb(work, alert_id=alert_id)
    return count
