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
from app.safety.banner import banner
from app.safety.forms import ActForm
from app.safety.kinds import AlertStep

router = APIRouter()

AlertPatient = Annotated[Patient, whose(Capability.SEE_ALERTS)]
HandledPatient = Annotated[Patient, whose(Capability.HANDLE_ALERTS)]

# What somebody may have done about an alert, and what follows from each.
ACTS = (
    (AlertStep.CONTACTED, "I spoke with {name}", "Say what was agreed. You can close the alert after this."),
    (AlertStep.COULD_NOT_REACH, "I could not reach {name}", "Say what you tried, and when you will try next."),
    (AlertStep.HANDED_OVER, "I handed this over", "Say to whom by name, and that they have taken it on."),
    (AlertStep.KNOWN_AND_REVIEWED, "Already known, and reviewed today", "Say which plan you reviewed, and its date."),
)
THEN = (
    ("keep-open", "Keep open", "It stays on the list and at the top of every page about {name}."),
    ("close", "Close", "A new answer above zero opens a new alert."),
)


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


# No session, no database and no thread of the pool, all of which may be waiting for a database that is down:
# this page must stand when everything else does not.
@router.get("/help")
async def help_now(request: Request) -> Response:
    return page(request, "safety/help.html")


@router.get("/leave")
async def leave(request: Request) -> Response:
    response = see_other(request.app.state.leave_url)
    csrf.drop_cookie(request, response, csrf.SESSION)
    return response


@router.get("/my/support")
def support(request: Request, work: PatientWork, patient: Me) -> Response:
    service = request.state.principal.service
    alert = queries.open_alert(work, patient)
    history = queries.alert_history(work, patient, alert.id) if alert else None
    return page(
        request,
        "safety/support.html",
        history=history,
        read_by=read_by(service, alert.answered_at) if alert else None,
        is_open=hours.is_open(work.now, hours=opening_hours(service), zone=service.zone),
        today=work.now.astimezone(service.zone).date(),
        patient=patient,
        zone=service.zone,
    )


@router.get("/patients/{patient_id}/alerts/{alert_id}")
def alert(request: Request, work: StaffWork, patient: AlertPatient, alert_id: UUID) -> Response:
    return _alert_page(request, work, patient, alert_id)


@router.post("/patients/{patient_id}/alerts/{alert_id}")
def record_act(request: Request, work: StaffWork, patient: HandledPatient, alert_id: UUID, posted: Posted) -> Response:
    form, problems = ActForm.read(posted)
    if form is None:
        return _alert_page(request, work, patient, alert_id, status=422, posted=posted, problems=problems)
    zone = request.state.principal.service.zone
    next_at = form.next_at.replace(tzinfo=zone) if form.next_at else None
    if not actions.can_try_again(next_at, work.now):
        problems = {"next_at": "Give a time that is still to come"}
        return _alert_page(request, work, patient, alert_id, status=422, posted=posted, problems=problems)
    try:
        actions.record_act(
            work,
            patient=patient,
            alert_id=alert_id,
            act=form.act,
            words=form.words,
            next_at=next_at,
            then_close=form.words if form.then == "close" else "",
        )
    except actions.AnsweredAgain as newer:
        problems = {"then": newer.words}
        return _alert_page(request, work, patient, alert_id, status=422, posted=posted, problems=problems)
    except actions.AlreadyClosed:
        return _alert_page(request, work, patient, alert_id, status=409, unsaved=form.words)
    return see_other(f"/patients/{patient.id}/alerts/{alert_id}")


def _alert_page(request: Request, work: StaffWork, patient: Patient, alert_id: UUID, **more: object) -> Response:
    history = _history(work, patient, alert_id)
    actions.mark_seen(work, patient=patient, alert=history)
    history = _history(work, patient, alert_id)
    service = request.state.principal.service
    return page(
        request,
        "safety/alert.html",
        banner=banner(work, patient),
        patient=patient,
        history=history,
        answers=queries.answers_given(history, request.app.state.library.instruments),
        contact=queries.reach(patient),
        read_by=read_by(service, history.answers[0].at),
        zone=service.zone,
        now=work.now,
        mine=history.owner_id == work.actor.id,
        acts=[(key, label.format(name=patient.given_name), hint) for key, label, hint in ACTS],
        then=[(key, label, hint.format(name=patient.given_name)) for key, label, hint in THEN],
        **more,
    )


def _history(work: StaffWork, patient: Patient, alert_id: UUID) -> queries.AlertHistory:
    history = queries.alert_history(work, patient, alert_id)
    if history is None:
        raise NotFound
    return history
