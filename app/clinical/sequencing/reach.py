"""What a patient who does all that is open comes to: the least fixpoint of a pathway in one world of outside facts.

A rule only gains from progress, so what is reached is found by starting from nothing and adding every step whose rule
is true, until nothing is added (Knaster and Tarski). Time passes, and the patient's own acts are taken to happen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.clinical.sequencing import rules
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.rules import Condition, Rule

Outside = Callable[[Condition], bool]

# What only somebody or something other than the patient's own work can make true.
OUTSIDE = (
    rules.MeasureScore,
    rules.MeasureChange,
    rules.MeasureCompleted,
    rules.ProblemRecorded,
    rules.GoalRecorded,
    rules.ReleasedBy,
    rules.WorkReviewed,
)
STAFF = (rules.ReleasedBy, rules.WorkReviewed)


@dataclass(frozen=True)
class World:
    """One way things may go. `outside` answers for conditions of `OUTSIDE`; a skipped step is satisfied and not done.

    With `online` false nothing is done online: all work happens in the room. `placed` are steps that one patient has
    done already, each with the places where a rule would look for it in vain.
    """

    outside: Outside
    skipped: frozenset[str] = frozenset()
    online: bool = True
    placed: frozenset[tuple[str, str]] = frozenset()


def holds(rule: Rule, reached: frozenset[str], world: World) -> bool:
    """Whether a rule is true once `reached` steps are satisfied, in a world."""
    match rule:
        case rules.AllOf():
            return all(holds(child, reached, world) for child in rule.of)
        case rules.AnyOf():
            return any(holds(child, reached, world) for child in rule.of)
        case rules.CountOf():
            left = [child for child in rule.of if not (rule.counting == "done" and _leaves(child, world))]
            return sum(holds(child, reached, world) for child in left) >= min(rule.k, len(left))
    return _met(rule, reached, world)


def _leaves(child: Rule, world: World) -> bool:
    return isinstance(child, rules.StepSatisfied | rules.StepCompleted) and child.step in world.skipped


def _met(atom: Any, reached: frozenset[str], world: World) -> bool:
    if isinstance(atom, OUTSIDE):
        return world.outside(atom) and (not isinstance(atom, rules.WorkReviewed) or atom.step in reached)
    match atom:
        case rules.StepSatisfied():
            return atom.step in reached
        case rules.StepCompleted():
            there = (world.online or atom.where != "online") and (atom.step, atom.where) not in world.placed
            return atom.step in reached and atom.step not in world.skipped and there
        case rules.StepStarted():
            return atom.step in reached and atom.step not in world.skipped
        case rules.TechniquePractised():
            return world.online or atom.where != "online"
        case rules.AppointmentAttended():
            return atom.after is None or atom.after in reached
        case rules.TimeSince():
            return isinstance(atom.anchor, rules.ProgrammeStart) or _met(atom.anchor, reached, world)
    # The patient's own acts, and the calendar.
    return True


def reached(pathway: Pathway, world: World) -> frozenset[str]:
    """The steps that come to be satisfied in a world; a skipped one is from the start."""
    return frontier(pathway, lambda rule, found: holds(rule, found, world), world.skipped)


def frontier(
    pathway: Pathway, true: Callable[[Rule, frozenset[str]], bool], start: Iterable[str] = ()
) -> frozenset[str]:
    """The least set of steps that holds `start` and every step whose rule is true of it."""
    found = frozenset(start)
    while True:
        more = frozenset(
            step.key
            for step in pathway.steps
            if step.key not in found and not step.retired and true(step.unlock, found)
        )
        if not more:
            return found
        found |= more


def everything(_: Condition) -> bool:
    """Every outside condition is met."""
    return True


def nothing(_: Condition) -> bool:
    """No outside condition is met."""
    return False
