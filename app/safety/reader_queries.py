"""Who is to hear of what waits for staff: a patient’s practitioner, and those above."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import Assignment, Person, StaffRole, Supervision
from app.kit.work import Work


@dataclass(frozen=True)
class Reader:
    """Somebody active who can see a patient."""

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
