"""Somebody leaves, or loses a role: what was theirs goes on to somebody in the same moment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import directory
from app.accounts.access import may
from app.accounts.admin_pages import role_in
from app.accounts.queries import is_led
from app.accounts.roles import Capability, Role
from app.caseload import actions
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work

router = APIRouter(route_class=Route)

StaffManager = Annotated[Work, may(Capability.MANAGE_STAFF)]


@router.post("/staff/{person_id}/roles/end")
def take_role(request: Request, work: StaffManager, person_id: UUID, posted: Posted) -> Response:
    actions.take_role(work, person_id=person_id, role=role_in(posted))
    return see_other(f"/staff?done=taken&who={person_id}")


@router.get("/staff/{person_id}/deactivate")
def ask_to_deactivate(request: Request, work: StaffManager, person_id: UUID) -> Response:
    found = directory.member(work, person_id)
    if found is None:
        raise NotFound
    if found.deactivated_at is not None or found.id == work.actor.id:
        return see_other("/staff")
    last_lead = Role.CLINICAL_LEAD in found.roles and not is_led(work, without=person_id)
    return page(request, "accounts/end-access.html", place="/staff", who=found, last_lead=last_lead)


@router.post("/staff/{person_id}/deactivate")
def deactivate(request: Request, work: StaffManager, person_id: UUID, posted: Posted) -> Response:
    actions.deactivate(work, person_id=person_id)
    return see_other(f"/staff?done=deactivated&who={person_id}")
