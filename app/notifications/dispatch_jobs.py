"""What the scheduler runs: due reminders leave, each once, whoever and however many are sending."""

from collections.abc import Mapping
from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.clinical.reminders import PACE
from app.kit.work import Clock, system_work
from app.notifications import claim_actions, outage_actions, settle_actions
from app.notifications.claim_actions import Claimed, StillWanted
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.sending import Outcome, Sender, Sent

# So many claims a tick, so that no service waits long on another's.
CLAIMS_A_TICK = 20
Senders = Mapping[Channel, Sender]
Still = Mapping[ReminderKind, StillWanted]
log = structlog.get_logger()


def dispatch(
    bind: Engine | Connection, service_id: UUID, *, clock: Clock, senders: Senders, still: Still, pace: int = PACE
) -> int:
    """Decide about the reminders that are due and send those that may go; returns how many were decided about."""
    _look_into_lapsed(bind, service_id, clock=clock, senders=senders)
    catch_up(bind, service_id, clock=clock, still=still, pace=pace)
    decided = 0
    for _ in range(CLAIMS_A_TICK):
        with system_work(bind, service_id, clock=clock) as work:
            claim = claim_actions.claim(work, channels=senders.keys(), still=still)
        for claimed in claim.messages:
            _send(bind, service_id, claimed, clock=clock, sender=senders[claimed.message.channel])
        decided += claim.decided
        if not claim.decided:
            break
    return decided


def catch_up(bind: Engine | Connection, service_id: UUID, *, clock: Clock, still: Still, pace: int = PACE) -> bool:
    """Where nothing was sent for a while although it was due, make good what can be; returns whether that was so."""
    with system_work(bind, service_id, clock=clock) as work:
        silent = outage_actions.was_silent(work)
    if not silent:
        return False
    lost = 1
    while lost:
        with system_work(bind, service_id, clock=clock) as work:
            lost = outage_actions.give_up_lost(work, still=still)
    with system_work(bind, service_id, clock=clock) as work:
        outage_actions.take_turns(work, a_minute=pace)
    return True


def _send(bind: Engine | Connection, service_id: UUID, claimed: Claimed, *, clock: Clock, sender: Sender) -> None:
    with system_work(bind, service_id, clock=clock) as work:
        if not settle_actions.begin(work, claimed):
            return
    # Outside any transaction: a provider that takes its time keeps no connection.
    try:
        sent = sender.send(claimed.message, claimed.address)
    except Exception:
        log.exception("sending failed", service=str(service_id), channel=claimed.message.channel.value)
        sent = Sent(Outcome.UNSURE)
    with system_work(bind, service_id, clock=clock) as work:
        settle_actions.settle(work, claimed, sent, redo=sender.redo_if_unsure)


def _look_into_lapsed(bind: Engine | Connection, service_id: UUID, *, clock: Clock, senders: Senders) -> None:
    redo = {channel: sender.redo_if_unsure for channel, sender in senders.items()}
    with system_work(bind, service_id, clock=clock) as work:
        to_ask = settle_actions.lapsed(work, redo)
    for claimed in to_ask:
        try:
            found = senders[claimed.message.channel].look_up(claimed.message.key)
        except Exception:
            log.exception("looking up failed", service=str(service_id), channel=claimed.message.channel.value)
            found = None
        with system_work(bind, service_id, clock=clock) as work:
            settle_actions.settle(work, claimed, Sent(found or Outcome.UNSURE), redo=False)
