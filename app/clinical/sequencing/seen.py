"""What is known of one patient's course at a moment, indexed so that a condition is answered at a glance."""

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact, Mode
from app.clinical.sequencing.pathway import Pathway, Requirement, Step
from app.clinical.sequencing.rules import Always, Where
from app.clinical.sequencing.structure import Topic
from app.clinical.sequencing.work import Done, Work


@dataclass(frozen=True, slots=True)
class Opening:
    """When a step became available, and why: the id of a fact, `time`, or `start`.

    `origin` is why it was open in the version before, where it was kept open by a move.
    """

    step: str
    at: datetime
    cause: str
    origin: str | None = None

    @property
    def by_right_of(self) -> str:
        """What it stands on: what opened it first, whatever has kept it open since."""
        return self.origin or self.cause


@dataclass(frozen=True, slots=True, order=True)
class Taken:
    """One answered questionnaire, by the time it was answered; no total when it could not be scored."""

    at: datetime
    seq: int
    total: int | None = field(compare=False)


@dataclass(slots=True)
class Seen:
    """Facts learned so far. Rules only read it; replay alone adds to it, with `learn` and the three last fields."""

    pathway: Pathway
    started_at: datetime
    zone: ZoneInfo
    service_zone: ZoneInfo
    steps: dict[str, Step] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    practices: dict[str, list[Done]] = field(default_factory=dict)
    entries: dict[str, list[date]] = field(default_factory=dict)
    measures: dict[str, list[Taken]] = field(default_factory=dict)
    problems: dict[str, f.ProblemAssessed] = field(default_factory=dict)
    goals: dict[str, f.GoalSet] = field(default_factory=dict)
    appointments: dict[str, f.AppointmentRecorded] = field(default_factory=dict)
    opened: dict[str, Opening] = field(default_factory=dict)
    waits: dict[str, datetime] = field(default_factory=dict)
    _works: dict[str, Work] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.steps = dict(self.pathway.by_key)
        self.order = list(self.steps)

    def work(self, step: str) -> Work:
        """What is known of a step; of one nobody has touched, nothing."""
        found = self._works.get(step)
        if found is None:
            found = self._works[step] = Work(self.steps.get(step))
        return found

    def completed_at(self, step: str, where: Where = "any") -> datetime | None:
        """When the step was done, by evidence from there; None when it is not."""
        return self.work(step).completed_at(where)

    def satisfied_at(self, step: str) -> datetime | None:
        """When the step was done or waived, whichever came first; None when it is neither."""
        work = self.work(step)
        done = work.completed_at()
        if work.waived is None:
            return done
        agreed = work.waived.effective_at
        return agreed if done is None else min(done, agreed)

    def practised(self, technique: str, where: Where = "any") -> list[datetime]:
        """When a technique was practised, earliest first."""
        found = self.practices.get(technique, ())
        return sorted(done.at for done in found if where in ("any", done.mode))

    def learn(self, fact: Fact) -> set[Topic]:
        """Take in one fact, and say what it is about."""
        return set(_LEARN[type(fact)](self, fact))

    def add_done(self, step: str, done: Done) -> Iterator[Topic]:
        """Take in one piece of work on a step, what it practises, and what the step stands for once it is done."""
        work = self.work(step)
        before = work.stand()
        work.add(done)
        # Of five pieces of work three change nothing that a rule can ask.
        if work.stand() != before:
            yield ("step", step)
        yield from self._practise(work.techniques_of(done), done)
        stands_for = work.added and work.added.counts_as
        if stands_for and not work.counted and work.completed_at():
            work.counted = True
            for activity in stands_for.activities or (None,):
                yield from self.add_done(stands_for.step, Done(activity, done.mode, done.at, done.fact))

    def _practise(self, techniques: tuple[str, ...], done: Done) -> Iterator[Topic]:
        for technique in techniques:
            self.practices.setdefault(technique, []).append(done)
            yield ("technique", technique)

    def _activity_done(self, fact: f.ActivityDone) -> Iterator[Topic]:
        return self.add_done(fact.step, Done(fact.activity, fact.mode, fact.effective_at, fact))

    def _done_elsewhere(self, fact: f.DoneElsewhere) -> Iterator[Topic]:
        if fact.step is not None:
            for activity in fact.activities or (None,):
                yield from self.add_done(fact.step, Done(activity, Mode(fact.mode), fact.effective_at, fact))
        if fact.technique is not None:
            yield from self._practise((fact.technique,), Done(None, Mode(fact.mode), fact.effective_at, fact))

    def _practised(self, fact: f.TechniquePractised) -> Iterator[Topic]:
        return self._practise((fact.technique,), Done(None, fact.mode, fact.effective_at, fact))

    def _practice_withdrawn(self, fact: f.PracticeWithdrawn) -> Iterator[Topic]:
        practices = self.practices.get(fact.technique, [])
        for done in practices:
            if isinstance(done.fact, f.TechniquePractised) and done.at == fact.effective_at:
                practices.remove(done)
                break
        yield ("technique", fact.technique)

    def _entry(self, fact: f.EntryLogged) -> Iterator[Topic]:
        self.entries.setdefault(fact.entry, []).append(fact.on)
        yield ("entries", fact.entry)

    def _measure(self, fact: f.MeasureTaken) -> Iterator[Topic]:
        insort(self.measures.setdefault(fact.measure, []), Taken(fact.effective_at, fact.seq, fact.total))
        yield ("measure", fact.measure)

    def _problem(self, fact: f.ProblemAssessed) -> Iterator[Topic]:
        before = self.problems.get(fact.problem)
        if before is None or before.effective_at <= fact.effective_at:
            self.problems[fact.problem] = fact
        yield ("problem", "")

    def _goal(self, fact: f.GoalSet) -> Iterator[Topic]:
        self.goals[fact.goal] = fact
        yield ("goal", "")

    def _appointment(self, fact: f.AppointmentRecorded) -> Iterator[Topic]:
        self.appointments[fact.appointment] = fact
        yield ("appointment", "")

    def _zone(self, fact: f.ZoneChanged) -> Iterator[Topic]:
        self.zone = ZoneInfo(fact.zone)
        yield ("time", "")

    def _step_added(self, fact: f.StepAdded) -> Iterator[Topic]:
        if fact.step not in self.steps:
            self.steps[fact.step] = Step(
                key=fact.step,
                title=fact.title,
                module=fact.module,
                requirement=Requirement.COULD,
                unlock=Always(),
                activities=fact.activities,
                techniques=fact.techniques,
            )
            self.work(fact.step).step = self.steps[fact.step]
            self._place(fact.step, fact.before)
        self.work(fact.step).added = fact
        yield ("step", fact.step)

    def _moved(self, fact: f.Moved) -> Iterator[Topic]:
        if fact.step in self.order:
            self.order.remove(fact.step)
            self._place(fact.step, fact.before)
        yield from ()

    def _place(self, step: str, before: str | None) -> None:
        self.order.insert(self.order.index(before) if before in self.order else len(self.order), step)

    def _about_step(self, fact: Any) -> Iterator[Topic]:
        self.work(fact.step).learn(fact)
        yield ("step", fact.step)

    def _nothing(self, _: Fact) -> Iterator[Topic]:
        yield from ()


_LEARN: dict[type[Any], Callable[[Seen, Any], Iterator[Topic]]] = {
    f.ActivityDone: Seen._activity_done,
    f.DoneElsewhere: Seen._done_elsewhere,
    f.TechniquePractised: Seen._practised,
    f.PracticeWithdrawn: Seen._practice_withdrawn,
    f.EntryLogged: Seen._entry,
    f.MeasureTaken: Seen._measure,
    f.ProblemAssessed: Seen._problem,
    f.GoalSet: Seen._goal,
    f.AppointmentRecorded: Seen._appointment,
    f.ZoneChanged: Seen._zone,
    f.StepAdded: Seen._step_added,
    f.Moved: Seen._moved,
    f.StepOpened: Seen._about_step,
    f.PatientChose: Seen._about_step,
    f.ChoiceWithdrawn: Seen._about_step,
    f.Released: Seen._about_step,
    f.OverrideOpened: Seen._about_step,
    f.Declined: Seen._about_step,
    f.Waived: Seen._about_step,
    f.RequirementChanged: Seen._about_step,
    f.Held: Seen._about_step,
    f.Resumed: Seen._about_step,
    f.Reviewed: Seen._about_step,
    f.Corrected: Seen._nothing,
    f.Undone: Seen._nothing,
    f.CarriedOver: Seen._nothing,
}
