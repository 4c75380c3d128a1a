"""Questionnaires answered so far, and what is due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical.instruments import Instrument, Respondent, When
from app.kit.work import Work
from app.questionnaires.kinds import Way
from app.questionnaires.tables import Response
from app.questionnaires.void_queries import COUNTS

DUE_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Answered:
    """One submitted questionnaire; when, in the patient's own zone.

    `reasons` and `words` are by question, `about` is a module's key, `taken_by` the name of whoever took it from the
    patient or whose own view it is.
    """

    id: UUID
    instrument: str
    submitted_at: datetime
    total: int | None
    band: str | None
    answers: dict[str, int]
    reasons: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    respondent: Respondent = Respondent.PATIENT
    about: str = ""
    way: Way = Way.ONLINE
    taken_by: str = ""


_taker = aliased(Person, name="taker")
SUBMITTED = (
    sa.select(
        Response.id,
        Response.instrument,
        Response.submitted_at,
        Response.total,
        Response.band,
        Response.answers,
        Response.reasons,
        Response.words,
        Response.respondent,
        Response.about,
        Response.way,
        sa.func.concat_ws(" ", _taker.given_name, _taker.family_name).label("taken_by"),
    )
    .select_from(Response)
    .outerjoin(_taker, sa.and_(_taker.service_id == Response.service_id, _taker.id == Response.taken_by))
    .where(Response.service_id == sa.bindparam("service"), Response.patient_id == sa.bindparam("patient"))
    .order_by(Response.submitted_at, Response.seq)
)
ANSWERED = SUBMITTED.where(COUNTS)


def answered(work: Work, patient: Patient) -> list[Answered]:
    """Everything the patient has submitted that counts, oldest first."""
    rows = work.read(ANSWERED, {"service": work.service_id, "patient": patient.id})
    return [as_answered(row, patient) for row in rows]


def as_answered(row: Any, patient: Patient) -> Answered:
    """A row of SUBMITTED as a value."""
    return Answered(
        id=row.id,
        instrument=row.instrument,
        submitted_at=row.submitted_at.astimezone(patient.zone),
        total=row.total,
        band=row.band,
        answers=row.answers,
        reasons=row.reasons,
        words=row.words or {},
        respondent=Respondent(row.respondent),
        about=row.about,
        way=Way(row.way),
        taken_by=row.taken_by,
    )


def is_due_weekly(instrument: Instrument) -> bool:
    """Whether the questionnaire is one that everybody is asked every week."""
    return instrument.when is When.WEEKLY and not instrument.needs_text


def due_again(latest: Answered) -> datetime:
    """When a questionnaire is due again: where the day begins, a week after the day it was sent."""
    return due_after(latest.submitted_at)


def due_after(sent_at: datetime) -> datetime:
    """The same of one that was sent at a moment in the patient's own zone."""
    # By the day and not the hour, or each week's would be due a little later than the last.
    return datetime.combine(sent_at.date() + DUE_EVERY, time(), sent_at.tzinfo)
