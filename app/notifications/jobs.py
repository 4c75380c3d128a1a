"""What the scheduler runs: links become letters, letters leave. One transaction each."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.mail import Carrier
from app.kit.work import Clock, system_work
from app.notifications import actions


def post_links(bind: Engine | Connection, service_id: UUID, *, clock: Clock, origin: str) -> int:
    """Write a letter for every link that waits; returns how many."""
    count = 0
    while True:
        with system_work(bind, service_id, clock=clock) as work:
            if not actions.post_next_link(work, origin=origin):
                return count
        count += 1


def send_letters(bind: Engine | Connection, service_id: UUID, *, clock: Clock, carrier: Carrier) -> int:
    """Try every letter that is due; returns how many were tried."""
    count = 0
    while True:
        with system_work(bind, service_id, clock=clock) as work:
            if not actions.send_next(work, carrier=carrier):
                return count
        count += 1
