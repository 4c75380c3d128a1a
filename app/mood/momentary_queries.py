"""What a patient is asked in momentary assessment, and what became of each prompt."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical import momentary
from app.clinical.momentary import Compliance, Standing, Times, Withheld
from app.clinical.momentary_protocols import AnyItem, Protocol, Purpose, Window
from app.kit.errors import NotFound
from app.kit.work import Work
from app.mood.momentary_tables import MomentaryAssignment, MomentaryPrompt

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Assigned:
    """A protocol that somebody is asked, as it was when it was assigned."""

    id: UUID
    patient_id: UUID
    body: Mapping[str, Any]
    purpose: Purpose
    first_on: date
    days: int
    seed: str
    assigned_at: datetime
    assigned_by: str
    ended_at: datetime | None
    ended_by: str
    end_reason: str | None

    @cached_property
    def protocol(self) -> Protocol:
        return Protocol.model_validate(self.body)

    @property
    def last_on(self) -> date:
        """The last day on which it asks, unless it was ended before."""
        return self.first_on + (self.days - 1) * DAY


@dataclass(frozen=True)
class Prompted:
    """One prompt of an assignment, with what became of it and the answers by the keys of the items."""

    id: UUID
    number: int
    day: int
    slot: str
    local_on: date
    local_at: time
    zone: ZoneInfo
    decided_at: datetime | None
    shown_at: datetime | None
    arrived_at: datetime | None
    answers: Mapping[str, Any] | None
    facts: momentary.Prompt

    @property
    def came_later(self) -> bool:
        """Whether it was answered on a device that had no connection then."""
        return self.said_at is not None and self.arrived_at is not None and self.arrived_at > self.said_at

    @property
    def times(self) -> Times:
        return self.facts.times

    @property
    def said_at(self) -> datetime | None:
        return self.facts.said_at

    def standing(self, now: datetime) -> Standing:
        """Where it stands at a moment."""
        return self.facts.standing(now)

    def why_withheld(self, now: datetime) -> Withheld | None:
        return self.facts.why_withheld(now)


@dataclass(frozen=True)
class Asking:
    """One prompt with what it belongs to."""

    assigned: Assigned
    prompted: Prompted

    @property
    def window(self) -> Window:
        return self.assigned.protocol.window(self.prompted.slot)

    @property
    def items(self) -> tuple[AnyItem, ...]:
        return self.assigned.protocol.asked_in(self.prompted.slot)


def assignments(work: Work, patient: Patient) -> list[Assigned]:
    """Everything that a patient was assigned, the newest first."""
    return _assigned(work, MomentaryAssignment.patient_id == patient.id)


def assignment(work: Work, patient: Patient, assignment_id: UUID) -> Assigned:
    """One of them; NotFound where it is not this patient's."""
    mine = (MomentaryAssignment.patient_id == patient.id, MomentaryAssignment.id == assignment_id)
    found = _assigned(work, *mine)
    if not found:
        raise NotFound
    return found[0]


def asked_until(work: Work, patient: Patient) -> date | None:
    """The last day on which a patient is still to be asked something; None where there is none."""
    return work.session.execute(
        sa.select(sa.func.max(MomentaryPrompt.local_on)).where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.patient_id == patient.id,
            MomentaryPrompt.decided_at.is_(None),
        )
    ).scalar()


def of_service(work: Work) -> list[Assigned]:
    """Everything that was assigned to anybody of the service, the oldest first."""
    return _assigned(work)[::-1]


def _assigned(work: Work, *which: Any) -> list[Assigned]:
    by, ender, row = sa.orm.aliased(Person), sa.orm.aliased(Person), MomentaryAssignment
    found = work.session.execute(
        sa.select(row, by.given_name + " " + by.family_name, ender.given_name + " " + ender.family_name)
        .join(by, sa.and_(by.service_id == row.service_id, by.id == row.assigned_by))
        .outerjoin(ender, sa.and_(ender.service_id == row.service_id, ender.id == row.ended_by))
        .where(row.service_id == work.service_id, *which)
        .order_by(row.first_on.desc(), row.assigned_at.desc(), row.id)
    )
    return [
        Assigned(
            id=one.id,
            patient_id=one.patient_id,
            body=one.body,
            purpose=one.purpose,
            first_on=one.first_on,
            days=one.days,
            seed=one.seed,
            assigned_at=one.assigned_at,
            assigned_by=assigned_by,
            ended_at=one.ended_at,
            ended_by=ended_by or "",
            end_reason=one.end_reason,
        )
        for one, assigned_by, ended_by in found
    ]


def prompts(work: Work, assigned: Assigned) -> list[Prompted]:
    """Every prompt of an assignment, in their order."""
    rows = work.session.execute(
        sa.select(MomentaryPrompt)
        .where(MomentaryPrompt.service_id == work.service_id, MomentaryPrompt.assignment_id == assigned.id)
        .order_by(MomentaryPrompt.number)
    )
    return [prompted(row, assigned.ended_at) for row in rows.scalars()]


def asking(work: Work, patient: Patient, prompt_id: UUID) -> Asking:
    """One prompt; NotFound where it is not this patient's."""
    row = work.session.get(MomentaryPrompt, (work.service_id, prompt_id))
    if row is None or row.patient_id != patient.id:
        raise NotFound
    found = assignment(work, patient, row.assignment_id)
    return Asking(found, prompted(row, found.ended_at))


def open_now(work: Work, patient: Patient) -> Asking | None:
    """The prompt that a patient can answer now; None where there is none."""
    rows = work.session.execute(
        sa.select(MomentaryPrompt)
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.patient_id == patient.id,
            MomentaryPrompt.due_at <= work.now,
            MomentaryPrompt.due_at > work.now - DAY,
            MomentaryPrompt.said_at.is_(None),
        )
        .order_by(MomentaryPrompt.due_at.desc())
    )
    for row in rows.scalars():
        found = asking(work, patient, row.id)
        if found.prompted.facts.takes(work.now):
            return found
    return None


def prompted(row: MomentaryPrompt, ended_at: datetime | None) -> Prompted:
    """A stored prompt of something that was ended early at that moment, if it was."""
    return Prompted(
        id=row.id,
        number=row.number,
        day=row.day,
        slot=row.slot,
        local_on=row.local_on,
        local_at=row.local_at,
        zone=ZoneInfo(row.zone),
        decided_at=row.decided_at,
        shown_at=row.shown_at,
        arrived_at=row.arrived_at,
        answers=row.answers,
        facts=momentary.Prompt(
            times=Times(row.due_at, row.expires_at, row.closes_at),
            asked_at=None if row.withheld else row.decided_at,
            withheld=row.withheld,
            said_at=row.said_at,
            ended_at=ended_at,
        ),
    )


def compliance(several: Iterable[Prompted], now: datetime) -> Compliance:
    """How many of them ended in which way."""
    return momentary.compliance((one.facts for one in several), now)


def is_over(assigned: Assigned, several: Collection[Prompted], now: datetime) -> bool:
    """Whether nothing more is asked of it."""
    return assigned.ended_at is not None or all(one.times.closes_at <= now for one in several)
