"""Short questions as staff see them: assigning them, ending them early, how many were answered, and the answers."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts import roles
from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role
from app.clinical.local_time import local_day
from app.clinical.momentary_protocols import Protocol, Purpose
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.mood import momentary_actions as actions
from app.mood import momentary_export_queries as export_queries
from app.mood import momentary_shown_queries as shown_queries
from app.mood import momentary_trends as trends
from app.mood.momentary_forms import TO_COME, TOO_FAR, AssignForm, EndForm
from app.mood.momentary_shown_queries import Cell, Shown
from app.safety.banner import banner

router = APIRouter(route_class=Route)

SeenPatient = Annotated[Patient, whose(Capability.READ_SCORES)]
TailoredPatient = Annotated[Patient, whose(Capability.TAILOR_PROGRAMME)]
SAID = {"assigned": "Assigned. The times are drawn.", "ended": "Ended. Nothing more of it is asked."}


@router.get("/patients/{patient_id}/mood/short-questions")
def assignments(request: Request, work: StaffWork, patient: SeenPatient) -> Response:
    return _page(request, work, patient, "mood/assignments.html", shown=shown_queries.all_shown(work, patient))


@router.get("/patients/{patient_id}/mood/short-questions/new")
def choose(request: Request, work: StaffWork, patient: TailoredPatient) -> Response:
    return _choose(request, work, patient)


@router.post("/patients/{patient_id}/mood/short-questions/new")
def assign(request: Request, work: StaffWork, patient: TailoredPatient, posted: Posted) -> Response:
    form, problems = AssignForm.read(posted)
    protocol = _protocols(request).get(form.protocol) if form else None
    if form is not None:
        problems = _unfit(work, patient, form, protocol)
    if form is None or protocol is None or problems:
        return _choose(request, work, patient, status=422, posted=posted, problems=problems)
    try:
        actions.assign(
            work,
            patient=patient,
            assignment_id=form.assignment_id,
            protocol=protocol,
            purpose=form.purpose,
            first_on=form.first,
            days=form.days or protocol.days,
        )
    except actions.AskedAlready as taken:
        problems = {"first": f"{taken.title}. {taken.words}"}
        return _choose(request, work, patient, status=422, posted=posted, problems=problems)
    return see_other(f"/patients/{patient.id}/mood/short-questions/{form.assignment_id}?done=assigned")


def _unfit(work: Work, patient: Patient, form: AssignForm, protocol: Protocol | None) -> Problems:
    if protocol is None:
        return {"protocol": AssignForm.problems["protocol"]}
    if form.purpose not in protocol.purposes:
        return {"purpose": f"“{protocol.title}” is not made for that. Choose another"}
    today = local_day(work.now, patient.zone)
    if form.first <= today:
        return {"first": TO_COME}
    return {"first": TOO_FAR} if form.first > today + actions.FURTHEST else {}


@router.get("/patients/{patient_id}/mood/short-questions/{assignment_id}")
def assignment(request: Request, work: StaffWork, patient: SeenPatient, assignment_id: UUID) -> Response:
    return _assignment(request, work, patient, shown_queries.shown_one(work, patient, assignment_id))


@router.post("/patients/{patient_id}/mood/short-questions/{assignment_id}/end")
def end(request: Request, work: StaffWork, patient: TailoredPatient, assignment_id: UUID, posted: Posted) -> Response:
    shown = shown_queries.shown_one(work, patient, assignment_id)
    form, problems = EndForm.read(posted)
    if form is None:
        return _assignment(request, work, patient, shown, status=422, posted=posted, problems=problems)
    actions.end_early(work, patient=patient, assigned=shown.assigned, reason=form.reason)
    return see_other(f"/patients/{patient.id}/mood/short-questions/{assignment_id}?done=ended")


@router.get("/patients/{patient_id}/mood/short-questions/{assignment_id}/prompts.csv")
def export(work: StaffWork, patient: SeenPatient, assignment_id: UUID) -> Response:
    shown = shown_queries.shown_one(work, patient, assignment_id)
    text = export_queries.as_csv(export_queries.rows(work, [shown.assigned], with_words=_may_read(work)))
    name = f"prompts-{shown.assigned.protocol.key}-{shown.assigned.first_on}.csv"
    return Response(text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _choose(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    context: dict[str, Any] = {"posted": PostedForm([]), "problems": {}} | more
    return _page(
        request,
        work,
        patient,
        "mood/assign.html",
        protocols=_protocols(request).values(),
        choices=[(one.key, one.title) for one in _protocols(request).values()],
        purposes=Purpose,
        assignment_id=uuid4(),
        when_asked=shown_queries.when_asked,
        **context,
    )


def _assignment(request: Request, work: Work, patient: Patient, shown: Shown, **more: Any) -> Response:
    context: dict[str, Any] = {"posted": PostedForm([]), "problems": {}} | more
    may_read = _may_read(work)

    def answers(cell: Cell) -> dict[str, str]:
        said = shown_queries.answers_in_words(cell, shown.assigned, with_words=may_read)
        return {one.item.key: one.in_table for one in said}

    return _page(
        request,
        work,
        patient,
        "mood/assigned.html",
        shown=shown,
        lines=trends.lines(shown),
        answers=answers,
        may_read=may_read,
        **context,
    )


def _page(request: Request, work: Work, patient: Patient, template: str, **context: Any) -> Response:
    done = request.query_params.get("done", "")
    return page(
        request,
        template,
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, request.app.state.library.instruments),
        may_tailor=Capability.TAILOR_PROGRAMME in work.actor.may and not patient.discharged_at,
        said={"words": SAID[done]} if done in SAID else None,
        zone=work.actor.zone,
        **context,
    )


def _protocols(request: Request) -> dict[str, Protocol]:
    return dict(request.app.state.library.protocols)


def _may_read(work: Work) -> bool:
    return roles.scope(Role(work.actor.role), Capability.READ_WORDS) is not None
