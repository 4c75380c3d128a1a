"""Where to get help, leaving quickly, and working on an alert."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import hours
from app.kit import csrf, drafts
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.safety import actions, answer_queries, queries
from app.safety.banner import banner
from app.safety.forms import ActForm
from app.safety.kinds import AlertStep
from app.safety.lede_queries import lede
from app.safety.promise_queries import opening_hours, read_by

router = APIRouter(route_class=Route)

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


# No session, no database, no thread of the pool and no template: whatever of these fails, this page must stand.
# The application draws it once, before it takes its first request.
@router.get("/help")
async def help_now(request: Request) -> Response:
    return HTMLResponse(request.app.state.help)


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
    return _alert_page(request, work, patient, alert_id, saved=request.query_params.get("done") == "saved")


@router.post("/patients/{patient_id}/alerts/{alert_id}")
def record_act(request: Request, work: StaffWork, patient: HandledPatient, alert_id: UUID, posted: Posted) -> Response:
    zone = request.state.principal.service.zone
    form, problems = ActForm.read_at(posted, now=work.now, zone=zone)
    if form and form.then == "close" and not actions.may_close(work, patient=patient, alert_id=alert_id):
        problems = {"then": actions.AnsweredAgain.words}
    if form is None or problems:
        return _alert_page(request, work, patient, alert_id, status=422, posted=posted, problems=problems)
    try:
        actions.record_act(
            work, patient=patient, alert_id=alert_id, act=form.act, words=form.words, next_at=form.next_at(zone)
        )
    except actions.AlreadyClosed:
        return _alert_page(request, work, patient, alert_id, status=409, unsaved=form.words)
    if form.then == "close":
        actions.close_alert(work, patient=patient, alert_id=alert_id)
    drafts.drop_posted(work, name=f"alert-{alert_id}")
    if form.then == "close" and patient.lent:
        # With the alert ends what lent them the patient, this page too.
        return see_other("/alerts?done=closed")
    return see_other(f"/patients/{patient.id}/alerts/{alert_id}?done=saved")


def _alert_page(request: Request, work: StaffWork, patient: Patient, alert_id: UUID, **more: object) -> Response:
    history = actions.mark_seen(work, patient=patient, alert_id=alert_id)
    if history is None:
        raise NotFound
    service, instruments = request.state.principal.service, request.app.state.library.instruments
    return page(
        request,
        "safety/alert.html",
        banner=banner(work, patient, instruments),
        patient=patient,
        history=history,
        lede=lede(work, patient, history, service),
        answers=answer_queries.answers_given(history, instruments),
        contact=answer_queries.reach(patient),
        zone=service.zone,
        today=work.today,
        acts=[(key, label.format(name=patient.given_name), hint) for key, label, hint in ACTS],
        then=[(key, label, hint.format(name=patient.given_name)) for key, label, hint in THEN],
        **drafts.put_back(work, name=f"alert-{alert_id}", shown=more),
    )
