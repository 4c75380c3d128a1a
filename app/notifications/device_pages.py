"""The browsers that somebody lets reminders go to: for the script that asks, and for the buttons on the page."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.accounts.access import Me, PatientWork
from app.accounts.entrance import device_name
from app.kit.forms import Posted
from app.kit.push import Push
from app.kit.render import see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.notifications import device_actions, forms, switch_queries

router = APIRouter(route_class=Route)


@router.get("/my/reminders/devices")
def devices(request: Request, work: PatientWork, patient: Me) -> Response:
    """The key that a browser subscribes with, empty where there is no push here, and the browsers there are."""
    push: Push | None = request.app.state.push
    return JSONResponse({"key": push.public_key if push else "", "devices": _told(work, patient.id)})


@router.post("/my/reminders/devices")
def add_device(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    push: Push | None = request.app.state.push
    form, problems = forms.SubscriptionForm.read(posted)
    if form is None or push is None or not push.calls(form.subscription.endpoint):
        said = problems.get("subscription", "Reminders cannot go to this browser")
        return JSONResponse({"problem": said}, status_code=422)
    told: dict[str, Any] = {"person_id": patient.id, "browser": form.subscription, "name": device_name(request)}
    if form.known is None:
        device_id: UUID | None = device_actions.add_device(work, **told)
    else:
        device_id = device_actions.renew_device(work, device_id=form.known, **told)
    return JSONResponse({"id": device_id and str(device_id)})


@router.post("/my/reminders/devices/{device_id}/remove")
def remove_device(work: PatientWork, patient: Me, device_id: UUID, posted: Posted) -> Response:
    device_actions.remove_device(work, person_id=patient.id, device_id=device_id)
    return see_other("/my/reminders?done=saved#limits")


def _told(work: Work, person_id: UUID) -> list[dict[str, Any]]:
    return [
        {"id": str(one.id), "name": one.name, "since": one.made_at.isoformat()}
        for one in switch_queries.devices_of(work, person_id)
    ]
