"""Who is on duty for safety alerts, who is away and who covers; and one’s own leave."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import queries as people
from app.accounts.access import may
from app.accounts.roles import Capability
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.safety import duty_actions, duty_queries, roster_queries
from app.safety.duty_actions import CannotBe
from app.safety.duty_forms import CoverForm, LeaveForm, OwnLeaveForm, ShiftForm

router = APIRouter(route_class=Route)

DutyWork = Annotated[Work, may(Capability.MANAGE_DUTY)]
LeaveWork = Annotated[Work, may(Capability.TAKE_LEAVE)]


@router.get("/duty")
def duty(request: Request, work: DutyWork) -> Response:
    return page(
        request,
        "safety/duty.html",
        place="/alerts",
        shifts=duty_queries.shifts(work),
        leaves=duty_queries.leaves(work),
        now=work.now,
        today=people.local_today(work),
        zone=request.state.principal.service.zone,
        done=request.query_params.get("done", ""),
    )


@router.get("/duty/new")
def new_shift(request: Request, work: DutyWork) -> Response:
    return _shift_page(request, work)


@router.post("/duty/new")
def put_on_duty(request: Request, work: DutyWork, posted: Posted) -> Response:
    form, problems = ShiftForm.read(posted)
    if form is not None:
        from_at, until_at = form.moments(request.state.principal.service.zone)
        try:
            duty_actions.put_on_duty(work, person_id=form.person_id, from_at=from_at, until_at=until_at)
            return see_other("/duty?done=set")
        except CannotBe as refused:
            problems = {refused.field: refused.words}
    return _shift_page(request, work, status=422, posted=posted, problems=problems)


@router.post("/duty/{shift_id}/end")
def end_duty(request: Request, work: DutyWork, shift_id: UUID, posted: Posted) -> Response:
    duty_actions.end_duty(work, shift_id=shift_id)
    return see_other("/duty?done=ended")


@router.get("/duty/leave")
def new_leave(request: Request, work: DutyWork) -> Response:
    return _leave_page(request, work)


@router.post("/duty/leave")
def begin_leave(request: Request, work: DutyWork, posted: Posted) -> Response:
    form, problems = LeaveForm.read(posted)
    if form is not None:
        try:
            duty_actions.begin_leave(work, **form.model_dump())
            return see_other("/duty?done=away")
        except CannotBe as refused:
            problems = {refused.field: refused.words}
    return _leave_page(request, work, status=422, posted=posted, problems=problems)


@router.get("/away/{leave_id}/cover")
def ask_for_cover(request: Request, work: LeaveWork, leave_id: UUID) -> Response:
    return _cover_page(request, work, leave_id)


@router.post("/away/{leave_id}/cover")
def change_cover(request: Request, work: LeaveWork, leave_id: UUID, posted: Posted) -> Response:
    form, problems = CoverForm.read(posted)
    if form is not None:
        try:
            duty_actions.change_cover(work, leave_id=leave_id, cover_id=form.cover_id)
            return see_other(_home(work, "covered"))
        except CannotBe as refused:
            problems = {"cover_id": refused.words}
    return _cover_page(request, work, leave_id, status=422, posted=posted, problems=problems)


@router.post("/away/{leave_id}/end")
def end_leave(request: Request, work: LeaveWork, leave_id: UUID, posted: Posted) -> Response:
    duty_actions.end_leave(work, leave_id=leave_id)
    return see_other(_home(work, "back"))


@router.get("/away")
def own_leave(request: Request, work: LeaveWork) -> Response:
    return _own_page(request, work, done=request.query_params.get("done", ""))


@router.post("/away")
def go_away(request: Request, work: LeaveWork, posted: Posted) -> Response:
    form, problems = OwnLeaveForm.read(posted)
    if form is not None and work.actor.id is not None:
        try:
            duty_actions.begin_leave(work, person_id=work.actor.id, **form.model_dump())
            return see_other("/away?done=away")
        except CannotBe as refused:
            problems = {refused.field: refused.words}
    return _own_page(request, work, status=422, posted=posted, problems=problems)


def _home(work: Work, done: str) -> str:
    return f"{'/duty' if Capability.MANAGE_DUTY in work.actor.may else '/away'}?done={done}"


def _shift_page(request: Request, work: Work, **more: object) -> Response:
    return page(
        request,
        "safety/new-shift.html",
        place="/alerts",
        can_take_duty=duty_queries.can_take_duty(roster_queries.team(work)),
        today=people.local_today(work),
        **more,
    )


def _leave_page(request: Request, work: Work, **more: object) -> Response:
    team = roster_queries.team(work)
    return page(
        request,
        "safety/new-leave.html",
        place="/alerts",
        everybody=list(team.colleagues.values()),
        can_cover=duty_queries.can_cover(team),
        today=people.local_today(work),
        **more,
    )


def _own_page(request: Request, work: Work, **more: object) -> Response:
    assert work.actor.id is not None
    return page(
        request,
        "safety/own-leave.html",
        place="/alerts",
        leaves=duty_queries.leaves_of(work, work.actor.id),
        can_cover=duty_queries.can_cover(roster_queries.team(work), work.actor.id),
        today=people.local_today(work),
        **more,
    )


def _cover_page(request: Request, work: Work, leave_id: UUID, **more: object) -> Response:
    leave = duty_actions.leave_to_change(work, leave_id)
    return page(
        request,
        "safety/cover.html",
        place="/alerts",
        leave=leave,
        back=_home(work, "").partition("?")[0],
        can_cover=duty_queries.can_cover(roster_queries.team(work), leave.person_id),
        **more,
    )
