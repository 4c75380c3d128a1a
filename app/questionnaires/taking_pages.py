"""Staff take a questionnaire from a patient by phone or in session, fill in their own view, and see what to do then."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import instruments
from app.clinical.instruments import Respondent, When
from app.kit import drafts, say
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import forms, sheet_queries, taking_actions, text_queries
from app.questionnaires.access import OwnView, TakenFrom
from app.questionnaires.kinds import Way
from app.questionnaires.sitting_actions import Given
from app.questionnaires.taking_actions import Taking
from app.safety import queries as safety
from app.safety.banner import banner

router = APIRouter(route_class=Route)

RecordedPatient = Annotated[Patient, whose(Capability.RECORD_QUESTIONNAIRE)]
WAYS = ((Way.PHONE.value, "By phone"), (Way.IN_SESSION.value, "In session"))
NO_WAY = "Choose whether you took it by phone or in session"


@router.get("/patients/{patient_id}/take")
def choose(request: Request, work: StaffWork, patient: RecordedPatient) -> Response:
    taking_actions.require_open(work, patient)
    library = request.app.state.library.instruments
    offered = [one for one in text_queries.offered(work, library).values() if not one.per]
    return page(
        request,
        "questionnaires/take-which.html",
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, library),
        asked=[one for one in offered if one.when is not When.AFTER_MODULE],
        own=[one for one in offered if Respondent.PRACTITIONER in one.respondents],
    )


@router.get("/patients/{patient_id}/questionnaires/{key}")
def take(request: Request, work: StaffWork, patient: RecordedPatient, taking: TakenFrom) -> Response:
    return _form(request, work, patient, taking)


@router.post("/patients/{patient_id}/questionnaires/{key}/draft")
def keep_taken(work: StaffWork, patient: RecordedPatient, taking: TakenFrom, posted: Posted) -> Response:
    return _kept(work, patient, taking, posted)


@router.post("/patients/{patient_id}/questionnaires/{key}")
def record(request: Request, work: StaffWork, patient: RecordedPatient, taking: TakenFrom, posted: Posted) -> Response:
    return _record(request, work, patient, taking, posted)


@router.get("/patients/{patient_id}/own-view/{form}")
def view(request: Request, work: StaffWork, patient: RecordedPatient, taking: OwnView) -> Response:
    return _form(request, work, patient, taking)


@router.post("/patients/{patient_id}/own-view/{form}/draft")
def keep_view(work: StaffWork, patient: RecordedPatient, taking: OwnView, posted: Posted) -> Response:
    return _kept(work, patient, taking, posted)


@router.post("/patients/{patient_id}/own-view/{form}")
def record_view(
    request: Request, work: StaffWork, patient: RecordedPatient, taking: OwnView, posted: Posted
) -> Response:
    return _record(request, work, patient, taking, posted)


@router.get("/patients/{patient_id}/questionnaires/{key}/{response_id}")
def taken(request: Request, work: StaffWork, patient: RecordedPatient, key: str, response_id: UUID) -> Response:
    library = request.app.state.library.instruments
    found = next((one for one in sheet_queries.recorded(work, patient) if one.answered.id == response_id), None)
    known = text_queries.worded(work, library, [key])
    if found is None or found.answered.instrument != key or key not in known:
        raise NotFound
    given = found.answered
    return page(
        request,
        "questionnaires/taken.html",
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, library),
        instrument=known[key],
        sent=sheet_queries.sheet(given, known[key], found.void),
        own=given.respondent is Respondent.PRACTITIONER,
        risks=[known[key].by_key[item] for item in instruments.risk_answers(known[key], given.answers)],
        alert=safety.open_alert(work, patient),
        first_stands="sent-before" in request.query_params,
    )


def _record(request: Request, work: Work, patient: Patient, taking: Taking, posted: PostedForm) -> Response:
    given, problems = forms.read(posted, taking.instrument)
    way = _way(posted, taking)
    if way is None:
        problems = {"way": NO_WAY, **problems}
    response_id = forms.read_id(posted)
    if problems or way is None:
        # Stored before the page goes back, so that an answer to a risk item is never lost with an unfinished form.
        _keep(work, patient, taking, given, posted)
        return _form(request, work, patient, taking, status=422, problems=problems, given=given, chosen_way=way)
    stored = taking_actions.record(work, patient=patient, taking=taking, given=given, way=way, response_id=response_id)
    same = (stored.answers, stored.reasons) == (given.answers, given.reasons)
    path = f"/patients/{patient.id}/questionnaires/{taking.instrument.key}/{stored.id}"
    return see_other(path if same else f"{path}?sent-before=1")


def _kept(work: Work, patient: Patient, taking: Taking, posted: PostedForm) -> Response:
    given, _ = forms.read(posted, taking.instrument)
    kept = _keep(work, patient, taking, given, posted)
    if kept is None:
        return JSONResponse({"saved": "You have already recorded this. Reload the page to record another."})
    return JSONResponse({"saved": f"Draft saved at {say.time(kept.saved_at, work.actor.zone)}."})


def _keep(work: Work, patient: Patient, taking: Taking, given: Given, posted: PostedForm) -> drafts.Kept | None:
    way, response_id = _way(posted, taking) or Way.ONLINE, forms.read_id(posted)
    return taking_actions.keep_draft(
        work, patient=patient, taking=taking, given=given, way=way, response_id=response_id
    )


def _way(posted: PostedForm, taking: Taking) -> Way | None:
    """How it was taken; a view of one's own is typed by whoever has it. None where nothing was chosen."""
    if taking.respondent is Respondent.PRACTITIONER:
        return Way.ONLINE
    return next((way for way in (Way.PHONE, Way.IN_SESSION) if posted.get("way") == way), None)


def _form(
    request: Request,
    work: Work,
    patient: Patient,
    taking: Taking,
    *,
    given: Given | None = None,
    chosen_way: Way | None = None,
    problems: Problems | None = None,
    status: int = 200,
) -> Response:
    taking_actions.require_open(work, patient)
    kept = drafts.kept(work, form=taking_actions.form_name(patient, taking))
    given = given or Given.of(kept)
    own = taking.respondent is Respondent.PRACTITIONER
    about = f"?about={quote(taking.about)}" if taking.about else ""
    path = f"/patients/{patient.id}/{'own-view' if own else 'questionnaires'}/{taking.instrument.key}"
    shown: dict[str, Any] = {
        "instrument": taking.instrument,
        "own": own,
        "address": path + about,
        "draft_address": f"{path}/draft{about}",
        "questions": forms.questions(taking.instrument),
        "risk_numbers": forms.risk_numbers(taking.instrument),
        "chosen": forms.chosen(given),
        "ways": WAYS,
        "way": chosen_way or (kept.values["way"] if kept else ""),
        "response_id": kept.values["response_id"] if kept else uuid4(),
        "draft_at": kept.saved_at.astimezone(work.actor.zone) if kept else None,
        "told": bool(instruments.risk_answers(taking.instrument, given.answers)),
        "alert": safety.open_alert(work, patient),
        "problems": problems or {},
    }
    return page(
        request,
        "questionnaires/take.html",
        status=status,
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, request.app.state.library.instruments),
        **shown,
    )
