"""A draft played with an invented patient: where each step stands as a day ends, what changed on it, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.clinical.sequencing import explain
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.play import NAME, PRACTITIONER, Happening, Play, What
from app.clinical.sequencing.simulate import Day, days
from app.clinical.sequencing.standing import Standing
from app.kit import drafts
from app.kit.work import Work
from app.programme.course_queries import Why, nested

FORM = "pathway-play:"
WORDS = {
    What.OPENED: "opens {step}",
    What.DONE: "finishes {step} online",
    What.DONE_IN_SESSION: "does {step} in a session",
    What.SKIPPED: "agrees with {who} to skip {step}",
    What.RELEASED: "has {step} released by {who}",
    What.OPENED_EARLY: "has {step} opened early by {who}",
    What.ASKED: "asks for {step}",
    What.HELD: "has {step} paused by {who}",
    What.RESUMED: "has {step} resumed by {who}",
    What.SCORED: "answers {measure}: {total}",
    What.PRACTISED: "practises {word}",
    What.MOOD: "rates their mood",
    What.DIARY: "writes in the diary",
    What.ATTENDED: "comes to a session",
    What.MISSED: "does not come to a session",
    What.UNRECORDED: "has a session whose outcome nobody records",
    What.PROBLEM: "has the problem {word} recorded",
    What.RESOLVED: "has the problem {word} recorded as resolved",
    What.GOAL: "sets a goal about {word}",
}
# What may happen, before it is said which step, questionnaire, technique, problem or goal it is about.
OPEN_WORDS = {
    What.SCORED: "answers a questionnaire",
    What.PRACTISED: "practises a technique",
    What.PROBLEM: "has a problem recorded",
    What.RESOLVED: "has a problem recorded as resolved",
    What.GOAL: "sets a goal",
}
_OPEN = {"step": "a step", "who": PRACTITIONER.split()[0], "word": ""}
CHOICES = [(one.value, OPEN_WORDS.get(one, WORDS[one]).format(**_OPEN)) for one in What]


@dataclass(frozen=True)
class Script:
    """What happens to the invented patient, and the first day of their course; kept for each author by themselves.

    `number` counts its changes, and `last` says what the last one was.
    """

    happenings: tuple[Happening, ...]
    first_on: date
    before: tuple[Happening, ...] | None
    number: int = 0
    last: tuple[str, ...] = ()


def script(work: Work, draft_id: UUID) -> Script:
    """The actor's script for a draft; an empty one that begins today where they have none."""
    kept = drafts.kept(work, form=f"{FORM}{draft_id}")
    if kept is None:
        return Script((), work.today, None)
    before = kept.values.get("before")
    return Script(
        tuple(Happening.model_validate(one) for one in kept.values["script"]),
        date.fromisoformat(kept.values["first_on"]),
        tuple(Happening.model_validate(one) for one in before) if before is not None else None,
        kept.values.get("number", 0),
        tuple(kept.values.get("last", ())),
    )


@dataclass(frozen=True)
class StepThen:
    """Where a step stands as a day ends, what was before, and since which day of the course it is open or done."""

    key: str
    title: str
    state: str
    before: str
    opened_day: int | None
    done_day: int | None
    why: str

    @property
    def changed(self) -> bool:
        return self.state != self.before


@dataclass(frozen=True)
class Line:
    """One happening in words, with its place in the script and whether its day is still to come."""

    place: int
    day: int
    words: str
    to_come: bool


@dataclass(frozen=True)
class Played:
    """One day of the play."""

    day: int
    on: date
    last_day: int
    next_change: int | None
    steps: tuple[StepThen, ...]
    lines: tuple[Line, ...]
    shown: str
    title: str
    patient: str
    patient_lines: tuple[Why, ...]
    staff: str
    staff_lines: tuple[Why, ...]

    @property
    def today(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.day == self.day)

    @property
    def changes(self) -> tuple[StepThen, ...]:
        return tuple(one for one in self.steps if one.changed)


def play_of(pathway: Pathway, kept: Script, zone: ZoneInfo) -> Play:
    """A script to be played with a pathway, without what is about steps that this does not have."""
    known = tuple(one for one in kept.happenings if not one.step or one.step in pathway.by_key)
    return Play(pathway, known, kept.first_on, zone)


def played(pathway: Pathway, kept: Script, zone: ZoneInfo, *, day: int, step: str = "") -> Played:
    """The play as a day ends; a day before the first or after the last is the first or the last."""
    play = play_of(pathway, kept, zone)
    day = max(1, min(day, play.last_day))
    every = days(pathway, play.facts, started_at=play.started_at, zone=zone, until=play.ends_at(play.last_day))
    here, before = every[day - 1], every[day - 2] if day > 1 else None
    shown = here.course[step] if step in here.course else here.course.standings[0]
    told, staff = explain.for_patient(shown, PRACTITIONER.split()[0]), explain.for_staff(shown, NAME)
    return Played(
        day=day,
        on=here.on,
        last_day=play.last_day,
        next_change=_next_change(every, day),
        steps=tuple(_then(one, before, kept.first_on) for one in here.course.standings),
        lines=tuple(
            Line(place, one.day, in_words(one, pathway), one.day > day)
            for place, one in sorted(enumerate(kept.happenings), key=lambda each: each[1].day)
        ),
        shown=shown.step,
        title=shown.title,
        patient=told.headline,
        patient_lines=nested(told.lines),
        staff=staff.headline,
        staff_lines=nested(staff.lines),
    )


def _next_change(every: tuple[Day, ...], day: int) -> int | None:
    def states(one: Day) -> list[tuple[str, str]]:
        return [(each.step, each.state.value) for each in one.course.standings]

    now = states(every[day - 1])
    return next((number for number in range(day + 1, len(every) + 1) if states(every[number - 1]) != now), None)


def _then(one: Standing, before: Day | None, first_on: date) -> StepThen:
    was = before.course[one.step].state.value if before and one.step in before.course else ""
    zone = one.seen.zone

    def day_of(moment: datetime | None) -> int | None:
        return (moment.astimezone(zone).date() - first_on).days + 1 if moment else None

    return StepThen(
        key=one.step,
        title=one.title,
        state=one.state.value,
        before=was if before else one.state.value,
        opened_day=day_of(one.since),
        done_day=day_of(one.completed_at),
        why=explain.for_staff(one, NAME).headline,
    )


def in_words(one: Happening, pathway: Pathway) -> str:
    """A happening as a sentence about the invented patient."""
    step = pathway.by_key.get(one.step)
    measure = MEASURES.get(one.measure)
    said = WORDS[one.what].format(
        step=step.title if step else one.step,
        who=PRACTITIONER.split()[0],
        measure=measure.name if measure else one.measure,
        total=one.total,
        word=one.word,
    )
    return f"{NAME} {said}"
