"""What a patient wrote, as staff read it, and the words staff write beside it."""

from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit import drafts
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import answers, plan_actions, queries, reading_queries, summary_actions
from app.programme import forms as F
from app.safety.banner import banner

router = APIRouter(route_class=Route)

ReadPatient = Annotated[Patient, whose(Capability.READ_WORDS)]


@router.get("/patients/{patient_id}/answers")
def patient_answers(request: Request, work: StaffWork, patient: ReadPatient) -> Response:
    return _answers_page(request, work, patient)


@router.post("/patients/{patient_id}/answers")
def give_feedback(request: Request, work: StaffWork, patient: ReadPatient, posted: Posted) -> Response:
    form, problems = F.FeedbackForm.read(posted)
    if form is None:
        return _answers_page(request, work, patient, status=422, posted=posted, problems=problems)
    work.one_at_a_time("decisions", patient.id)
    plan_actions.give_feedback(
        work, patient=patient, answer_id=form.answer, words=form.words, feedback_id=form.feedback_id
    )
    summary_actions.refresh(work, patient.id)
    if form.words:
        drafts.drop_posted(work, name=f"words-{form.answer}")
    done = "wrote" if form.words else "looked"
    return see_other(f"/patients/{patient.id}/answers?done={done}#a-{form.answer}")


def _answers_page(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    plan = queries.plan_or_none(work, patient)
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    return page(
        request,
        "programme/patient-answers.html",
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        shown=reading_queries.reading(patient, plan, answers.entries(work, patient), modules),
        may_write=Capability.TAILOR_PROGRAMME in work.actor.may,
        feedback_id=uuid4,
        begun=drafts.posted_under(work, prefix="words-"),
        done=request.query_params.get("done", ""),
        **more,
    )
