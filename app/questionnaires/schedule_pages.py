"""When somebody is asked for which questionnaire: the patient's list of what is due, and what staff decide."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.instruments import Instrument, When
from app.clinical.local_time import local_day
from app.clinical.schedule_words import MEANINGS, TIMINGS
from app.clinical.schedules import Timing
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import (
    actions,
    item_trends,
    queries,
    schedule_actions,
    schedule_line_queries,
    schedule_queries,
    schedule_reminder_actions,
    schedule_staff_queries,
    text_queries,
    trends,
)
from app.questionnaires.schedule_forms import EndingForm, RequestForm, TimingForm, not_gone
from app.questionnaires.schedule_queries import CourseOf, Standing
from app.safety.banner import banner

router = APIRouter(route_class=Route)

ScoredPatient = Annotated[Patient, whose(Capability.READ_SCORES)]
AskedPatient = Annotated[Patient, whose(Capability.TAILOR_PROGRAMME)]


def asked_of(request: Request, work: Work, patient: Patient) -> tuple[Standing, dict[str, Instrument]]:
    """What the patient is asked for now, and the instruments that the service can ask with all their words."""
    course_of: CourseOf = request.app.state.course_of
    library = request.app.state.library
    said, texts = schedule_queries.said_and_words(work, patient.id)
    offered = schedule_queries.with_words(library.instruments, texts)
    if any(one.needs_text for one in offered.values()):
        offered = text_queries.offered(work, library.instruments)
    return schedule_queries.standing(said, course_of(work, patient), offered.values(), work.now), offered


@router.get("/my/questionnaires")
def questionnaires(request: Request, work: PatientWork, patient: Me) -> Response:
    given = queries.answered(work, patient)
    standing, offered = asked_of(request, work, patient)
    scored = {key: one for key, one in offered.items() if one.range}
    begun = drafts.kept_under(work, prefix=actions.DRAFTS)
    return page(
        request,
        "questionnaires/list.html",
        asked=schedule_line_queries.patient_list(standing, offered, patient, _modules(request), given),
        begun={actions.path_of(name): draft for name, draft in begun.items()},
        trends=trends.for_patient(given, scored, patient.zone),
        items={key: item_trends.by_item(given, one) for key, one in scored.items()},
        may_answer=actions.may_answer(work),
        patient=patient,
    )


@router.get("/patients/{patient_id}/questionnaires")
def schedule(request: Request, work: StaffWork, patient: ScoredPatient) -> Response:
    return _schedule(request, work, patient)


@router.post("/patients/{patient_id}/questionnaire-requests")
def ask_for(request: Request, work: StaffWork, patient: AskedPatient, posted: Posted) -> Response:
    form, problems = RequestForm.read(posted)
    if form is not None:
        problems = not_gone("for_on", form.for_on, local_day(work.now, patient.zone))
        if not _can_be_asked_for(request, work, patient, form.instrument):
            problems["instrument"] = RequestForm.problems["instrument"]
    if form is None or problems:
        return _schedule(request, work, patient, status=422, posted=posted, problems=problems)
    schedule_actions.ask_for(
        work,
        patient=patient,
        id=form.decision_id,
        instrument=form.instrument,
        for_on=form.for_on,
        reason=form.reason,
    )
    _replan(request, work, patient)
    return see_other(f"/patients/{patient.id}/questionnaires?done=asked")


@router.post("/patients/{patient_id}/questionnaire-requests/{request_id}/withdraw")
def withdraw(request: Request, work: StaffWork, patient: AskedPatient, request_id: UUID, posted: Posted) -> Response:
    schedule_actions.withdraw(work, patient=patient, decision_id=request_id)
    _replan(request, work, patient)
    return see_other(f"/patients/{patient.id}/questionnaires?done=withdrawn")


@router.post("/patients/{patient_id}/treatment-ending")
def say_ending(request: Request, work: StaffWork, patient: AskedPatient, posted: Posted) -> Response:
    form, problems = EndingForm.read(posted)
    if form is None:
        return _schedule(request, work, patient, status=422, posted=posted, problems=problems)
    schedule_actions.say_ending(work, patient=patient, id=form.decision_id, reason=form.reason)
    _replan(request, work, patient)
    return see_other(f"/patients/{patient.id}/questionnaires?done=ending")


@router.get("/patients/{patient_id}/questionnaires/{key}/when")
def timing(request: Request, work: StaffWork, patient: AskedPatient, key: str) -> Response:
    return _timing(request, work, patient, key)


@router.post("/patients/{patient_id}/questionnaires/{key}/when")
def change_timing(request: Request, work: StaffWork, patient: AskedPatient, key: str, posted: Posted) -> Response:
    form, problems = TimingForm.read(posted)
    today = local_day(work.now, patient.zone)
    if form is not None:
        problems = not_gone("from_on", form.from_on, today)
    if form is None or problems:
        return _timing(request, work, patient, key, status=422, posted=posted, problems=problems)
    _offered(request, work, key)
    schedule_actions.change_timing(
        work,
        patient=patient,
        id=form.decision_id,
        instrument=key,
        timing=form.timing,
        from_on=form.from_on or today,
        reason=form.reason,
    )
    _replan(request, work, patient)
    return see_other(f"/patients/{patient.id}/questionnaires?done=changed")


def _can_be_asked_for(request: Request, work: Work, patient: Patient, key: str) -> bool:
    """Whether the service has it and it makes sense now: one about a module only once a module was done."""
    standing, offered = asked_of(request, work, patient)
    if not any(one.instrument == key for one in standing.schedule):
        return False
    return offered[key].when is not When.AFTER_MODULE or bool(standing.course.finished)


def _offered(request: Request, work: Work, key: str) -> None:
    """Refuse with NotFound what nobody can be asked."""
    offered = text_queries.offered(work, request.app.state.library.instruments)
    if key not in offered or offered[key].per:
        raise NotFound


def _replan(request: Request, work: Work, patient: Patient) -> None:
    if not patient.discharged_at:
        standing, _ = asked_of(request, work, patient)
        schedule_reminder_actions.replan(work, patient_id=patient.id, standing=standing)


def _modules(request: Request) -> dict[str, str]:
    return {key: one.title for key, one in request.app.state.library.modules.items()}


def _schedule(request: Request, work: Work, patient: Patient, *, status: int = 200, **more: Any) -> Response:
    standing, offered = asked_of(request, work, patient)
    given, told = queries.answered(work, patient), schedule_queries.happened(work, patient)
    return page(
        request,
        "questionnaires/schedule.html",
        status=status,
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, offered),
        shown=schedule_staff_queries.schedule(standing, offered, given, told, _modules(request)),
        may_decide=Capability.TAILOR_PROGRAMME in work.actor.may and not patient.discharged_at and not patient.lent,
        decision_id=uuid4(),
        done=request.query_params.get("done", ""),
        zone=work.actor.zone,
        **more,
    )


def _timing(request: Request, work: Work, patient: Patient, key: str, *, status: int = 200, **more: Any) -> Response:
    _offered(request, work, key)
    standing, offered = asked_of(request, work, patient)
    asked = next(one for one in standing.schedule if one.instrument == key)
    return page(
        request,
        "questionnaires/timing.html",
        status=status,
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, offered),
        instrument=offered[key],
        asked=asked,
        usual=TIMINGS[schedule_queries.usual(offered[key], standing.course)].lower(),
        choices=[(one.value, TIMINGS[one], MEANINGS[one]) for one in Timing],
        today=local_day(work.now, patient.zone),
        decision_id=uuid4(),
        **more,
    )
