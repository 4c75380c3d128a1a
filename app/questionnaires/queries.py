"""Questionnaires answered so far, and what is due."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument, Question, When
from app.kit.work import Work
from app.questionnaires.tables import Response

DUE_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Answered:
    """One submitted questionnaire; when, in the patient's own zone."""

    id: UUID
    instrument: str
    submitted_at: datetime
    total: int | None
    band: str | None
    answers: dict[str, int]


@dataclass(frozen=True)
class Chosen:
    """One question with the answer that was chosen; both are empty where there was none."""

    question: str
    points: str
    words: str
    is_risk: bool


@dataclass(frozen=True)
class Sheet:
    """One submitted questionnaire, question by question."""

    id: UUID
    submitted_at: datetime
    total: int | None
    band: str | None
    chosen: tuple[Chosen, ...]


ANSWERED = (
    sa.select(Response.id, Response.instrument, Response.submitted_at, Response.total, Response.band, Response.answers)
    .where(Response.service_id == sa.bindparam("service"), Response.patient_id == sa.bindparam("patient"))
    .order_by(Response.submitted_at, Response.seq)
)


def answered(work: Work, patient: Patient) -> list[Answered]:
    """Everything the patient has submitted, oldest first."""
    rows = work.read(ANSWERED, {"service": work.service_id, "patient": patient.id})
    return [
        Answered(row.id, row.instrument, row.submitted_at.astimezone(patient.zone), row.total, row.band, row.answers)
        for row in rows
    ]


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


def sheet(response: Answered, instrument: Instrument) -> Sheet:
    """A submitted questionnaire with the wording of each question and of each answer."""
    chosen = [_chosen(response, question) for question in instrument.questions]
    return Sheet(response.id, response.submitted_at, response.total, response.band, tuple(chosen))


def _chosen(response: Answered, question: Question) -> Chosen:
    points = response.answers.get(question.key)
    words = next((choice.label for choice in question.choices if choice.value == points), "")
    return Chosen(question.text, "" if points is None else str(points), words, question.is_risk)
