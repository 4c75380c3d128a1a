"""Why a patient needs their practitioner: reasons in words, by fixed rules, the most pressing first."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from app.accounts.roles import Capability
from app.caseload import cause_queries
from app.caseload.cause_queries import Taken
from app.clinical.instruments import Instrument
from app.kit import say
from app.kit.work import Work
from app.safety.banner import alert_line
from app.safety.queries import OpenAlert
from app.safety.review_kinds import ReviewKind
from app.safety.review_queries import OpenReview

# In calendar days, as every wait on these pages is counted.
QUIET_AFTER = 14


class Need(StrEnum):
    """Why a patient needs their practitioner, the most pressing first."""

    ALERT = "alert"
    WORSE = "worse"
    STUCK = "stuck"
    ASKED = "asked"
    LATE = "late"
    QUIET = "quiet"
    TO_READ = "to-read"
    NOT_STARTED = "not-started"
    NOTHING = "nothing"


PRESSING = {need: place for place, need in enumerate(Need)}
HEADINGS = {
    Need.ALERT: ("Safety alert", "always first"),
    Need.WORSE: ("Getting worse", "a rise larger than the measure’s own error, from the first or the best score"),
    Need.STUCK: ("Stuck", "something is in the way, and an act of yours would move it"),
    Need.ASKED: ("Asked for a step", "they would like to try something that is not open yet"),
    Need.LATE: ("Measures stopped", "two that were due in a row did not come"),
    Need.QUIET: ("Quiet", f"nothing done online for more than {QUIET_AFTER} days"),
    Need.TO_READ: ("Written and not looked at", "worksheets nobody has looked at since they were changed"),
    Need.NOT_STARTED: ("Not started", "invited, and nothing done yet"),
    Need.NOTHING: ("Nothing waiting", "on their way without you for now"),
}
REVIEWED_AS = {ReviewKind.WORSE: Need.WORSE, ReviewKind.MISSING: Need.LATE}


class Reason(NamedTuple):
    """One reason in words, with the act that answers it where there is one, and since when it holds."""

    need: Need
    words: str
    since: datetime
    href: str = ""
    action: str = ""


class Known(NamedTuple):
    """What was read of one patient. `summary` is their course as it was last kept, empty before that."""

    id: UUID
    joined_at: datetime
    practitioner: str
    practitioner_left: bool
    summary: Mapping[str, Any]
    last_active_at: datetime | None
    unread: int
    alert: OpenAlert | None
    reviews: tuple[OpenReview, ...]
    taken: Mapping[str, Taken]


def reasons(work: Work, one: Known, instruments: Mapping[str, Instrument]) -> list[Reason]:
    """Every reason why a patient needs somebody, the most pressing first; one saying so when there is none."""
    found = [*_alerts(work, one, instruments), *_reviews(work, one, instruments)]
    found += [*_stuck(work, one), *_asked(work, one)]
    found += [*_silence(work, one), *_to_read(work, one)]
    if len(found) > 1:
        found.sort(key=lambda reason: (PRESSING[reason.need], reason.since))
    return found or [Reason(Need.NOTHING, _last_seen(work, one), one.last_active_at or one.joined_at)]


def _alerts(work: Work, one: Known, instruments: Mapping[str, Instrument]) -> Iterator[Reason]:
    if one.alert:
        line = alert_line(work, one.alert, instruments)
        yield Reason(Need.ALERT, line.words, one.alert.raised_at, line.href, line.action)


def _reviews(work: Work, one: Known, instruments: Mapping[str, Instrument]) -> Iterator[Reason]:
    for review in one.reviews:
        words = cause_queries.in_short(review.kind, review.causes, one.taken, instruments, work.actor.zone)
        may = Capability.HANDLE_REVIEWS in work.actor.may
        href = f"/patients/{one.id}/reviews/{review.id}" if may else ""
        yield Reason(REVIEWED_AS[review.kind], words, review.opened_at, href, "Review")


def _stuck(work: Work, one: Known) -> Iterator[Reason]:
    plan = f"/patients/{one.id}/plan"
    if one.practitioner_left or not one.practitioner:
        who = f"{one.practitioner} no longer works here" if one.practitioner else "Nobody looks after them"
        reassigns = Capability.REASSIGN_PATIENT in work.actor.may
        href = f"/patients/{one.id}/details#practitioner_id" if reassigns else ""
        yield Reason(Need.STUCK, f"{who}. They need a practitioner.", one.joined_at, href, "Choose one")
    for wait in one.summary.get("awaiting_staff", ()):
        since = datetime.fromisoformat(wait["since"])
        yours = work.actor.role in wait["roles"]
        who = "you" if yours else f"a {say.listed([role.replace('-', ' ') for role in wait['roles']])}"
        if wait["act"] == "review":
            words = f"{wait['title']} waits for {who} to look at a worksheet{_for_days(work, since)}."
            yield Reason(Need.STUCK, words, since, f"/patients/{one.id}/answers", "Look at it")
        else:
            wanted = f"Would like to try {wait['title']}, which waits" if wait["asked"] else f"{wait['title']} waits"
            words = f"{wanted} for {who} to open it{_for_days(work, since)}."
            act = ("release", "Release it") if yours else ("open-early", "Open it early")
            yield Reason(Need.STUCK, words, since, f"{plan}/{wait['step']}/{act[0]}#form", act[1])
    for hold in one.summary.get("holds", ()):
        on = date.fromisoformat(hold["on"])
        if on <= work.today:
            words = f"The hold on {hold['title']} was to be looked at on {say.day(on)}."
            yield Reason(Need.STUCK, words, work.now, f"{plan}#{hold['step']}", "Look at it")


def _asked(work: Work, one: Known) -> Iterator[Reason]:
    waiting = {wait["step"] for wait in one.summary.get("awaiting_staff", ())}
    for asked in one.summary.get("asked", ()):
        if asked["step"] in waiting:
            continue
        since = datetime.fromisoformat(asked["since"])
        words = f"Would like to try {asked['title']}{_for_days(work, since)}."
        yield Reason(Need.ASKED, words, since, f"/patients/{one.id}/plan#{asked['step']}", "See the plan")


def _to_read(work: Work, one: Known) -> Iterator[Reason]:
    if one.unread:
        words = f"{say.plural(one.unread, 'worksheet entry', 'worksheet entries')} to look at."
        href = f"/patients/{one.id}/answers" if Capability.READ_WORDS in work.actor.may else ""
        yield Reason(Need.TO_READ, words, one.last_active_at or one.joined_at, href, "Read")


def _silence(work: Work, one: Known) -> Iterator[Reason]:
    last = max((each.last_at for each in one.taken.values()), default=None)
    active = one.last_active_at
    if active is None and last is None:
        words = f"On the caseload since {_day(work, one.joined_at)}; has not begun."
        yield Reason(Need.NOT_STARTED, words, one.joined_at)
        return
    if active and (quiet := _days_since(work, active)) > QUIET_AFTER and not one.summary.get("finished"):
        yield Reason(Need.QUIET, f"Nothing online for {quiet} days.", active)


def _last_seen(work: Work, one: Known) -> str:
    return f"Last online {_day(work, one.last_active_at)}." if one.last_active_at else "Nothing waiting."


def _day(work: Work, at: datetime) -> str:
    return say.day(at, work.actor.zone)


def _days_since(work: Work, since: datetime) -> int:
    return (work.today - since.astimezone(work.actor.zone).date()).days


def _for_days(work: Work, since: datetime) -> str:
    days = _days_since(work, since)
    return f", {say.plural(days, 'day')}" if days else ", since today"
