"""What the scheduler runs: an alert that waits too long, or whose practitioner left, climbs. One transaction each."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.safety import actions, reader_queries


def climb(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Tell those above of every alert that waits for them; returns of how many."""
    with system_work(bind, service_id, clock=clock) as work:
        waiting = [alert.id for alert in reader_queries.to_climb(work)]
    count = 0
    for alert_id in waiting:
        with system_work(bind, service_id, clock=clock) as work:
            count += actions.climb(work, alert_id=alert_id)
    return count
