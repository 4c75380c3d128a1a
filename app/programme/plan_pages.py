"""The practitioner's pages about a course: the plan and its decisions, answers, timeline, and what the patient sees."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit.errors import NotFound
from app.kit.forms import PageForm, Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.work import Work
from app.programme import (
    answers,
    course_queries,
    module_queries,
    plan_actions,
    plan_queries,
    queries,
    summaries,
)
from app.programme import forms as F
from app.programme.plan_actions import CannotDecide
from app.programme.queries import Plan
from app.safety.banner import banner

router = APIRouter()

SeenPatient = Annotated[Patient, whose(Capability.SEE_PROGRESS)]
TailoredPatient = Annotated[Patient, whose(Capability.TAILOR_PROGRAMME)]
ReadPatient = Annotated[Patient, whose(Capability.READ_WORDS)]

FORMS: dict[str, type[PageForm]] = {
    "release": F.ReleaseForm,
    "open-early": F.OverrideForm,
    "waive": F.WaiveForm,
    "done": F.DoneForm,
    "hold": F.HoldForm,
    "resume": PageForm,
    "requirement": F.RequirementForm,
}


def _tailored_plan(work: StaffWork, patient: TailoredPatient) -> Plan:
    return queries.plan(work, patient)


TailoredPlan = Annotated[Plan, Depends(_tailored_plan)]


@router.get("/patients/{patient_id}/plan")
def plan(request: Request, work: StaffWork, patient: SeenPatient) -> Response:
    return _plan_page(request, work, patient, queries.plan_or_none(work, patient))


@router.get("/patients/{patient_id}/plan/add")
def add(request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan) -> Response:
    return _plan_page(request, work, patient, plan, opened=("", "add"))


@router.post("/patients/{patient_id}/plan/add")
def add_step(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, posted: Posted
) -> Response:
    form, problems = F.AddForm.read(posted)
    if form is None:
        return _again(request, work, patient, plan, "", "add", posted, problems)
    module = request.app.state.library.modules.get(form.what)
    if form.what != "own" and module is None:
        raise NotFound
    title = module.title if module else form.title
    return _decided(
        request, work, patient, plan, "", "add", posted,
        lambda: plan_actions.add_step(
            work, patient=patient, plan=plan, title=title, module=module, technique=form.technique, told=form.told
        ),
    )  # fmt: skip


@router.get("/patients/{patient_id}/plan/technique")
def technique(request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan) -> Response:
    return _plan_page(request, work, patient, plan, opened=("", "technique"))


@router.post("/patients/{patient_id}/plan/technique")
def record_technique(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, posted: Posted
) -> Response:
    form, problems = F.TechniqueForm.read(posted)
    if form is None:
        return _again(request, work, patient, plan, "", "technique", posted, problems)
    if form.technique not in request.app.state.library.techniques:
        raise NotFound
    said = form.model_dump()
    return _decided(
        request, work, patient, plan, "", "technique", posted,
        lambda: plan_actions.record_done(work, patient=patient, plan=plan, **said),
    )  # fmt: skip


@router.get("/patients/{patient_id}/plan/{step}/{act}")
def decide(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, step: str, act: str
) -> Response:
    _offered(work, plan, step, act)
    return _plan_page(request, work, patient, plan, opened=(step, act))


@router.post("/patients/{patient_id}/plan/{step}/move")
def move(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, step: str, posted: Posted
) -> Response:
    form, _ = F.MoveForm.read(posted)
    if form is None:
        raise NotFound
    plan_actions.move(work, patient=patient, plan=plan, step=step, up=form.way == "up")
    return see_other(f"/patients/{patient.id}/plan?moved={step}#{step}")


@router.post("/patients/{patient_id}/plan/{step}/{act}")
def make_decision(
    request: Request,
    work: StaffWork,
    patient: TailoredPatient,
    plan: TailoredPlan,
    step: str,
    act: str,
    posted: Posted,
) -> Response:
    if act not in FORMS or step not in plan.course:
        raise NotFound
    form, problems = FORMS[act].read(posted)
    if form is None:
        return _again(request, work, patient, plan, step, act, posted, problems)
    said = form.model_dump()
    return _decided(
        request, work, patient, plan, step, act, posted,
        lambda: _DECISIONS[act](work, patient=patient, plan=plan, step=step, **said),
    )  # fmt: skip


def _record_done(work: Work, *, what: str, activities: list[str], **said: Any) -> None:
    plan_actions.record_done(work, activities=tuple(activities) if what == "activities" else (), **said)


_DECISIONS: dict[str, Callable[..., None]] = {
    "release": plan_actions.release,
    "open-early": plan_actions.override_open,
    "waive": plan_actions.waive,
    "done": _record_done,
    "hold": plan_actions.hold,
    "resume": plan_actions.resume,
    "requirement": plan_actions.change_requirement,
}


@router.post("/patients/{patient_id}/decisions/{decision_id}/undo")
def undo(
    request: Request,
    work: StaffWork,
    patient: TailoredPatient,
    plan: TailoredPlan,
    decision_id: UUID,
    posted: Posted,
) -> Response:
    plan_actions.undo(work, patient=patient, plan=plan, decision_id=decision_id)
    summaries.refresh(work, patient.id)
    return see_other(f"/patients/{patient.id}/plan?done=undone")


@router.get("/patients/{patient_id}/decisions/{decision_id}/correct")
def correct(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, decision_id: UUID
) -> Response:
    return _correct_page(request, work, patient, plan, decision_id)


@router.post("/patients/{patient_id}/decisions/{decision_id}/correct")
def make_correction(
    request: Request,
    work: StaffWork,
    patient: TailoredPatient,
    plan: TailoredPlan,
    decision_id: UUID,
    posted: Posted,
) -> Response:
    form, problems = F.CorrectForm.read(posted)
    if form is None:
        return _correct_page(request, work, patient, plan, decision_id, status=422, posted=posted, problems=problems)
    plan_actions.correct(work, patient=patient, plan=plan, decision_id=decision_id, reason=form.reason)
    summaries.refresh(work, patient.id)
    return see_other(f"/patients/{patient.id}/timeline?done=corrected")


@router.get("/patients/{patient_id}/answers")
def patient_answers(request: Request, work: StaffWork, patient: ReadPatient) -> Response:
    return _answers_page(request, work, patient)


@router.post("/patients/{patient_id}/answers")
def give_feedback(request: Request, work: StaffWork, patient: ReadPatient, posted: Posted) -> Response:
    form, problems = F.FeedbackForm.read(posted)
    if form is None:
        return _answers_page(request, work, patient, status=422, posted=posted, problems=problems)
    plan_actions.give_feedback(work, patient=patient, answer_id=form.answer, words=form.words)
    return see_other(f"/patients/{patient.id}/answers?done=said#a-{form.answer}")


@router.get("/patients/{patient_id}/timeline")
def timeline(request: Request, work: StaffWork, patient: ReadPatient) -> Response:
    kind = request.query_params.get("kind", "")
    library = request.app.state.library
    plan = queries.plan_or_none(work, patient)
    entries = (
        plan_queries.timeline(
            plan,
            [(key, one.short) for key, one in library.instruments.items()],
            {key: one.title for key, one in library.modules.items()},
            {key: one.title for key, one in library.techniques.items()},
        )
        if plan
        else []
    )
    return page(
        request,
        "programme/timeline.html",
        banner=banner(work, patient),
        patient=patient,
        kinds=plan_queries.KINDS,
        kind=kind if kind in plan_queries.KINDS else "",
        entries=[one for one in entries if kind not in plan_queries.KINDS or one.kind == kind],
        may_correct=Capability.TAILOR_PROGRAMME in work.actor.may,
        done=request.query_params.get("done", ""),
    )


@router.get("/patients/{patient_id}/sees")
def sees_programme(request: Request, work: StaffWork, patient: SeenPatient) -> Response:
    plan = queries.plan(work, patient)
    modules = queries.pinned_modules(work, patient, request.app.state.library.modules)
    return page(
        request,
        "programme/sees-programme.html",
        banner=banner(work, patient),
        patient=patient,
        shown=course_queries.programme(plan, modules, patient),
    )


@router.get("/patients/{patient_id}/sees/{step}/{page_key}")
def sees_page(request: Request, work: StaffWork, patient: ReadPatient, step: str, page_key: str) -> Response:
    plan = queries.plan(work, patient)
    standing = plan[step]
    modules = queries.pinned_modules(work, patient, request.app.state.library.modules)
    module = modules.get(standing.module or "")
    if module is None or not module.has_page(page_key):
        raise NotFound
    given = answers.entries(work, patient, modules=[module.key])
    passed = page_key in plan.passed.get(step, set())
    shown = module_queries.module_page(patient, standing, module, module.page(page_key), given, {}, passed=passed)
    return page(
        request,
        "programme/sees-page.html",
        banner=banner(work, patient),
        patient=patient,
        shown=shown,
        standing=standing,
        module=module,
    )


def _offered(work: Work, plan: Plan, step: str, act: str) -> None:
    if act not in plan_queries.acts(plan[step], work.actor.role):
        raise NotFound


def _decided(
    request: Request,
    work: Work,
    patient: Patient,
    plan: Plan,
    step: str,
    act: str,
    posted: PostedForm,
    decide: Callable[[], None],
) -> Response:
    """Make a decision; where the course's rules refuse, the form again with why and with what was typed."""
    try:
        decide()
    except CannotDecide as refused:
        return _again(request, work, patient, plan, step, act, posted, {"form": refused.words})
    summaries.refresh(work, patient.id)
    return see_other(f"/patients/{patient.id}/plan?done={act}#{step or 'steps'}")


def _again(
    request: Request,
    work: Work,
    patient: Patient,
    plan: Plan,
    step: str,
    act: str,
    posted: PostedForm,
    problems: Problems,
) -> Response:
    return _plan_page(request, work, patient, plan, opened=(step, act), status=422, posted=posted, problems=problems)


def _plan_page(
    request: Request,
    work: Work,
    patient: Patient,
    plan: Plan | None,
    *,
    opened: tuple[str, str] = ("", ""),
    status: int = 200,
    **more: Any,
) -> Response:
    step, act = opened
    supposed = plan_queries.consequence(work, patient, plan, step, act) if plan and step else None
    library = request.app.state.library
    return page(
        request,
        "programme/plan.html",
        status=status,
        place=f"/patients/{patient.id}/plan",
        banner=banner(work, patient),
        patient=patient,
        shown=plan_queries.shown(work, plan) if plan else None,
        step=step,
        act=act,
        standing=plan[step] if plan and step else None,
        consequence=supposed,
        reasons=F.WaiverReason,
        modules=[one for one in library.modules.values() if plan and one.key not in plan.course],
        techniques=library.techniques,
        may_tailor=Capability.TAILOR_PROGRAMME in work.actor.may,
        today=work.today,
        done=request.query_params.get("done", ""),
        **more,
    )


def _correct_page(
    request: Request, work: Work, patient: Patient, plan: Plan, decision_id: UUID, **more: Any
) -> Response:
    row = next((one for one in plan.rows if one.id == decision_id and one.source == "decision"), None)
    if row is None:
        raise NotFound
    return page(
        request,
        "programme/correct.html",
        place=f"/patients/{patient.id}/timeline",
        banner=banner(work, patient),
        patient=patient,
        decision=row,
        what=plan_queries.DECIDED[row.kind].format(
            step=plan.course[row.step].title if row.step and row.step in plan.course else "a step"
        ),
        **more,
    )


def _answers_page(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    modules = queries.pinned_modules(work, patient, request.app.state.library.modules)
    return page(
        request,
        "programme/patient-answers.html",
        place=f"/patients/{patient.id}/answers",
        banner=banner(work, patient),
        patient=patient,
        shown=course_queries.answers_by_step(answers.entries(work, patient), modules),
        done=request.query_params.get("done", ""),
        **more,
    )
