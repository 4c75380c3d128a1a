"""Six invented patients on whom a rule is tried while it is written, and the few words for where it leaves each.

What they did depends on what the pathway names, never on its numbers: an example that moved with the number being
edited would hide what the edit does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.clinical.sequencing import explain, rules
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact, Mode, WaiverReason
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.nearness import nearness
from app.clinical.sequencing.pathway import Pathway, Requirement, Step
from app.clinical.sequencing.replay import START, TIME, replay
from app.clinical.sequencing.rules import Condition
from app.clinical.sequencing.standing import Standing, State
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.wording import Text, number_of, sentence, spoken

DAYS = 35
PRACTITIONER = "Robin Hale"
# First, then later scores: still high, and twice low. PHQ-9 and GAD-7 as totals of their own scales.
_SCORES = {"phq-9": (17, 12, 9, 8), "gad-7": (15, 10, 6, 5)}


@dataclass(frozen=True, slots=True)
class ExampleStanding:
    """Where a step is for one example: the state, the few words that decide it, and what each side would read."""

    name: str
    told: str
    state: State
    opened: bool
    because: str
    patient: Text
    staff: Text


@dataclass
class _Life:
    """What one example did so far, as facts and in words; days count from the start of the programme."""

    name: str
    now: datetime
    said: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def _common(self, day: float) -> dict[str, object]:
        moment = self.now - timedelta(days=DAYS - day)
        number = len(self.facts) + 1
        return {"id": f"{self.name}-{number}", "effective_at": moment, "recorded_at": moment, "seq": number}

    def done(self, step: Step, day: float, mode: Mode = Mode.ONLINE) -> None:
        if mode is Mode.ONLINE:
            self.facts.append(f.StepOpened(**self._common(day - 0.2), step=step.key))
            for part in step.parts:
                self.facts.append(f.ActivityDone(**self._common(day), step=step.key, activity=part.key))
        else:
            about = {"step": step.key, "mode": mode, "role": "practitioner", "by": PRACTITIONER}
            self.facts.append(f.DoneElsewhere(**self._common(day), **about))

    def waived(self, step: Step, day: float) -> None:
        why = {"reason": WaiverReason.NOT_RELEVANT, "role": "practitioner", "by": PRACTITIONER}
        self.facts.append(f.Waived(**self._common(day), step=step.key, **why))

    def scored(self, measure: str, *scores: tuple[float, int]) -> None:
        for day, total in scores:
            self.facts.append(f.MeasureTaken(**self._common(day), measure=measure, total=total))

    def did(self, kind: type[Fact], day: float, **about: object) -> None:
        self.facts.append(kind(**self._common(day), **about))


def evaluate(pathway: Pathway, step: str, *, now: datetime) -> tuple[ExampleStanding, ...]:
    """Where a step of the pathway is at `now` for each of the six, five weeks into the programme, in London."""
    return tuple(_standing(pathway, step, life) for life in _lives(pathway, pathway.by_key[step], now))


def _standing(pathway: Pathway, step: str, life: _Life) -> ExampleStanding:
    started = life.now - timedelta(days=DAYS)
    zone = ZoneInfo("Europe/London")
    standing = replay(pathway, life.facts, started_at=started, now=life.now, zone=zone)[step]
    return ExampleStanding(
        name=life.name,
        told=", ".join(life.said),
        state=standing.state,
        opened=standing.opened,
        because=_because(standing, pathway.by_key[step]),
        patient=explain.for_patient(standing, PRACTITIONER.split()[0]),
        staff=explain.for_staff(standing, life.name),
    )


def _lives(pathway: Pathway, step: Step, now: datetime) -> Iterator[_Life]:
    before = _steps_before(pathway, step)
    first, others = (before[0] if before else None), before[1:]
    measure = next((a.measure for a in step.conditions if hasattr(a, "measure")), "phq-9")
    name, (start, better, low, lower) = MEASURES[measure].name, _SCORES[measure]

    ann = _begun("Ann", now, [first, *others[:1]])
    ann.scored(measure, (0, start), (DAYS - 1, better))
    ann.said.append(f"{name} {start} to {better}")
    bel, cam = _begun("Bel", now, [first]), _begun("Cam", now, [first])
    for life, apart in ((bel, 8), (cam, 4)):
        life.scored(measure, (0, start), (DAYS - 1 - apart, low), (DAYS - 1, lower))
        life.said.append(f"{name} {start}, then {low} and {lower}, {apart} days apart")
    dee = _begun("Dee", now, [first])
    dee.said.append(f"never filled in a {name}")
    eli = _skipped(now, first, others)
    eli.scored(measure, (0, start))
    fay = _begun("Fay", now, [first])
    _let_in(fay, pathway, step, others)
    for life, place in ((ann, 0), (bel, 1), (eli, 2)):
        _besides(life, place, step.conditions)
    return iter((ann, bel, cam, dee, eli, fay))


def _steps_before(pathway: Pathway, step: Step) -> list[Step]:
    """What a patient would have worked on: the first step, then those the rule names, then the rest in order."""
    there = [each for each in pathway.steps if each.key != step.key and not each.retired]
    named = [getattr(atom, "step", "") for atom in atoms(step.unlock)]
    return there[:1] + sorted(there[1:], key=lambda each: each.key not in named)


def _begun(name: str, now: datetime, steps: list[Step | None]) -> _Life:
    life = _Life(name, now)
    done = [each for each in steps if each is not None]
    for place, each in enumerate(done):
        life.done(each, 7 + 7 * place)
    life.said.append(f"{number_of(len(done), 'step')} done" if done else "nothing done yet")
    return life


def _skipped(now: datetime, first: Step | None, others: list[Step]) -> _Life:
    """Eli: one step agreed to be skipped and two done; in the clinic where the pathway lets nobody skip."""
    skipped = next((each for each in others[1:] if each.requirement is not Requirement.MUST), None)
    done = [each for each in (first, *others[:3]) if each is not None and each is not skipped][:3]
    life = _Life("Eli", now)
    for place, each in enumerate(done):
        life.done(each, 7 + 7 * place, Mode.ONLINE if skipped else Mode.IN_CLINIC)
    if skipped:
        life.waived(skipped, 10)
        life.said.append(f"{skipped.title} waived")
    life.said.append(f"{number_of(len(done), 'step')} done{'' if skipped else ' in the clinic'}")
    return life


def _let_in(life: _Life, pathway: Pathway, step: Step, others: list[Step]) -> None:
    """Fay: what staff can do for her has been done; where they can do nothing, she did every step there is."""
    released = next((a for a in step.conditions if isinstance(a, rules.ReleasedBy)), None)
    reviewed = [a for a in step.conditions if isinstance(a, rules.WorkReviewed)]
    if released:
        role = released.roles[0]
        life.did(f.Released, 30, step=step.key, role=role, by=PRACTITIONER)
        life.said.append(f"released by {'her practitioner' if role == 'practitioner' else f'a {spoken(role)}'}")
    for atom in reviewed:
        life.done(pathway.by_key[atom.step], 20)
        life.did(f.Reviewed, 30, step=atom.step, role=atom.roles[0], by=PRACTITIONER)
        life.said.append("her work looked at")
    if not released and not reviewed:
        for place, each in enumerate(others):
            life.done(each, 14 + place)
        life.said[0] = "every step before it done" if others else life.said[0]


def _besides(life: _Life, place: int, conditions: tuple[Condition, ...]) -> None:
    """What else the rule asks about: Ann did a little of it, Bel and Eli more."""
    seen: set[str] = set()
    for atom in conditions:
        if atom.kind in seen:
            continue
        seen.add(atom.kind)
        match atom:
            case rules.TechniquePractised():
                for nth in range(place + 1):
                    life.did(f.TechniquePractised, 20 + nth, technique=atom.technique)
                life.said.append(f"{spoken(atom.technique)} practised {place + 1}×")
            case rules.EntriesLogged():
                days = (2, 5, 9)[place]
                for nth in range(days):
                    on = (life.now - timedelta(days=nth + 1)).date()
                    life.did(f.EntryLogged, DAYS - 0.5, entry=atom.entry, on=on)
                life.said.append(f"{spoken(atom.entry)} on {days} days")
            case rules.AppointmentAttended():
                for nth in range(place + 1):
                    _attended(life, 14 + 5 * nth, atom.appointment or "session")
                life.said.append(f"{number_of(place + 1, 'session')} attended")
            case rules.ProblemRecorded() if place:
                status = "active" if place == 2 else "absent"
                for problem in atom.any_of:
                    life.did(f.ProblemAssessed, 3, problem=problem, status=status, by=PRACTITIONER)
                life.said.append(f"{spoken(atom.any_of[0])} {status}")
            case rules.GoalRecorded() if place == 2:
                life.did(f.GoalSet, 3, goal="goal", title=spoken(atom.any_of[0]), tags=atom.any_of[:1])
                life.said.append(f"a goal about {spoken(atom.any_of[0])}")
            case rules.PatientChose() if place:
                life.did(f.PatientChose, 20, step=atom.step)
                life.said.append("asked for it")


def _attended(life: _Life, day: int, kind: str) -> None:
    starts = life.now - timedelta(days=DAYS - day)
    session = {"appointment": f"{life.name}-{day}", "type": kind, "status": "attended"}
    life.did(f.AppointmentRecorded, day + 0.1, starts_at=starts, ends_at=starts + timedelta(minutes=50), **session)


def _because(standing: Standing, step: Step) -> str:
    if standing.state is State.NOT_SUGGESTED:
        return _capital("; ".join(nearness(standing, step.relevance)))
    return _opened_by(standing) if standing.opened else _capital("; ".join(nearness(standing)))


def _opened_by(standing: Standing) -> str:
    fact = standing.cause_fact
    match fact:
        case f.Released():
            return f"Released by {fact.by}"
        case f.MeasureTaken():
            return f"{MEASURES[fact.measure].name} of {fact.total}"
        case f.ActivityDone() | f.DoneElsewhere() | f.Waived() if fact.step:
            title = standing.seen.steps[fact.step].title
            return f"{title} {'waived' if isinstance(fact, f.Waived) else 'done'}"
        case f.StepOpened():
            return f"{standing.seen.steps[fact.step].title} started"
        case f.AppointmentRecorded():
            return "A session attended"
        case f.TechniquePractised():
            return sentence(f"{spoken(fact.technique)} practised")[:-1]
        case f.Reviewed():
            return "Work looked at"
        case f.PatientChose():
            return "Asked for it"
    return {START: "Open from the start", TIME: "By time"}.get(standing.cause or "", "Its rule was met")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
