"""Assigning a protocol, ending it early, and answering a prompt."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical import momentary
from app.clinical.local_time import local_day
from app.clinical.momentary import Standing, Withheld
from app.clinical.momentary_protocols import Protocol, Purpose
from app.kit.errors import Conflict
from app.kit.work import Work
from app.mood import momentary_queries as queries
from app.mood import momentary_reminder_actions as reminders
from app.mood.momentary_queries import Asking, Assigned
from app.mood.momentary_tables import MomentaryAssignment, MomentaryPrompt

FURTHEST = timedelta(days=180)
PERIOD = range(1, 61)


class AskedAlready(Conflict):
    title = "Short questions are being asked on these days already"
    words = "End them first, or choose a first day after their last."


class TreatmentHasEnded(Conflict):
    title = "Their treatment has ended"
    words = "Nothing can be asked of somebody whose treatment has ended."


class Over(Conflict):
    title = "This is over already"
    words = "Nothing more of it is asked."


class Closed(Conflict):
    title = "These questions are closed"
    words = "They were about how you were at that time. There is nothing to catch up on."


class Answered(Conflict):
    title = "You have answered this already"
    words = "What you said first is kept, for it was of that moment."


def assign(
    work: Work,
    *,
    patient: Patient,
    assignment_id: UUID,
    protocol: Protocol,
    purpose: Purpose,
    first_on: date,
    days: int,
) -> Assigned:
    """Ask a patient a protocol from a day to come on. The id came with the form: sent twice, it is assigned once.

    Each time is drawn now and stored. Refuses with AskedAlready where another is asked on one of the days.
    """
    work.require(Capability.TAILOR_PROGRAMME)
    if patient.discharged_at:
        raise TreatmentHasEnded
    work.one_at_a_time("momentary", patient.id)
    if work.session.get(MomentaryAssignment, (work.service_id, assignment_id)) is not None:
        return queries.assignment(work, patient, assignment_id)
    _refuse_unfit(work, patient, protocol, purpose, first_on, days)
    work.add(
        MomentaryAssignment(
            id=assignment_id,
            patient_id=patient.id,
            protocol=protocol.key,
            version=protocol.version,
            body=protocol.model_dump(mode="json", by_alias=True),
            purpose=purpose,
            first_on=first_on,
            days=days,
            seed=str(assignment_id),
            assigned_at=work.now,
            assigned_by=work.actor.id,
        )
    )
    assigned = queries.assignment(work, patient, assignment_id)
    _draw(work, patient, assigned)
    work.record("momentary.assigned", patient=patient.id, assignment=assignment_id, protocol=protocol.key)
    reminders.replan(work, patient=patient)
    return assigned


def _refuse_unfit(
    work: Work, patient: Patient, protocol: Protocol, purpose: Purpose, first_on: date, days: int
) -> None:
    today = local_day(work.now, patient.zone)
    if not today < first_on <= today + FURTHEST or days not in PERIOD or purpose not in protocol.purposes:
        raise ValueError(f"{protocol.key} cannot be asked for {purpose} from {first_on} on for {days} days")
    last_on = first_on + timedelta(days=days - 1)
    for one in queries.assignments(work, patient):
        if one.ended_at is None and one.first_on <= last_on and first_on <= one.last_on:
            raise AskedAlready


def _draw(work: Work, patient: Patient, assigned: Assigned) -> None:
    drawn = momentary.draw(assigned.protocol, assigned.seed, assigned.first_on, assigned.days)
    found = momentary.times(assigned.protocol, drawn, patient.zone)
    work.session.add_all(
        MomentaryPrompt(
            service_id=work.service_id,
            id=uuid5(assigned.id, str(one.number)),
            assignment_id=assigned.id,
            patient_id=patient.id,
            number=one.number,
            day=one.day,
            slot=one.window,
            local_on=one.on,
            local_at=one.at,
            zone=str(patient.zone),
            due_at=times.due_at,
            expires_at=times.expires_at,
            closes_at=times.closes_at,
        )
        for one, times in zip(drawn, found, strict=True)
    )
    work.session.flush()


def end_early(work: Work, *, patient: Patient, assigned: Assigned, reason: str) -> None:
    """Ask nothing more of it from now on. What was answered stays; a prompt that is open is closed."""
    work.require(Capability.TAILOR_PROGRAMME)
    work.one_at_a_time("momentary", patient.id)
    if queries.is_over(assigned, queries.prompts(work, assigned), work.now):
        raise Over
    ended = work.session.execute(
        sa.update(MomentaryAssignment)
        .where(
            MomentaryAssignment.service_id == work.service_id,
            MomentaryAssignment.id == assigned.id,
            MomentaryAssignment.ended_at.is_(None),
        )
        .values(ended_at=work.now, ended_by=work.actor.id, end_reason=reason)
    )
    if ended.rowcount != 1:
        raise Over
    work.session.execute(
        sa.update(MomentaryPrompt)
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.assignment_id == assigned.id,
            MomentaryPrompt.decided_at.is_(None),
        )
        .values(decided_at=work.now, withheld=Withheld.ENDED_EARLY)
    )
    work.record("momentary.ended-early", patient=patient.id, assignment=assigned.id)
    reminders.replan(work, patient=patient)


def show(work: Work, *, patient: Patient, asking: Asking) -> None:
    """Note when somebody opened a prompt first."""
    prompted = asking.prompted
    if prompted.shown_at is not None or not prompted.facts.takes(work.now):
        return
    work.session.execute(_update(work, prompted.id).where(MomentaryPrompt.shown_at.is_(None)).values(shown_at=work.now))
    work.record("momentary.shown", patient=patient.id, prompt=prompted.id)


def answer(work: Work, *, patient: Patient, asking: Asking, answers: Mapping[str, Any], waited: int = 0) -> Standing:
    """Keep what somebody answered, said so many seconds ago; returns whether it was in time.

    The same again is the same answer. Refuses with Answered for another one, and with Closed for one that was not said
    while the prompt took any.
    """
    work.one_at_a_time("momentary", patient.id)
    # What the page had read may be from before another click.
    work.session.expire_all()
    asking = queries.asking(work, patient, asking.prompted.id)
    prompted = asking.prompted
    if prompted.said_at is not None:
        if prompted.answers == dict(answers):
            return prompted.standing(work.now)
        raise Answered
    said_at = _said_at(work, asking, waited)
    if not prompted.facts.takes(said_at):
        raise Closed
    work.session.execute(_update(work, prompted.id).values(said_at=said_at, arrived_at=work.now, answers=dict(answers)))
    work.record("momentary.answered", patient=patient.id, prompt=prompted.id)
    work.session.expire_all()
    return queries.asking(work, patient, prompted.id).prompted.standing(work.now)


def _said_at(work: Work, asking: Asking, waited: int) -> datetime:
    """When it was said. Nobody can have answered before they were asked, whatever a device says."""
    said_at = work.now - timedelta(seconds=min(waited, FURTHEST.total_seconds()))
    asked_at = asking.prompted.shown_at or asking.prompted.times.due_at
    return max(said_at, min(asked_at, work.now))


def _update(work: Work, prompt_id: UUID) -> sa.Update:
    return sa.update(MomentaryPrompt).where(
        MomentaryPrompt.service_id == work.service_id, MomentaryPrompt.id == prompt_id
    )
