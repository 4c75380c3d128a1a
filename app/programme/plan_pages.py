"""The practitioner's pages about a course: the plan and its decisions, the timeline, and what the patient sees."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response

from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import (
    answers,
    consequence_queries,
    course_queries,
    history,
    module_queries,
    plan_actions,
    plan_queries,
    queries,
    summary_actions,
    timeline_queries,
)
from app.programme import forms as F
from app.programme.plan_actions import CannotDecide
from app.programme.queries import Plan
from app.questionnaires import schedule_queries
from app.safety import queries as safety
from app.safety.banner import banner

router = APIRouter(route_class=Route)

SeenPatient = Annotated[Patient, whose(Capability.SEE_PROGRESS)]
InvitedPatient = Annotated[Patient, whose(Capability.INVITE_PATIENT)]
TailoredPatient = Annotated[Patient, whose(Capability.TAILOR_PROGRAMME)]
ReadPatient = Annotated[Patient, whose(Capability.READ_WORDS)]


def _tailored_plan(work: StaffWork, patient: TailoredPatient) -> Plan:
    plan = queries.plan_or_none(work, patient)
    if plan is None:
        raise NotFound("They are on no pathway yet, so there is no plan to change.")
    return plan


def _plan_alone(work: StaffWork, patient: TailoredPatient) -> Plan:
    work.one_at_a_time("decisions", patient.id)
    return _tailored_plan(work, patient)


TailoredPlan = Annotated[Plan, Depends(_tailored_plan)]
# For whoever decides: as it is with every earlier click taken in.
PlanAlone = Annotated[Plan, Depends(_plan_alone)]


@router.get("/patients/{patient_id}/plan")
def plan(request: Request, work: StaffWork, patient: SeenPatient) -> Response:
    alert = [safety.OPEN_OF] if Capability.SEE_ALERTS in work.actor.may else []
    work.ahead(history.STAMP, *alert, service=work.service_id, patient=patient.id)
    return _plan_page(request, work, patient, queries.plan_or_none(work, patient))


@router.post("/patients/{patient_id}/plan/pathway")
def choose_pathway(request: Request, work: StaffWork, patient: InvitedPatient, posted: Posted) -> Response:
    work.one_at_a_time("decisions", patient.id)
    if queries.plan_or_none(work, patient) is None:
        chosen = next((one for one in queries.in_use(work) if str(one.id) == posted.get("pathway")), None)
        if chosen is None:
            problems = {"pathway": "Choose a pathway"}
            return _plan_page(request, work, patient, None, posted=posted, problems=problems)
        plan_actions.enrol(work, patient_id=patient.id, pathway_version_id=chosen.id, zone=patient.zone.key)
        summary_actions.refresh(work, patient.id)
    # An administrator may choose for somebody whose plan they do not see.
    sees = Capability.SEE_PROGRESS in work.actor.may
    return see_other(f"/patients/{patient.id}/{'plan?done=enrolled' if sees else 'details'}")


@router.get("/patients/{patient_id}/plan/add")
def add(request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan) -> Response:
    return _plan_page(request, work, patient, plan, act="add")


@router.post("/patients/{patient_id}/plan/add")
def add_step(request: Request, work: StaffWork, patient: TailoredPatient, plan: PlanAlone, posted: Posted) -> Response:
    form, problems = F.AddForm.read(posted)
    if form is None:
        return _plan_page(request, work, patient, plan, act="add", posted=posted, problems=problems)
    library = request.app.state.library
    if form.what != "own" and form.what not in library.modules:
        raise NotFound
    if form.technique and form.technique not in library.techniques:
        raise NotFound
    module = library.modules.get(form.what)
    said = form.model_dump(include={"technique", "told", "decision_id"})
    title = module.title if module else form.title
    decide = partial(plan_actions.add_step, title=title, module=module, **said)
    return _decided(request, work, patient, plan, posted, decide, act="add", decision_id=form.decision_id)


@router.get("/patients/{patient_id}/plan/technique")
def technique(request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan) -> Response:
    return _plan_page(request, work, patient, plan, act="technique")


@router.post("/patients/{patient_id}/plan/technique")
def record_technique(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: PlanAlone, posted: Posted
) -> Response:
    form, problems = F.TechniqueForm.read(posted)
    if form is None:
        return _plan_page(request, work, patient, plan, act="technique", posted=posted, problems=problems)
    if form.technique not in request.app.state.library.techniques:
        raise NotFound
    decide = partial(plan_actions.record_done, **form.model_dump())
    return _decided(request, work, patient, plan, posted, decide, act="technique", decision_id=form.decision_id)


@router.get("/patients/{patient_id}/plan/{step}/{act}")
def decide(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, step: str, act: str
) -> Response:
    if act not in plan_queries.ACTS:
        raise NotFound
    answer = plan_queries.may(plan[step], act, work.actor.role)
    if not answer:
        return _plan_page(request, work, patient, plan, refused=answer.words)
    return _plan_page(request, work, patient, plan, step=step, act=act)


@router.post("/patients/{patient_id}/plan/{step}/move")
def move(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: PlanAlone, step: str, posted: Posted
) -> Response:
    form, _ = F.MoveForm.read(posted)
    if form is None:
        raise NotFound
    if form.decision_id is None or all(row.id != form.decision_id for row in plan.rows):
        try:
            plan_actions.move(work, patient=patient, plan=plan, step=step, **form.model_dump())
        except CannotDecide as refused:
            return _plan_page(request, work, patient, plan, refused=refused.words)
        summary_actions.refresh(work, patient.id)
    return see_other(f"/patients/{patient.id}/plan?done=move#{step}")


@router.post("/patients/{patient_id}/plan/{step}/{act}")
def make_decision(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: PlanAlone, step: str, act: str, posted: Posted
) -> Response:
    if act not in _DECISIONS or step not in plan.course:
        raise NotFound
    kind, action = _DECISIONS[act]
    form, problems = kind.read(posted)
    if form is None:
        return _plan_page(request, work, patient, plan, step=step, act=act, posted=posted, problems=problems)
    decide = partial(action, step=step, **form.model_dump())
    return _decided(request, work, patient, plan, posted, decide, step=step, act=act, decision_id=form.decision_id)


def _record_done(work: Work, *, what: str, activities: list[str], **said: Any) -> None:
    plan_actions.record_done(work, activities=tuple(activities) if what == "activities" else (), **said)


_DECISIONS: dict[str, tuple[type[F.DecisionForm], Callable[..., None]]] = {
    "release": (F.ReleaseForm, plan_actions.release),
    "decline": (F.DeclineForm, plan_actions.decline),
    "open-early": (F.OverrideForm, plan_actions.override_open),
    "waive": (F.WaiveForm, plan_actions.waive),
    "done": (F.DoneForm, _record_done),
    "hold": (F.HoldForm, plan_actions.hold),
    "resume": (F.DecisionForm, plan_actions.resume),
    "requirement": (F.RequirementForm, plan_actions.change_requirement),
}


def _decided(
    request: Request,
    work: Work,
    patient: Patient,
    plan: Plan,
    posted: PostedForm,
    decide: Callable[..., None],
    *,
    act: str,
    step: str = "",
    decision_id: UUID | None,
) -> Response:
    """Make a decision once; where the course's rules refuse, the form again with why and with what was typed."""
    if decision_id is None or all(row.id != decision_id for row in plan.rows):
        try:
            decide(work, patient=patient, plan=plan)
        except CannotDecide as refused:
            problems = {refused.field: refused.words}
            return _plan_page(request, work, patient, plan, step=step, act=act, posted=posted, problems=problems)
        summary_actions.refresh(work, patient.id)
    drafts.drop_posted(work, name=_draft_name(patient, act, step))
    return see_other(f"/patients/{patient.id}/plan?done={act}#{step or 'steps'}")


@router.post("/patients/{patient_id}/decisions/{decision_id}/undo")
def undo(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: PlanAlone, decision_id: UUID, posted: Posted
) -> Response:
    try:
        plan_actions.undo(work, patient=patient, plan=plan, decision_id=decision_id)
    except CannotDecide as refused:
        return _plan_page(request, work, patient, plan, refused=refused.words)
    summary_actions.refresh(work, patient.id)
    return see_other(f"/patients/{patient.id}/plan?done=undone")


@router.get("/patients/{patient_id}/decisions/{decision_id}/correct")
def correct(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: TailoredPlan, decision_id: UUID
) -> Response:
    return _correct_page(request, work, patient, plan, decision_id)


@router.post("/patients/{patient_id}/decisions/{decision_id}/correct")
def make_correction(
    request: Request, work: StaffWork, patient: TailoredPatient, plan: PlanAlone, decision_id: UUID, posted: Posted
) -> Response:
    form, problems = F.CorrectForm.read(posted)
    if form is None:
        return _correct_page(request, work, patient, plan, decision_id, status=422, posted=posted, problems=problems)
    plan_actions.correct(work, patient=patient, plan=plan, decision_id=decision_id, reason=form.reason)
    summary_actions.refresh(work, patient.id)
    return see_other(f"/patients/{patient.id}/timeline?done=corrected")


@router.get("/patients/{patient_id}/timeline")
def timeline(request: Request, work: StaffWork, patient: ReadPatient) -> Response:
    asked, library = request.query_params, request.app.state.library
    plan = queries.plan_or_none(work, patient)
    names = timeline_queries.Names(
        {key: one.short for key, one in library.instruments.items()},
        {key: one.title for key, one in library.modules.items()},
        {key: one.title for key, one in library.techniques.items()},
        {(key, sheet.key): sheet.title for key, one in library.modules.items() for sheet in one.worksheets},
    )
    may_see_alerts = Capability.SEE_ALERTS in work.actor.may
    alerts = safety.alert_events(work, patient) if may_see_alerts else []
    kind = asked.get("kind", "")
    kind = kind if kind in timeline_queries.KINDS else ""
    decided = schedule_queries.happened(work, patient)
    told = partial(timeline_queries.timeline, alerts=alerts, asked=decided, kind=kind, page=page_number(asked))
    return page(
        request,
        "programme/timeline.html",
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        kinds={key: words for key, words in timeline_queries.KINDS.items() if key != "safety" or may_see_alerts},
        shown=told(plan, names) if plan else None,
        may_correct=Capability.TAILOR_PROGRAMME in work.actor.may,
        done=asked.get("done", ""),
    )


@router.get("/patients/{patient_id}/sees")
def sees_programme(request: Request, work: StaffWork, patient: SeenPatient) -> Response:
    plan = queries.plan_or_none(work, patient)
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    return page(
        request,
        "programme/sees-programme.html",
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        shown=course_queries.programme(plan, modules, patient) if plan else None,
        modules={one.step: modules[one.module] for one in plan.course.standings if one.module in modules}
        if plan
        else {},
        may_read=Capability.READ_WORDS in work.actor.may,
    )


@router.get("/patients/{patient_id}/sees/{step}/{page_key}")
def sees_page(request: Request, work: StaffWork, patient: ReadPatient, step: str, page_key: str) -> Response:
    plan = queries.plan_or_none(work, patient)
    if plan is None:
        raise NotFound
    standing = plan[step]
    modules = queries.modules_of(work, plan, request.app.state.library.modules)
    module = modules.get(standing.module or "")
    if module is None or not module.has_page(page_key):
        raise NotFound
    given = answers.entries(work, patient, module=module.key)
    passed = page_key in plan.passed.get(step, set())
    return page(
        request,
        "programme/sees-page.html",
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        shown=module_queries.module_page(patient, standing, module, module.page(page_key), given, {}, passed=passed),
        standing=standing,
        state=plan_queries.STATE_WORDS[standing.state],
        module=module,
    )


def page_number(asked: Mapping[str, str]) -> int:
    """The page of a list that an address asks for; the first where it asks for nothing that could be one."""
    number = asked.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1


def _plan_page(
    request: Request,
    work: Work,
    patient: Patient,
    plan: Plan | None,
    *,
    step: str = "",
    act: str = "",
    refused: str = "",
    **more: Any,
) -> Response:
    """The plan, with the form of an act opened under its row; with problems where the form has to be mended.

    `refused` is why something cannot be done now that could be when its page was drawn.
    """
    library = request.app.state.library
    standing = plan[step] if plan and step else None
    if act:
        more = drafts.put_back(work, name=_draft_name(patient, act, step), shown=more)
    techniques = {one.key: one.title for one in library.techniques.values()}
    return page(
        request,
        "programme/plan.html",
        status=422 if more.get("problems") else 409 if refused else 200,
        refused=refused,
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        shown=plan_queries.shown(work, patient, plan, techniques) if plan else None,
        pathways=queries.in_use(work) if plan is None and Capability.INVITE_PATIENT in work.actor.may else [],
        opened=plan_queries.opened(act, standing) if act else None,
        consequence=consequence_queries.consequence(work, patient, plan, step, act) if plan and step else None,
        reasons=plan_queries.waiver_reasons(patient),
        addable=[one for one in library.modules.values() if plan and one.key not in plan.course],
        techniques=list(techniques.items()),
        may_tailor=Capability.TAILOR_PROGRAMME in work.actor.may,
        decision_id=uuid4(),
        today=work.today,
        done=request.query_params.get("done", ""),
        **more,
    )


def _correct_page(
    request: Request, work: Work, patient: Patient, plan: Plan, decision_id: UUID, **more: Any
) -> Response:
    row = timeline_queries.correctable(plan, decision_id)
    if row is None:
        raise NotFound
    return page(
        request,
        "programme/correct.html",
        place="/caseload",
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        decision=row,
        what=timeline_queries.in_words(
            row, plan, {key: one.title for key, one in request.app.state.library.techniques.items()}
        ),
        **more,
    )


def _draft_name(patient: Patient, act: str, step: str) -> str:
    return f"plan-{patient.id}-{act}-{step or 'all'}"
