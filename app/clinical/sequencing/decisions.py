"""Whether a decision may be taken now, and the reason when it may not. Pages hide by these, actions refuse by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.clinical.local_time import local_day
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact, WaiverReason
from app.clinical.sequencing.pathway import Override, Requirement
from app.clinical.sequencing.replay import begun_since, depended_on
from app.clinical.sequencing.seen import Opening
from app.clinical.sequencing.standing import Standing, State
from app.clinical.sequencing.wording import joined, spoken

UNDO_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, with a code and a sentence when no, the roles that may instead, and a better act to offer if any."""

    allowed: bool
    code: str = ""
    words: str = ""
    who: frozenset[str] = frozenset()
    instead: str | None = None

    def __bool__(self) -> bool:
        return self.allowed


YES = Answer(True)


def _no(code: str, words: str, who: Iterable[str] = ()) -> Answer:
    return Answer(False, code, words, frozenset(who))


def can_open(standing: Standing) -> Answer:
    """Whether the patient may see the content now: the one door of pages, API, media, search, feeds and reminders.

    What the patient wrote there before stays readable whatever the answer.
    """
    match standing.state:
        case State.ON_HOLD:
            return _no("on-hold", "This is paused until you and your care team talk.")
        case State.WAIVED:
            return _no("waived", "You agreed to skip this. Choose it again to open it.")
    return YES if standing.opened else _no("closed", "This is not open yet.")


def can_remind(standing: Standing) -> Answer:
    """Whether a reminder may speak of the step: only of one that is open, part of the plan and not done."""
    if standing.state in (State.AVAILABLE, State.IN_PROGRESS):
        return YES
    return _no(standing.state, "There is nothing to remind anybody of.")


def can_choose(standing: Standing) -> Answer:
    """Whether "I'd like to try this" makes sense: not for what is open to the patient, asked for, or paused."""
    if standing.state is State.ON_HOLD:
        return _no("on-hold", "This is paused until you and your care team talk.")
    if standing.asked and standing.state is not State.WAIVED:
        return _no("asked", "You have asked for this.")
    if standing.opened and standing.state not in (State.WAIVED, State.NOT_SUGGESTED):
        return _no("open", "This is open: start when you like.")
    return YES


def can_stop_asking(standing: Standing) -> Answer:
    """Whether "Change my mind" makes sense: while nothing was begun since the patient asked."""
    if standing.asked is None:
        return _no("not-asked", "You have not asked for this.")
    again = standing.waiver is not None and standing.seen.work(standing.step).may_skip_again
    if again or standing.state in (State.LOCKED, State.WAITING, State.AVAILABLE, State.NOT_SUGGESTED):
        return YES
    return _no("begun", "You have begun this.")


def can_decline(standing: Standing, told: str = "") -> Answer:
    """Whether there is a request to say "not now" to, given words for the patient."""
    if standing.asked is None:
        return _no("not-asked", "Nobody is asking for this step.")
    if standing.opened:
        return _no("open", "This step is open.")
    return YES if told.strip() else _no("told", "Write what the patient will read.")


def can_release(standing: Standing, role: str) -> Answer:
    """Whether somebody in this role may release the step."""
    may = standing.releasable_by
    if standing.state is State.ON_HOLD:
        return _no("on-hold", "This step is on hold. Resume it first.")
    if standing.opened:
        return _no("open", "This step is open.")
    if not may:
        return _no("no-release", "This step does not wait for a release. It can be opened early instead.")
    if role not in may:
        return _no("role", f"This step is released by: {_roles(may)}.", may)
    return YES


def can_override(standing: Standing, reason: str = "") -> Answer:
    """Whether staff may open the step though its rule is not met, given a reason."""
    if standing.opened:
        return _no("open", "This step is open.")
    if standing.state is State.ON_HOLD:
        return _no("on-hold", "This step is on hold. Resume it first.")
    if standing.override is Override.PROHIBITED:
        may = standing.releasable_by
        who = f"It can be released by: {_roles(may)}." if may else "Only a change to the pathway can allow it."
        return _no("prohibited", f"This step cannot be opened before its rule is met. {who}", may or {"service-admin"})
    if standing.override is Override.ALLOWED_WITH_REASON and not reason.strip():
        return _no("reason", "Say why you are opening it early.")
    return YES


def can_waive(standing: Standing, reason: WaiverReason | None, note: str = "") -> Answer:
    """Whether the step may be waived for this reason. `instead` offers recording it as done where that fits better."""
    if standing.completed_at is not None:
        return _no("done", "This step is done.")
    if standing.waiver is not None and standing.state is State.WAIVED:
        return _no("waived", "This step is waived already.")
    if standing.requirement is Requirement.MUST:
        return _cannot_skip(standing)
    if reason is None:
        return _no("reason", "Choose why this step is skipped.")
    if reason is WaiverReason.CLINICAL_JUDGEMENT and not note.strip():
        return _no("note", "Write a note: clinical judgement needs one.")
    if reason is WaiverReason.COVERED_ELSEWHERE:
        offer = "If it was done in a session or elsewhere, record that instead: the work then counts."
        return Answer(True, words=offer, instead="done-elsewhere")
    return YES


def _cannot_skip(standing: Standing) -> Answer:
    if standing.override is Override.PROHIBITED:
        words = "This step must be done and cannot be skipped. Only a service administrator can change the pathway."
        return _no("prohibited", words, {"service-admin"})
    words = "This step must be done. A practitioner can first make it optional for this patient, with a reason."
    return _no("must", words, {"practitioner"})


def can_hold(standing: Standing, reason: str, review_on: date | None) -> Answer:
    """Whether the step may be paused: with a reason and a day, after today, on which to look at it again."""
    if standing.state is State.ON_HOLD:
        return _no("on-hold", "This step is on hold already.")
    if standing.completed_at is not None:
        return _no("done", "This step is done.")
    if not reason.strip():
        return _no("reason", "Say why you are pausing it.")
    if review_on is None:
        return _no("review", "Choose a day to look at it again.")
    if review_on <= local_day(standing.now, standing.seen.zone):
        return _no("review", "The day to look at it again must be after today.")
    return YES


def can_resume(standing: Standing) -> Answer:
    """Whether there is a hold to lift."""
    return YES if standing.state is State.ON_HOLD else _no("not-held", "This step is not on hold.")


def can_change_requirement(standing: Standing, to: Requirement, reason: str) -> Answer:
    """Whether the step may become core or optional for this patient."""
    if to is standing.requirement:
        return _no("same", "That is what it is.")
    must = standing.requirement is Requirement.MUST
    if must and standing.override is Override.PROHIBITED:
        return _cannot_skip(standing)
    if not reason.strip():
        return _no("reason", "Say why you are changing it.")
    return YES


def can_record_done(standing: Standing) -> Answer:
    """Whether work done elsewhere may be recorded: always, until the whole step is done."""
    return YES if standing.completed_at is None else _no("done", "This step is done.")


def can_undo(
    fact: Fact,
    later: Iterable[Fact],
    now: datetime,
    minutes: int = UNDO_MINUTES,
    *,
    openings: Iterable[Opening] = (),
) -> Answer:
    """Whether a decision may be taken back: within so many minutes, if nothing has followed from it.

    `later` are the patient's facts recorded since (earlier ones do no harm), `openings` those of the course: that
    somebody has begun a step the decision opened has followed from it. What cannot be undone can be corrected.
    """
    after = [each for each in later if (each.recorded_at, each.seq) > (fact.recorded_at, fact.seq)]
    if not isinstance(fact, _UNDOABLE):
        return _no("not-a-decision", "Only a decision can be undone.")
    if any(isinstance(each, f.Undone | f.Corrected) and each.supersedes == fact.id for each in after):
        return _no("undone", "This was undone already.")
    if now - fact.recorded_at > timedelta(minutes=minutes):
        return _no("late", f"This can be undone for {minutes} minutes. You can still correct it.")
    begun = begun_since(fact, after)
    opened_and_begun = any(each.by_right_of == fact.id and each.step in begun for each in openings)
    if opened_and_begun or depended_on(fact, after) or _taken_up(fact, after):
        return _no("followed", "Something has followed from this. You can still correct it.")
    return YES


_UNDOABLE = (
    f.Released
    | f.OverrideOpened
    | f.Declined
    | f.Waived
    | f.DoneElsewhere
    | f.StepAdded
    | f.Moved
    | f.RequirementChanged
    | f.Held
    | f.Resumed
    | f.Reviewed
)


def _taken_up(fact: Fact, after: Iterable[Fact]) -> bool:
    """Whether a later decision on the same step took this one for granted: a hold lifted, a waiver opened again."""
    if isinstance(fact, f.Held):
        return any(isinstance(each, f.Resumed) and each.step == fact.step for each in after)
    if isinstance(fact, f.Declined):
        return any(isinstance(each, f.PatientChose) and each.step == fact.step for each in after)
    if isinstance(fact, f.Waived):
        return any(isinstance(each, f.StepOpened | f.PatientChose) and each.step == fact.step for each in after)
    return False


def _roles(roles: Iterable[str]) -> str:
    return joined(sorted(spoken(role) for role in roles), "or")
