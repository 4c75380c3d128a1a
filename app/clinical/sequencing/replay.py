"""A patient's course, derived by taking their facts in the order in which they were recorded.

A step opens at the first moment its rule is true and stays open. Facts act from when they were recorded, so a fact
learned late never opens a step in the past, and the same facts give the same course whenever it is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.carrying import take_over
from app.clinical.sequencing.course import course
from app.clinical.sequencing.due import may_open_by_time, opens_at
from app.clinical.sequencing.evaluate import View, truth
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.frontier import STAFF_ACTS, staff_awaited
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.pathway import Override, Pathway, Step
from app.clinical.sequencing.seen import Opening, Seen
from app.clinical.sequencing.standing import Course, Flag, FlagKind

TIME, START = "time", "start"


def replay(
    pathway: Pathway,
    facts: Iterable[Fact],
    *,
    started_at: datetime,
    now: datetime,
    zone: str | ZoneInfo,
    service_zone: str | ZoneInfo | None = None,
) -> Course:
    """The course of one patient at `now`, from the facts recorded by then. All moments are aware.

    `zone` is the patient's when they started, `service_zone` the service's (the patient's if not given), as IANA
    names. Facts may come in any order. The same facts always give the same course.
    """
    running = _Replay(pathway, facts, started_at, now, _zone(zone), _zone(service_zone or zone))
    running.run()
    return running.course()


def seen(pathway: Pathway, facts: Iterable[Fact], *, started_at: datetime, now: datetime, zone: str | ZoneInfo) -> Seen:
    """What a replay of these facts knows at `now`, before anything is said of where the steps stand."""
    running = _Replay(pathway, facts, started_at, now, _zone(zone), _zone(zone))
    running.run()
    return running.seen


def carried_over(
    pathway: Pathway,
    facts: Iterable[Fact],
    move: f.CarriedOver,
    *,
    started_at: datetime,
    zone: str | ZoneInfo,
) -> tuple[frozenset[str], Course]:
    """The course of a patient who is moved to a version at the end of their facts, and what it alone would have opened.

    The same as two replays, with and without the move, in one.
    """
    running = _Replay(pathway, facts, started_at, move.recorded_at, _zone(zone), _zone(zone))
    running.run()
    alone = frozenset(running.seen.opened)
    running.go_on(move)
    return alone, running.course()


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


class _Replay:
    def __init__(
        self,
        pathway: Pathway,
        facts: Iterable[Fact],
        started_at: datetime,
        now: datetime,
        zone: ZoneInfo,
        service_zone: ZoneInfo,
    ) -> None:
        self.facts = sorted((x for x in facts if x.recorded_at <= now), key=lambda x: (x.recorded_at, x.seq))
        self.pathway, self.started_at, self.now = pathway, started_at, now
        self.zones = (zone, service_zone)
        self.seen = self._seen()
        self.flags: dict[str, list[Flag]] = {}
        self.void: set[str] = set()
        self._due: list[tuple[datetime, str]] = []
        self._running = False

    def _seen(self) -> Seen:
        return Seen(self.pathway, self.started_at, *self.zones)

    def run(self) -> None:
        """Take every fact and every due time between them, in order."""
        for place, fact in enumerate(self.facts):
            self._advance(fact.recorded_at)
            self._take(fact, self.facts[:place] if isinstance(fact, f.Corrected | f.Undone) else ())
        self._advance(self.now)

    def go_on(self, fact: Fact) -> None:
        """Take one more fact, recorded after all the others."""
        self.facts.append(fact)
        self._take(fact, self.facts[:-1])

    def course(self) -> Course:
        """Where every step stands now."""
        return course(self.seen, self.now, {fact.id: fact for fact in self.facts}, self.flags)

    def _advance(self, until: datetime) -> None:
        """Start the course if that is due, then look again at each step whose time has come."""
        if not self._running and self.started_at <= until:
            self._running = True
            self._look_at_all(self.started_at, START)
        while self._due and self._due[0][0] <= until:
            moment, key = heappop(self._due)
            self._look(key, moment, TIME)

    def _take(self, fact: Fact, before: Sequence[Fact]) -> None:
        at = fact.recorded_at
        match fact:
            case f.Corrected() | f.Undone():
                self._take_back(fact, before)
            case f.CarriedOver():
                self._carry_over(fact)
            case f.ZoneChanged():
                self.seen.learn(fact)
                self._look_at_all(at, fact.id)
            case _:
                # A list, because the order in which steps are looked at must not depend on hashing.
                topics = sorted(self.seen.learn(fact))
                for topic in topics:
                    for key in self.pathway.affected_by.get(topic, ()):
                        self._look(key, at, fact.id)
                self._open_by_hand(fact, [key for about, key in topics if about == "step"])
                if isinstance(fact, f.Declined):
                    self._wait_anew(fact.step, at)

    def _look_at_all(self, at: datetime, cause: str) -> None:
        for key in self.pathway.by_key:
            self._look(key, at, cause)

    def _look(self, key: str, at: datetime, cause: str) -> None:
        """Open a step that is still closed if its rule is true now, else note when time alone would open it."""
        step = self.pathway.by_key[key]
        if key in self.seen.opened or step.retired or not self._running:
            return
        view = View(self.seen, at, key)
        # What is not true even with all its clocks run out is not true: asked once instead of twice.
        within_reach = not step.waits_on_time or may_open_by_time(step, view)
        if within_reach and truth(step.unlock, view) is Truth.TRUE:
            self._open(key, at, cause)
            return
        if step.waits_on_staff and key not in self.seen.waits:
            self._note_wait_on_staff(step, view)
        if step.waits_on_time and within_reach:
            self._note_due(key, opens_at(step.unlock, view), at)

    def _note_wait_on_staff(self, step: Step, view: View) -> None:
        if staff_awaited(step.unlock, view):
            self.seen.waits[step.key] = view.now
        elif step.has_a_clock:
            # Staff may become all that is missing by the passing of time, with no fact to say so.
            granted = View(self.seen, view.now, step.key, STAFF_ACTS)
            if truth(step.unlock, granted) is not Truth.TRUE and may_open_by_time(step, granted):
                self._note_due(step.key, opens_at(step.unlock, granted), view.now)

    def _wait_anew(self, key: str, at: datetime) -> None:
        """Staff have answered a request: whoever else is waited for is waited for from here."""
        self.seen.waits.pop(key, None)
        if key in self.pathway.by_key:
            self._look(key, at, TIME)

    def _note_due(self, key: str, due: datetime | None, at: datetime) -> None:
        if due is not None and due > at and (due, key) not in self._due:
            heappush(self._due, (due, key))

    def _open(self, key: str, at: datetime, cause: str) -> None:
        if key in self.seen.steps and key not in self.seen.opened:
            self.seen.opened[key] = Opening(key, max(at, self.started_at), cause)

    def _open_by_hand(self, fact: Fact, touched: Iterable[str]) -> None:
        """Open what staff opened, what was worked on with them, what is done, and what a patient took up again."""
        at = fact.recorded_at
        if isinstance(fact, f.OverrideOpened | f.StepAdded):
            self._open(fact.step, at, fact.id)
        for key in touched:
            step, work = self.seen.steps.get(key), self.seen.work(key)
            if step is None or step.retired or step.override is Override.PROHIBITED:
                continue
            if isinstance(fact, f.DoneElsewhere) or work.reopened or work.completed_at():
                self._open(key, at, fact.id)

    def _carry_over(self, fact: f.CarriedOver) -> None:
        """Begin on this version of the pathway: what was open stays open, and nothing opened before by its rules."""
        known = {each.id: each.seq for each in self.facts}
        kept = {key: opening for key, opening in self.seen.opened.items() if self._stays(opening, fact, known)}
        carried = {
            key: Opening(key, at, fact.id, fact.causes.get(key))
            for key, at in fact.opened.items()
            # What was taken back opens nothing; what opened through it is kept by `_keep_open`, and flagged.
            if key in self.seen.steps and fact.causes.get(key, TIME) in {TIME, START, *known}
        }
        self.seen.opened = {**kept, **carried}
        take_over(self.seen, fact, known.keys())
        self.flags = {key: [Flag(FlagKind.OPENED_IN_ERROR)] for key in fact.flagged if key in carried}
        self._look_at_all(fact.recorded_at, fact.id)

    def _stays(self, opening: Opening, move: f.CarriedOver, known: Mapping[str, int]) -> bool:
        """Whether a step that opened before a move does so after it, though the move does not say it."""
        if opening.step not in self.pathway.by_key:
            return True
        # A fact that was recorded while the move was being worked out is not in what it carries.
        return move.known is not None and known.get(opening.cause, 0) > move.known

    def _take_back(self, fact: f.Corrected | f.Undone, before: Sequence[Fact]) -> None:
        """Go on as if a fact had not been recorded, except that what opened stays open.

        What closes again are the steps that an undone decision opened and nobody has begun.
        """
        target = next((each for each in before if each.id == fact.supersedes), None)
        if target is None or target.id in self.void:
            return
        if depended_on(target, before) and not isinstance(fact, f.Corrected):
            self._flag(getattr(target, "step", ""), Flag(FlagKind.UNDO_CAME_TOO_LATE, fact.id))
            return
        self.void.add(target.id)
        if isinstance(target, f.Corrected | f.Undone):
            self.void.discard(target.supersedes)
        kept = [each for each in before if each.id not in self.void and not isinstance(each, f.Corrected | f.Undone)]
        without = self._would_be(kept, fact.recorded_at)
        closes = set(opened_and_not_begun(target, self.seen.opened.values(), before))
        self._keep_open(fact, closes if isinstance(fact, f.Undone) else set(), without)
        self._look_at_all(fact.recorded_at, fact.id)

    def _would_be(self, kept: Sequence[Fact], at: datetime) -> "_Replay":
        other = _Replay(self.pathway, kept, self.started_at, at, *self.zones)
        other.run()
        return other

    def _keep_open(self, fact: f.Corrected | f.Undone, closes: set[str], without: "_Replay") -> None:
        """Take over what is known without the fact, keep what had opened, and flag what would not have."""
        opened, waits, steps = self.seen.opened, self.seen.waits, self.seen.steps
        kept: dict[str, Opening] = {}
        for key, opening in opened.items():
            by_right = without.seen.opened.get(key)
            self._unflag(key)
            if key in closes:
                kept |= {key: by_right} if by_right else {}
                continue
            kept[key] = opening
            if by_right is None:
                self._flag(key, Flag(FlagKind.OPENED_IN_ERROR, fact.id))
        self.seen = without.seen
        self.seen.opened, self.seen.waits = kept, waits
        for key in kept:
            if key not in self.seen.steps:
                self.seen.steps[key] = steps[key]
                self.seen.order.append(key)
                self.seen.work(key).step = steps[key]

    def _flag(self, key: str, flag: Flag) -> None:
        self.flags.setdefault(key, []).append(flag)

    def _unflag(self, key: str) -> None:
        kept = [flag for flag in self.flags.get(key, ()) if flag.kind is not FlagKind.OPENED_IN_ERROR]
        self.flags[key] = kept


_OPENS_ITS_STEP = (f.Released, f.OverrideOpened, f.StepAdded)


def depended_on(decision: Fact, facts: Iterable[Fact]) -> bool:
    """Whether anybody began the step that a decision was about opening, after it was made."""
    return isinstance(decision, _OPENS_ITS_STEP) and decision.step in begun_since(decision, facts)


def begun_since(decision: Fact, facts: Iterable[Fact]) -> set[str]:
    """The steps that somebody began, or went on with, after a decision was made."""
    made = (decision.recorded_at, decision.seq)
    return {
        each.step
        for each in facts
        if isinstance(each, f.StepOpened | f.ActivityDone | f.DoneElsewhere)
        and each.step is not None
        and (each.recorded_at, each.seq) > made
    }


def opened_and_not_begun(decision: Fact, openings: Iterable[Opening], facts: Iterable[Fact]) -> list[str]:
    """The steps that opened through a decision and in which nobody has done anything since."""
    begun = begun_since(decision, facts)
    return [opening.step for opening in openings if opening.by_right_of == decision.id and opening.step not in begun]
