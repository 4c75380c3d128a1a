"""Staff see a patient's scores and every answer, and make a questionnaire void that should not count."""

from collections.abc import Iterable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import roles
from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role
from app.clinical.instruments import Instrument, Respondent
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import item_trends, outcome_trends, sheet_queries, text_queries, trends, void_actions
from app.questionnaires.forms import VoidForm
from app.questionnaires.kinds import VoidReason
from app.questionnaires.sheet_queries import Recorded
from app.safety.banner import banner

router = APIRouter(route_class=Route)

ScoredPatient = Annotated[Patient, whose(Capability.READ_SCORES)]
VoidingPatient = Annotated[Patient, whose(Capability.VOID_QUESTIONNAIRE)]
DONE = {"void": "Made void. It counts for nothing any more. An alert that it raised stays as it is."}


@router.get("/patients/{patient_id}/scores")
def scores(request: Request, work: StaffWork, patient: ScoredPatient) -> Response:
    recorded = sheet_queries.recorded(work, patient)
    known = _worded(request, work, recorded)
    given = [one.answered for one in recorded if one.counts]
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
        sheets=sheet_queries.sheets(recorded, known, Respondent.PATIENT),
        own=sheet_queries.sheets(recorded, known, Respondent.PRACTITIONER),
        may_read=_may(work, patient, Capability.READ_WORDS),
        may_record=not patient.discharged_at and _may(work, patient, Capability.RECORD_QUESTIONNAIRE),
        may_void=_may(work, patient, Capability.VOID_QUESTIONNAIRE),
        done=DONE.get(request.query_params.get("done", ""), ""),
    )


@router.get("/patients/{patient_id}/responses/{response_id}/void")
def ask_void(request: Request, work: StaffWork, patient: VoidingPatient, response_id: UUID) -> Response:
    return _void_page(request, work, patient, response_id)


@router.post("/patients/{patient_id}/responses/{response_id}/void")
def void(request: Request, work: StaffWork, patient: VoidingPatient, response_id: UUID, posted: Posted) -> Response:
    form, problems = VoidForm.read(posted)
    if form is None:
        return _void_page(request, work, patient, response_id, status=422, posted=posted, problems=problems)
    void_actions.void_response(work, patient=patient, response_id=response_id, reason=form.reason, words=form.words)
    drafts.drop_posted(work, name=f"void-{response_id}")
    return see_other(f"/patients/{patient.id}/scores?done=void")


def _void_page(request: Request, work: Work, patient: Patient, response_id: UUID, **more: object) -> Response:
    given = sheet_queries.recorded(work, patient)
    known = _worded(request, work, given)
    found = next((one for one in given if one.answered.id == response_id), None)
    if found is None or found.answered.instrument not in known:
        raise NotFound
    instrument = known[found.answered.instrument]
    return page(
        request,
        "questionnaires/void.html",
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, known),
        instrument=instrument,
        sent=sheet_queries.sheet(found.answered, instrument, found.void),
        reasons=[(one.value, one.label) for one in VoidReason],
        **drafts.put_back(work, name=f"void-{response_id}", shown=more),
    )


def _worded(request: Request, work: Work, recorded: Iterable[Recorded]) -> Mapping[str, Instrument]:
    instruments: Mapping[str, Instrument] = request.app.state.library.instruments
    return text_queries.worded(work, instruments, {one.answered.instrument for one in recorded})


def _may(work: Work, patient: Patient, capability: Capability) -> bool:
    return not patient.lent and roles.scope(Role(work.actor.role), capability) is not None
