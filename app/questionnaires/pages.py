"""A patient answers questionnaires and sees their own scores; staff see them too."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import instruments
from app.clinical.instruments import Instrument
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.questionnaires import actions, queries, trends
from app.questionnaires.forms import read_answers, read_id
from app.safety.queries import open_alert

router = APIRouter()

ScoredPatient = Annotated[Patient, whose(Capability.READ_SCORES)]


def instrument_called(request: Request, key: str) -> Instrument:
    try:
        return request.app.state.library.instruments[key]
    except KeyError:
        raise NotFound from None


@router.get("/my/questionnaires")
def questionnaires(request: Request, work: PatientWork, patient: Me) -> Response:
    given = queries.answered(work, patient)
    known = request.app.state.library.instruments
    return page(
        request,
        "questionnaires/list.html",
        asked=queries.asked(given, known),
        trends=trends.for_patient(given, known, patient.zone),
        now=work.now,
        patient=patient,
    )


@router.get("/my/questionnaires/{key}")
def questionnaire(request: Request, work: PatientWork, patient: Me, key: str) -> Response:
    instrument = instrument_called(request, key)
    draft = drafts.kept(work, form=actions.form_name(instrument))
    return page(
        request,
        "questionnaires/form.html",
        instrument=instrument,
        answers=draft.values["answers"] if draft else {},
        response_id=draft.values["response_id"] if draft else uuid4(),
        saved_at=draft.saved_at if draft else None,
        patient=patient,
    )


@router.post("/my/questionnaires/{key}/draft")
def keep_draft(request: Request, work: PatientWork, patient: Me, key: str, posted: Posted) -> Response:
    instrument = instrument_called(request, key)
    answers, _ = read_answers(posted, instrument)
    kept = actions.keep_draft(
        work, patient=patient, instrument=instrument, answers=answers, response_id=read_id(posted)
    )
    return JSONResponse({"saved_at": kept.saved_at.isoformat()})


@router.post("/my/questionnaires/{key}")
def submit(request: Request, work: PatientWork, patient: Me, key: str, posted: Posted) -> Response:
    instrument = instrument_called(request, key)
    answers, problems = read_answers(posted, instrument)
    response_id = read_id(posted)
    if problems:
        # Stored before the page goes back, so that an answer to a risk item is never lost with an unfinished form.
        actions.keep_draft(work, patient=patient, instrument=instrument, answers=answers, response_id=response_id)
        return page(
            request,
            "questionnaires/form.html",
            status=422,
            instrument=instrument,
            answers=answers,
            response_id=response_id,
            saved_at=work.now,
            problems=problems,
            patient=patient,
        )
    response = actions.submit(
        work, patient=patient, instrument=instrument, answers=answers, response_id=response_id
    )
    if instruments.risk_answers(instrument, answers):
        return see_other("/my/support")
    return see_other(f"/my/questionnaires/{key}/{response.id}")


@router.get("/my/questionnaires/{key}/{response_id}")
def result(request: Request, work: PatientWork, patient: Me, key: str, response_id: UUID) -> Response:
    instrument = instrument_called(request, key)
    given = queries.answered(work, patient)
    found = next((one for one in given if one.id == response_id and one.instrument == key), None)
    if found is None:
        raise NotFound
    return page(
        request,
        "questionnaires/result.html",
        instrument=instrument,
        response=found,
        trends=trends.for_patient(
            [one for one in given if one.instrument == key], {key: instrument}, patient.zone
        ),
        patient=patient,
    )


@router.get("/patients/{patient_id}/scores")
def scores(request: Request, work: StaffWork, patient: ScoredPatient) -> Response:
    known = request.app.state.library.instruments
    given = queries.answered(work, patient)
    return page(
        request,
        "questionnaires/scores.html",
        patient=patient,
        alert=open_alert(work, patient),
        trends=trends.for_staff(given, known, patient.zone),
        instruments=known,
        given=list(reversed(given)),
    )
