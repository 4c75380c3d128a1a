"""Every open alert of whoever is looking, in the order in which somebody is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts import queries as people
from app.accounts import roles
from app.accounts.roles import Capability, Role, Scope
from app.accounts.tables import PatientRecord, Person
from app.clinical import standing_in
from app.clinical.escalation import Level, Wait
from app.clinical.instruments import Instrument
from app.clinical.standing_in import Team
from app.kit import say
from app.kit.work import Work
from app.notifications.part_kinds import LATE_AFTER
from app.safety import queries, roster_queries
from app.safety.answer_queries import asked_in
from app.safety.kinds import AlertStep
from app.safety.lede_queries import missed
from app.safety.owner_queries import AS
from app.safety.queries import OpenAlert

TITLES = {
    Wait.LOOK: ("Nobody has looked at the answer", "the one promised first comes first"),
    Wait.ACT: ("Looked at, nothing written down", "somebody has read it and has not said what they did"),
    Wait.ATTEMPT: ("To be tried again", "by the time of the next attempt"),
    None: ("Something was done, still open", "to be looked at again, and closed when it is over"),
}
CALLED = {Level.DUTY: "Whoever is on duty", Level.SUPERVISOR: "Their supervisor", Level.LEAD: "The clinical lead"}
DONE = {
    AlertStep.SEEN: "Seen by {by}",
    AlertStep.CONTACTED: "{by} spoke with them",
    AlertStep.COULD_NOT_REACH: "{by} could not reach them",
    AlertStep.HANDED_OVER: "Handed over by {by}",
    AlertStep.KNOWN_AND_REVIEWED: "Known, and reviewed by {by}",
}


@dataclass(frozen=True)
class Line:
    """One open alert. `late` is a promise nobody kept, `climbed` who was told and who is next, in words."""

    patient_id: UUID
    name: str
    born: str
    nhs_number: str
    contact: str
    href: str
    answered: str
    done: str
    late: str
    next_attempt: str
    owner: str
    because: str
    climbed: str
    waits: Wait | None
    open_for: str


@dataclass(frozen=True)
class Group:
    """The alerts that wait for the same."""

    title: str
    meaning: str
    lines: list[Line]


@dataclass(frozen=True)
class Queue:
    """The open alerts somebody may see, and who stands ready for them."""

    groups: list[Group]
    total: int
    unread: int
    mine: int
    duty: list[str]
    away: list[str]


@dataclass(frozen=True)
class Counted:
    """How many alerts of a service are open, and nothing of whom."""

    total: int
    late: int
    oldest_at: datetime | None


def counted(work: Work) -> Counted:
    """How many alerts of the service are open, and how many nobody looked at in time."""
    found = queries.every_open_alert(work)
    late = sum(one.read_by is not None and one.read_by <= work.now for one in found)
    return Counted(len(found), late, min((one.raised_at for one in found), default=None))


def queue(work: Work, instruments: Mapping[str, Instrument]) -> Queue:
    """What is open for whoever is looking: their own, those they supervise, and those lent to them."""
    team, zone = roster_queries.team(work), people.service(work).zone
    found = [one for one in queries.every_open_alert(work) if _is_for(work, one, team)]
    known = {row.id: row for row in work.read(_WHO, {"service": work.service_id, "ids": [f.patient_id for f in found]})}
    groups = [
        Group(*words, [_line(work, one, known[one.patient_id], instruments, zone) for one in waits])
        for wait, words in TITLES.items()
        if (waits := sorted((one for one in found if _wait(one) is wait), key=_pressing))
    ]
    return Queue(
        groups=groups,
        total=len(found),
        unread=sum(one.read_by is not None for one in found),
        mine=sum(one.owner_id == work.actor.id for one in found),
        duty=[f"{one.name} until {_until(one.on_duty_until, work, zone)}" for one in team.on_duty()],
        away=_away(team),
    )


def _is_for(work: Work, alert: OpenAlert, team: Team) -> bool:
    if roles.scope(Role(work.actor.role), Capability.SEE_ALERTS) is Scope.SERVICE:
        return True
    mine = alert.practitioner_id == work.actor.id and Role(work.actor.role) is Role.PRACTITIONER
    return mine or work.actor.id in standing_in.may_work_on(team, alert.practitioner_id)


def _wait(alert: OpenAlert) -> Wait | None:
    return alert.waiting.wait if alert.waiting else None


def _pressing(alert: OpenAlert) -> datetime:
    return alert.read_by or (alert.waiting.since if alert.waiting else alert.raised_at)


_WHO = (
    sa.select(
        Person.id,
        Person.given_name,
        Person.family_name,
        PatientRecord.born_on,
        PatientRecord.nhs_number,
        PatientRecord.contact_note,
    )
    .join(PatientRecord, sa.and_(PatientRecord.service_id == Person.service_id, PatientRecord.id == Person.id))
    .where(
        Person.service_id == sa.bindparam("service"),
        Person.id == sa.any_(sa.bindparam("ids", type_=ARRAY(sa.Uuid))),
    )
)


def _line(work: Work, alert: OpenAlert, who: Any, instruments: Mapping[str, Instrument], zone: ZoneInfo) -> Line:
    done = DONE.get(alert.last_step, "").format(by=alert.last_by)
    number = who.nhs_number
    return Line(
        patient_id=alert.patient_id,
        name=f"{who.given_name} {who.family_name}",
        born=say.short_date(who.born_on),
        nhs_number=f"{number[:3]} {number[3:6]} {number[6:]}" if number else "",
        contact=who.contact_note,
        href=f"/patients/{alert.patient_id}/alerts/{alert.id}",
        answered=f"{asked_in(alert.source, instruments)}, answered {say.staff_moment(alert.answered_at, zone)}.",
        done=f"{done}, {say.staff_moment(alert.last_at, zone)}." if done else "",
        late=missed(alert.read_by, now=work.now, zone=zone),
        next_attempt=_attempt(alert, work, zone),
        owner="You" if alert.owner_id == work.actor.id else alert.owner or "Nobody",
        because=_because(alert),
        climbed=_climbed(alert, work, zone),
        waits=_wait(alert),
        open_for=_span(work.now - alert.raised_at),
    )


def _attempt(alert: OpenAlert, work: Work, zone: ZoneInfo) -> str:
    if alert.next_at is None:
        return ""
    return f"Next attempt {_until(alert.next_at, work, zone)}{', due now' if alert.next_at <= work.now else ''}."


def _because(alert: OpenAlert) -> str:
    given = alert.owned
    if not given.because or given.through is None:
        return given.because
    return f"{AS[given.through]}: {given.because}"


def _climbed(alert: OpenAlert, work: Work, zone: ZoneInfo) -> str:
    """Who was told of what waits, and who is told next and when."""
    said = []
    if alert.told:
        last = alert.told[-1]
        said.append(f"{CALLED[last.level]} was told at {_until(last.at, work, zone)}.")
    if alert.upcoming and not (alert.waiting and alert.waiting.wait is Wait.ATTEMPT and alert.waiting.since > work.now):
        level, at = alert.upcoming
        told_at = _until(at, work, zone)
        if work.now - at > LATE_AFTER:
            said.append(
                f"{CALLED[level]} was to be told at {told_at}, and Braid did not tell them. Tell them yourself."
            )
        else:
            said.append(f"{CALLED[level]} is told at {told_at} unless somebody acts.")
    return " ".join(said)


def _until(at: datetime | None, work: Work, zone: ZoneInfo) -> str:
    """The o’clock, with the day where it is not today’s."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    today = local.date() == work.now.astimezone(zone).date()
    return say.clock(at, zone) if today else f"{say.clock(at, zone)} on {say.day(at, zone)}"


def _away(team: Team) -> list[str]:
    found = []
    for one in team.colleagues.values():
        if one.away_until:
            cover = team.colleagues.get(one.cover) if one.cover else None
            stands = f"{cover.name} covers" if cover else "whoever covered no longer works here"
            found.append(f"{one.name} until {say.day(one.away_until)}, {stands}")
    return found


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return say.plural(minutes, "minute")
    return say.plural(minutes // 60, "hour") if minutes < 48 * 60 else say.plural(minutes // 1440, "day")
