"""Questionnaires answered so far, and what is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument
from app.kit.work import Work
from app.questionnaires.tables import Response

DUE_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Answered:
    """One submitted questionnaire."""

    id: UUID
    instrument: str
    submitted_at: datetime
    total: int | None
    band: str | None
    answers: dict[str, int]


@dataclass(frozen=True)
class Asked:
    """A questionnaire as the patient's list shows it."""

    instrument: Instrument
    latest: Answered | None
    due_on_or_after: datetime | None

    def is_due(self, now: datetime) -> bool:
        return self.due_on_or_after is None or self.due_on_or_after <= now


def answered(work: Work, patient: Patient) -> list[Answered]:
    """Everything the patient has submitted, oldest first."""
    rows = work.session.execute(
        sa.select(
            Response.id,
            Response.instrument,
            Response.submitted_at,
            Response.total,
            Response.band,
            Response.answers,
        )
        .where(Response.service_id == work.service_id, Response.patient_id == patient.id)
        .order_by(Response.submitted_at, Response.seq)
    )
    return [Answered(*row) for row in rows]


def asked(given: list[Answered], instruments: dict[str, Instrument]) -> list[Asked]:
    """Each questionnaire of the service with the latest answers; due again a week after those."""
    found = []
    for key, instrument in instruments.items():
        latest = next((one for one in reversed(given) if one.instrument == key), None)
        found.append(Asked(instrument, latest, latest.submitted_at + DUE_EVERY if latest else None))
    return found


def response(work: Work, patient: Patient, response_id: UUID) -> Answered | None:
    """One submitted questionnaire of this patient."""
    return next((one for one in answered(work, patient) if one.id == response_id), None)
