"""What Today asks somebody for: a number for their mood, and what is due. Read in one statement for all of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument
from app.clinical.local_time import local_day
from app.clinical.schedules import Course
from app.kit.work import Work
from app.mood import momentary_today_queries as momentary
from app.mood import today_queries as moods
from app.mood.momentary_today_queries import OpenPrompt
from app.mood.today_queries import LastMood
from app.questionnaires import schedule_line_queries, schedule_queries
from app.questionnaires.schedule_line_queries import DueLine

# One row. Each column is what one room has to say: a JSON value, or NULL where it has nothing.
ASKED = sa.select(
    moods.LAST.label("mood"),
    moods.PROMPT.label("prompt"),
    momentary.ASKED.label("momentary"),
    schedule_queries.SAID.label("said"),
    schedule_queries.TEXTS.label("texts"),
)


@dataclass(frozen=True)
class Asked:
    """What Today asks for. `mood` is the number given last, where that was today."""

    mood: LastMood | None
    prompted: bool
    short_question: OpenPrompt | None
    due: list[DueLine]


def asked(
    work: Work, patient: Patient, course: Course, instruments: Mapping[str, Instrument], modules: Mapping[str, str]
) -> Asked:
    """What there is to say today, in the course as it is; `modules` are titles by key."""
    row = work.read(ASKED, {"service": work.service_id, "patient": patient.id}).one()
    mood = moods.last_of(row.mood)
    prompted = moods.is_prompted(row.prompt, mood, work.now)
    if mood is not None and mood.on != local_day(work.now, patient.zone):
        mood = None
    short_question = momentary.open_of(row.momentary, work.now)
    known = schedule_queries.with_words(instruments, row.texts)
    standing = schedule_queries.standing(schedule_queries.read_said(row.said), course, known.values(), work.now)
    return Asked(mood, prompted, short_question, schedule_line_queries.due_lines(standing, known, patient, modules))
