"""Where somebody chooses when to be asked for their mood: never, until they choose a time."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.kit import say
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.mood import reminder_actions, reminder_queries
from app.mood.forms import MOST_TIMES, TimesForm
from app.notifications import switch_queries
from app.notifications.kinds import ReminderKind, SwitchScope

router = APIRouter(route_class=Route)


@router.get("/my/mood/reminders")
def times(request: Request, work: PatientWork, patient: Me) -> Response:
    return _times(request, work, patient)


@router.post("/my/mood/reminders")
def choose_times(request: Request, work: PatientWork, patient: Me, posted: Posted) -> Response:
    form, problems = TimesForm.read(posted)
    if form is None:
        given = posted.every("times")
        return _times(request, work, patient, status=422, posted=posted, given=given, problems=problems)
    reminder_actions.choose_times(work, patient=patient, times=form.times)
    return see_other("/my/mood/reminders?done=saved")


def _times(request: Request, work: Work, patient: Patient, **more: Any) -> Response:
    chosen = reminder_queries.times_of(work, patient)
    switches = switch_queries.switches_of(work, patient.id)
    is_off = bool(switches.find(SwitchScope.KIND, ReminderKind.MOOD.value, work.now))
    context = {"given": [say.time(one) for one in chosen]} | more
    return page(
        request,
        "mood/reminders.html",
        place="/my/more",
        patient=patient,
        chosen=chosen,
        is_off=is_off,
        most=MOST_TIMES,
        settings=switch_queries.settings_of(work, patient.id),
        saved=request.query_params.get("done") == "saved",
        **context,
    )
