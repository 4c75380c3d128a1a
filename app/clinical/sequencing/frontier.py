"""What is missing before a rule is true, and who could bring it about."""

from dataclasses import dataclass
from datetime import datetime

from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import View, counted, due_at, truth, unrecorded
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.rules import Condition, Rule, StaffAct

PATIENT, PRACTITIONER, TIME, NOBODY = "patient", "practitioner", "time", "nobody"

STAFF_ACTS = (rules.ReleasedBy, rules.WorkReviewed)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that is not true and would help: its path in the rule, its truth, and who can act on it."""

    path: str
    atom: Condition
    truth: Truth
    who: frozenset[str]


def unmet(rule: Rule, view: View, path: str = "unlock") -> tuple[Unmet, ...]:
    """The conditions between here and true, in the order written; none when the rule is true."""
    return tuple(_unmet(rule, view, path, frozenset({view.step})))


def _unmet(rule: Rule, view: View, path: str, asked: frozenset[str]) -> list[Unmet]:
    answer = truth(rule, view)
    if answer is Truth.TRUE:
        return []
    if isinstance(rule, rules.AllOf | rules.AnyOf | rules.CountOf):
        kept = counted(rule, view) if isinstance(rule, rules.CountOf) else rule.of
        return [
            found
            for place, child in enumerate(rule.of)
            if child in kept
            for found in _unmet(child, view, f"{path}.of[{place}]", asked)
        ]
    return [Unmet(path, rule, answer, _who(rule, answer, view, asked))]


def who_can_act(missing: tuple[Unmet, ...]) -> frozenset[str]:
    """Everybody who can act on any of it: `patient`, roles of staff, `time`; `nobody` when there is no one."""
    return _anybody(frozenset().union(*(each.who for each in missing)))


def _anybody(who: frozenset[str]) -> frozenset[str]:
    return who - {NOBODY} or frozenset({NOBODY})


def _who(atom: Condition, answer: Truth, view: View, asked: frozenset[str]) -> frozenset[str]:
    match atom:
        case rules.StepSatisfied() | rules.StepCompleted() | rules.StepStarted():
            return _who_for_step(atom.step, view, asked)
        case rules.TechniquePractised() | rules.EntriesLogged() | rules.MeasureCompleted() | rules.PatientChose():
            return frozenset({PATIENT})
        case rules.NotBefore():
            return frozenset({TIME})
        case rules.TimeSince():
            if due_at(atom, view) is not None or isinstance(atom.anchor, rules.ProgrammeStart):
                return frozenset({TIME})
            return _who(atom.anchor, Truth.FALSE, view, asked)
        case rules.AppointmentAttended():
            return frozenset({PRACTITIONER} if unrecorded(atom, view.seen, view.now) else {PATIENT, PRACTITIONER})
        case rules.MeasureScore() | rules.MeasureChange():
            return frozenset({PATIENT if answer is Truth.UNKNOWN else NOBODY})
        case rules.ProblemRecorded():
            return frozenset({PRACTITIONER if answer is Truth.UNKNOWN else NOBODY})
        case rules.GoalRecorded():
            return frozenset({PATIENT, PRACTITIONER})
        case rules.WorkReviewed():
            return atom.may_act if view.seen.work(atom.step).has_work else _who_for_step(atom.step, view, asked)
        case rules.ReleasedBy():
            return frozenset(atom.may_act)
    return frozenset({NOBODY})


def _who_for_step(key: str, view: View, asked: frozenset[str]) -> frozenset[str]:
    """Whoever can move a step on: the patient once it is open, else whoever can act on what it waits for."""
    seen = view.seen
    if seen.work(key).held:
        return frozenset({PRACTITIONER})
    step = seen.steps.get(key)
    if step is None or key in seen.opened or seen.work(key).waived:
        return frozenset({PATIENT})
    if key in asked:
        return frozenset({NOBODY})
    there = View(seen, view.now, key)
    return who_can_act(tuple(_unmet(step.unlock, there, "unlock", asked | {key})))


def staff_awaited(rule: Rule, view: View) -> bool:
    """Whether staff are what the step waits on now, which sets the clock of its reminders going.

    They are when their acts are all that is missing, and the patient has either asked for the step or has no
    way left that does not need staff. Otherwise a release that is one of several ways in would be chased on
    the first day of every course.
    """
    seen, step, now = view.seen, view.step, view.now
    known = seen.steps.get(step)
    if seen.work(step).chosen is None and (
        (known is not None and known.in_own_hands)
        or truth(rule, View(seen, now, step, rules.IN_OWN_HANDS)) is Truth.TRUE
    ):
        return False
    return truth(rule, View(seen, now, step, STAFF_ACTS)) is Truth.TRUE and truth(rule, view) is not Truth.TRUE


@dataclass(frozen=True, slots=True)
class Awaited:
    """A wait on staff: who may act, since when they are all that is missing, and what happens if nobody does."""

    roles: tuple[str, ...]
    since: datetime | None
    remind_after_days: int | None
    then_after_days: int | None
    then: str | None
    escalate_to: str | None


def awaited(missing: tuple[Unmet, ...], since: datetime | None) -> tuple[Awaited, ...]:
    """The waits on staff among what is missing."""
    return tuple(
        Awaited(a.roles, since, a.remind_after_days, a.then_after_days, a.then, a.escalate_to)
        for a in (each.atom for each in missing)
        if isinstance(a, StaffAct)
    )
