"""Where to get help, leaving quickly, and working on an alert."""

from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient, ServiceFacts
from app.accounts.roles import Capability
from app.clinical import hours
from app.kit import csrf
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.safety import actions, queries
from app.safety.forms import ActForm

router = APIRouter()

AlertPatient = Annotated[Patient, whose(Capability.SEE_ALERTS)]
HandledPatient = Annotated[Patient, whose(Capability.HANDLE_ALERTS)]


def opening_hours(service: ServiceFacts) -> hours.Hours:
    """The service's working week from its settings, Monday to Friday from 9 to 5 where it has said nothing."""
    said = service.settings
    days = frozenset(int(day) for day in said.get("weekdays", "01234"))
    return hours.Hours(
        time.fromisoformat(said.get("opens", "09:00")), time.fromisoformat(said.get("closes", "17:00")), days
    )


def read_by(service: ServiceFacts, at: datetime) -> datetime:
    """By when the service reads an answer that raises an alert."""
    within = timedelta(minutes=int(service.settings.get("alert_minutes", "60")))
    return hours.read_by(at, within=within, hours=opening_hours(service), zone=service.zone)


# No session and no database: this page must stand when everything else is down.
@router.get("/help")
def help_now(request: Request) -> Response:
    return page(request, "safety/help.html")


@router.get("/leave")
def leave(request: Request) -> Response:
    response = see_other(request.app.state.leave_url)
    response.delete_cookie(csrf.cookie(csrf.SESSION, secure=request.state.secure))
    return response


@router.get("/my/support")
def support(request: Request, work: PatientWork, patient: Me) -> Response:
    service = request.state.principal.service
    alert = queries.open_alert(work, patient)
    return page(
        request,
        "safety/support.html",
        alert=alert,
        read_by=read_by(service, alert.last_at) if alert else None,
        is_open=hours.is_open(work.now, hours=opening_hours(service), zone=service.zone),
        patient=patient,
        service=service,
    )


@router.get("/patients/{patient_id}/alerts/{alert_id}")
def alert(request: Request, work: StaffWork, patient: AlertPatient, alert_id: UUID) -> Response:
    history = _history(work, patient, alert_id)
    actions.mark_seen(work, patient=patient, alert=history)
    return _alert_page(request, work, patient, _history(work, patient, alert_id))


@router.post("/patients/{patient_id}/alerts/{alert_id}")
def record_act(request: Request, work: StaffWork, patient: HandledPatient, alert_id: UUID, posted: Posted) -> Response:
    form, problems = ActForm.read(posted)
    if form is None:
        history = _history(work, patient, alert_id)
        return _alert_page(request, work, patient, history, status=422, posted=posted, problems=problems)
    zone = request.state.principal.service.zone
    actions.record_act(
        work,
        patient=patient,
        alert_id=alert_id,
        act=form.act,
        words=form.words,
        next_at=form.next_at.replace(tzinfo=zone) if form.next_at else None,
        then_close=form.words if form.then == "close" else "",
    )
    return see_other(f"/patients/{patient.id}/alerts/{alert_id}")


def _history(work: StaffWork, patient: Patient, alert_id: UUID) -> queries.AlertHistory:
    history = queries.alert_history(work, patient, alert_id)
    if history is None:
        raise NotFound
    return history


def _alert_page(
    request: Request, work: StaffWork, patient: Patient, history: queries.AlertHistory, **more: object
) -> Response:
    return page(
        request,
        "safety/alert.html",
        patient=patient,
        history=history,
        alert=queries.open_alert(work, patient),
        **more,
    )
