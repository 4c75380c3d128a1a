"""Whose time a patient's diary goes by: what is asked when a device is elsewhere, and choosing it by hand."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.travel import Arrival, may_be_made_up
from app.diary import forms, zone_actions
from app.kit import zones
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route

router = APIRouter(route_class=Route)


@router.get("/my/reminders/zone")
def zone(request: Request, work: PatientWork, patient: Me) -> Response:
    return _zone(request, patient)


@router.post("/my/reminders/zone")
def use_zone(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.ZoneForm.read(posted)
    if form is None:
        return _zone(request, patient, status=422, problems=problems)
    zone_actions.use_zone(work, patient=patient, zone=form.zone.key)
    return see_other(f"{form.back}?done=zone")


@router.post("/my/reminders/zone/device")
def meet_device(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    """What the page's script asks: nothing to do, the question to put, or the page again where times have changed."""
    form, _ = forms.ZoneForm.read(posted)
    if form is None:
        return Response(status_code=204)
    arrival = zone_actions.meet_device(work, patient=patient, here=form.zone.key)
    if arrival is Arrival.FOLLOW:
        return see_other(f"{form.back}?done=zone")
    if arrival is Arrival.ASK:
        return _zone(request, patient, here=form.zone, back=form.back, is_doubtful=may_be_made_up(form.zone))
    return Response(status_code=204)


@router.post("/my/reminders/zone/keep")
def keep_zone(work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, _ = forms.ZoneForm.read(posted)
    if form is None:
        return see_other("/my/reminders/zone")
    zone_actions.keep_zone(work, patient=patient, declined=form.zone.key)
    return see_other(f"{form.back}?done=home")


@router.post("/my/reminders/zone/policy")
def choose_policy(work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, _ = forms.PolicyForm.read(posted)
    if form is None:
        return see_other("/my/reminders/zone")
    zone_actions.choose_policy(work, patient=patient, policy=form.policy)
    return see_other("/my/reminders?done=saved#limits")


def _zone(request: Request, patient: Patient, **more: Any) -> Response:
    return page(
        request,
        "diary/zone.html",
        place="/my/more",
        patient=patient,
        places=zones.places(),
        **{"here": None, "back": "/my/reminders", "is_doubtful": False} | more,
    )
