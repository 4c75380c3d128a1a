"""What a service says of itself: when it is there, by when it reads an answer, and after how long an alert climbs."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from app.accounts.queries import ServiceFacts
from app.clinical import escalation, hours
from app.clinical.bank_holidays import Calendar
from app.clinical.escalation import Level, Steps

# What holds where a service has said nothing.
SAID = {
    "weekdays": "01234",
    "opens": "09:00",
    "closes": "17:00",
    "bank_holidays": Calendar.ENGLAND_AND_WALES.value,
    "closed_on": "",
    "open_on": "",
    "alert_minutes": "60",
    "duty_minutes": "30",
    "supervisor_minutes": "60",
    "lead_minutes": "120",
}


def said(settings: Mapping[str, str]) -> dict[str, str]:
    """A service's settings about its hours and alerts, with what holds where it has said nothing."""
    return {name: str(settings.get(name, otherwise)) for name, otherwise in SAID.items()}


def opening_hours(service: ServiceFacts) -> hours.Hours:
    """The service's working week from its settings, Monday to Friday from 9 to 5 where it has said nothing."""
    known = said(service.settings)
    return hours.Hours(
        time.fromisoformat(known["opens"]),
        time.fromisoformat(known["closes"]),
        frozenset(int(day) for day in known["weekdays"]),
        Calendar(known["bank_holidays"]),
        days(known["closed_on"]),
        days(known["open_on"]),
    )


def days(text: str) -> frozenset[date]:
    """Days written one after another, as 2026-12-24 2026-12-29."""
    return frozenset(date.fromisoformat(one) for one in text.split())


def read_by(service: ServiceFacts, at: datetime) -> datetime:
    """By when the service reads an answer that raises an alert."""
    within = timedelta(minutes=int(said(service.settings)["alert_minutes"]))
    return hours.read_by(at, within=within, hours=opening_hours(service), zone=service.zone)


def steps(service: ServiceFacts) -> Steps:
    """After how much working time each level is told."""
    known = said(service.settings)
    duty, supervisor, lead = (int(known[f"{name}_minutes"]) for name in ("duty", "supervisor", "lead"))
    return Steps(timedelta(minutes=duty), timedelta(minutes=supervisor), timedelta(minutes=lead))


def climb(service: ServiceFacts, since: datetime, told: frozenset[Level], now: datetime) -> escalation.Climb | None:
    """The level that is to be told now of what has waited since a moment."""
    return escalation.climb(since, steps(service), told=told, now=now, hours=opening_hours(service), zone=service.zone)


def upcoming(service: ServiceFacts, since: datetime, told: frozenset[Level]) -> tuple[Level, datetime] | None:
    """Who is told next of what has waited since a moment, and when."""
    return escalation.upcoming(since, steps(service), told=told, hours=opening_hours(service), zone=service.zone)


def times(service: ServiceFacts, since: datetime) -> dict[Level, datetime]:
    """When each level is told of something that has waited since a moment."""
    return escalation.times(since, steps(service), hours=opening_hours(service), zone=service.zone)
