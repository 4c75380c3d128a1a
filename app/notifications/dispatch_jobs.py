"""What the scheduler runs: due reminders leave, each once, whoever and however many are sending."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.clinical.reminders import PACE
from app.kit.work import Clock, system_work
from app.notifications import claim_actions, fence_actions, outage_actions, settle_actions
from app.notifications.claim_actions import Claim, Claimed
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.sending import Outcome, Sender, Sent
from app.notifications.settle_actions import Came
from app.notifications.wanted_queries import StillWanted

# No service waits longer on another's.
LONGEST = timedelta(seconds=30)
ALONE = 50
Senders = Mapping[Channel, Sender]
Still = Mapping[ReminderKind, StillWanted]
log = structlog.get_logger()


def dispatch(
    bind: Engine | Connection, service_id: UUID, *, clock: Clock, senders: Senders, still: Still, pace: int = PACE
) -> int:
    """Decide about the reminders that are due and send those that may go; returns how many were decided about."""
    began_at, decided = clock(), 0
    with system_work(bind, service_id, clock=clock) as work:
        if not fence_actions.may_send(work):
            return 0
    _look_into_lapsed(bind, service_id, clock=clock, senders=senders)
    catch_up(bind, service_id, clock=clock, still=still, pace=pace)
    while clock() < began_at + LONGEST:
        claims = list(_claims(bind, service_id, clock=clock, senders=senders, still=still))
        _send_each(bind, service_id, [one for claim in claims for one in claim.messages], clock=clock, senders=senders)
        now_decided = sum(claim.decided for claim in claims)
        decided += now_decided
        if not now_decided:
            break
    return decided


def _claims(
    bind: Engine | Connection, service_id: UUID, *, clock: Clock, senders: Senders, still: Still
) -> Iterator[Claim]:
    """What some people may be sent. Where one of them cannot be read, each is looked at alone and that one waits."""
    try:
        with system_work(bind, service_id, clock=clock) as work:
            claim = claim_actions.claim(work, channels=senders.keys(), still=still)
    except Exception:
        log.exception("could not claim reminders", service=str(service_id))
    else:
        yield claim
        return
    with system_work(bind, service_id, clock=clock) as work:
        people = claim_actions.people_due(work, ALONE)
    for person_id in people:
        try:
            with system_work(bind, service_id, clock=clock) as work:
                claim = claim_actions.claim(work, channels=senders.keys(), still=still, only=person_id)
        except Exception:
            log.exception("could not claim reminders", service=str(service_id), patient=str(person_id))
            with system_work(bind, service_id, clock=clock) as work:
                claim_actions.set_aside(work, person_id)
        else:
            yield claim


def catch_up(bind: Engine | Connection, service_id: UUID, *, clock: Clock, still: Still, pace: int = PACE) -> bool:
    """Where nothing was sent for a while although it was due, make good what can be; returns whether that was so."""
    with system_work(bind, service_id, clock=clock) as work:
        silent = outage_actions.was_silent(work)
    if not silent:
        return False
    try:
        lost = 1
        while lost:
            with system_work(bind, service_id, clock=clock) as work:
                lost = outage_actions.give_up_lost(work, still=still)
    except Exception:
        # They are late for the gate as well, which looks at people alone where it must.
        log.exception("could not make good an outage", service=str(service_id))
    with system_work(bind, service_id, clock=clock) as work:
        outage_actions.take_turns(work, a_minute=pace)
    return True


def _send_each(
    bind: Engine | Connection, service_id: UUID, claimed: Sequence[Claimed], *, clock: Clock, senders: Senders
) -> None:
    """Hand over one after the other: what came of one is marked as the next is said to be on its way."""
    before: Came | None = None
    for one in claimed:
        sender = senders[one.message.channel]
        with system_work(bind, service_id, clock=clock) as work:
            ours = settle_actions.go_on(work, before, one)
        # Outside any transaction: a provider that takes its time keeps no connection.
        before = Came(one, _hand_over(service_id, one, sender), sender.redo_if_unsure) if ours else None
    if before is not None:
        with system_work(bind, service_id, clock=clock) as work:
            settle_actions.settle(work, before.claimed, before.sent, redo=before.redo)


def _hand_over(service_id: UUID, claimed: Claimed, sender: Sender) -> Sent:
    try:
        return sender.send(claimed.message, claimed.address)
    except Exception:
        log.exception("sending failed", service=str(service_id), channel=claimed.message.channel.value)
        return Sent(Outcome.UNSURE)


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
