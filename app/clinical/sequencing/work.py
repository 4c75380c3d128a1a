"""What is known of one step: the work done on it, wherever that was, and what was decided about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact, Mode
from app.clinical.sequencing.pathway import EveryActivity, Step
from app.clinical.sequencing.rules import Where

PLACES: tuple[Where, ...] = get_args(Where)


@dataclass(frozen=True, slots=True)
class Done:
    """One piece of work: an activity, or (None) the whole step or a technique; where, when, and by which fact."""

    activity: str | None
    mode: Mode
    at: datetime
    fact: Fact


@dataclass(slots=True)
class Work:
    """The record of one step. Decisions that replace each other are kept as the last one in force."""

    step: Step | None
    activities: dict[str, list[Done]] = field(default_factory=dict)
    whole: list[Done] = field(default_factory=list)
    opened: f.StepOpened | None = None
    reopened: f.StepOpened | f.PatientChose | None = None
    chosen: f.PatientChose | None = None
    declined: f.Declined | None = None
    released: list[f.Released] = field(default_factory=list)
    reviewed: list[f.Reviewed] = field(default_factory=list)
    overridden: f.OverrideOpened | None = None
    waived: f.Waived | None = None
    held: f.Held | None = None
    requirement: f.RequirementChanged | None = None
    added: f.StepAdded | None = None
    counted: bool = False
    _completed: dict[Where, datetime | None] = field(default_factory=dict)

    def learn(self, fact: Fact) -> None:
        """Take in a fact about the step that is not work on it."""
        match fact:
            case f.StepOpened():
                self.opened = self.opened or fact
                self.reopened = fact if self.waived else None
            case f.PatientChose():
                self.chosen, self.declined = fact, None
                self.reopened = fact if self.waived else None
            case f.ChoiceWithdrawn():
                self.chosen = None
                self.reopened = None if self.may_skip_again else self.reopened
            case f.Declined():
                self.chosen, self.declined = None, fact
            case f.Released():
                self.released.append(fact)
            case f.Reviewed():
                self.reviewed.append(fact)
            case f.OverrideOpened():
                self.overridden = fact
            case f.Waived():
                self.waived, self.reopened = fact, None
            case f.RequirementChanged():
                self.requirement = fact
            case f.Held():
                self.held = fact
            case f.Resumed():
                self.held = None

    def add(self, done: Done) -> None:
        """Take in work on the step."""
        self._completed.clear()
        if done.activity is None:
            self.whole.append(done)
        else:
            self.activities.setdefault(done.activity, []).append(done)

    def techniques_of(self, done: Done) -> tuple[str, ...]:
        """The techniques one piece of work practises: those of the activity, or of the step when it is the whole."""
        if self.step is None:
            return ()
        if done.activity is None:
            return self.step.techniques
        return next((part.techniques for part in self.step.parts if part.key == done.activity), ())

    @property
    def may_skip_again(self) -> bool:
        """Whether a skipped step was chosen again and nothing was begun in it since."""
        again = self.reopened
        if not isinstance(again, f.PatientChose):
            return False
        since = (again.recorded_at, again.seq)
        return all((done.fact.recorded_at, done.fact.seq) < since for done in self._all_done())

    def stand(self) -> tuple[object, ...]:
        """All that a rule can ask of the work on the step: whether any was done, since when, and when it was done."""
        done = self.completed_at()
        # What is not done anywhere is not done in any one place.
        return self.has_work, self.started_at, *(self.completed_at(where) for where in PLACES if done)

    @property
    def has_work(self) -> bool:
        return bool(self.activities or self.whole)

    @property
    def started_at(self) -> datetime | None:
        """When the patient opened the step or the first of its work was done, whichever came first."""
        moments = [done.at for done in self._all_done()]
        return min([*moments, self.opened.effective_at] if self.opened else moments, default=None)

    def completed_at(self, where: Where = "any") -> datetime | None:
        """When what counts as done was done, by evidence from there; None when it is not."""
        if not self.has_work:
            return None
        if where not in self._completed:
            self._completed[where] = self._completion(where)
        return self._completed[where]

    def _completion(self, where: Where) -> datetime | None:
        moments = [done.at for done in self.whole if where in ("any", done.mode)]
        if by_parts := self._parts_done_at(where):
            moments.append(by_parts)
        return min(moments, default=None)

    def first_done(self) -> tuple[Done, ...]:
        """The earliest work on each activity, then on the whole, in the order of the step's activities."""
        keys = [part.key for part in self.step.parts] if self.step else []
        known = [*keys, *(key for key in self.activities if key not in keys)]
        parts = [self.activities[key] for key in known if key in self.activities]
        return tuple(_earliest(done) for done in (*parts, self.whole) if done)

    def stands_on(self) -> tuple[tuple[str, ...], ...]:
        """The ids of the facts that it is done by: it stays done while of each group one is left."""
        for done in self.whole:
            if isinstance(done.fact, f.CarriedOver) and self.key in done.fact.done:
                return done.fact.done[self.key].of
        whole = [done.fact.id for done in self.whole]
        parts = [[done.fact.id for done in several] for several in self.activities.values() if several]
        if self._parts_done_at("any") is None:
            parts = [[]]
        elif len(parts) > self._parts_needed:
            # More than enough was done: which of it made the step done is not told apart.
            parts = [[one for several in parts for one in several]]
        return tuple(tuple(dict.fromkeys([*whole, *ids])) for ids in parts)

    @property
    def key(self) -> str:
        """The step's key; empty for one that this version does not have."""
        return self.step.key if self.step else ""

    @property
    def _parts_needed(self) -> int:
        if self.step is None:
            return 0
        rule = self.step.completion
        return len(self.step.parts) if isinstance(rule, EveryActivity) else rule.at_least

    def mode(self) -> Mode | None:
        """Where the step was done: one place, or mixed; None when it is not done."""
        completed = self.completed_at()
        if completed is None:
            return None
        # Only what made it done counts: going over a step again elsewhere does not change where it was done.
        by_parts = self._parts_done_at("any") == completed
        made_it = [each for each in self.first_done() if each.at <= completed and (each.activity or not by_parts)]
        modes = {each.mode for each in made_it}
        return modes.pop() if len(modes) == 1 else Mode.MIXED

    def _parts_done_at(self, where: Where) -> datetime | None:
        if self.step is None:
            return None
        rule = self.step.completion
        parts = self.step.parts
        if isinstance(rule, EveryActivity):
            counted = [part.key for part in parts if part.required] or [part.key for part in parts]
            needed = len(counted)
        else:
            counted, needed = list(rule.of) or [part.key for part in parts], rule.at_least
        moments = sorted(self._done_at(counted, where))
        return moments[needed - 1] if len(moments) >= needed else None

    def _done_at(self, keys: Iterable[str], where: Where) -> Iterable[datetime]:
        for key in keys:
            moments = [done.at for done in self.activities.get(key, ()) if where in ("any", done.mode)]
            if moments:
                yield min(moments)

    def _all_done(self) -> Iterable[Done]:
        yield from self.whole
        for done in self.activities.values():
            yield from done


def _earliest(done: list[Done]) -> Done:
    return min(done, key=lambda each: each.at)
