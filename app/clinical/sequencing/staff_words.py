"""A rule as staff read it: every condition, what is known of it with dates and names, and what moves it on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from app.clinical.local_time import instant, local_day
from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import (
    View,
    acted,
    age_in_days,
    anchor_at,
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
    unrecorded,
    waived_undone,
)
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.moments import days_after
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.seen import Taken
from app.clinical.sequencing.wording import (
    ENTRIES,
    PLACES,
    WAIVER_REASONS,
    Line,
    Mark,
    day,
    day_of,
    joined,
    number_of,
    progress,
    sentence,
    spoken,
    times,
    title_of,
    who,
)
from app.clinical.sequencing.work import Done, Work

_ONLY = {"any": "anywhere", "online": "online only", "in-clinic": "in the clinic only"}
_MARKS = {Truth.TRUE: Mark.MET, Truth.UNKNOWN: Mark.UNKNOWN, Truth.FALSE: Mark.NOT_YET}


def rule_lines(rule: Rule, view: View, level: int = 0) -> tuple[Line, ...]:
    """The whole rule, a line for each part, the parts of a group one level deeper."""
    mark = _MARKS[truth(rule, view)]
    if not isinstance(rule, rules.Group):
        return (Line(mark, sentence(atom_words(rule, view)), level),)
    kept = counted(rule, view) if isinstance(rule, rules.CountOf) else rule.of
    below = tuple(
        line if child in kept else Line(None, line.words, line.level)
        for child in rule.of
        for line in rule_lines(child, view, level + 1)
    )
    return (Line(mark, f"{_group(rule, view)}:", level), *below)


def _group(rule: rules.Group, view: View) -> str:
    met = sum(truth(child, view) is Truth.TRUE for child in rule.of)
    match rule:
        case rules.AllOf():
            return f"All of, {met} of {len(rule.of)} met"
        case rules.AnyOf():
            return f"Any of, {met or 'none'} met{'' if met else ' yet'}"
    children = counted(rule, view)
    met = sum(truth(child, view) is Truth.TRUE for child in children)
    gone = [child.step for child in rule.of if waived_undone(child, view.seen)] if len(children) < len(rule.of) else []
    waived = f"; {joined([title_of(step, view) for step in gone])} waived, not counted" if gone else ""
    done = "done" if rule.counting == "done" else "done or waived"
    return f"At least {min(rule.k, len(children))} of {len(children)} {done} ({met}){waived}"


def atom_words(rule: Rule, view: View) -> str:
    """One condition and what is known of it, without the stop at its end."""
    return _WORDS[type(rule)](rule, view)


def how_satisfied(work: Work, view: View) -> str:
    """How and when a step was done or waived, or how far it is."""
    done_at, mode = work.completed_at(), work.mode()
    if done_at is not None and mode is not None:
        return f"{PLACES[mode]}, {day_of(done_at, view)}"
    if work.waived:
        return f"waived ({WAIVER_REASONS[work.waived.reason]}), {day_of(work.waived.effective_at, view)}"
    return ""


def _progress(step: str, view: View) -> str:
    work = view.seen.work(step)
    if work.held:
        return "on hold"
    if work.started_at is None:
        return "not started" if step in view.seen.opened else "not open yet"
    if work.step and work.step.activities:
        return f"{sum(part.key in work.activities for part in work.step.parts)} of {len(work.step.parts)} done"
    return "under way"


def _step_satisfied(rule: rules.StepSatisfied, view: View) -> str:
    how = how_satisfied(view.seen.work(rule.step), view)
    title = title_of(rule.step, view)
    return f"{title} satisfied: {how}" if how else f"{title} satisfied: not yet ({_progress(rule.step, view)})"


def _step_completed(rule: rules.StepCompleted, view: View) -> str:
    title, work = title_of(rule.step, view), view.seen.work(rule.step)
    only = _ONLY[rule.where]
    if done_at := work.completed_at(rule.where):
        return f"{title} completed, {only}: {day_of(done_at, view)}"
    so_far = how_satisfied(work, view) or _progress(rule.step, view)
    return f"{title} completed, {only}: {so_far}. A waiver will not meet this"


def _step_started(rule: rules.StepStarted, view: View) -> str:
    started = view.seen.work(rule.step).started_at
    return f"{title_of(rule.step, view)} started: {day_of(started, view) if started else 'not yet'}"


def _technique_practised(rule: rules.TechniquePractised, view: View) -> str:
    done = sorted(
        (each for each in view.seen.practices.get(rule.technique, ()) if rule.where in ("any", each.mode)),
        key=lambda each: each.at,
    )
    where = "" if rule.where == "any" else f", {_ONLY[rule.where]}"
    what = f"{sentence(spoken(rule.technique))[:-1]} practised"
    if len(done) < rule.times:
        last = f" ({_where_and_when(done[-1], view)})" if done else ""
        return f"{what}{where}: {len(done)} of {rule.times}{last}"
    enough = "first" if rule.times == 1 else f"{times(rule.times)} by"
    met_by = _where_and_when(done[rule.times - 1], view)
    return f"{what} {times(len(done))}{where}, needs {rule.times}; {enough} {met_by}"


def _where_and_when(done: Done, view: View) -> str:
    return f"{PLACES[done.mode]}, {day_of(done.at, view)}"


def _entries_logged(rule: rules.EntriesLogged, view: View) -> str:
    days = entry_days(rule, view)
    on = f", on {progress(len(set(days)), rule.distinct_days, 'day')}" if rule.distinct_days > 1 else ""
    within = f" in the last {number_of(rule.within_days, 'day')}" if rule.within_days else ""
    return f"{ENTRIES[rule.entry][2]}{within}: {progress(len(days), rule.at_least)}{on}"


def _time_since(rule: rules.TimeSince, view: View) -> str:
    happened, due = anchor_at(rule.anchor, view.seen), due_at(rule, view)
    after = f"{number_of(rule.n, rule.unit[:-1])} after {_anchor(rule.anchor, view)}"
    if happened is None or due is None:
        return f"{after}: that has not happened yet"
    return f"{after} ({day_of(happened, view)}): {_instant(due, view)}"


def _anchor(anchor: rules.Anchor, view: View) -> str:
    match anchor:
        case rules.StepSatisfied():
            return f"{title_of(anchor.step, view)} satisfied"
        case rules.StepCompleted():
            return f"{title_of(anchor.step, view)} completed, {_ONLY[anchor.where]}"
        case rules.StepStarted():
            return f"{title_of(anchor.step, view)} started"
        case rules.TechniquePractised():
            return f"{spoken(anchor.technique)} practised {times(anchor.times)}"
        case rules.AppointmentAttended():
            return number_of(anchor.at_least, "attended session")
        case rules.PatientChose():
            return "the patient asked"
    return "the programme started"


def _instant(due: datetime, view: View) -> str:
    local = due.astimezone(view.seen.zone)
    return f"{day(local.date(), view.today)} {local:%H:%M} {view.seen.zone.key}"


def _not_before(rule: rules.NotBefore, view: View) -> str:
    zone = view.seen.zone if rule.zone == "patient" else view.seen.service_zone
    whose = "patient’s" if rule.zone == "patient" else "service’s"
    on = day(instant(rule.date, rules.OPENS_AT, zone).astimezone(zone).date(), view.today)
    return f"Not before {on} ({whose} zone, {zone.key})"


def _appointment_attended(rule: rules.AppointmentAttended, view: View) -> str:
    what = f"{spoken(rule.appointment)} " if rule.appointment else ""
    after = f" after {title_of(rule.after, view)}" if rule.after else ""
    known = sum(1 for _ in attended(rule, view.seen))
    words = f"Needs {rule.at_least} {what}attended{after}: {known}"
    open_ended = [day_of(moment, view) for moment in unrecorded(rule, view.seen, view.now)]
    if known >= rule.at_least or not open_ended:
        return words
    return f"{words}. {joined(open_ended)} {'has' if len(open_ended) == 1 else 'have'} no outcome recorded"


def _measure_completed(rule: rules.MeasureCompleted, view: View) -> str:
    within = f" in the last {number_of(rule.within_days, 'day')}" if rule.within_days else ""
    count = scorable(rule, view)
    answer = ("yes" if count else "no") if rule.times == 1 else progress(count, rule.times)
    return f"{MEASURES[rule.measure].name} complete{within}: {answer}"


def _measure_score(rule: rules.MeasureScore, view: View) -> str:
    asked = f"{MEASURES[rule.measure].name} {_which(rule)} {rule.comparison.replace('-', ' ')} {rule.value}"
    walked, enough = looked_at(rule, view.seen)
    if not walked:
        return f"{asked}: never measured"
    scores = [_score(each, rule.max_age_days if place == 0 else None, view) for place, each in enumerate(walked)]
    return f"{asked}: {joined(scores)}{_too_close(rule, walked, enough, view)}"


def _too_close(rule: rules.MeasureScore, walked: list[Taken], enough: bool, view: View) -> str:
    """Why scores that were taken do not count as so many apart."""
    if rule.last is None:
        return ""
    if len(walked) < 2:
        return ", and no other"
    apart = days_between(walked[1], walked[0], view.seen)
    if apart < (rule.gap_days or 0):
        return f"; the newest two are {number_of(apart, 'day')} apart"
    return "" if enough else "; there are not enough so far apart"


def _which(rule: rules.MeasureScore) -> str:
    if rule.last is None:
        return rule.which
    apart = f" (at least {number_of(rule.gap_days, 'day')} apart)" if rule.gap_days else ""
    return f"last {rule.last}{apart}"


def _score(taken: Taken, limit: int | None, view: View) -> str:
    score = "not scorable" if taken.total is None else str(taken.total)
    if stale(taken, limit, view):
        return f"unknown ({score} on {day_of(taken.at, view)} is {age_in_days(taken, view)} days old, limit {limit})"
    return f"{score} ({day_of(taken.at, view)})"


def _measure_change(rule: rules.MeasureChange, view: View) -> str:
    first, latest = change_scores(rule, view.seen)
    start = f" ({_total(first)})" if first else ""
    asked = f"{MEASURES[rule.measure].name} {rule.change} by at least {rule.by} from {rule.from_}{start}"
    if first is None and latest is None:
        return f"{asked}: never measured"
    if latest is None:
        return f"{asked}: no later score"
    if first is None:
        return f"{asked}: latest {_total(latest)}, no earlier score"
    return f"{asked}: latest {_score(latest, rule.max_age_days, view)}{_difference(rule, first, latest)}"


def _difference(rule: rules.MeasureChange, first: Taken, latest: Taken) -> str:
    if first.total is None or latest.total is None:
        return ""
    fall = first.total - latest.total
    return f", {'improved' if fall > 0 else 'worsened'} by {abs(fall)}" if fall else ", no change"


def _total(taken: Taken) -> str:
    return "not scorable" if taken.total is None else str(taken.total)


def _problem_recorded(rule: rules.ProblemRecorded, view: View) -> str:
    return f"Problem {'; '.join(_problem(problem, view) for problem in rule.any_of)}"


def _problem(problem: str, view: View) -> str:
    assessed = view.seen.problems.get(problem)
    if assessed is None:
        return f"{spoken(problem)}: not assessed"
    status = {"active": "active since", "resolved": "resolved on", "absent": "assessed and absent on"}[assessed.status]
    by = f" ({assessed.by})" if assessed.by else ""
    return f"{spoken(problem)}: {status} {day_of(assessed.effective_at, view)}{by}"


def _goal_recorded(rule: rules.GoalRecorded, view: View) -> str:
    asked = f"Goal tagged {joined([spoken(tag) for tag in rule.any_of], 'or')}"
    goals = [goal for goal in view.seen.goals.values() if goal.active]
    if not view.seen.goals:
        return f"{asked}: no goals set yet"
    matching = [f"“{goal.title}”" for goal in goals if set(goal.tags) & set(rule.any_of)]
    found = joined(matching) if matching else f"{number_of(len(goals), 'active goal')}, none match"
    return f"{asked}: {found}"


def _patient_chose(rule: rules.PatientChose, view: View) -> str:
    chosen = view.seen.work(rule.step).chosen
    what = "" if rule.step == view.step else f" for {title_of(rule.step, view)}"
    return (
        f"Patient asked{what} on {day_of(chosen.effective_at, view)}" if chosen else f"Patient has not asked{what} yet"
    )


def _released_by(rule: rules.ReleasedBy, view: View) -> str:
    if released := acted(rule, view):
        return f"Released by {who(released[0].by, released[0].role)} on {day_of(released[0].effective_at, view)}"
    return _waiting(rule, "Not released", view)


def _work_reviewed(rule: rules.WorkReviewed, view: View) -> str:
    title = title_of(rule.step, view)
    if reviewed := acted(rule, view):
        first = reviewed[0]
        return f"Work on {title} reviewed by {who(first.by, first.role)} on {day_of(first.effective_at, view)}"
    if not view.seen.work(rule.step).has_work:
        return f"Review of the work on {title}: there is none yet"
    return _waiting(rule, f"Work on {title} not reviewed", view)


def _waiting(rule: rules.StaffAct, what: str, view: View) -> str:
    """What nobody did, who can; how long that is waited for, and then what will happen, and when."""
    due, since = due_at(rule, view), view.seen.waits.get(view.step)
    if due is not None and view.now >= due:
        return f"{what}; opened by itself on {day_of(due, view)}"
    if view.step in view.seen.opened:
        return what
    plans = ", then ".join(_plans(rule, since, view))
    who = joined([_role(role) for role in rule.roles], "or")
    return f"{what}. {who[0].upper()}{who[1:]} can{_so_far(since, view)}{f'; {plans}' if plans else ''}"


def _role(role: str) -> str:
    return "their practitioner" if role == "practitioner" else f"a {spoken(role)}"


def _so_far(since: datetime | None, view: View) -> str:
    if since is None:
        return ""
    days = (view.today - local_day(since, view.seen.zone)).days
    return f"; waiting {number_of(days, 'day')} (since {day_of(since, view)})"


def _plans(rule: rules.StaffAct, since: datetime | None, view: View) -> Iterator[str]:
    if rule.remind_after_days is not None:
        yield f"reminder {_after(rule.remind_after_days, since, view)}"
    if rule.then_after_days is not None and rule.escalate_to:
        yield f"a {spoken(rule.escalate_to)} {_after(rule.then_after_days, since, view)}"
    elif rule.then_after_days is not None:
        yield f"it opens by itself {_after(rule.then_after_days, since, view)}"


def _after(days: int, since: datetime | None, view: View) -> str:
    if since is None:
        return f"after {number_of(days, 'day')}"
    return f"on {day_of(days_after(since, days, view.seen.zone), view)}"


_WORDS: dict[type[Any], Callable[[Any, View], str]] = {
    rules.Always: lambda rule, view: "No condition",
    rules.StepSatisfied: _step_satisfied,
    rules.StepCompleted: _step_completed,
    rules.StepStarted: _step_started,
    rules.TechniquePractised: _technique_practised,
    rules.EntriesLogged: _entries_logged,
    rules.TimeSince: _time_since,
    rules.NotBefore: _not_before,
    rules.AppointmentAttended: _appointment_attended,
    rules.MeasureCompleted: _measure_completed,
    rules.MeasureScore: _measure_score,
    rules.MeasureChange: _measure_change,
    rules.ProblemRecorded: _problem_recorded,
    rules.GoalRecorded: _goal_recorded,
    rules.PatientChose: _patient_chose,
    rules.ReleasedBy: _released_by,
    rules.WorkReviewed: _work_reviewed,
}
