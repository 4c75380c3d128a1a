"""What the scheduler runs: links become letters, letters leave. Each is claimed, sent, then marked."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.mail import Carrier, Letter
from app.kit.work import Clock, system_work
from app.notifications import actions

TRIES_A_TICK = 20


def post_links(bind: Engine | Connection, service_id: UUID, *, clock: Clock, origin: str) -> int:
    """Write a letter for every link that waits; returns how many."""
    count = 0
    while True:
        with system_work(bind, service_id, clock=clock) as work:
            if not actions.post_next_link(work, origin=origin):
                return count
        count += 1


def send_letters(bind: Engine | Connection, service_id: UUID, *, clock: Clock, carrier: Carrier) -> int:
    """Try the letters that are due, `TRIES_A_TICK` at most, so that no service waits on another's; returns how many."""
    for count in range(TRIES_A_TICK):
        with system_work(bind, service_id, clock=clock) as work:
            claimed = actions.claim_next(work)
        if claimed is None:
            return count
        if claimed.letter is not None:
            _send(bind, service_id, claimed, claimed.letter, clock=clock, carrier=carrier)
    return TRIES_A_TICK


def _send(
    bind: Engine | Connection,
    service_id: UUID,
    claimed: actions.Claimed,
    letter: Letter,
    *,
    clock: Clock,
    carrier: Carrier,
) -> None:
    # Outside any transaction: a mail server that takes its time keeps no connection.
    why = ""
    try:
        carrier.send(letter)
    except Exception as failed:
        why = type(failed).__name__
    with system_work(bind, service_id, clock=clock) as work:
        if why:
            actions.mark_not_sent(work, claimed, why=why)
        else:
            actions.mark_sent(work, claimed)
