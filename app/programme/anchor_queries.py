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
from app.kit.work import Work
from app.programme import queries
from app.programme.tables import Incident

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
STATES = {state.value: state.value.replace("-", " ") for state in State}


def incidents(work: Work) -> list[Found]:
    """Every incident of the service, those nobody has closed first, the newest of each first."""
    rows = work.session.execute(
        sa.select(Incident, _name(Incident.patient_id), _name(Incident.closed_by))
        .where(Incident.service_id == work.service_id)
        .order_by(Incident.closed_at.is_not(None), Incident.found_at.desc())
        .limit(SHOWN)
    )
    return [_found(*row) for row in rows]


def _name(person_id: Any) -> Any:
    return (
        sa.select(sa.func.concat_ws(" ", Person.given_name, Person.family_name))
        .where(Person.service_id == Incident.service_id, Person.id == person_id)
        .scalar_subquery()
    )


def _found(row: Incident, patient: str, closed_by: str | None) -> Found:
    return Found(
        id=row.id,
        patient_id=row.patient_id,
        patient=patient,
        lines=tuple(_line(one) for one in row.found),
        found_at=row.found_at,
        seen_again_at=row.seen_again_at,
        closed_at=row.closed_at,
        closed_by=closed_by or "",
        words=row.words,
    )


def _line(one: dict[str, str]) -> Differing:
    told, found = (STATES.get(one[name], one[name]) or "nothing" for name in ("told", "found"))
    return Differing(one["step"], PARTS[one["part"]], told, found)
