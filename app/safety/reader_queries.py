"""Who is to be told of an alert, and which alerts have waited too long or lost the person who had them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import Assignment, Person, StaffRole, Supervision
from app.kit.work import Work
from app.safety import queries
from app.safety.kinds import AlertStep
from app.safety.queries import OpenAlert
from app.safety.tables import AlertEvent


@dataclass(frozen=True)
class Reader:
    """Somebody active who can see a patient's alerts."""

    id: UUID
    name: str


def readers(work: Work, patient_id: UUID) -> list[Reader]:
    """Who is told first: the patient's practitioner, or where there is none active, whoever stands above."""
    return _found(work, _practitioners(work, patient_id), Role.PRACTITIONER) or readers_above(work, patient_id)


def readers_above(work: Work, patient_id: UUID) -> list[Reader]:
    """The supervisors of the patient's practitioner and every clinical lead, those who are active."""
    supervisors = sa.select(Supervision.supervisor_id).where(
        Supervision.service_id == work.service_id,
        Supervision.ended_at.is_(None),
        Supervision.practitioner_id.in_(_practitioners(work, patient_id)),
    )
    everybody = sa.select(Person.id).where(Person.service_id == work.service_id)
    found = [*_found(work, supervisors, Role.SUPERVISOR), *_found(work, everybody, Role.CLINICAL_LEAD)]
    return list(dict.fromkeys(found))


def _practitioners(work: Work, patient_id: UUID) -> sa.Select[tuple[UUID]]:
    found: sa.Select[tuple[UUID]] = sa.select(Assignment.practitioner_id).where(
        Assignment.service_id == work.service_id,
        Assignment.patient_id == patient_id,
        Assignment.ended_at.is_(None),
    )
    return found


def _found(work: Work, among: sa.Select[tuple[UUID]], role: Role) -> list[Reader]:
    rows = work.session.execute(
        sa.select(Person.id, Person.given_name, Person.family_name)
        .join(StaffRole, sa.and_(StaffRole.service_id == Person.service_id, StaffRole.person_id == Person.id))
        .where(
            Person.service_id == work.service_id,
            Person.id.in_(among),
            Person.deactivated_at.is_(None),
            StaffRole.role == role,
            StaffRole.ended_at.is_(None),
        )
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    return [Reader(row.id, f"{row.given_name} {row.family_name}") for row in rows]


def to_climb(work: Work) -> list[OpenAlert]:
    """The open alerts somebody above is to hear of: not looked at in time, or without the person who had them.

    Each comes once for the oldest answer that waits, and once for the practitioner who left.
    """
    told = _last_told(work)
    return [one for one in queries.every_open_alert(work) if _climbs(work, one, told.get(one.id))]


def _climbs(work: Work, alert: OpenAlert, told_at: datetime | None) -> bool:
    late = alert.read_by is not None and alert.read_by <= work.now
    waited = late and (told_at is None or told_at < alert.read_by)
    lost = alert.left_at is not None and alert.left_at >= alert.raised_at
    return waited or (lost and (told_at is None or told_at < alert.left_at))


def _last_told(work: Work) -> dict[UUID, datetime]:
    rows = work.session.execute(
        sa.select(AlertEvent.alert_id, sa.func.max(AlertEvent.at).label("at"))
        .where(AlertEvent.service_id == work.service_id, AlertEvent.step == AlertStep.CLIMBED)
        .group_by(AlertEvent.alert_id)
    )
    return {row.alert_id: row.at for row in rows}
