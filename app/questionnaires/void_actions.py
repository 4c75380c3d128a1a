"""A submitted questionnaire is made void with a reason: it is kept, and counts for nothing any more."""

from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit.errors import NotFound
from app.kit.work import Work
from app.questionnaires.kinds import VoidReason
from app.questionnaires.tables import Response, ResponseVoid


def void_response(work: Work, *, patient: Patient, response_id: UUID, reason: VoidReason, words: str) -> None:
    """Make one of a patient's questionnaires void; where it was already, the first reason stands.

    An alert that its answers raised stays as it is: whoever works on it decides.
    """
    work.require(Capability.VOID_QUESTIONNAIRE)
    work.one_at_a_time("questionnaires", patient.id)
    if not _is_of(work, patient, response_id):
        raise NotFound
    if work.session.get(ResponseVoid, (work.service_id, response_id)):
        return
    work.add(
        ResponseVoid(
            response_id=response_id,
            patient_id=patient.id,
            reason=reason,
            words=words,
            voided_by=work.actor.id,
            voided_at=work.now,
        )
    )
    work.record("questionnaire.voided", patient=patient.id, response=response_id, reason=reason.value)


def _is_of(work: Work, patient: Patient, response_id: UUID) -> bool:
    found = sa.select(Response.id).where(
        Response.service_id == work.service_id, Response.patient_id == patient.id, Response.id == response_id
    )
    return work.session.execute(found).first() is not None
