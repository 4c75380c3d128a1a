"""What the page of an alert opens with: whom to call, whose it is, what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.accounts.queries import Patient, ServiceFacts
from app.kit import say
from app.kit.work import Work
from app.safety import promise_queries
from app.safety.alert_history import ANSWERS, AlertHistory, Event
from app.safety.kinds import AlertStep

TOLD = {
    AlertStep.RAISED: "Answered.",
    AlertStep.ANSWERED_AGAIN: "Answered again.",
    AlertStep.SEEN: "Seen.",
    AlertStep.CLIMBED: "Told further up.",
    AlertStep.PASSED_ON: "Passed on.",
    AlertStep.CONTACTED: "Spoke with {name}.",
    AlertStep.COULD_NOT_REACH: "Could not reach {name}.",
    AlertStep.HANDED_OVER: "Handed over.",
    AlertStep.KNOWN_AND_REVIEWED: "Known, and reviewed.",
    AlertStep.CLOSED: "Closed.",
}
ACTED = {
    AlertStep.CONTACTED: "{by} spoke with {name}",
    AlertStep.COULD_NOT_REACH: "{by} tried to reach {name}",
    AlertStep.HANDED_OVER: "{by} handed this over",
    AlertStep.KNOWN_AND_REVIEWED: "{by} reviewed it as known",
}


@dataclass(frozen=True)
class Told:
    """One thing that happened about an alert, in words; `by` is empty for the patient and for the house."""

    words: str
    by: str
    event: Event


@dataclass(frozen=True)
class Lede:
    """The first sentences of an open alert. `call` is whether calling is what comes next."""

    call: bool
    whose: str
    after: str
    log: list[Told]


def lede(work: Work, patient: Patient, history: AlertHistory, service: ServiceFacts) -> Lede:
    """What an alert's page opens with for whoever is looking."""
    return Lede(
        history.last_act is None,
        _whose(work, history, service),
        _after(work, patient, history, service),
        [Told(TOLD[one.step].format(name=patient.given_name), _by(one), one) for one in history.events],
    )


def missed(read_by: datetime | None, *, now: datetime, zone: ZoneInfo) -> str:
    """A promise nobody kept, in words, or nothing."""
    if read_by is None or read_by > now:
        return ""
    today = read_by.astimezone(zone).date() == now.astimezone(zone).date()
    by = say.clock(read_by, zone) if today else say.staff_moment(read_by, zone)
    return f"Was to be read by {by}, {_ago(now - read_by)}."


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{say.plural(minutes, 'minute')} ago"
    hours = minutes // 60
    return f"{say.plural(hours, 'hour')} ago" if hours < 48 else f"{say.plural(hours // 24, 'day')} ago"


def _by(event: Event) -> str:
    return "" if event.step in (*ANSWERS, AlertStep.CLIMBED, AlertStep.PASSED_ON) else event.by or "a member of staff"


def _whose(work: Work, history: AlertHistory, service: ServiceFacts) -> str:
    since = f", since {say.staff_moment(history.answers[0].at, service.zone)}."
    if not history.owner:
        return f"Nobody has it, because no clinical lead has access{since}"
    who = "you" if history.owner_id == work.actor.id else history.owner
    return f"With {who}" + (f" now: {history.owned.because}" if history.owned.because else "") + since


def _after(work: Work, patient: Patient, history: AlertHistory, service: ServiceFacts) -> str:
    """What was last done and what comes next, or by when it was to be read."""
    zone, last = service.zone, history.last_act
    unread = history.unread_since
    late = missed(promise_queries.read_by(service, unread) if unread else None, now=work.now, zone=zone)
    if last is None:
        by = say.staff_moment(promise_queries.read_by(service, unread or history.answers[0].at), zone)
        return late or f"{patient.given_name} was told that it is read by {by}."
    by = "You" if last.by_id == work.actor.id else last.by or "A member of staff"
    done = f"{ACTED[last.step].format(by=by, name=patient.given_name)} {_at(last.at, work, zone)}."
    again = ""
    if last.next_at:
        again = f"Next attempt {_at(last.next_at, work, zone)}{', due now' if last.next_at <= work.now else ''}."
    return " ".join(filter(None, (done, again, late)))


def _at(at: datetime, work: Work, zone: ZoneInfo) -> str:
    today = at.astimezone(zone).date() == work.now.astimezone(zone).date()
    return f"at {say.clock(at, zone)}" if today else f"on {say.staff_moment(at, zone)}"
