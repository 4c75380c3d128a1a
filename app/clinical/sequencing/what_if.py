"""What another version of a pathway would do for one patient, from the facts as they are; nothing is changed by it.

Three replays: through the version they are on; through the other as if they were moved to it now; and through the
other from the start, which tells what they would have without what stays open for having been open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from app.clinical.sequencing import explain, moving
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.moving import MovePlan
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import carried_over, replay
from app.clinical.sequencing.standing import Course, Standing, State
from app.clinical.sequencing.stuck import Stuck, StuckFrom

MOVE = "what-if"


class Outcome(StrEnum):
    """What would be different, the first to look at first. A patient stands in the first that fits."""

    LOST = "lost"
    STUCK = "stuck"
    KEPT_OPEN = "kept-open"
    OPENS_MORE = "opens-more"
    NEXT_CHANGES = "next-changes"
    CORE_CHANGES = "core-changes"
    READS_OTHERWISE = "reads-otherwise"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """What would be different for one patient. Steps are keys of the other version.

    `reads_otherwise` are titles: a step that goes has no key there.
    """

    opens_more: tuple[str, ...] = ()
    kept_open: tuple[str, ...] = ()
    next_before: str | None = None
    next_after: str | None = None
    core_before: int = 0
    core_after: int = 0
    stuck: tuple[Stuck, ...] = ()
    stuck_before: bool = False
    lost: tuple[str, ...] = ()
    reads_otherwise: tuple[str, ...] = ()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All that is different, the gravest first; SAME where nothing is."""
        found = {
            Outcome.LOST: self.lost,
            Outcome.STUCK: self.stuck,
            Outcome.KEPT_OPEN: self.kept_open,
            Outcome.OPENS_MORE: self.opens_more,
            Outcome.NEXT_CHANGES: self.next_before != self.next_after,
            Outcome.CORE_CHANGES: self.core_before != self.core_after,
            Outcome.READS_OTHERWISE: self.reads_otherwise,
        }
        return tuple(one for one, there in found.items() if there) or (Outcome.SAME,)


@dataclass(frozen=True, slots=True)
class Both:
    """One patient's course as it is, and as it would be from now on."""

    before: Course
    after: Course


class WhatIf:
    """A question about many patients: what is the pathways' own is worked out once."""

    def __init__(self, before: Pathway, after: Pathway, plan: MovePlan) -> None:
        self.before, self.after, self.plan = before, after, plan

    @cached_property
    def _stuck_before(self) -> StuckFrom:
        return StuckFrom(self.before)

    @cached_property
    def _stuck_after(self) -> StuckFrom:
        return StuckFrom(self.after)

    def both(self, facts: Iterable[Fact], *, started_at: datetime, now: datetime, zone: str | ZoneInfo) -> Both:
        """The course of a patient at `now` as it is, and as it would be if they were moved at `now`."""
        return self._replayed(list(facts), started_at, now, zone)[0]

    def _replayed(
        self, facts: list[Fact], started_at: datetime, now: datetime, zone: str | ZoneInfo
    ) -> tuple[Both, frozenset[str]]:
        """Both courses, and what the other version would have opened by its own rules from the start."""
        course = replay(self.before, facts, started_at=started_at, now=now, zone=zone)
        move = f.CarriedOver(
            id=MOVE,
            effective_at=now,
            recorded_at=now,
            seq=max((one.seq for one in facts), default=0) + 1,
            role="system",
            **moving.carry(course, self.before, self.after, self.plan),
        )
        alone, moved = carried_over(self.after, facts, move, started_at=started_at, zone=zone)
        if self.plan.becomes:
            told = translated(facts, self.plan.becomes)
            by_itself = replay(self.after, told, started_at=started_at, now=now, zone=zone)
            alone = frozenset(one.step for one in by_itself.openings)
        return Both(course, moved), alone

    def difference(
        self, facts: Iterable[Fact], *, started_at: datetime, now: datetime, zone: str | ZoneInfo
    ) -> Difference:
        """What would be different for a patient. All moments are aware; `zone` is the patient's."""
        both, alone = self._replayed(list(facts), started_at, now, zone)
        before = {new for one in both.before.standings if one.opened for new in self.plan.images(one.step)}
        after = [one for one in both.after.standings if one.opened]
        was_stuck = bool(self._stuck_before.of(both.before))
        return Difference(
            opens_more=tuple(one.step for one in after if one.step not in before),
            kept_open=tuple(one.step for one in after if one.step in before and one.step not in alone),
            next_before=_renamed(next_step(both.before), self.plan),
            next_after=next_step(both.after),
            core_before=len(both.before.coverage.core),
            core_after=len(both.after.coverage.core),
            stuck=() if was_stuck else self._stuck_after.of(both.after),
            stuck_before=was_stuck,
            lost=moving.lost(both.before, both.after, self.plan),
            reads_otherwise=tuple(_reading_otherwise(both, self.plan)),
        )


def _reading_otherwise(both: Both, plan: MovePlan) -> Iterator[str]:
    """The steps that stood there already and of which the patient would read something else, and those that go."""
    was = {one.step: one for one in both.before.standings}
    there: set[str] = set()
    for one in both.after.standings:
        sources = [was[old] for old in plan.sources(one.step, was)]
        there.update(source.step for source in sources)
        # A step that opened with the move is told as one that opens.
        opens = one.opened and not any(source.opened for source in sources)
        if not opens and [_read(source) for source in sources] != [_read(one)]:
            yield one.title
    yield from (one.title for one in both.before.standings if one.step not in there)


def _read(standing: Standing) -> tuple[object, ...]:
    """What somebody finds of a step: what it is called, its state, since when, whether it is core, and why."""
    return standing.title, standing.state, standing.since, standing.core, explain.for_patient(standing)


def next_step(course: Course) -> str | None:
    """The step a patient is led to next: the one under way, else the first that is open, core before optional."""
    under_way = [one for one in course.standings if one.state is State.IN_PROGRESS]
    open_now = sorted((one for one in course.standings if one.state is State.AVAILABLE), key=lambda one: not one.core)
    return next((one.step for one in [*under_way, *open_now]), None)


def _renamed(step: str | None, plan: MovePlan) -> str | None:
    return next(iter(plan.images(step)), None) if step else None


def translated(facts: Iterable[Fact], becomes: Mapping[str, tuple[str, ...]]) -> list[Fact]:
    """The facts as they would have been recorded in the other version, each about what its step becomes."""
    return [told for fact in facts for told in _translated(fact, becomes)] if becomes else list(facts)


def _translated(fact: Fact, becomes: Mapping[str, tuple[str, ...]]) -> Iterator[Fact]:
    step: str | None = getattr(fact, "step", None)
    if step is None or step not in becomes:
        yield fact
        return
    for number, new in enumerate(becomes[step]):
        fresh = {"step": new, "id": fact.id if number == 0 else f"{fact.id}:{new}"}
        if isinstance(fact, f.ActivityDone) and fact.activity == step:
            # A step with no parts is its own only one.
            fresh["activity"] = new
        yield fact.model_copy(update=fresh)
