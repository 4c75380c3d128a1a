"""Moving patients to another version: planned from what a what-if found, agreed by a second person, told afterwards."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.queries import local_today
from app.accounts.roles import Capability
from app.clinical.sequencing.what_if import Outcome
from app.kit import drafts
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import group_queries, moving_actions, moving_queries, publishing_queries, what_if_queries
from app.pathways.moving_actions import CannotPlan
from app.pathways.what_if_forms import POLICIES, MoveForm

router = APIRouter(route_class=Route)

Moving = Annotated[Work, may(Capability.MOVE_PATIENTS)]
# Whom a plan leaves out unless somebody says otherwise.
CAREFUL = (Outcome.LOST.value, Outcome.STUCK.value, group_queries.FAILED)


@router.get("/pathways/what-if/{what_if_id}/move")
def plan(request: Request, work: Moving, what_if_id: UUID) -> Response:
    return _plan_page(request, work, what_if_id)


@router.post("/pathways/what-if/{what_if_id}/move")
def planned(request: Request, work: Moving, what_if_id: UUID, posted: Posted) -> Response:
    form, problems = MoveForm.read(posted)
    if form is None:
        return _plan_page(request, work, what_if_id, problems, posted)
    try:
        plan_id = moving_actions.plan_move(
            work,
            what_if_id=what_if_id,
            leave_out=[one for one in form.leave_out if one in group_queries.GROUPS],
            due_on=form.due_on,
            note=form.note,
            plan_id=form.plan_id,
        )
    except CannotPlan as refused:
        return _plan_page(request, work, what_if_id, {"due_on": str(refused.words)}, posted)
    drafts.drop_posted(work, name=f"move-{what_if_id}")
    return see_other(f"/pathways/moves/{plan_id}?done=planned")


@router.get("/pathways/moves")
def moves(request: Request, work: Moving) -> Response:
    found = moving_queries.plans(work)
    return page(request, "pathways/moves.html", moves=found, zone=work.actor.zone, place="/pathways")


@router.get("/pathways/moves/{plan_id}")
def report(request: Request, work: Moving, plan_id: UUID) -> Response:
    found = moving_queries.plan(work, plan_id)
    return page(
        request,
        "pathways/move.html",
        plan=found,
        outcomes=moving_queries.outcomes(work, plan_id),
        would_move=moving_queries.would_move(work, found.asked.from_ids, found.but) if found.is_open else 0,
        overlap=moving_queries.overlap(work, found.asked.from_ids, found.but, plan_id) if found.is_open else None,
        policies={key: words for key, words, _ in POLICIES},
        can_agree=found.can_be_agreed_by(work),
        mine=found.planned_by_id == work.actor.id,
        partners=publishing_queries.partners(work),
        done=request.query_params.get("done", ""),
        zone=work.actor.zone,
        place="/pathways",
    )


@router.post("/pathways/moves/{plan_id}/agree")
def agree(work: Moving, plan_id: UUID, posted: Posted) -> Response:
    moving_actions.agree(work, plan_id=plan_id)
    return see_other(f"/pathways/moves/{plan_id}?done=agreed")


@router.post("/pathways/moves/{plan_id}/call-off")
def call_off(work: Moving, plan_id: UUID, posted: Posted) -> Response:
    moving_actions.call_off(work, plan_id=plan_id)
    return see_other(f"/pathways/moves/{plan_id}?done=called-off")


@router.get("/pathways/moves/{plan_id}/take-back")
def ask_to_take_back(request: Request, work: Moving, plan_id: UUID) -> Response:
    found = moving_queries.plan(work, plan_id)
    if not found.can_be_taken_back:
        return see_other(f"/pathways/moves/{plan_id}")
    return page(request, "pathways/move-back.html", plan=found, zone=work.actor.zone, place="/pathways")


@router.post("/pathways/moves/{plan_id}/take-back")
def take_back(work: Moving, plan_id: UUID, posted: Posted) -> Response:
    moving_actions.take_back(work, plan_id=plan_id)
    return see_other(f"/pathways/moves/{plan_id}?done=taken-back")


def _plan_page(
    request: Request, work: Work, what_if_id: UUID, problems: Problems | None = None, posted: PostedForm | None = None
) -> Response:
    kept = drafts.unsent(work, name=f"move-{what_if_id}") if posted is None else None
    posted = posted or (kept.posted if kept else None)
    return page(
        request,
        "pathways/move-plan.html",
        status=422 if problems else 200,
        asked=what_if_queries.asked(work, what_if_id),
        # Nobody may be stuck now and somebody by the day: that group can be left out while it is empty.
        groups=[one for one in group_queries.groups(work, what_if_id) if one.patients or one.key in CAREFUL],
        left_out=posted.every("leave_out") if posted else CAREFUL,
        tomorrow=local_today(work) + timedelta(days=1),
        plan_id=uuid4(),
        partners=publishing_queries.partners(work),
        other_role=publishing_queries.other_role(work),
        problems=problems or {},
        posted=posted or {},
        draft_at=kept.at if kept else None,
        zone=work.actor.zone,
        place="/pathways",
    )
