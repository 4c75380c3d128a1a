"""Whether one patient, from where they stand, may never come to a core step (check 4, begun from what they have).

What is open to them can be done, so it is begun from there; what they skipped or did elsewhere is not done again.
The worlds are those of the pathway, so that thousands of patients are looked at with little more than a look each.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.clinical.sequencing import rules
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.reach import OUTSIDE, World, frontier, holds
from app.clinical.sequencing.rules import Condition
from app.clinical.sequencing.standing import Course
from app.clinical.sequencing.step import Step
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.witness import never
from app.clinical.sequencing.worlds import answered

WHERE = {"online": "online", "in-clinic": "in a session"}


@dataclass(frozen=True, slots=True)
class Stuck:
    """A core step that a patient may never come to, and the course of theirs that shows it, in words."""

    step: str
    title: str
    witness: str


@dataclass(frozen=True, slots=True)
class _Place:
    """All of a patient's course that matters here."""

    reached: frozenset[str]
    skipped: frozenset[str]
    placed: frozenset[tuple[str, str]]


class StuckFrom:
    """For one pathway, which core steps a patient may never come to from where they stand."""

    def __init__(self, pathway: Pathway) -> None:
        self._pathway = pathway
        self._worlds = list(answered(pathway))
        self._asked = {
            (atom.step, atom.where)
            for step in pathway.steps
            for atom in step.conditions
            if isinstance(atom, rules.StepCompleted) and atom.where != "any"
        }
        self._known: dict[_Place, tuple[Stuck, ...]] = {}

    def of(self, course: Course) -> tuple[Stuck, ...]:
        """The core steps asked of this patient that they may never come to; a step on hold waits for staff."""
        place = self._place(course)
        if place not in self._known:
            self._known[place] = tuple(self._stuck(place))
        asked = {one.step for one in course.standings if one.core and not one.satisfied}
        return tuple(one for one in self._known[place] if one.step in asked)

    def _place(self, course: Course) -> _Place:
        done = {one.step: one.seen for one in course.standings if one.completed_at is not None}
        placed = {pair for pair in self._asked if pair[0] in done and done[pair[0]].completed_at(*pair) is None}
        return _Place(
            reached=frozenset(one.step for one in course.standings if one.opened or one.satisfied),
            skipped=frozenset(one.step for one in course.standings if one.waiver and one.completed_at is None),
            placed=frozenset(placed),
        )

    def _stuck(self, place: _Place) -> Iterable[Stuck]:
        ends = [(world, self._end(place, world)) for world in self._worlds]
        for step in self._pathway.steps:
            if not step.core or step.retired:
                continue
            world = next((world for world, end in ends if step.key not in end), None)
            if world is not None:
                yield Stuck(step.key, step.title, self._witness(place, step, world))

    def _end(
        self, place: _Place, met: frozenset[Condition], without: Iterable[Condition] | None = None
    ) -> frozenset[str]:
        """What the patient comes to, meeting these outside conditions; or all but a few."""
        left = None if without is None else frozenset(without)
        outside = (lambda atom: atom not in left) if left is not None else met.__contains__
        world = World(outside, place.skipped, placed=place.placed)
        return frontier(self._pathway, lambda rule, found: holds(rule, found, world), place.reached)

    def _witness(self, place: _Place, step: Step, world: frozenset[Condition]) -> str:
        missing = self._fewest(place, step, world)
        told = [never(missing)] if missing else []
        return " ".join([*self._done_otherwise(place, step), *told])

    def _fewest(self, place: _Place, step: Step, world: frozenset[Condition]) -> list[Condition]:
        found = dict.fromkeys(
            atom for each in self._pathway.steps for atom in each.conditions if isinstance(atom, OUTSIDE)
        )
        missing: list[Condition] = [atom for atom in found if atom not in world]
        for atom in list(missing):
            fewer = [one for one in missing if one is not atom]
            if step.key not in self._end(place, world, fewer):
                missing = fewer
        return missing

    def _done_otherwise(self, place: _Place, step: Step) -> Iterable[str]:
        """What the rule asks to be done that this patient skipped, or did in another place."""
        for atom in dict.fromkeys(atoms(step.unlock)):
            if not isinstance(atom, rules.StepCompleted | rules.StepStarted):
                continue
            title = self._pathway.by_key[atom.step].title
            if atom.step in place.skipped:
                yield f"{step.title} asks for {title} to be done, and they skipped it."
            elif isinstance(atom, rules.StepCompleted) and (atom.step, atom.where) in place.placed:
                yield f"{step.title} asks for {title} {WHERE[atom.where]}, and they did it elsewhere."
