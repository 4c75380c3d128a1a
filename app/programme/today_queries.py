"""What Today asks somebody for: a number for their mood, and what is due. Read in one statement for all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument
from app.clinical.local_time import local_day
from app.kit.work import Work
from app.mood import today_queries as moods
from app.mood.today_queries import LastMood
from app.questionnaires import queries as questionnaires
from app.questionnaires.tables import Response

_latest = (
    sa.select(Response.instrument, sa.func.max(Response.submitted_at).label("at"))
    .where(Response.service_id == sa.bindparam("service"), Response.patient_id == sa.bindparam("patient"))
    .group_by(Response.instrument)
    .subquery("latest_answers")
)
# One row. Each column is what one room has to say: a JSON value, or NULL where it has nothing.
ASKED = sa.select(
    moods.LAST.label("mood"),
    moods.PROMPT.label("prompt"),
    sa.select(sa.func.json_object_agg(_latest.c.instrument, _latest.c.at)).scalar_subquery().label("answered"),
)


@dataclass(frozen=True)
class Asked:
    """What Today asks for. `mood` is the number given last, where that was today."""

    mood: LastMood | None
    prompted: bool
    due: list[Instrument]


def asked(work: Work, patient: Patient, instruments: Mapping[str, Instrument]) -> Asked:
    """What there is to say today."""
    row = work.read(ASKED, {"service": work.service_id, "patient": patient.id}).one()
    mood = moods.last_of(row.mood)
    prompted = moods.is_prompted(row.prompt, mood, work.now)
    if mood is not None and mood.on != local_day(work.now, patient.zone):
        mood = None
    latest = {key: datetime.fromisoformat(at).astimezone(patient.zone) for key, at in (row.answered or {}).items()}
    return Asked(mood, prompted, questionnaires.due(latest, instruments, work.now))
