"""Whether a course comes out again as it was announced, and what was found where one did not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import patient_within
from app.accounts.roles import Scope
from app.accounts.tables import Person
from app.clinical.sequencing import announced
from app.clinical.sequencing.announced import Mismatch
from app.clinical.sequencing.standing import State
from app.kit import say
from app.kit.work import Work
from app.programme import queries
from app.programme.tables import Incident, PathwayVersion

SHOWN = 200


def mismatches(work: Work, patient_id: UUID) -> tuple[Mismatch, ...]:
    """In what the replay of everything on record differs from what was announced to be so at that moment."""
    patient = patient_within(work, Scope.SERVICE, patient_id)
    kept = queries.summary(work, patient_id)
    if patient is None or kept is None or not kept.announced:
        return ()
    # Not the replay this process keeps: that is what is being proved.
    again = queries.replayed(work, patient, at=announced.moment(kept.announced))
    if again.version != kept.announced["version"]:
        return (Mismatch("", "version", kept.announced["version"], again.version),)
    return announced.mismatches(kept.announced, again.course)


@dataclass(frozen=True)
class Differing:
    """One thing that did not come out again, in words."""

    step: str
    what: str
    told: str
    found: str


@dataclass(frozen=True)
class Found:
    """A course that did not come out again as it was announced, and what somebody said of it."""

    id: UUID
    patient_id: UUID
    patient: str
    lines: tuple[Differing, ...]
    found_at: datetime
    seen_again_at: datetime | None
    closed_at: datetime | None
    closed_by: str
    words: str


PARTS = {"state": "State", "since": "Open since", "cause": "What opened it", "version": "Version of the pathway"}
CAUSES = {"time": "time passing", "start": "the start of the programme"}
STATES = {state.value: state.value.replace("-", " ") for state in State}


def incidents(work: Work) -> list[Found]:
    """Every incident of the service, those nobody has closed first, the newest of each first."""
    rows = work.session.execute(
        sa.select(Incident, _name(Incident.patient_id), _name(Incident.closed_by))
        .where(Incident.service_id == work.service_id)
        .order_by(Incident.closed_at.is_not(None), Incident.found_at.desc())
        .limit(SHOWN)
    )
    titles = _titles(work)
    return [_found(work, titles, *row) for row in rows]


def _titles(work: Work) -> dict[str, str]:
    """What the steps of the service's pathways are called, by key; the newest version has the last word."""
    bodies = work.session.execute(
        sa.select(PathwayVersion.body)
        .where(PathwayVersion.service_id == work.service_id)
        .order_by(PathwayVersion.version)
    ).scalars()
    return {step["key"]: step["title"] for body in bodies for step in body["steps"]}


def _name(person_id: Any) -> Any:
    return (
        sa.select(sa.func.concat_ws(" ", Person.given_name, Person.family_name))
        .where(Person.service_id == Incident.service_id, Person.id == person_id)
        .scalar_subquery()
    )


def _found(work: Work, titles: dict[str, str], row: Incident, patient: str, closed_by: str | None) -> Found:
    return Found(
        id=row.id,
        patient_id=row.patient_id,
        patient=patient,
        lines=tuple(_line(work, titles, one) for one in row.found),
        found_at=row.found_at,
        seen_again_at=row.seen_again_at,
        closed_at=row.closed_at,
        closed_by=closed_by or "",
        words=row.words,
    )


def _line(work: Work, titles: dict[str, str], one: dict[str, str]) -> Differing:
    told, found = (_said(work, one["part"], one[name]) for name in ("told", "found"))
    if told == found:
        # Both are on record, and not the same.
        found = f"{found}, another one"
    step = titles.get(one["step"], one["step"].replace("-", " ").capitalize())
    return Differing(step, PARTS[one["part"]], told, found)


def _said(work: Work, part: str, value: str) -> str:
    if not value:
        return "nothing"
    match part:
        case "state":
            return STATES.get(value, value)
        case "since":
            at = datetime.fromisoformat(value).astimezone(work.actor.zone)
            return f"{say.day_year(at, work.actor.zone)}, {at:%H:%M:%S}"
        case "cause":
            return CAUSES.get(value, "an entry or a decision on record")
    key, _, number = value.rpartition(" ")
    return f"{key.replace('-', ' ')}, version {number}"
