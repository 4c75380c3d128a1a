"""What if the patients on a version were on another? Asked, watched while it is answered, read patient by patient."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import may, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.sequencing.pathway import Pathway
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import (
    draft_queries,
    group_queries,
    publishing_queries,
    side_queries,
    table_queries,
    version_queries,
    what_if_actions,
    what_if_forms,
    what_if_queries,
)
from app.pathways.what_if_actions import CannotAsk
from app.pathways.what_if_forms import AskForm
from app.programme import queries
from app.safety.banner import spaced

router = APIRouter(route_class=Route)

Trying = Annotated[Work, may(Capability.TRY_PATHWAYS)]
TriedPatient = Annotated[Patient, whose(Capability.TRY_PATHWAYS)]


@router.get("/pathways/drafts/{draft_id}/what-if")
def ask_of_draft(request: Request, work: Trying, draft_id: UUID) -> Response:
    return _ask_page(request, work, draft_id=draft_id)


@router.post("/pathways/drafts/{draft_id}/what-if")
def asked_of_draft(request: Request, work: Trying, draft_id: UUID, posted: Posted) -> Response:
    return _asked(request, work, posted, draft_id=draft_id)


@router.get("/pathways/{version_id}/what-if")
def ask_of_version(request: Request, work: Trying, version_id: UUID) -> Response:
    return _ask_page(request, work, to_id=version_id)


@router.post("/pathways/{version_id}/what-if")
def asked_of_version(request: Request, work: Trying, version_id: UUID, posted: Posted) -> Response:
    return _asked(request, work, posted, to_id=version_id)


@router.get("/pathways/what-if/{what_if_id}")
def what_if(request: Request, work: Trying, what_if_id: UUID) -> Response:
    asked = what_if_queries.asked(work, what_if_id)
    groups = group_queries.groups(work, what_if_id)
    chosen = request.query_params.get("group", "")
    group = next((one for one in groups if one.key == chosen), None) or next(
        (one for one in groups if one.patients), None
    )
    number = request.query_params.get("page", "1")
    at = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 5 and int(number) else 1
    return page(
        request,
        "pathways/what-if.html",
        asked=asked,
        groups=groups,
        group=group,
        lines=group_queries.lines(work, what_if_id, group=group.key, page=at) if group else [],
        at=at,
        last=-(-group.patients // group_queries.AT_ONCE) if group else 1,
        proof=group_queries.proof(work, what_if_id),
        zone=work.actor.zone,
        place="/pathways",
    )


@router.post("/pathways/what-if/{what_if_id}/stop")
def stop(work: Trying, what_if_id: UUID, posted: Posted) -> Response:
    what_if_actions.stop(work, what_if_id=what_if_id)
    return see_other(f"/pathways/what-if/{what_if_id}")


@router.get("/pathways/what-if/{what_if_id}/table")
def table(work: Trying, what_if_id: UUID) -> Response:
    asked = what_if_queries.asked(work, what_if_id)
    named = {"Content-Disposition": f'attachment; filename="what-if-{asked.asked_at:%Y-%m-%d}.csv"'}
    text = table_queries.as_csv(work, what_if_id)
    return Response(text, media_type="text/csv; charset=utf-8", headers=named)


@router.get("/pathways/what-if/{what_if_id}/patients/{patient_id}")
def beside(request: Request, work: Trying, patient: TriedPatient, what_if_id: UUID) -> Response:
    asked = what_if_queries.asked(work, what_if_id)
    question = what_if_queries.question(work, what_if_id, request.app.state.library)
    plan = queries.replayed(work, patient, at=asked.asked_at)
    both = question.of(plan.pathway).both(plan.facts, started_at=plan.started_at, now=asked.asked_at, zone=plan.zone)
    steps = side_queries.beside(both, patient)
    key = request.query_params.get("step", "")
    chosen = next((one for one in steps if one.key == key), None)
    return page(
        request,
        "pathways/beside.html",
        asked=asked,
        patient=patient,
        nhs_number=spaced(patient.nhs_number),
        steps=steps,
        shown=chosen or side_queries.first_changed(steps),
        numbers=Capability.READ_SCORES in work.actor.may,
        version=plan.pathway.version,
        place="/pathways",
    )


def _asked(request: Request, work: Work, posted: PostedForm, **about: UUID) -> Response:
    form, problems = AskForm.read(posted)
    if form is None:
        return _ask_page(request, work, problems=problems, posted=posted, **about)
    befores = _pathways(work, form.from_ids)
    old = dict.fromkeys(step.key for one in befores for step in one.steps)
    draft = draft_queries.draft(work, about["draft_id"]) if "draft_id" in about else None
    try:
        asked = what_if_actions.ask(
            work,
            library=request.app.state.library,
            from_ids=form.from_ids,
            plan=what_if_forms.read_plan(posted, old, form.new_core),
            draft_id=draft.id if draft else None,
            edition=draft.edition if draft else None,
            to_id=about.get("to_id"),
            what_if_id=form.what_if_id,
        )
    except CannotAsk as refused:
        return _ask_page(request, work, problems={"becomes": str(refused.words)}, posted=posted, **about)
    return see_other(f"/pathways/what-if/{asked}")


def _pathways(work: Work, ids: list[UUID]) -> list[Pathway]:
    found = [version_queries.version(work, one) for one in ids]
    if not all(found):
        raise NotFound
    return [queries.pathway_version(work, one.id, one.hash) for one in found if one]


def _ask_page(
    request: Request,
    work: Work,
    *,
    draft_id: UUID | None = None,
    to_id: UUID | None = None,
    problems: Problems | None = None,
    posted: PostedForm | None = None,
) -> Response:
    about: dict[str, Any] = {}
    if draft_id:
        draft = draft_queries.draft(work, draft_id)
        judged = publishing_queries.judged(work, draft, request.app.state.library)
        about = {"draft": draft, "title": f"the draft of {draft.title}", "after": judged.pathway, "key": draft.key}
    elif to_id:
        version = version_queries.version(work, to_id)
        if version is None:
            raise NotFound
        pathway = queries.pathway_version(work, version.id, version.hash)
        about = {
            "draft": None,
            "title": f"{version.title}, version {version.version}",
            "after": pathway,
            "key": version.key,
        }
    offered = [one for one in queries.pathways(work) if one.patients and one.id != to_id]
    befores = [queries.pathway_version(work, one.id, one.hash) for one in offered]
    return page(
        request,
        "pathways/what-if-ask.html",
        status=422 if problems else 200,
        **about,
        offered=offered,
        old={step.key: step.title for one in befores for step in one.steps},
        policies=what_if_forms.POLICIES,
        before=what_if_queries.asked_about(work, draft_id=draft_id, to_id=to_id),
        what_if_id=uuid4(),
        problems=problems or {},
        posted=posted or PostedForm([]),
        zone=work.actor.zone,
        place="/pathways",
    )
