"""The Course page: everything of a course on one axis of days, for staff and for the patient's own eyes."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.caseload import course_queries, course_trends
from app.caseload.course_queries import Course, Known, Period
from app.caseload.forms import PeriodForm
from app.kit.forms import PostedForm, Problems
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import outcome_trends, trends
from app.safety.banner import banner

router = APIRouter(route_class=Route)

ScoredPatient = Annotated[Patient, whose(Capability.READ_SCORES)]
FOUR_WEEKS = timedelta(days=27)


@router.get("/patients/{patient_id}/course")
def course(request: Request, work: StaffWork, patient: ScoredPatient) -> Response:
    of = course_queries.known(work, patient)
    period, asked, problems = _period(request, work, patient, of)
    reads_words = Capability.READ_WORDS in work.actor.may
    found = _course(request, work, patient, of, period, with_diary=reads_words)
    return page(
        request,
        "caseload/course.html",
        status=422 if problems else 200,
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        course=found,
        shown=course_trends.for_staff(found, patient),
        verdict=outcome_trends.verdict(of.given, request.app.state.library.instruments),
        flags=trends.flags(of.given, request.app.state.library.instruments, patient.zone),
        reads_words=reads_words,
        period=period,
        posted=asked,
        problems=problems,
    )


@router.get("/my/course")
def own_course(request: Request, work: PatientWork, patient: Me) -> Response:
    of = course_queries.known(work, patient)
    period, asked, problems = _period(request, work, patient, of)
    found = _course(request, work, patient, of, period, with_diary=True)
    return page(
        request,
        "caseload/own-course.html",
        status=422 if problems else 200,
        place="/my/more",
        patient=patient,
        course=found,
        shown=course_trends.for_patient(found),
        period=period,
        posted=asked,
        problems=problems,
    )


def _course(request: Request, work: Work, patient: Patient, of: Known, period: Period, *, with_diary: bool) -> Course:
    return course_queries.course(
        work, patient, of, period, request.app.state.library.instruments, with_diary=with_diary
    )


def _period(request: Request, work: Work, patient: Patient, of: Known) -> tuple[Period, PostedForm, Problems]:
    """The days the address asks for; all of them where it asks for none or for what is no period."""
    asked = PostedForm(list(request.query_params.multi_items()))
    today = work.now.astimezone(patient.zone).date()
    form, problems = PeriodForm.read(asked)
    if form is not None and form.period == "weeks-4":
        return Period("weeks-4", max(today - FOUR_WEEKS, min(of.began_on, today)), today), asked, {}
    if form is not None and form.period == "own" and form.since and form.until:
        if form.since <= today:
            return Period("own", form.since, min(form.until, today)), asked, {}
        problems = {"since": "Choose a first day that has come"}
    return Period("start", min(of.began_on, today), today), asked, problems
