"""Moving a patient to another version of their pathway: what each step becomes, what comes along, what is not lost.

As when the definition of a running process is changed (Casati et al. 1998; Camunda's migration plans): a plan is
checked by itself first, then for each instance, and an instance that cannot be moved stays where it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Mode
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.standing import Course, FlagKind, Standing

# What the steps of the version before become in the new one: the same step where its key is not named here, another,
# several (split), one together with others (merged), or nothing (an empty tuple).
Becomes = Mapping[str, tuple[str, ...]]


class NewCore(StrEnum):
    """Of whom core steps are asked that the version before did not ask for."""

    NEW_ENROLMENTS_ONLY = "new-enrolments-only"
    IF_NOT_YET_PAST = "if-not-yet-past"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class MovePlan:
    """How steps are mapped, and of whom new core steps are asked."""

    becomes: Becomes = field(default_factory=dict)
    new_core: NewCore = NewCore.NEW_ENROLMENTS_ONLY

    def images(self, step: str) -> tuple[str, ...]:
        """What a step of the version before becomes."""
        return self.becomes.get(step, (step,))

    def sources(self, step: str, before: Iterable[str]) -> tuple[str, ...]:
        """The steps of the version before that become this one."""
        return tuple(one for one in before if step in self.images(one))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a plan that cannot be: about which step, what, and what would put it right."""

    step: str
    problem: str
    fix: str


def faults(before: Pathway, after: Pathway, plan: MovePlan) -> tuple[Fault, ...]:
    """Everything that keeps a plan from being carried out for anybody."""
    return tuple(_faults(before, after, plan))


def _faults(before: Pathway, after: Pathway, plan: MovePlan) -> Iterator[Fault]:
    for old, several in plan.becomes.items():
        if old not in before.by_key:
            yield Fault(old, f"There is no step “{old}” in the version before", "Take it out.")
            continue
        title = before.by_key[old].title
        for new in several:
            if new not in after.by_key:
                yield Fault(old, f"{title} is to become “{new}”, which the new version does not have", "Choose a step.")
        if len(set(several)) != len(several):
            yield Fault(old, f"{title} is to become the same step twice", "Name each step once.")
    for step in before.steps:
        if step.key not in plan.becomes and step.key not in after.by_key:
            fix = "Say what it becomes, or keep it in the new version as a retired step, so that it can be finished."
            yield Fault(step.key, f"{step.title} is not in the new version", fix)


def carry(course: Course, before: Pathway, after: Pathway, plan: MovePlan) -> dict[str, Any]:
    """The fields of the fact (`CarriedOver`) with which the course goes on in the new version."""
    known = {one.step: one for one in course.standings}
    images = dict.fromkeys(new for old in known for new in plan.images(old))
    opened: dict[str, Any] = {}
    causes: dict[str, str] = {}
    origins = {opening.step: opening.by_right_of for opening in course.openings}
    for one in course.standings:
        for new in plan.images(one.step):
            if one.since is not None and (new not in opened or one.since < opened[new]):
                opened[new], causes[new] = one.since, origins[one.step]
    done, skipped = {}, {}
    for new in images:
        settled = _settled([known[old] for old in plan.sources(new, known)])
        if isinstance(settled, f.CarriedDone):
            done[new] = settled
        elif isinstance(settled, f.CarriedSkip):
            skipped[new] = settled
    return {
        "from_version": before.version,
        "to_version": after.version,
        "opened": opened,
        "becomes": {old: several for old, several in plan.becomes.items() if several != (old,)},
        "done": done,
        "skipped": skipped,
        "optional": optional(course, before, after, plan),
        "causes": causes,
        "flagged": tuple(new for one in course.standings if _in_error(one) for new in plan.images(one.step)),
    }


def _in_error(one: Standing) -> bool:
    return any(flag.kind is FlagKind.OPENED_IN_ERROR for flag in one.flags)


def _settled(sources: list[Standing]) -> f.CarriedDone | f.CarriedSkip | None:
    """A step is done where all that it stands for was settled and any of it was done; skipped where all was skipped."""
    if not sources or not all(one.satisfied for one in sources):
        return None
    done = [one for one in sources if one.completed_at is not None]
    if done:
        modes = {one.mode for one in done if one.mode}
        last = max(one.completed_at for one in done if one.completed_at)
        # What is merged rests on all that it stands for, the skipped among it too.
        groups = [group for one in sources for group in _stands_on(one)]
        return f.CarriedDone(at=last, mode=modes.pop() if len(modes) == 1 else Mode.MIXED, of=tuple(groups))
    waiver = max((one.waiver for one in sources if one.waiver), key=lambda one: one.effective_at)
    return f.CarriedSkip(at=waiver.effective_at, reason=waiver.reason, by=waiver.by, of=_waiver_of(waiver))


def _stands_on(one: Standing) -> tuple[tuple[str, ...], ...]:
    """The facts that a step is done or skipped by, in groups of which one must be left."""
    if one.completed_at is not None:
        return one.seen.work(one.step).stands_on()
    return ((_waiver_of(one.waiver),),) if one.waiver else ()


def _waiver_of(waiver: f.Waived) -> str:
    return waiver.stands_on or waiver.id


def optional(course: Course, before: Pathway, after: Pathway, plan: MovePlan) -> tuple[str, ...]:
    """The core steps of the new version that are not asked of this patient. Of a finished course none is."""
    new = [
        step.key for step in after.steps if step.core and not step.retired and not _asked_before(step.key, before, plan)
    ]
    if plan.new_core is NewCore.ALL and not finished(course):
        return ()
    if plan.new_core is NewCore.NEW_ENROLMENTS_ONLY or finished(course):
        return tuple(new)
    order = [step.key for step in after.steps]
    begun = [
        order.index(key) for one in course.standings if _begun(one) for key in plan.images(one.step) if key in order
    ]
    return tuple(key for key in new if order.index(key) < max(begun, default=-1))


def _asked_before(step: str, before: Pathway, plan: MovePlan) -> bool:
    return any(before.by_key[old].core for old in plan.sources(step, before.by_key))


def _begun(one: Standing) -> bool:
    return bool(one.done) or one.satisfied or one.seen.work(one.step).started_at is not None


def finished(course: Course) -> bool:
    """Whether nothing is asked any more: every core step is done or was agreed to be skipped."""
    return bool(course.coverage.core) and not course.coverage.outstanding


def lost(before: Course, after: Course, plan: MovePlan) -> tuple[str, ...]:
    """What a patient would lose by the move, each as a sentence; they may be moved where it is nothing."""
    return tuple(_lost(before, after, plan))


def _lost(before: Course, after: Course, plan: MovePlan) -> Iterator[str]:
    now = {one.step: one for one in after.standings}
    for one in before.standings:
        images = plan.images(one.step)
        if one.opened and not (images and all(key in now and now[key].opened for key in images)):
            yield f"{one.title} is open to them now and would not be."
        if one.satisfied:
            for key in images:
                others = [other for other in before.standings if key in plan.images(other.step)]
                if all(other.satisfied for other in others) and not (key in now and now[key].satisfied):
                    yield f"{one.title} is done or skipped now and would not be."
        if one.hold and not all(key in now and now[key].hold for key in images):
            yield f"{one.title} is on hold now and would not be."
    if finished(before) and not finished(after):
        yield "Their course is finished now and would not be."


def carry_back(course: Course, moved: Course, plan: MovePlan) -> dict[str, Any]:
    """The fields of the fact with which a moved course goes on in the version it came from.

    `course` is as it stood in the version before, from the facts until now; `moved` as it stands in the new one. What
    was open before is open; what has been begun since in a step that both have stays open with its work.
    """
    begun = {one.step: one.since for one in moved.standings if one.since and _begun(one)}
    opened = {one.step: one.since for one in course.standings if one.since}
    reverse: dict[str, tuple[str, ...]] = {}
    for old, several in plan.becomes.items():
        if len(several) == 1 and several[0] != old and len(plan.sources(several[0], plan.becomes)) == 1:
            reverse[several[0]] = (old,)
    there = {one.step: one for one in moved.standings}
    done: dict[str, f.CarriedDone] = {}
    skipped: dict[str, f.CarriedSkip] = {}
    for one in course.standings:
        images = [there[new] for new in plan.images(one.step) if new in there]
        for new in images:
            if new.step in begun:
                opened.setdefault(one.step, begun[new.step])
        settled = _settled(images)
        if isinstance(settled, f.CarriedDone):
            done[one.step] = settled
        elif isinstance(settled, f.CarriedSkip):
            skipped[one.step] = settled
    causes = {opening.step: opening.by_right_of for opening in course.openings if opening.step in opened}
    flagged = tuple(one.step for one in course.standings if _in_error(one))
    return {
        "from_version": moved.pathway_version,
        "to_version": course.pathway_version,
        "back": True,
        "opened": opened,
        "becomes": reverse,
        "done": done,
        "skipped": skipped,
        "causes": causes,
        "flagged": flagged,
    }


def lost_by_going_back(moved: Course, again: Course, plan: MovePlan) -> tuple[str, ...]:
    """What a patient would lose by a move being taken back, each as a sentence: nothing done or agreed since may go."""
    return tuple(_lost_by_going_back(moved, {one.step: one for one in again.standings}, plan))


def _lost_by_going_back(moved: Course, again: Mapping[str, Standing], plan: MovePlan) -> Iterator[str]:
    for one in moved.standings:
        olds = [again[old] for old in plan.sources(one.step, again)]
        if not olds:
            if _begun(one) or one.hold:
                yield f"{one.title} was begun or agreed on since, and the version before does not have it."
            continue
        if one.satisfied and not all(old.satisfied for old in olds):
            yield f"{one.title} is done or skipped now and would not be."
        if one.hold and not all(old.hold for old in olds):
            yield f"{one.title} is on hold now and would not be."
        if _begun(one) and not any(old.opened or old.satisfied for old in olds):
            yield f"{one.title} was begun since and would not be open."
