"""An invented patient's course, told day by day by whoever writes a pathway, to be watched before it is real.

What happens is a list of happenings; the facts they stand for are replayed as anybody's are.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from app.clinical.fields import Value
from app.clinical.local_time import instant
from app.clinical.sequencing import decisions
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.decisions import Answer
from app.clinical.sequencing.facts import Fact, Mode, WaiverReason
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import Standing
from app.clinical.sequencing.what_if import next_step

LONGEST = 730
NAME, PRACTITIONER = "Ann", "Robin Hale"
STARTS_AT, NOON = time(9), time(12)


class What(StrEnum):
    """What can happen on a day; the words say it of the invented patient."""

    OPENED = "opened"
    DONE = "done"
    DONE_IN_SESSION = "done-in-session"
    SKIPPED = "skipped"
    RELEASED = "released"
    OPENED_EARLY = "opened-early"
    ASKED = "asked"
    HELD = "held"
    RESUMED = "resumed"
    SCORED = "scored"
    PRACTISED = "practised"
    MOOD = "mood"
    DIARY = "diary"
    ATTENDED = "attended"
    MISSED = "missed"
    UNRECORDED = "unrecorded"
    PROBLEM = "problem"
    RESOLVED = "resolved"
    GOAL = "goal"


ABOUT_STEP = frozenset(
    {
        What.OPENED, What.DONE, What.DONE_IN_SESSION, What.SKIPPED, What.RELEASED, What.OPENED_EARLY, What.ASKED,
        What.HELD, What.RESUMED,
    }
)  # fmt: skip
ABOUT_WORD = frozenset({What.PRACTISED, What.PROBLEM, What.RESOLVED, What.GOAL})


class Happening(Value):
    """Something that happens on a day of the course; the first day is 1. `total` is of a questionnaire."""

    day: Annotated[int, Field(ge=1, le=LONGEST)]
    what: What
    step: str = ""
    measure: str = ""
    word: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Mistake:
    """Which field of a happening cannot be, and what to do about it."""

    field: str
    words: str


def mistake(one: Happening, pathway: Pathway) -> Mistake | None:
    """Why a happening makes no sense for a pathway; None where it does."""
    if one.what in ABOUT_STEP and one.step not in pathway.by_key:
        return Mistake("step", "Choose a step of this pathway")
    if one.what in ABOUT_WORD and not one.word:
        return Mistake("word", "Say which technique, problem or goal, in one word such as relaxation")
    if one.what is What.SCORED:
        measure = MEASURES.get(one.measure)
        if measure is None:
            return Mistake("measure", "Choose a questionnaire")
        if one.total is None or not measure.low <= one.total <= measure.high:
            return Mistake("total", f"Give a total from {measure.low} to {measure.high}")
    return None


def impossible(one: Happening, so_far: "Play") -> Mistake | None:
    """Why something cannot happen on its day to whom everything else happens by then; None where it can.

    It is asked by the same rules as on the pages of a real patient and of their staff.
    """
    if one.what not in ABOUT_STEP:
        return None
    now = so_far.ends_at(one.day)
    before = [fact for fact in so_far.facts if fact.recorded_at <= now]
    course = replay(so_far.pathway, before, started_at=so_far.started_at, now=now, zone=so_far.zone)
    answer = _MAY[one.what](course[one.step])
    if answer:
        return None
    words = _HERS.get(one.what, answer.words)
    return Mistake("step", f"This cannot be on day {one.day}. {words}")


def _may_finish(standing: Standing) -> Answer:
    return decisions.can_open(standing) and decisions.can_record_done(standing)


_NOT_OPEN = f"The step is not open to {NAME} then: choose a later day, or have it opened first"
_HERS = {
    What.OPENED: _NOT_OPEN,
    What.DONE: f"{_NOT_OPEN}. A step that is done is not finished again",
    What.ASKED: f"{NAME} has the step open then, has asked for it already, or it is on hold",
}
_REASON, _WEEK = "Tried out", timedelta(days=7)
_MAY: dict[What, Callable[[Standing], Answer]] = {
    What.OPENED: decisions.can_open,
    What.DONE: _may_finish,
    What.DONE_IN_SESSION: decisions.can_record_done,
    What.SKIPPED: lambda standing: decisions.can_waive(standing, WaiverReason.NOT_RELEVANT),
    What.RELEASED: lambda standing: decisions.can_release(standing, "practitioner"),
    What.OPENED_EARLY: lambda standing: decisions.can_override(standing, _REASON),
    What.ASKED: decisions.can_choose,
    What.HELD: lambda standing: decisions.can_hold(standing, _REASON, (standing.now + _WEEK).date()),
    What.RESUMED: decisions.can_resume,
}


@dataclass(frozen=True)
class Play:
    """A pathway with what happens to its invented patient, from a first day on."""

    pathway: Pathway
    script: tuple[Happening, ...]
    first_on: date
    zone: ZoneInfo

    @property
    def started_at(self) -> datetime:
        """Nine in the morning of the first day."""
        return instant(self.first_on, STARTS_AT, self.zone)

    @property
    def last_day(self) -> int:
        """The day after which nothing is played: the planned length, or a week after the last happening."""
        last = max((one.day for one in self.script), default=0)
        return min(LONGEST, max(self.pathway.programme_days, last + 7))

    def ends_at(self, day: int) -> datetime:
        """The last moment of a day."""
        return instant(self.first_on + timedelta(days=day), time(), self.zone) - timedelta(microseconds=1)

    @property
    def facts(self) -> list[Fact]:
        """What happens, as the facts it stands for; on one day in the order told, a minute apart, from noon."""
        found: list[Fact] = []
        for place, one in enumerate(sorted(self.script, key=lambda one: one.day)):
            noon = instant(self.first_on + timedelta(days=one.day - 1), NOON, self.zone)
            at = noon + timedelta(minutes=place)
            for number, (kind, said) in enumerate(_facts(one, self.pathway, at)):
                common = {"id": f"{place + 1}-{number}", "effective_at": at, "recorded_at": at, "seq": len(found) + 1}
                found.append(kind(**common, **said))
        return found


def _facts(one: Happening, pathway: Pathway, at: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    step, staff = {"step": one.step}, {"by": PRACTITIONER, "role": "practitioner"}
    match one.what:
        case What.OPENED:
            yield f.StepOpened, step
        case What.DONE:
            yield f.StepOpened, step
            for part in pathway.by_key[one.step].parts:
                yield f.ActivityDone, step | {"activity": part.key}
        case What.DONE_IN_SESSION:
            yield f.DoneElsewhere, step | staff | {"mode": Mode.IN_CLINIC}
        case What.SKIPPED:
            yield f.Waived, step | staff | {"reason": WaiverReason.NOT_RELEVANT}
        case What.RELEASED:
            yield f.Released, step | staff
        case What.OPENED_EARLY:
            yield f.OverrideOpened, step | staff | {"reason": _REASON}
        case What.ASKED:
            yield f.PatientChose, step
        case What.HELD:
            yield f.Held, step | staff | {"reason": _REASON, "review_on": (at + _WEEK).date()}
        case What.RESUMED:
            yield f.Resumed, step | staff
        case What.SCORED:
            yield f.MeasureTaken, {"measure": one.measure, "total": one.total}
        case What.PRACTISED:
            yield f.TechniquePractised, {"technique": one.word}
        case What.MOOD | What.DIARY:
            yield f.EntryLogged, {"entry": one.what.value, "on": at.date()}
        case What.ATTENDED | What.MISSED | What.UNRECORDED:
            yield f.AppointmentRecorded, _session(one.what, at)
        case What.PROBLEM | What.RESOLVED:
            yield f.ProblemAssessed, {"problem": one.word, "status": _STATUS[one.what]}
        case What.GOAL:
            yield f.GoalSet, {"goal": one.word, "title": one.word.capitalize(), "tags": (one.word,)}


_STATUS = {What.PROBLEM: "active", What.RESOLVED: "resolved"}
_CAME = {What.ATTENDED: "attended", What.MISSED: "did-not-attend", What.UNRECORDED: "booked"}


def _session(what: What, at: datetime) -> dict[str, Any]:
    return {
        "appointment": at.isoformat(),
        "starts_at": at,
        "ends_at": at + timedelta(minutes=50),
        "status": _CAME[what],
    }


class Ready(StrEnum):
    """Scripts that are ready to be played, and changed."""

    BETTER = "better"
    NO_BETTER = "no-better"
    IN_SESSIONS = "in-sessions"
    SKIPS = "skips"
    AWAY = "away"


def ready(which: Ready, pathway: Pathway, first_on: date, zone: ZoneInfo) -> tuple[Happening, ...]:
    """A script for a pathway: each week one session, one questionnaire, and the next step that is open then."""
    script: list[Happening] = []
    for week in range(-(-pathway.programme_days // 7)):
        script += _week(which, Play(pathway, tuple(script), first_on, zone), 7 * week + 1, week)
    return tuple(script)


def _week(which: Ready, so_far: Play, day: int, week: int) -> Iterable[Happening]:
    total = max(4, 18 - 2 * week) if which is Ready.BETTER else 18
    yield Happening(day=day, what=What.SCORED, measure="phq-9", total=total)
    yield Happening(day=day, what=What.MISSED if which is Ready.AWAY and week % 2 else What.ATTENDED)
    step = _next(so_far, day)
    if step is None or (which is Ready.AWAY and week % 2):
        return
    if which is Ready.SKIPS and week == 0:
        yield Happening(day=day, what=What.SKIPPED, step=step)
    else:
        how = What.DONE_IN_SESSION if which is Ready.IN_SESSIONS else What.DONE
        yield Happening(day=day + 3, what=how, step=step)


def _next(play: Play, day: int) -> str | None:
    now = play.ends_at(day)
    course = replay(play.pathway, play.facts, started_at=play.started_at, now=now, zone=play.zone)
    return next_step(course)
