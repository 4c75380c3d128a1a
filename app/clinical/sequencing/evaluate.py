"""Whether a rule is true, false or unknown, from what has been seen, at a moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeGuard

from app.clinical.local_time import instant, local_day
from app.clinical.sequencing import rules
from app.clinical.sequencing.facts import AppointmentRecorded, Released, Reviewed
from app.clinical.sequencing.kleene import Truth, all_of, any_of, at_least, truth_of
from app.clinical.sequencing.moments import days_after, hours_after
from app.clinical.sequencing.rules import Rule, StaffAct, StepCompleted, StepSatisfied
from app.clinical.sequencing.seen import Seen, Taken

# Asked for thousands of times in a replay, where each look into an enumeration counts.
TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


@dataclass(slots=True)
class View:
    """The moment and the step a rule is asked about. Kinds in `granting` are taken to be true, to ask what if."""

    seen: Seen
    now: datetime
    step: str
    granting: tuple[type[Any], ...] = ()

    @property
    def today(self) -> date:
        return local_day(self.now, self.seen.zone)


def evaluate(rule: Rule, seen: Seen, now: datetime, *, step: str = "") -> Truth:
    """The truth of a rule at a moment (aware). `step` is the step it belongs to, which releases are about."""
    return truth(rule, View(seen, now, step))


def truth(rule: Rule, view: View) -> Truth:
    """As `evaluate`, for a view that is used again."""
    if view.granting and _granted(rule, view):
        return TRUE
    return _TRUTH[type(rule)](rule, view)


def _granted(rule: Rule, view: View) -> bool:
    if not isinstance(rule, view.granting):
        return False
    # There is nothing to review before the patient has done something.
    return not isinstance(rule, rules.WorkReviewed) or view.seen.work(rule.step).has_work


def counted(rule: rules.CountOf, view: View) -> list[Rule]:
    """The children that are counted: without those waived and not done, when `done` is what counts."""
    if rule.counting == "satisfied":
        return list(rule.of)
    return [child for child in rule.of if not waived_undone(child, view.seen)]


def waived_undone(child: Rule, seen: Seen) -> TypeGuard[StepSatisfied | StepCompleted]:
    """Whether a child asks for a step that was waived and not done."""
    if not isinstance(child, StepSatisfied | StepCompleted):
        return False
    return seen.work(child.step).waived is not None and seen.completed_at(child.step) is None


def anchor_at(anchor: rules.Anchor, seen: Seen) -> datetime | None:
    """When the anchor of a wait happened (its effective time); None while it has not."""
    match anchor:
        case rules.ProgrammeStart():
            return seen.started_at
        case rules.StepSatisfied():
            return seen.satisfied_at(anchor.step)
        case rules.StepCompleted():
            return seen.completed_at(anchor.step, anchor.where)
        case rules.StepStarted():
            return seen.work(anchor.step).started_at
        case rules.TechniquePractised():
            return _nth(anchor.times, seen.practised(anchor.technique, anchor.where))
        case rules.AppointmentAttended():
            return _nth(anchor.at_least, sorted(attended(anchor, seen)))
        case rules.PatientChose():
            chosen = seen.work(anchor.step).chosen
            return chosen.effective_at if chosen else None


def _nth(n: int, moments: list[datetime]) -> datetime | None:
    return moments[n - 1] if len(moments) >= n else None


def due_at(rule: rules.TimeSince | rules.NotBefore | StaffAct, view: View) -> datetime | None:
    """When time alone makes the condition true; None while nothing has set the clock going."""
    seen = view.seen
    if isinstance(rule, rules.NotBefore):
        return instant(rule.date, rules.OPENS_AT, seen.zone if rule.zone == "patient" else seen.service_zone)
    if isinstance(rule, rules.TimeSince):
        anchor = anchor_at(rule.anchor, seen)
        if anchor is None:
            return None
        if rule.unit == "hours":
            return hours_after(anchor, rule.n)
        return days_after(anchor, rule.n, seen.zone, rule.opens_at)
    since = seen.waits.get(view.step)
    if since is None or rule.then != "open" or rule.then_after_days is None:
        return None
    return days_after(since, rule.then_after_days, seen.zone)


def attended(rule: rules.AppointmentAttended, seen: Seen) -> Iterator[datetime]:
    """The start of each session that counts towards the rule."""
    return (each.starts_at for each in _sessions(rule, seen) if each.status == "attended")


def unrecorded(rule: rules.AppointmentAttended, seen: Seen, now: datetime) -> list[datetime]:
    """The start of each session that is over, would count, and has no outcome; earliest first."""
    return sorted(e.starts_at for e in _sessions(rule, seen) if e.status == "booked" and e.ends_at <= now)


def _sessions(rule: rules.AppointmentAttended, seen: Seen) -> Iterator[AppointmentRecorded]:
    after = seen.satisfied_at(rule.after) if rule.after else None
    if rule.after and after is None:
        return
    for each in seen.appointments.values():
        if rule.appointment in (None, each.type) and (after is None or each.starts_at > after):
            yield each


def entry_days(rule: rules.EntriesLogged, view: View) -> list[date]:
    """The day of each entry that counts towards the rule."""
    days = view.seen.entries.get(rule.entry, [])
    if rule.within_days is None:
        return days
    today = view.today
    return [day for day in days if (today - day).days < rule.within_days]


def scorable(rule: rules.MeasureCompleted, view: View) -> int:
    """How many answers with a total count towards the rule."""
    taken = [each for each in view.seen.measures.get(rule.measure, ()) if each.total is not None]
    if rule.within_days is None:
        return len(taken)
    return sum(age_in_days(each, view) < rule.within_days for each in taken)


def age_in_days(taken: Taken, view: View) -> int:
    """How many local days ago a questionnaire was answered."""
    return (view.today - local_day(taken.at, view.seen.zone)).days


def stale(taken: Taken, limit: int | None, view: View) -> bool:
    """Whether an answer is older than the limit, in local days."""
    return limit is not None and age_in_days(taken, view) > limit


def looked_at(rule: rules.MeasureScore, seen: Seen) -> tuple[list[Taken], bool]:
    """The answers a score is asked of, newest first, and whether there were enough of them far enough apart."""
    taken = seen.measures.get(rule.measure, [])
    if not taken:
        return [], False
    if rule.which == "baseline":
        return [taken[0]], True
    if rule.last is None:
        return [taken[-1]], True
    walked, picked, count = [taken[-1]], taken[-1], 1
    for earlier in reversed(taken[:-1]):
        if count == rule.last:
            break
        walked.append(earlier)
        if days_between(earlier, picked, seen) >= (rule.gap_days or 0):
            picked, count = earlier, count + 1
    return walked, count == rule.last


def days_between(earlier: Taken, later: Taken, seen: Seen) -> int:
    """The local days from one answer to another."""
    return (local_day(later.at, seen.zone) - local_day(earlier.at, seen.zone)).days


def change_scores(rule: rules.MeasureChange, seen: Seen) -> tuple[Taken | None, Taken | None]:
    """The answer a change is counted from, and the newest; None for one that is not there yet."""
    taken = seen.measures.get(rule.measure, [])
    if not taken:
        return None, None
    if len(taken) == 1:
        return (taken[0], None) if rule.from_ == "baseline" else (None, taken[0])
    return (taken[0] if rule.from_ == "baseline" else taken[-2]), taken[-1]


def acted(rule: StaffAct, view: View) -> list[Released] | list[Reviewed]:
    """The decisions that meet a condition on staff: by somebody with a role that may."""
    if isinstance(rule, rules.WorkReviewed):
        return [fact for fact in view.seen.work(rule.step).reviewed if fact.role in rule.may_act]
    return [fact for fact in view.seen.work(view.step).released if fact.role in rule.may_act]


def _all_of(rule: rules.AllOf, view: View) -> Truth:
    least = TRUE
    for child in rule.of:
        answer = truth(child, view)
        if answer is FALSE:
            return answer
        if answer is UNKNOWN:
            least = answer
    return least


def _any_of(rule: rules.AnyOf, view: View) -> Truth:
    if view.granting:
        for child in rule.of:
            if isinstance(child, view.granting) and _granted(child, view):
                return TRUE
    most = FALSE
    for child in rule.of:
        answer = truth(child, view)
        if answer is TRUE:
            return answer
        if answer is UNKNOWN:
            most = answer
    return most


def _count_of(rule: rules.CountOf, view: View) -> Truth:
    children = counted(rule, view)
    return at_least(min(rule.k, len(children)), [truth(child, view) for child in children])


def _entries_logged(rule: rules.EntriesLogged, view: View) -> Truth:
    days = entry_days(rule, view)
    return truth_of(len(days) >= rule.at_least and len(set(days)) >= rule.distinct_days)


def _clock(rule: Any, view: View) -> Truth:
    due = due_at(rule, view)
    return truth_of(due is not None and view.now >= due)


def _appointment_attended(rule: rules.AppointmentAttended, view: View) -> Truth:
    known = sum(1 for _ in attended(rule, view.seen))
    if known >= rule.at_least:
        return TRUE
    possible = known + len(unrecorded(rule, view.seen, view.now))
    return UNKNOWN if possible >= rule.at_least else FALSE


def _measure_score(rule: rules.MeasureScore, view: View) -> Truth:
    taken = view.seen.measures.get(rule.measure)
    if not taken or stale(taken[-1], rule.max_age_days, view):
        return UNKNOWN
    if rule.which != "baseline" and _meets(rule, taken[-1].total) is FALSE:
        return FALSE
    walked, enough = looked_at(rule, view.seen)
    answers = [_meets(rule, each.total) for each in walked]
    return all_of(answers if enough else [*answers, UNKNOWN])


def _meets(rule: rules.MeasureScore, total: int | None) -> Truth:
    if total is None:
        return UNKNOWN
    return truth_of(total < rule.value if rule.comparison == "below" else total >= rule.value)


def _measure_change(rule: rules.MeasureChange, view: View) -> Truth:
    first, latest = change_scores(rule, view.seen)
    if first is None or latest is None or first.total is None or latest.total is None:
        return UNKNOWN
    if stale(latest, rule.max_age_days, view):
        return UNKNOWN
    fall = first.total - latest.total
    return truth_of((fall if rule.change == "improved" else -fall) >= rule.by)


def _problem_recorded(rule: rules.ProblemRecorded, view: View) -> Truth:
    assessed = (view.seen.problems.get(problem) for problem in rule.any_of)
    return any_of(UNKNOWN if each is None else truth_of(each.status == "active") for each in assessed)


def _goal_recorded(rule: rules.GoalRecorded, view: View) -> Truth:
    if not view.seen.goals:
        return UNKNOWN
    active = (goal for goal in view.seen.goals.values() if goal.active)
    return truth_of(any(tag in rule.any_of for goal in active for tag in goal.tags))


def _staff_act(rule: StaffAct, view: View) -> Truth:
    return TRUE if acted(rule, view) else _clock(rule, view)


_TRUTH: dict[type[Any], Callable[[Any, View], Truth]] = {
    rules.Always: lambda rule, view: TRUE,
    rules.AllOf: _all_of,
    rules.AnyOf: _any_of,
    rules.CountOf: _count_of,
    rules.StepSatisfied: lambda rule, view: truth_of(view.seen.satisfied_at(rule.step) is not None),
    rules.StepCompleted: lambda rule, view: truth_of(view.seen.completed_at(rule.step, rule.where) is not None),
    rules.StepStarted: lambda rule, view: truth_of(view.seen.work(rule.step).started_at is not None),
    rules.TechniquePractised: lambda rule, view: truth_of(
        len(view.seen.practised(rule.technique, rule.where)) >= rule.times
    ),
    rules.EntriesLogged: _entries_logged,
    rules.TimeSince: _clock,
    rules.NotBefore: _clock,
    rules.AppointmentAttended: _appointment_attended,
    rules.MeasureCompleted: lambda rule, view: truth_of(scorable(rule, view) >= rule.times),
    rules.MeasureScore: _measure_score,
    rules.MeasureChange: _measure_change,
    rules.ProblemRecorded: _problem_recorded,
    rules.GoalRecorded: _goal_recorded,
    rules.PatientChose: lambda rule, view: truth_of(view.seen.work(rule.step).chosen is not None),
    rules.ReleasedBy: _staff_act,
    rules.WorkReviewed: _staff_act,
}
