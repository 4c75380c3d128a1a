"""A patient answers questionnaires and sees their own scores; staff see them too."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import instruments
from app.clinical.instruments import Instrument
from app.kit import drafts, say
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import actions, forms, item_trends, outcome_trends, queries, trends
from app.safety.banner import banner
from app.safety.promise_queries import read_by

router = APIRouter(route_class=Route)

ScoredPatient = Annotated[Patient, whose(Capability.READ_SCORES)]


def instrument_called(request: Request, key: str) -> Instrument:
    known = offered(request)
    if key not in known:
        raise NotFound
    return known[key]


def offered(request: Request) -> dict[str, Instrument]:
    """The questionnaires in the order pages show them: those with a risk item first."""
    known: Mapping[str, Instrument] = request.app.state.library.instruments
    return {key: one for key, one in known.items() if queries.is_due_weekly(one)}


@router.get("/my/questionnaires/{key}")
def questionnaire(request: Request, work: PatientWork, patient: Me, key: str) -> Response:
    instrument = instrument_called(request, key)
    actions.require_open(work)
    kept = drafts.kept(work, form=actions.form_name(instrument))
    return _form(
        request,
        work,
        patient,
        instrument,
        answers=kept.values["answers"] if kept else {},
        response_id=kept.values["response_id"] if kept else uuid4(),
        saved_at=kept.saved_at if kept else None,
    )


@router.post("/my/questionnaires/{key}/draft")
def keep_draft(request: Request, work: PatientWork, patient: Me, key: str, posted: Posted) -> Response:
    instrument = instrument_called(request, key)
    answers, _ = forms.read_answers(posted, instrument)
    kept = actions.keep_draft(
        work, patient=patient, instrument=instrument, answers=answers, response_id=forms.read_id(posted)
    )
    if kept is None:
        return JSONResponse({"saved": "You have already sent this. Reload the page to fill it in again."})
    return JSONResponse({"saved": f"Draft saved at {say.time(kept.saved_at, patient.zone)}."})


@router.post("/my/questionnaires/{key}")
def submit(request: Request, work: PatientWork, patient: Me, key: str, posted: Posted) -> Response:
    instrument = instrument_called(request, key)
    answers, problems = forms.read_answers(posted, instrument)
    response_id = forms.read_id(posted)
    if problems:
        # Stored before the page goes back, so that an answer to a risk item is never lost with an unfinished form.
        kept = actions.keep_draft(
            work, patient=patient, instrument=instrument, answers=answers, response_id=response_id
        )
        return _form(
            request,
            work,
            patient,
            instrument,
            status=422,
            problems=problems,
            answers=answers,
            response_id=response_id,
            saved_at=kept.saved_at if kept else None,
        )
    response = actions.submit(work, patient=patient, instrument=instrument, answers=answers, response_id=response_id)
    if instruments.risk_answers(instrument, answers):
        return see_other("/my/support")
    path = f"/my/questionnaires/{key}/{response.id}"
    return see_other(path if response.answers == answers else f"{path}?sent-before=1")


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
        sent=queries.sheet(found, instrument),
        result=trends.result(found, given, instrument, patient.zone),
        trends=trends.for_patient(given[: given.index(found) + 1], {key: instrument}, patient.zone),
        due_at=queries.due_again(found),
        now=work.now,
        may_answer=actions.may_answer(work),
        first_stands="sent-before" in request.query_params,
        patient=patient,
    )


@router.get("/patients/{patient_id}/scores")
def scores(request: Request, work: StaffWork, patient: ScoredPatient) -> Response:
    known = offered(request)
    given = queries.answered(work, patient)
    newest_first = list(reversed(given))
    return page(
        request,
        "questionnaires/scores.html",
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, known),
        trends=trends.for_staff(given, known, patient.zone),
        verdict=outcome_trends.verdict(given, known),
        items={key: item_trends.by_item(given, one) for key, one in known.items()},
        instruments=known,
        sheets={
            key: [queries.sheet(one, instrument) for one in newest_first if one.instrument == key]
            for key, instrument in known.items()
        },
    )


def _form(
    request: Request,
    work: Work,
    patient: Patient,
    instrument: Instrument,
    *,
    answers: Mapping[str, int],
    status: int = 200,
    **more: Any,
) -> Response:
    return page(
        request,
        "questionnaires/form.html",
        status=status,
        instrument=instrument,
        questions=forms.scored_questions(instrument),
        extras=forms.extra_questions(instrument),
        risk_numbers=forms.risk_numbers(instrument),
        answers=answers,
        told=bool(instruments.risk_answers(instrument, answers)),
        read_by=read_by(request.state.principal.service, work.now),
        today=work.today,
        patient=patient,
        **more,
    )
