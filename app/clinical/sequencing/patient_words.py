"""What is left to do before a step opens, told to the patient.

Nobody may work out a score or a problem from it: a condition on either is worded the same whatever its truth, is
never counted, and never drops out of a list by being met.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import View, attended, counted, due_at, entry_days, truth, unrecorded
from app.clinical.sequencing.kleene import Truth, all_of, any_of, at_least
from app.clinical.sequencing.rules import PRIVATE, Rule
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.wording import (
    ENTRIES,
    Line,
    Mark,
    day_of,
    hour,
    joined,
    number_of,
    sentence,
    spoken,
    times,
    title_of,
    zone_note,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: at which moment, and the given name of their practitioner (None: "your practitioner")."""

    view: View
    given_name: str | None

    @property
    def therapist(self) -> str:
        return self.given_name or "your practitioner"


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is left: by itself (`headline`), as a line among others, and how easy it is for the patient."""

    headline: str
    line: str
    ease: int
    mark: Mark | None = None
    below: tuple[Line, ...] = ()


_EASE = {rules.PatientChose: 0, rules.StepStarted: 0, rules.EntriesLogged: 1, rules.MeasureCompleted: 1,
         rules.TechniquePractised: 1, rules.StepSatisfied: 2, rules.StepCompleted: 2, rules.GoalRecorded: 2,
         rules.TimeSince: 3, rules.NotBefore: 3, rules.AppointmentAttended: 4, rules.MeasureScore: 5,
         rules.MeasureChange: 5, rules.ProblemRecorded: 5, rules.ReleasedBy: 6, rules.WorkReviewed: 6}  # fmt: skip


def openly(rule: Rule, view: View) -> Truth:
    """The truth of a rule to somebody who knows no score and no problem."""
    match rule:
        case rules.AllOf():
            return all_of(openly(child, view) for child in rule.of)
        case rules.AnyOf():
            return any_of(openly(child, view) for child in rule.of)
        case rules.CountOf():
            children = counted(rule, view)
            return at_least(min(rule.k, len(children)), [openly(child, view) for child in children])
    return Truth.UNKNOWN if isinstance(rule, PRIVATE) else truth(rule, view)


def left(rule: Rule, reader: Reader) -> Ask | None:
    """What is left of a rule; None when nothing is that a patient can be told of."""
    if openly(rule, reader.view) is Truth.TRUE:
        return None
    match rule:
        case rules.AllOf():
            return _of_all(rule.of, reader)
        case rules.AnyOf():
            return _of_any(rule.of, reader)
        case rules.CountOf():
            return _of_count(rule, reader)
    return _of_atom(rule, reader)


def _of_all(of: Iterable[Rule], reader: Reader) -> Ask | None:
    asks = _different(left(child, reader) for child in of)
    if len(asks) < 2:
        return asks[0] if asks else None
    return Ask("Opens when these are done:", "All of these:", max(ask.ease for ask in asks), None, _lines(asks))


def _of_any(of: Iterable[Rule], reader: Reader) -> Ask | None:
    asks = sorted(_different(left(child, reader) for child in of), key=lambda ask: ask.ease)
    if len(asks) < 2:
        return asks[0] if asks else None
    return Ask("Opens when one of these happens:", "One of these:", asks[0].ease, None, _lines(asks))


def _of_count(rule: rules.CountOf, reader: Reader) -> Ask | None:
    children = counted(rule, reader.view)
    k, known = min(rule.k, len(children)), [openly(child, reader.view) for child in children]
    waiting = [child for child, truth in zip(children, known, strict=True) if truth is not Truth.TRUE]
    done = known.count(Truth.TRUE)
    if k - done >= len(waiting):
        return _of_all(waiting, reader)
    asks = _different(left(child, reader) for child in waiting)
    hidden = any(isinstance(atom, PRIVATE) for atom in atoms(rule))
    so_far = f" You’ve done {done}." if done and not hidden else ""
    more = f"Do any {k} of these {len(children)}"
    if done and not hidden:
        more = f"Do {k - done} more of these {len(waiting)}"
    ease = max(ask.ease for ask in asks)
    met = [Line(Mark.MET, _met(child, reader)) for child in children if openly(child, reader.view) is Truth.TRUE]
    return Ask(f"Do any {k} of these {len(children)}.{so_far}", f"{more}:", ease, None, (*met, *_lines(asks)))


def _met(child: Rule, reader: Reader) -> str:
    """A line for what was done already, in a list to choose from."""
    match child:
        case rules.StepSatisfied() | rules.StepCompleted() | rules.StepStarted():
            return sentence(title_of(child.step, reader.view))
        case rules.TechniquePractised():
            return sentence(f"practise {spoken(child.technique)}")
        case rules.EntriesLogged():
            return sentence(ENTRIES[child.entry][0])
        case rules.Always() | rules.AllOf() | rules.AnyOf() | rules.CountOf():
            return "This part."
    return _of_atom(child, reader).line


def _different(asks: Iterable[Ask | None]) -> list[Ask]:
    """Each thing once: conditions that must not be told apart have the same words."""
    return list({ask.line + str(ask.below): ask for ask in asks if ask}.values())


def _lines(asks: Iterable[Ask]) -> tuple[Line, ...]:
    return tuple(
        line
        for ask in asks
        for line in (
            Line(ask.mark, ask.line),
            *(Line(b.mark, b.words, b.level + 1) for b in ask.below if b.mark is not Mark.MET),
        )
    )


def _of_atom(atom: Rule, reader: Reader) -> Ask:
    headline, line = _WORDS[type(atom)](atom, reader)
    return Ask(
        sentence(headline),
        sentence(line),
        _EASE.get(type(atom), 9),
        _mark(atom, reader.view),
        _progress(atom, reader.view),
    )


def _mark(atom: Rule, view: View) -> Mark | None:
    match atom:
        case rules.StepSatisfied() | rules.StepCompleted():
            return Mark.UNDER_WAY if view.seen.work(atom.step).started_at else Mark.NOT_YET
        case rules.TechniquePractised():
            return Mark.UNDER_WAY if view.seen.practised(atom.technique, atom.where) else Mark.NOT_YET
        case rules.EntriesLogged():
            return Mark.UNDER_WAY if entry_days(atom, view) else Mark.NOT_YET
        case rules.StepStarted() | rules.MeasureCompleted():
            return Mark.NOT_YET
    return None


def _progress(atom: Rule, view: View) -> tuple[Line, ...]:
    if not isinstance(atom, rules.StepSatisfied) or len(_parts(atom.step, view)) < 2:
        return ()
    done = sum(part in view.seen.work(atom.step).activities for part in _parts(atom.step, view))
    so_far = f"You have done {done} of the {len(_parts(atom.step, view))} parts of {title_of(atom.step, view)}."
    return (Line(None, so_far),) if done else ()


def _parts(step: str, view: View) -> list[str]:
    found = view.seen.steps.get(step)
    return [part.key for part in found.parts if part.required] if found else []


def _step_satisfied(rule: rules.StepSatisfied, reader: Reader) -> tuple[str, str]:
    title = title_of(rule.step, reader.view)
    return f"Opens when you finish {title}", f"Finish {title}"


def _step_completed(rule: rules.StepCompleted, reader: Reader) -> tuple[str, str]:
    title = title_of(rule.step, reader.view)
    if rule.where == "in-clinic":
        return f"Opens when you have done {title} in a session", f"Do {title} in a session"
    here = " here in the programme" if rule.where == "online" else ""
    return f"Opens when you finish {title}{here}", f"Finish {title}{here}"


def _step_started(rule: rules.StepStarted, reader: Reader) -> tuple[str, str]:
    title = title_of(rule.step, reader.view)
    return f"Opens when you make a start on {title}", f"Make a start on {title}"


def _technique_practised(rule: rules.TechniquePractised, reader: Reader) -> tuple[str, str]:
    done = len(reader.view.seen.practised(rule.technique, rule.where))
    where = {"any": "here or in a session", "online": "here in the programme", "in-clinic": "in a session"}[rule.where]
    more = f"{number_of(rule.times - done, 'more time')}" if done else times(rule.times)
    practise = f"practise {spoken(rule.technique)} {more}, {where}"
    return f"Opens when you {practise}", practise


def _entries_logged(rule: rules.EntriesLogged, reader: Reader) -> tuple[str, str]:
    days = entry_days(rule, reader.view)
    do, done, _ = ENTRIES[rule.entry]
    days_left, left = rule.distinct_days - len(set(days)), rule.at_least - len(days)
    if days_left > 0 and rule.distinct_days > 1:
        more = f"on {days_left} {'more ' if days else ''}{'day' if days_left == 1 else 'days'}"
    else:
        more = f"{left} more {'time' if left == 1 else 'times'}" if days else times(left)
    return f"Opens when you have {done} {more}", f"{do} {more}"


def _time_since(rule: rules.TimeSince, reader: Reader) -> tuple[str, str]:
    due = due_at(rule, reader.view)
    if due is not None:
        on = _moment(due, reader, with_hour=rule.unit == "hours")
        return f"Opens on {on}, to give you time to practise", f"Wait until {on}, to give you time to practise"
    wait = f"{number_of(rule.n, rule.unit[:-1])} after {_anchor(rule.anchor, reader)}"
    return f"Opens {wait}, to give you time to practise", f"Wait {wait}"


def _anchor(anchor: rules.Anchor, reader: Reader) -> str:
    match anchor:
        case rules.StepSatisfied() | rules.StepCompleted():
            return f"you finish {title_of(anchor.step, reader.view)}"
        case rules.StepStarted():
            return f"you make a start on {title_of(anchor.step, reader.view)}"
        case rules.TechniquePractised():
            return f"you practise {spoken(anchor.technique)}"
        case rules.AppointmentAttended():
            return "your next session"
        case rules.PatientChose():
            return "you ask to try it"
    return "you started"


def _not_before(rule: rules.NotBefore, reader: Reader) -> tuple[str, str]:
    due = due_at(rule, reader.view) or reader.view.now
    return f"Opens on {_moment(due, reader)}", f"Wait until {_moment(due, reader)}"


def _moment(due: datetime, reader: Reader, *, with_hour: bool = False) -> str:
    at = f" at {hour(due, reader.view)}" if with_hour else ""
    return f"{day_of(due, reader.view)}{at}{zone_note(reader.view)}"


def _appointment_attended(rule: rules.AppointmentAttended, reader: Reader) -> tuple[str, str]:
    seen, now = reader.view.seen, reader.view.now
    if truth(rule, reader.view) is Truth.UNKNOWN and unrecorded(rule, seen, now):
        noted = f"{reader.therapist} will note your last session"
        return noted, noted
    more = rule.at_least - sum(1 for _ in attended(rule, seen))
    sessions = "your next session" if more == 1 else f"{more} more sessions"
    if rule.after and seen.satisfied_at(rule.after) is None:
        after = title_of(rule.after, reader.view)
        return f"Opens after {sessions}, once you finish {after}", f"Have {sessions}, once you finish {after}"
    return f"Opens after {sessions}", f"Have {sessions}"


def _measure_completed(rule: rules.MeasureCompleted, reader: Reader) -> tuple[str, str]:
    return "Opens when you fill in your weekly questionnaire", "Fill in your weekly questionnaire"


def _private(rule: Any, reader: Reader) -> tuple[str, str]:
    together = f"you and {reader.therapist} review how you’re doing"
    return f"Opens as {together}", together


def _goal_recorded(rule: rules.GoalRecorded, reader: Reader) -> tuple[str, str]:
    return "Opens when it fits one of your goals", f"Set a goal with {reader.therapist} that this step fits"


def _patient_chose(rule: rules.PatientChose, reader: Reader) -> tuple[str, str]:
    if rule.step == reader.view.step:
        return "Tap “I’d like to try this” to open it", "Tap “I’d like to try this”."
    title = title_of(rule.step, reader.view)
    return f"Opens when you ask to try {title}", f"Ask to try {title}"


def _released_by(rule: rules.ReleasedBy, reader: Reader) -> tuple[str, str]:
    who = _staff(rule, reader)
    return f"{who} will open this with you{_at_the_latest(rule, reader)}", f"{who} opens it with you"


def _work_reviewed(rule: rules.WorkReviewed, reader: Reader) -> tuple[str, str]:
    title, who = title_of(rule.step, reader.view), _staff(rule, reader)
    if not reader.view.seen.work(rule.step).has_work:
        return f"Opens when {who} has looked at your work on {title}", f"Do some of {title}, for {who} to look at"
    return f"{who} will look at your worksheet first{_at_the_latest(rule, reader)}", f"{who} looks at your worksheet"


def _staff(rule: rules.StaffAct, reader: Reader) -> str:
    return reader.therapist if "practitioner" in rule.roles else "your care team"


def _at_the_latest(rule: rules.StaffAct, reader: Reader) -> str:
    due = due_at(rule, reader.view)
    return f". It opens on {_moment(due, reader)} at the latest" if due else ""


_WORDS: dict[type[Any], Callable[[Any, Reader], tuple[str, str]]] = {
    rules.StepSatisfied: _step_satisfied,
    rules.StepCompleted: _step_completed,
    rules.StepStarted: _step_started,
    rules.TechniquePractised: _technique_practised,
    rules.EntriesLogged: _entries_logged,
    rules.TimeSince: _time_since,
    rules.NotBefore: _not_before,
    rules.AppointmentAttended: _appointment_attended,
    rules.MeasureCompleted: _measure_completed,
    rules.MeasureScore: _private,
    rules.MeasureChange: _private,
    rules.ProblemRecorded: _private,
    rules.GoalRecorded: _goal_recorded,
    rules.PatientChose: _patient_chose,
    rules.ReleasedBy: _released_by,
    rules.WorkReviewed: _work_reviewed,
}


def suggestion(relevance: Rule | None, reader: Reader) -> str | None:
    """Why an optional step is suggested, without naming a problem or a score."""
    if relevance is None or truth(relevance, reader.view) is not Truth.TRUE:
        return None
    goals = [rule for rule in atoms(relevance) if isinstance(rule, rules.GoalRecorded)]
    titles = [goal.title for rule in goals for goal in reader.view.seen.goals.values()
              if goal.active and set(goal.tags) & set(rule.any_of)]  # fmt: skip
    if titles:
        return f"Matches your {'goal' if len(titles) == 1 else 'goals'}: {joined(titles)}."
    return "Suggested because of what you’re working on."
