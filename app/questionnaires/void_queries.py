"""Which submitted questionnaires count, and which were made void, by whom and why."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical.instruments import Respondent
from app.kit.work import Work
from app.questionnaires.kinds import VoidReason
from app.questionnaires.tables import Response, ResponseVoid

# For the `where` of whatever reads responses.
VOID = (
    sa.exists()
    .where(ResponseVoid.service_id == Response.service_id, ResponseVoid.response_id == Response.id)
    .correlate(Response)
)
BY_PATIENT = Response.respondent == Respondent.PATIENT
COUNTS = sa.and_(BY_PATIENT, ~VOID)


@dataclass(frozen=True)
class Voided:
    """A questionnaire that does not count: which, of when, and who said so and why."""

    response_id: UUID
    instrument: str
    submitted_at: datetime
    reason: VoidReason
    words: str
    by: str
    at: datetime


_by = aliased(Person, name="voided_by_person")
VOIDED = (
    sa.select(
        Response.id,
        Response.instrument,
        Response.submitted_at,
        ResponseVoid.reason,
        ResponseVoid.words,
        ResponseVoid.voided_at,
        sa.func.concat_ws(" ", _by.given_name, _by.family_name).label("by"),
    )
    .select_from(ResponseVoid)
    .join(Response, sa.and_(Response.service_id == ResponseVoid.service_id, Response.id == ResponseVoid.response_id))
    .join(_by, sa.and_(_by.service_id == ResponseVoid.service_id, _by.id == ResponseVoid.voided_by))
    .where(ResponseVoid.service_id == sa.bindparam("service"), ResponseVoid.patient_id == sa.bindparam("patient"))
)


def voided(work: Work, patient: Patient) -> dict[UUID, Voided]:
    """What of a patient's was made void, by the id of the response."""
    rows = work.read(VOIDED, {"service": work.service_id, "patient": patient.id})
    return {
        row.id: Voided(
            row.id, row.instrument, row.submitted_at, VoidReason(row.reason), row.words, row.by, row.voided_at
        )
        for row in rows
    }
