"""What reaches a patient and when: switches, limits, what was sent, and why something was not."""

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork, StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.local_time import instant, local_day
from app.diary import plan_queries
from app.diary import reminder_queries as diary
from app.diary.access import ZONE_SAID
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.mood import momentary_queries
from app.mood import reminder_queries as mood_reminders
from app.notifications import fate_queries, forms, switch_actions, switch_queries
from app.notifications.kinds import ReminderKind, SwitchScope
from app.questionnaires import schedule_reminder_queries
from app.safety.banner import banner

router = APIRouter(route_class=Route)
PLACE = "/my/more"
NO_SUCH = "Nothing was turned on or off: what you chose is nothing that we remind you about. Choose one of these"
STILL = {
    ReminderKind.ACTIVITY: diary.still_wanted,
    ReminderKind.QUESTIONNAIRE: schedule_reminder_queries.still_wanted,
}
SAID = {
    "off": "That is off. Allow a minute.",
    "on": "That is on again.",
    "paused": "Everything is paused. Nothing is lost by it.",
    "started": "Reminders are on again.",
    "saved": "Saved.",
} | ZONE_SAID

RemindedPatient = Annotated[Patient, whose(Capability.SEE_REMINDERS)]


@router.get("/my/reminders")
def reminders(request: Request, work: PatientWork, patient: Me) -> Response:
    return _reminders(request, work, patient)


@router.post("/my/reminders/switch")
def switch(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, _ = forms.SwitchForm.read(posted)
    if form is None or (form.series_id and not plan_queries.is_theirs(work, patient, form.series_id)):
        return _reminders(request, work, patient, status=422, problems={"streams": NO_SUCH})
    if form.on == "yes":
        switch_actions.switch_on(work, person_id=patient.id, scope=form.scope, which=form.which)
    else:
        switch_actions.switch_off(work, person_id=patient.id, scope=form.scope, which=form.which)
    return see_other(f"/my/reminders?done={'on' if form.on == 'yes' else 'off'}")


@router.post("/my/reminders/pause")
def pause(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.PauseForm.read(posted)
    today = local_day(work.now, patient.zone)
    if form is not None and form.until == "day" and form.day is not None and form.day <= today:
        form, problems = None, {"day": "Enter a day to come, like 27 6 2026"}
    if form is None:
        return _reminders(request, work, patient, status=422, posted=posted, problems=problems)
    until_at: datetime | None = None
    if form.until == "today":
        until_at = instant(today + timedelta(days=1), time(), patient.zone)
    elif form.day is not None and form.until == "day":
        until_at = instant(form.day, time(), patient.zone)
    switch_actions.switch_off(work, person_id=patient.id, scope=SwitchScope.ALL, until_at=until_at)
    return see_other("/my/reminders?done=paused")


@router.post("/my/reminders/start")
def start_again(work: PatientWork, patient: Me, posted: Posted) -> Response:
    switch_actions.switch_on(work, person_id=patient.id, scope=SwitchScope.ALL)
    return see_other("/my/reminders?done=started")


@router.post("/my/reminders/quiet")
def quiet(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.QuietForm.read(posted)
    if form is None:
        return _reminders(request, work, patient, status=422, posted=posted, problems=problems)
    switch_actions.save_settings(work, person_id=patient.id, quiet_from=form.quiet_from, quiet_to=form.quiet_to)
    return see_other("/my/reminders?done=saved#limits")


@router.post("/my/reminders/most")
def most(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.MostForm.read(posted)
    if form is None:
        return _reminders(request, work, patient, status=422, posted=posted, problems=problems)
    switch_actions.save_settings(work, person_id=patient.id, most_a_day=form.most_a_day)
    return see_other("/my/reminders?done=saved#limits")


@router.post("/my/reminders/ways")
def ways(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = forms.WaysForm.read(posted)
    if form is None:
        return _reminders(request, work, patient, status=422, posted=posted, problems=problems)
    # A way that this Braid cannot send by was not on the page, and stays as it was for the day that it can.
    changes: dict[str, Any] = {way: bool(getattr(form, way)) for way in _ways(request)}
    if "sms" in changes:
        changes["phone"] = form.phone
    switch_actions.save_settings(work, person_id=patient.id, **changes)
    return see_other("/my/reminders?done=saved#limits")


@router.get("/patients/{patient_id}/reminders")
def for_staff(request: Request, work: StaffWork, patient: RemindedPatient) -> Response:
    may_read = Capability.READ_WORDS in work.actor.may
    switches = switch_queries.switches_of(work, patient.id)
    titles = {one.id: one.title for one in plan_queries.activities(work, patient)} if may_read else {}
    return page(
        request,
        "programme/staff-reminders.html",
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, request.app.state.library.instruments),
        fates=fate_queries.fates_of(work, patient.id, switches=switches, still=STILL),
        settings=switch_queries.settings_of(work, patient.id),
        off=[one for one in switches.off if one.until_at is None or work.now < one.until_at],
        devices=switch_queries.devices_of(work, patient.id),
        let_go=switch_queries.let_go_of(work, patient.id),
        titles=titles,
        of_series={str(id): title for id, title in titles.items()},
    )


def _ways(request: Request) -> list[str]:
    """The ways that this Braid can send by."""
    return [channel.value for channel in request.app.state.senders]


def _reminders(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    planned = plan_queries.activities(work, patient)
    switches = switch_queries.switches_of(work, patient.id)
    today = local_day(work.now, patient.zone)
    reminded = [
        activity
        for activity in planned
        if any(
            (one.remind_before is not None or one.remind_at) and (one.last_on is None or one.last_on >= today)
            for one in activity.series.segments
        )
    ]
    return page(
        request,
        "programme/reminders.html",
        place=PLACE,
        patient=patient,
        fates=fate_queries.fates_of(work, patient.id, switches=switches, still=STILL),
        settings=switch_queries.settings_of(work, patient.id),
        everything=switches.find(SwitchScope.ALL, "", work.now),
        is_off=lambda scope, which: switches.find(SwitchScope(scope), str(which), work.now) is not None,
        reminded=reminded,
        short_questions=momentary_queries.asked_until(work, patient),
        mood_times=mood_reminders.times_of(work, patient),
        devices=switch_queries.devices_of(work, patient.id),
        let_go=switch_queries.let_go_of(work, patient.id),
        ways=_ways(request),
        titles={one.id: one.title for one in planned},
        said={"words": SAID[done]} if (done := request.query_params.get("done", "")) in SAID else None,
        **more,
    )
