"""A course played through before anybody is on it: what changes for each step at each moment, or day by day.

Nothing is decided here. Every answer is `replay` asked again at an instant, so that a simulation cannot differ from
what a patient with the same facts would meet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.clinical.local_time import instant, local_day
from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import View, due_at, entry_days, scorable, stale, truth, unrecorded
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import START, TIME, replay
from app.clinical.sequencing.rules import Condition
from app.clinical.sequencing.standing import Course, Standing, State
from app.clinical.sequencing.step import Step
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.wording import Text

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one step at a moment, as `replay` and `explain` tell it.

    `before` is None for a step that was not there, `after` and all that follows for one that is there no longer.
    `since` and `cause` are of its opening, as in a standing.
    """

    step: str
    title: str
    before: State | None
    after: State | None
    since: datetime | None = None
    cause: str | None = None
    truth: Truth | None = None
    who_can_act: frozenset[str] = frozenset()
    earliest_at: datetime | None = None
    earliest_on: date | None = None
    patient: Text | None = None
    staff: Text | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant at which something changed for a step: `at` in UTC, `local` in the zone the patient had then.

    `facts` are those recorded at this instant, in their order. `causes` are their ids, after `start` when the course
    began here; `time` when nothing but time did it.
    """

    at: datetime
    local: datetime
    facts: tuple[Fact, ...]
    causes: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A local day, and where every step stands as it ends; on the last day, at the end of the simulation."""

    on: date
    at: datetime
    course: Course


def timeline(
    pathway: Pathway,
    facts: Iterable[Fact],
    *,
    started_at: datetime,
    zone: str | ZoneInfo,
    until: datetime,
    service_zone: str | ZoneInfo | None = None,
) -> tuple[Moment, ...]:
    """Every instant up to `until` (all aware) at which anything changed for any step, in order.

    The first tells of every step. Between two of them nothing changes but how many days something has waited and how
    old a score is. Facts may come in any order, and one that changes nothing makes no moment.

    It asks `replay` once for each instant at which facts were recorded, a clock in a rule ran out or a session ended,
    and once for each local midnight if a rule counts back in days: with 12 steps, 200 facts and 11 weeks about 300
    times, each as long as the facts so far.
    """
    play = _Play(pathway, facts, started_at, zone, service_zone)
    return tuple(play.moments(until))


def days(
    pathway: Pathway,
    facts: Iterable[Fact],
    *,
    started_at: datetime,
    zone: str | ZoneInfo,
    until: datetime,
    service_zone: str | ZoneInfo | None = None,
) -> tuple[Day, ...]:
    """Each local day from the start to `until` (aware), with where every step stands as it ends.

    A day ends at midnight in the zone the patient has by then. It asks `replay` once a day, twice where zones change.
    """
    play = _Play(pathway, facts, started_at, zone, service_zone)
    return tuple(play.days(until))


class _Play:
    def __init__(
        self,
        pathway: Pathway,
        facts: Iterable[Fact],
        started_at: datetime,
        zone: str | ZoneInfo,
        service_zone: str | ZoneInfo | None,
    ) -> None:
        self.pathway, self.started_at = pathway, started_at
        self.facts = sorted(facts, key=lambda fact: (fact.recorded_at, fact.seq))
        self.zone = ZoneInfo(zone) if isinstance(zone, str) else zone
        self.service_zone = service_zone or self.zone
        self.counts_back = any(_counts_back(atom) for step in pathway.steps for atom in _asked_by(step))

    def course(self, now: datetime) -> Course:
        known = (fact for fact in self.facts if fact.recorded_at <= now)
        return replay(
            self.pathway, known, started_at=self.started_at, now=now, zone=self.zone, service_zone=self.service_zone
        )

    def moments(self, until: datetime) -> Iterator[Moment]:
        before: dict[str, Standing] = {}
        at: datetime | None = min([self.started_at, *(fact.recorded_at for fact in self.facts)])
        while at is not None and at <= until:
            course = self.course(at)
            after = {each.step: each for each in course.standings}
            if changes := tuple(_changes(before, after)):
                yield self._moment(at, self._zone_in(course), changes)
            before, at = after, self._next(course, at)

    def _moment(self, at: datetime, zone: ZoneInfo, changes: tuple[Change, ...]) -> Moment:
        facts = tuple(fact for fact in self.facts if fact.recorded_at == at)
        causes = (*((START,) if at == self.started_at else ()), *(fact.id for fact in facts))
        return Moment(at.astimezone(UTC), at.astimezone(zone), facts, causes or (TIME,), changes)

    def _next(self, course: Course, now: datetime) -> datetime | None:
        """The next instant at which an answer could be another one."""
        instants = [self.started_at, *(fact.recorded_at for fact in self.facts)]
        if self.counts_back:
            zone = self._zone_in(course)
            instants.append(instant(local_day(now, zone) + timedelta(days=1), time(), zone))
        for standing in course.standings:
            instants.extend(_clocks(standing))
        for each in course.standings[:1]:
            instants.extend(session.ends_at for session in each.seen.appointments.values())
        return min((each for each in instants if each > now), default=None)

    def days(self, until: datetime) -> Iterator[Day]:
        zone, on = self.zone, local_day(self.started_at, self.zone)
        at = self.started_at - _INSTANT
        while at < until:
            at = _end_of(on, zone, until)
            course = self.course(at)
            if (now_in := self._zone_in(course)) != zone:
                at = _end_of(on, now_in, until)
                course = self.course(at)
                zone = self._zone_in(course)
            yield Day(on, at.astimezone(UTC), course)
            on += timedelta(days=1)

    def _zone_in(self, course: Course) -> ZoneInfo:
        # Every standing of a course looks at the same knowledge, the patient's zone among it.
        return course.standings[0].seen.zone if course.standings else self.zone


def _end_of(on: date, zone: ZoneInfo, until: datetime) -> datetime:
    return min(until, instant(on + timedelta(days=1), time(), zone) - _INSTANT)


def _changes(before: dict[str, Standing], after: dict[str, Standing]) -> Iterator[Change]:
    for key, now in after.items():
        was = before.get(key)
        if was is None or not _same(was, now):
            yield _change(was, now)
    for key, was in before.items():
        if key not in after:
            yield Change(key, was.title, was.state, None)


def _change(was: Standing | None, now: Standing) -> Change:
    return Change(
        step=now.step,
        title=now.title,
        before=was.state if was else None,
        after=now.state,
        since=now.since,
        cause=now.cause,
        truth=now.truth,
        who_can_act=now.who_can_act,
        earliest_at=now.earliest_at,
        earliest_on=now.earliest_on,
        patient=for_patient(now),
        staff=for_staff(now),
    )


def _same(was: Standing, now: Standing) -> bool:
    """Whether there is nothing new to tell of a step, but that something has waited longer or a score is older."""
    # Told as of now, so that "waiting 3 days" becoming "waiting 4 days" is not a change.
    older = _change(None, replace(was, now=now.now))
    told = _change(None, now)
    return older == told and (_answers(was) == _answers(now) or _change(None, was) == told)


def _answers(standing: Standing) -> list[object]:
    """What each condition of a step comes to at its moment: its truth, and what it counts back in days."""
    view = View(standing.seen, standing.now, standing.step)
    return [(truth(atom, view), _counted_back(atom, view)) for atom in _asked_by(standing.seen.steps[standing.step])]


def _asked_by(step: Step) -> tuple[Condition, ...]:
    return (*atoms(step.unlock), *(atoms(step.relevance) if step.relevance else ()))


def _counted_back(atom: Condition, view: View) -> object:
    match atom:
        case rules.EntriesLogged():
            return entry_days(atom, view)
        case rules.MeasureCompleted():
            return scorable(atom, view)
        case rules.AppointmentAttended():
            return unrecorded(atom, view.seen, view.now)
        case rules.MeasureScore() | rules.MeasureChange():
            taken = view.seen.measures.get(atom.measure, [])
            return [stale(each, atom.max_age_days, view) for each in taken[-1:]]
    return None


def _counts_back(atom: Condition) -> bool:
    """Whether an answer can change at midnight with nothing having happened."""
    match atom:
        case rules.EntriesLogged() | rules.MeasureCompleted():
            return atom.within_days is not None
        case rules.MeasureScore() | rules.MeasureChange():
            return atom.max_age_days is not None
    return False


def _clocks(standing: Standing) -> Sequence[datetime]:
    """When each clock in the rules of a step runs out, for those that have been set going."""
    view = View(standing.seen, standing.now, standing.step)
    timed = (
        atom
        for atom in _asked_by(standing.seen.steps[standing.step])
        if isinstance(atom, rules.TimeSince | rules.NotBefore | rules.ReleasedBy | rules.WorkReviewed)
    )
    return [due for atom in timed if (due := due_at(atom, view)) is not None]
