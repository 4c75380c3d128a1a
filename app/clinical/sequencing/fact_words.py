"""Each fact and decision in one sentence, as staff would say it to each other."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.clinical.local_time import local_day
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.pathway import Pathway, Requirement
from app.clinical.sequencing.wording import PLACES, WAIVER_REASONS, day, joined, sentence, spoken, who


@dataclass(frozen=True, slots=True)
class Names:
    """What the keys and ids in facts stand for: the titles of steps and of their activities, and other facts."""

    steps: Mapping[str, str]
    activities: Mapping[tuple[str, str], str]
    facts: Mapping[str, Fact]

    def step(self, key: str) -> str:
        return self.steps.get(key, spoken(key))


def names(pathway: Pathway, facts: Iterable[Fact]) -> Names:
    """The names in a pathway and in the steps that facts add to it."""
    told = tuple(facts)
    added = [fact for fact in told if isinstance(fact, f.StepAdded)]
    parts = [(step.key, part) for step in pathway.steps for part in step.activities]
    parts += [(fact.step, part) for fact in added for part in fact.activities]
    return Names(
        {fact.step: fact.title for fact in added} | {step.key: step.title for step in pathway.steps},
        {(step, part.key): part.title for step, part in parts},
        {fact.id: fact for fact in told},
    )


def fact_words(fact: Fact, known: Names, zone: ZoneInfo) -> str:
    """What happened, in a sentence; with its own day where it was recorded on a later one, in the zone."""
    words = sentence(_WORDS[type(fact)](fact, known, zone))
    if local_day(fact.effective_at, zone) == local_day(fact.recorded_at, zone):
        return words
    return f"{words[:-1]} (on {_day(fact.effective_at, fact, zone)})."


def _day(moment: datetime, fact: Fact, zone: ZoneInfo) -> str:
    return day(local_day(moment, zone), local_day(fact.recorded_at, zone))


def _who(fact: Any) -> str:
    return who(fact.by, fact.role)


def _quoted(words: str) -> str:
    return f": “{words}”" if words else ""


def _activity_done(fact: f.ActivityDone, known: Names, zone: ZoneInfo) -> str:
    part = known.activities.get((fact.step, fact.activity))
    what = f"“{part}” of {known.step(fact.step)}" if part else known.step(fact.step)
    return f"{what} is done {PLACES[fact.mode]}"


def _measure(fact: f.MeasureTaken, known: Names, zone: ZoneInfo) -> str:
    total = "it gives no total" if fact.total is None else f"total {fact.total}"
    return f"{MEASURES[fact.measure].name} is answered, {total}"


def _goal(fact: f.GoalSet, known: Names, zone: ZoneInfo) -> str:
    tags = f", tagged {joined([spoken(tag) for tag in fact.tags])}" if fact.tags else ""
    return f"the goal “{fact.title}” is {f'set{tags}' if fact.active else 'reached or let go'}"


def _appointment(fact: f.AppointmentRecorded, known: Names, zone: ZoneInfo) -> str:
    status = {"booked": "is booked", "attended": "was attended", "did-not-attend": "was not attended"}
    local = fact.starts_at.astimezone(zone)
    what = f"the {spoken(fact.type)} of {_day(fact.starts_at, fact, zone)} at {local:%H:%M}"
    return f"{what} {status.get(fact.status, 'is cancelled')}"


def _done_elsewhere(fact: f.DoneElsewhere, known: Names, zone: ZoneInfo) -> str:
    parts = [known.activities.get((fact.step or "", key), spoken(key)) for key in fact.activities]
    of = f"{joined([f'“{part}”' for part in parts])} of " if parts else ""
    step = [f"{of}{known.step(fact.step)} as done {PLACES[fact.mode]}"] if fact.step else []
    technique = [f"{spoken(fact.technique)} as practised {PLACES[fact.mode]}"] if fact.technique else []
    return f"{_who(fact)} records {joined([*step, *technique])}"


def _step_added(fact: f.StepAdded, known: Names, zone: ZoneInfo) -> str:
    stands_for = f", which counts as {known.step(fact.counts_as.step)}" if fact.counts_as else ""
    return f"{_who(fact)} adds {known.step(fact.step)}{stands_for}"


def _moved(fact: f.Moved, known: Names, zone: ZoneInfo) -> str:
    return f"{_who(fact)} puts {known.step(fact.step)} {f'before {known.step(fact.before)}' if fact.before else 'last'}"


def _requirement(fact: f.RequirementChanged, known: Names, zone: ZoneInfo) -> str:
    core = "optional" if fact.requirement is Requirement.COULD else "core"
    return f"{_who(fact)} makes {known.step(fact.step)} {core}{_quoted(fact.reason)}"


def _held(fact: f.Held, known: Names, zone: ZoneInfo) -> str:
    review = day(fact.review_on, local_day(fact.recorded_at, zone))
    return f"{_who(fact)} puts {known.step(fact.step)} on hold, to review on {review}{_quoted(fact.reason)}"


def _target(fact: f.Corrected | f.Undone, known: Names, zone: ZoneInfo) -> str:
    target = known.facts.get(fact.supersedes)
    if target is None or isinstance(target, f.Corrected | f.Undone):
        return f"the record “{fact.supersedes}”"
    return f"“{fact_words(target, known, zone)[:-1]}”"


def _carried_over(fact: f.CarriedOver, known: Names, zone: ZoneInfo) -> str:
    to = f"to version {fact.to_version}" if fact.to_version else "here"
    return f"{_who(fact)} moves the patient {'back ' if fact.back else ''}{to} from version {fact.from_version}"


_WORDS: dict[type[Any], Callable[[Any, Names, ZoneInfo], str]] = {
    f.StepOpened: lambda fact, known, zone: f"the patient opens {known.step(fact.step)}",
    f.ActivityDone: _activity_done,
    f.TechniquePractised: lambda fact, known, zone: f"{spoken(fact.technique)} is practised {PLACES[fact.mode]}",
    f.EntryLogged: lambda fact, known, zone: (
        f"a {spoken(fact.entry)} entry is made for {day(fact.on, local_day(fact.recorded_at, zone))}"
    ),
    f.MeasureTaken: _measure,
    f.ProblemAssessed: lambda fact, known, zone: f"the problem {spoken(fact.problem)} is assessed as {fact.status}",
    f.GoalSet: _goal,
    f.AppointmentRecorded: _appointment,
    f.PatientChose: lambda fact, known, zone: f"the patient asks for {known.step(fact.step)}",
    f.ChoiceWithdrawn: lambda fact, known, zone: f"the patient no longer asks for {known.step(fact.step)}",
    f.PracticeWithdrawn: lambda fact, known, zone: f"the practice of {spoken(fact.technique)} did not happen",
    f.ZoneChanged: lambda fact, known, zone: f"the patient’s days are counted in {fact.zone} from here",
    f.Released: lambda fact, known, zone: f"{_who(fact)} releases {known.step(fact.step)}",
    f.OverrideOpened: lambda fact, known, zone: (
        f"{_who(fact)} opens {known.step(fact.step)} early{_quoted(fact.reason)}"
    ),
    f.Declined: lambda fact, known, zone: f"{_who(fact)} says not now to {known.step(fact.step)}{_quoted(fact.told)}",
    f.Waived: lambda fact, known, zone: f"{_who(fact)} waives {known.step(fact.step)}: {WAIVER_REASONS[fact.reason]}",
    f.DoneElsewhere: _done_elsewhere,
    f.StepAdded: _step_added,
    f.Moved: _moved,
    f.RequirementChanged: _requirement,
    f.Held: _held,
    f.Resumed: lambda fact, known, zone: f"{_who(fact)} resumes {known.step(fact.step)}",
    f.Reviewed: lambda fact, known, zone: f"{_who(fact)} looks at the work on {known.step(fact.step)}",
    f.Corrected: lambda fact, known, zone: (
        f"{_who(fact)} corrects what was entered in error, {_target(fact, known, zone)}{_quoted(fact.reason)}"
    ),
    f.Undone: lambda fact, known, zone: f"{_who(fact)} takes back {_target(fact, known, zone)}",
    f.CarriedOver: _carried_over,
}
