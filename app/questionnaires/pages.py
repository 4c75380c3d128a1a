"""What a patient sent, with its score and what comes next, on the screen and on paper."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.instruments import Instrument
from app.kit.errors import NotFound
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import (
    actions,
    forms,
    queries,
    sheet_queries,
    text_queries,
    trends,
)
from app.questionnaires.kinds import VoidReason
from app.questionnaires.queries import Answered
from app.questionnaires.sitting_actions import Given
from app.questionnaires.void_queries import Voided

router = APIRouter(route_class=Route)


@router.get("/my/questionnaires/{key}/{response_id}")
def result(request: Request, work: PatientWork, patient: Me, key: str, response_id: UUID) -> Response:
    given = queries.answered(work, patient)
    found, void = _sent(work, patient, given, key, response_id)
    instrument = _worded(request, work, key)
    so_far = given[: given.index(found) + 1] if found in given else []
    return page(
        request,
        "questionnaires/result.html",
        instrument=instrument,
        sent=sheet_queries.sheet(found, instrument),
        void=void,
        result=trends.result(found, so_far, instrument, patient.zone) if so_far else None,
        trends=trends.for_patient(so_far, {key: instrument}, patient.zone),
        due_at=queries.due_again(found) if queries.is_due_weekly(instrument) else None,
        now=work.now,
        may_answer=actions.may_answer(work),
        first_stands="sent-before" in request.query_params,
        patient=patient,
    )


@router.get("/my/questionnaires/{key}/{response_id}/print")
def printed(request: Request, work: PatientWork, patient: Me, key: str, response_id: UUID) -> Response:
    found, _ = _sent(work, patient, queries.answered(work, patient), key, response_id)
    instrument = _worded(request, work, key)
    return page(
        request,
        "questionnaires/print.html",
        instrument=instrument,
        questions=forms.questions(instrument),
        chosen=forms.chosen(Given(found.answers, found.reasons, found.words)),
        sent=sheet_queries.sheet(found, instrument),
        back=f"/my/questionnaires/{key}/{response_id}",
        patient=patient,
    )


def _sent(
    work: Work, patient: Patient, given: list[Answered], key: str, response_id: UUID
) -> tuple[Answered, Voided | None]:
    """One of the patient's own, also where it was made void; not what was recorded here and is somebody else's."""
    found = next((one for one in given if one.id == response_id and one.instrument == key), None)
    if found:
        return found, None
    for one in sheet_queries.recorded(work, patient):
        mine = one.answered.respondent == "patient" and (one.answered.id, one.answered.instrument) == (response_id, key)
        if mine and one.void and one.void.reason is not VoidReason.WRONG_PATIENT:
            return one.answered, one.void
    raise NotFound


def _worded(request: Request, work: Work, key: str) -> Instrument:
    known = text_queries.worded(work, request.app.state.library.instruments, [key])
    if key not in known:
        raise NotFound
    return known[key]
