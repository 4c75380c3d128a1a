"""Where a clinical lead sets when the service is there and after how long an alert climbs, and sees what follows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.queries import ServiceFacts
from app.accounts.roles import Capability
from app.clinical import bank_holidays
from app.clinical.bank_holidays import Calendar
from app.clinical.escalation import Level
from app.kit import say
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.safety import promise_queries, settings_actions
from app.safety.settings_forms import SettingsForm

router = APIRouter(route_class=Route)

SettingWork = Annotated[Work, may(Capability.SET_ESCALATION)]


@router.get("/alerts/settings")
def settings(request: Request, work: SettingWork) -> Response:
    return _settings_page(request, work, done=request.query_params.get("done") == "set")


@router.post("/alerts/settings")
def set_escalation(request: Request, work: SettingWork, posted: Posted) -> Response:
    form, problems = SettingsForm.read(posted)
    if form is None:
        return _settings_page(
            request, work, status=422, posted=posted, problems=problems, chosen=posted.every("weekdays")
        )
    settings_actions.set_escalation(work, wanted=form.as_said())
    return see_other("/alerts/settings?done=set")


def _settings_page(request: Request, work: Work, **more: object) -> Response:
    service: ServiceFacts = request.state.principal.service
    known = promise_queries.said(service.settings)
    return page(
        request,
        "safety/settings.html",
        place="/alerts",
        said=known | {name: _listed(known[name]) for name in ("closed_on", "open_on")},
        weekdays=list(enumerate(say.WEEKDAYS)),
        example=_example(service, work.now),
        holidays=_holidays(known, work.now, service),
        **{"chosen": list(known["weekdays"]), **more},
    )


def _listed(days: str) -> str:
    return "\n".join(f"{day.day} {day.month} {day.year}" for day in sorted(promise_queries.days(days)))


def _example(service: ServiceFacts, now: datetime) -> list[tuple[str, str]]:
    """What the present settings make of an answer given on the coming Friday, a quarter of an hour before closing."""
    closes = promise_queries.opening_hours(service).closes
    friday = now.astimezone(service.zone).date() + timedelta(days=(4 - now.astimezone(service.zone).weekday()) % 7)
    at = datetime.combine(friday, closes, service.zone) - timedelta(minutes=15)
    said = [("Answered", say.staff_moment(at, service.zone))]
    said.append(
        ("The patient reads that it is read by", say.staff_moment(promise_queries.read_by(service, at), service.zone))
    )
    when = promise_queries.times(service, at)
    called = {Level.DUTY: "Duty person", Level.SUPERVISOR: "Supervisor", Level.LEAD: "Clinical lead"}
    return said + [
        (f"{called[level]} told, if nobody looks", say.staff_moment(when[level], service.zone)) for level in Level
    ]


def _holidays(known: Mapping[str, str], now: datetime, service: ServiceFacts) -> list[str]:
    """The bank holidays of the next twelve months, where the service keeps any."""
    if Calendar(known["bank_holidays"]) is Calendar.NONE:
        return []
    today = now.astimezone(service.zone).date()
    days = {**bank_holidays.england_and_wales(today.year), **bank_holidays.england_and_wales(today.year + 1)}
    until = today + timedelta(days=365)
    return [f"{say.day_year(day)}, {name}" for day, name in sorted(days.items()) if today <= day < until]
