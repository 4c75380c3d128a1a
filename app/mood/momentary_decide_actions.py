"""What is decided when a prompt is due: whether somebody is asked. And where prompts go when somebody travels."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.tables import PatientRecord, Person
from app.clinical import momentary
from app.clinical.momentary import Drawn, Times, Withheld
from app.clinical.momentary_protocols import Protocol
from app.clinical.reminders import Limits
from app.kit.work import Work
from app.mood.momentary_tables import MomentaryAssignment, MomentaryPrompt
from app.notifications import switch_queries
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.switch_queries import Settings, Switches

AT_ONCE = 200


def decide(work: Work) -> int:
    """Decide for so many prompts that are due whether somebody is asked; returns for how many.

    Those of somebody who is in another zone by now are moved there first.
    """
    due = (MomentaryPrompt.decided_at.is_(None), MomentaryPrompt.due_at <= work.now)
    waiting = sa.select(MomentaryPrompt.id).where(MomentaryPrompt.service_id == work.service_id, *due).limit(1)
    # Asked every second of every service: most often there is nothing, and that is all it costs.
    if work.session.execute(waiting).first() is None:
        return 0
    follow_all(work, *due)
    rows = _due(work)
    people = {row.patient_id for row in rows}
    settings = switch_queries.settings_of_each(work, people)
    switches = switch_queries.switches_of_each(work, people)
    why = {row.id: _why(row, settings[row.patient_id], switches[row.patient_id], work.now) for row in rows}
    for reason in set(why.values()):
        ids = [id for id, one in why.items() if one is reason]
        _end(work, ids, reason)
    if rows:
        counts = Counter("asked" if one is None else "withheld" for one in why.values())
        work.record("momentary-prompts.decided", **counts)
    return len(rows)


def _due(work: Work) -> list[Any]:
    prompt = MomentaryPrompt
    rows = work.session.execute(
        sa.select(
            prompt.id,
            prompt.patient_id,
            prompt.zone,
            prompt.due_at,
            prompt.expires_at,
            prompt.closes_at,
            PatientRecord.discharged_at,
        )
        .join(Person, sa.and_(Person.service_id == prompt.service_id, Person.id == prompt.patient_id))
        .join(PatientRecord, sa.and_(PatientRecord.service_id == prompt.service_id, PatientRecord.id == Person.id))
        .where(prompt.service_id == work.service_id, prompt.decided_at.is_(None), prompt.due_at <= work.now)
        .where(prompt.zone == Person.zone)
        .order_by(prompt.due_at)
        .limit(AT_ONCE)
        .with_for_update(of=prompt, skip_locked=True)
    )
    return list(rows)


def _why(row: Any, settings: Settings, switches: Switches, now: datetime) -> Withheld | None:
    off = switches.why_off(ReminderKind.MOMENTARY, Channel.IN_APP, None, now)
    limits = Limits(ZoneInfo(row.zone), row.discharged_at is None, settings.quiet_from, settings.quiet_to)
    return momentary.why_not(Times(row.due_at, row.expires_at, row.closes_at), limits=limits, off=off, now=now)


def _end(work: Work, ids: Collection[UUID], why: Withheld | None) -> None:
    work.session.execute(
        sa.update(MomentaryPrompt)
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.id.in_(ids),
            MomentaryPrompt.decided_at.is_(None),
        )
        .values(decided_at=work.now, withheld=why)
    )


def follow_all(work: Work, *which: Any) -> None:
    """Move the prompts of everybody who has some to come on the clocks of another zone than the one they are in."""
    rows = work.session.execute(
        sa.select(MomentaryPrompt.patient_id, Person.zone)
        .distinct()
        .join(Person, sa.and_(Person.service_id == MomentaryPrompt.service_id, Person.id == MomentaryPrompt.patient_id))
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.decided_at.is_(None),
            MomentaryPrompt.zone != Person.zone,
            *which,
        )
        .order_by(MomentaryPrompt.patient_id)
    )
    for row in list(rows):
        follow(work, patient_id=row.patient_id, zone=ZoneInfo(row.zone))


def follow(work: Work, *, patient_id: UUID, zone: ZoneInfo) -> int:
    """Move somebody's prompts to come to the clocks of the zone they are in; returns how many.

    One whose time is over there already was skipped by the journey, and nobody is asked it.
    """
    work.one_at_a_time("momentary", patient_id)
    by_assignment: dict[UUID, list[MomentaryPrompt]] = {}
    for row in _elsewhere(work, patient_id, zone):
        by_assignment.setdefault(row.assignment_id, []).append(row)
    for assignment_id, rows in by_assignment.items():
        body = work.session.get_one(MomentaryAssignment, (work.service_id, assignment_id)).body
        drawn = [Drawn(row.number, row.day, row.local_on, row.slot, row.local_at) for row in rows]
        found = momentary.times(Protocol.model_validate(body), drawn, zone)
        for row, times in zip(rows, found, strict=True):
            row.zone, row.due_at, row.expires_at, row.closes_at = str(zone), *_parts(times)
            if times.expires_at <= work.now:
                row.decided_at, row.withheld = work.now, Withheld.TRAVEL
    moved = sum(len(rows) for rows in by_assignment.values())
    if moved:
        work.record("momentary-prompts.moved", patient=patient_id, zone=str(zone), prompts=moved)
        work.session.flush()
    return moved


def _parts(times: Times) -> tuple[datetime, datetime, datetime]:
    return times.due_at, times.expires_at, times.closes_at


def _elsewhere(work: Work, patient_id: UUID, zone: ZoneInfo) -> list[MomentaryPrompt]:
    rows = work.session.execute(
        sa.select(MomentaryPrompt)
        .where(
            MomentaryPrompt.service_id == work.service_id,
            MomentaryPrompt.patient_id == patient_id,
            MomentaryPrompt.decided_at.is_(None),
            MomentaryPrompt.zone != str(zone),
        )
        .order_by(MomentaryPrompt.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())
