"""What keeps a closed step closed, in a few words: for tables in which a sentence would be too long."""

from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import (
    View,
    attended,
    change_scores,
    counted,
    days_between,
    due_at,
    entry_days,
    looked_at,
    scorable,
    stale,
    truth,
)
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.standing import Standing
from app.clinical.sequencing.wording import day_of, joined, spoken, title_of

MOST = 2


def nearness(standing: Standing, rule: Rule | None = None) -> tuple[str, ...]:
    """The nearest one or two things that are missing, what is not known first; none for a rule that is true.

    Of the rule that opens the step, or of another rule for it.
    """
    view = View(standing.seen, standing.now, standing.step)
    return tuple(dict.fromkeys(_missing(rule or standing.rule, view)))[:MOST]


def _missing(rule: Rule, view: View) -> list[str]:
    if truth(rule, view) is Truth.TRUE:
        return []
    match rule:
        case rules.AllOf():
            # What comes first has to be done first.
            return next((found for child in rule.of if (found := _missing(child, view))), [])
        case rules.AnyOf():
            waiting = sorted(rule.of, key=lambda child: truth(child, view) is not Truth.UNKNOWN)
            return [words for child in waiting for words in _missing(child, view)[:1]]
        case rules.CountOf():
            children = counted(rule, view)
            met = sum(truth(child, view) is Truth.TRUE for child in children)
            return [f"{met} of {min(rule.k, len(children))} done"]
    return [_short(rule, view)]


def _short(rule: Rule, view: View) -> str:
    match rule:
        case rules.StepSatisfied() | rules.StepCompleted():
            return _step(rule, view)
        case rules.StepStarted():
            return f"{title_of(rule.step, view)} not started"
        case rules.TechniquePractised():
            done = len(view.seen.practised(rule.technique, rule.where))
            return f"{spoken(rule.technique)} practised {done} of {rule.times} times"
        case rules.EntriesLogged():
            days = entry_days(rule, view)
            if len(days) < rule.at_least:
                return f"{len(days)} of {rule.at_least} entries"
            return f"entries on {len(set(days))} of {rule.distinct_days} days"
        case rules.AppointmentAttended():
            return f"{sum(1 for _ in attended(rule, view.seen))} of {rule.at_least} sessions attended"
        case rules.MeasureCompleted():
            return f"{MEASURES[rule.measure].name} answered {scorable(rule, view)} of {rule.times} times"
        case rules.MeasureScore():
            return _score(rule, view)
        case rules.MeasureChange():
            return _change(rule, view)
        case _:
            return _known_or_awaited(rule, view)


def _step(rule: rules.StepSatisfied | rules.StepCompleted, view: View) -> str:
    title = title_of(rule.step, view)
    if isinstance(rule, rules.StepCompleted):
        if view.seen.work(rule.step).waived:
            return f"{title} waived, which does not count"
        if view.seen.completed_at(rule.step):
            return f"{title} not done {'online' if rule.where == 'online' else 'in the clinic'}"
    return f"{title} not done"


def _score(rule: rules.MeasureScore, view: View) -> str:
    name = MEASURES[rule.measure].name
    walked, enough = looked_at(rule, view.seen)
    if not walked:
        return f"{name} never measured"
    apart = days_between(walked[1], walked[0], view.seen) if len(walked) > 1 else 0
    if rule.last and apart < (rule.gap_days or 0) and all(_meets(taken.total, rule) for taken in walked[:2]):
        return f"scores {apart} days apart, {rule.gap_days} asked" if len(walked) > 1 else f"one {name} only"
    for place, taken in enumerate(walked):
        if taken.total is None:
            return f"{name} not scorable"
        if place == 0 and stale(taken, rule.max_age_days, view):
            return f"{name} older than {rule.max_age_days} days"
        if not _meets(taken.total, rule):
            return f"{name} {taken.total}, asked {rule.comparison.replace('-', ' ')} {rule.value}"
    return f"too few {name}" if not enough else f"{name} not known"


def _meets(total: int | None, rule: rules.MeasureScore) -> bool:
    return total is not None and (total < rule.value) == (rule.comparison == "below")


def _change(rule: rules.MeasureChange, view: View) -> str:
    name = MEASURES[rule.measure].name
    first, latest = change_scores(rule, view.seen)
    if first is None and latest is None:
        return f"{name} never measured"
    if first is None or latest is None or first.total is None or latest.total is None:
        return f"no two {name} to compare"
    fall = first.total - latest.total
    by = fall if rule.change == "improved" else -fall
    return f"{name} {rule.change} by {max(by, 0)}, {rule.by} asked"


def _known_or_awaited(rule: Rule, view: View) -> str:
    match rule:
        case rules.TimeSince():
            due = due_at(rule, view)
            return f"time is up on {day_of(due, view)}" if due else "what the time is counted from has not happened"
        case rules.NotBefore():
            due = due_at(rule, view)
            return f"not before {day_of(due, view)}" if due else "a date has not come"
        case rules.ProblemRecorded():
            unknown = truth(rule, view) is Truth.UNKNOWN
            return f"{joined([spoken(key) for key in rule.any_of], 'or')} not {'assessed' if unknown else 'active'}"
        case rules.GoalRecorded():
            return "no goals set" if truth(rule, view) is Truth.UNKNOWN else "no such goal"
        case rules.PatientChose():
            return "has not asked"
        case rules.WorkReviewed():
            has_work = view.seen.work(rule.step).has_work
            return "work not looked at" if has_work else f"no work on {title_of(rule.step, view)} yet"
    return "released by nobody"
