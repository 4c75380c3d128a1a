"""When a patient is asked for what, as staff read it and change it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.clinical import schedules
from app.clinical.instruments import Instrument, When
from app.clinical.schedule_words import TIMINGS
from app.clinical.schedules import Asked, Due, Timing, Why
from app.kit import say
from app.questionnaires import schedule_queries
from app.questionnaires.queries import Answered
from app.questionnaires.schedule_kinds import Act
from app.questionnaires.schedule_queries import Happened, Standing


@dataclass(frozen=True)
class Line:
    """One questionnaire: when it is asked, whether that was changed for this patient, and what is so now."""

    instrument: Instrument
    when: str
    changed: str
    now: str
    is_due: bool
    latest: datetime | None


@dataclass(frozen=True)
class Pending:
    """One answer that was asked for and has not come; `by` is who asked, `for_on` the day it is for."""

    id: UUID
    instrument: Instrument
    by: str
    at: datetime
    for_on: date | None
    reason: str


@dataclass(frozen=True)
class Schedule:
    """The page: every questionnaire that can be asked, what was asked for once, whether treatment is said to end."""

    lines: tuple[Line, ...]
    pending: tuple[Pending, ...]
    ending: Happened | None
    asks_at_end: tuple[Instrument, ...]
    told: tuple[tuple[Happened, str], ...]
    has_done_one: bool

    @property
    def can_be_asked_for(self) -> tuple[Line, ...]:
        """What can be asked for now: one about a module only once a module was done."""
        return tuple(one for one in self.lines if one.instrument.when is not When.AFTER_MODULE or self.has_done_one)

    @property
    def due(self) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.is_due)


def schedule(
    standing: Standing,
    instruments: Mapping[str, Instrument],
    given: Sequence[Answered],
    told: Sequence[Happened],
    modules: Mapping[str, str],
) -> Schedule:
    """What the page shows, `told` being everything that was decided, oldest first."""
    latest = {one.instrument: one.submitted_at for one in given}
    names = {key: one.short for key, one in instruments.items()}
    lines = [
        _line(asked, standing, instruments[asked.instrument], latest.get(asked.instrument), modules)
        for asked in standing.schedule
    ]
    still = {
        request.id
        for asked in standing.schedule
        for request in schedules.open_requests(asked, standing.said.answered, standing.course)
    }
    return Schedule(
        tuple(lines),
        tuple(
            Pending(one.id, instruments[one.instrument], one.by, one.at, one.from_on, one.reason)
            for one in told
            if str(one.id) in still
        ),
        next((one for one in reversed(told) if one.act is Act.ENDING and not one.withdrawn), None),
        tuple(instruments[one.instrument] for one in standing.schedule if one.timing is Timing.START_AND_END),
        tuple((one, in_words(one, names)) for one in reversed(told)),
        bool(standing.course.finished),
    )


def in_words(one: Happened, names: Mapping[str, str]) -> str:
    """A decision in a few words; `names` are the short names of instruments by key."""
    short = names.get(one.instrument, one.instrument)
    match one.act:
        case Act.CHANGED:
            when = TIMINGS[one.timing].lower() if one.timing else ""
            return f"{short}: {when}" + (f", from {say.day(one.from_on)}" if one.from_on else "")
        case Act.REQUESTED:
            return f"Asked for the {short}" + (f" for {say.day(one.from_on)}" if one.from_on else "")
        case Act.ENDING:
            return "Said that treatment is ending"
        case Act.WITHDRAWN:
            return f"Took back that the {short} was asked for" if short else "Took back that treatment is ending"


def _line(
    asked: Asked, standing: Standing, instrument: Instrument, latest: datetime | None, modules: Mapping[str, str]
) -> Line:
    zone = standing.course.zone
    due = [one for one in standing.due if one.instrument == asked.instrument]
    usual = schedule_queries.usual(instrument, standing.course)
    changed = ""
    if asked.from_on is not None:
        named = "The pathway says" if asked.instrument in standing.course.measures else "Otherwise"
        changed = f"Changed for them from {say.day(asked.from_on)}. {named}: {TIMINGS[usual].lower()}."
    following = standing.next_due(asked)
    now = " ".join(_due_words(one, zone, modules) for one in due)
    return Line(
        instrument,
        TIMINGS[asked.timing],
        changed,
        now or (f"Next due {say.day(following, zone)}" if following else "Not due"),
        bool(due),
        latest,
    )


def _due_words(one: Due, zone: ZoneInfo, modules: Mapping[str, str]) -> str:
    since = f"Due since {say.day(one.since, zone)}"
    match one.why:
        case Why.SESSION if one.session:
            return f"{since}, before the session on {say.moment(one.session, zone)}."
        case Why.MODULE:
            return f"{since}, about {modules.get(one.about, one.about)}."
        case Why.REQUESTED:
            return f"{since}, as it was asked for."
        case Why.END:
            return f"{since}, at the end."
        case _:
            return f"{since}."
