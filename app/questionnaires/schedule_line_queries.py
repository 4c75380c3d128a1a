"""What somebody is asked for, in the words of their own pages: which questionnaire, why now, and when next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument, When
from app.clinical.schedule_words import TIMINGS
from app.clinical.schedules import Due, Timing, Why
from app.kit import say
from app.questionnaires.queries import Answered
from app.questionnaires.schedule_queries import Standing


@dataclass(frozen=True)
class DueLine:
    """A questionnaire that is due, and why in a short sentence."""

    instrument: Instrument
    words: str
    about: str = ""

    @property
    def href(self) -> str:
        """Where it is filled in."""
        return f"/my/questionnaires/{self.instrument.key}" + (f"?about={self.about}" if self.about else "")


@dataclass(frozen=True)
class LaterLine:
    """A questionnaire that is not due: when it is asked, when next, and whether it may be filled in sooner."""

    instrument: Instrument
    words: str
    next_at: datetime | None
    sooner: bool


@dataclass(frozen=True)
class PatientList:
    """Everything a patient is asked for: what is due in order, then what is not; `latest` by the key."""

    due: tuple[DueLine, ...]
    later: tuple[LaterLine, ...]
    latest: Mapping[str, Answered]


def due_lines(
    standing: Standing, instruments: Mapping[str, Instrument], patient: Patient, modules: Mapping[str, str]
) -> list[DueLine]:
    """What is due, each with why; `modules` are their titles."""
    return [
        DueLine(instruments[one.instrument], why(one, patient, modules), _about(one, standing, instruments))
        for one in standing.due
    ]


def patient_list(
    standing: Standing,
    instruments: Mapping[str, Instrument],
    patient: Patient,
    modules: Mapping[str, str],
    given: Sequence[Answered],
) -> PatientList:
    """What the patient's page of questionnaires shows."""
    due = {one.instrument for one in standing.due}
    later = [
        LaterLine(
            instruments[asked.instrument],
            f"{TIMINGS[asked.timing]}.",
            standing.next_due(asked),
            standing.may_fill_in(asked.instrument),
        )
        for asked in standing.schedule
        if asked.instrument not in due
    ]
    shown = [one for one in later if one.sooner or one.next_at]
    latest = {one.instrument: one for one in given}
    return PatientList(tuple(due_lines(standing, instruments, patient, modules)), tuple(shown), latest)


def _about(one: Due, standing: Standing, instruments: Mapping[str, Instrument]) -> str:
    """The module it is to be answered about: where nobody named one and it must have one, the last that was done."""
    if one.about or instruments[one.instrument].when is not When.AFTER_MODULE:
        return one.about
    return max(standing.course.finished, key=lambda done: done.at).module if standing.course.finished else ""


def why(one: Due, patient: Patient, modules: Mapping[str, str]) -> str:
    """Why a questionnaire is due, to whoever answers it."""
    who = patient.practitioner_given_name or "your practitioner"
    match one.why:
        case Why.REQUESTED:
            return "Your service asked you for this one."
        case Why.SESSION:
            when = f" on {say.moment(one.session, patient.zone)}" if one.session else ""
            return f"Before you meet {who}{when}."
        case Why.START:
            return "At the start of your programme."
        case Why.END:
            return "At the end of your programme."
        case Why.MODULE:
            return f"About {modules.get(one.about, 'the module you finished')}."
        case Why.WEEKLY:
            return f"{TIMINGS[Timing.WEEKLY]}."
