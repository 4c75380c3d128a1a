"""Who works for the service now with a clinical role: who is away, who covers, who is on duty."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.roles import Role
from app.accounts.tables import Person, Service, StaffRole, Supervision
from app.clinical.standing_in import Colleague, Team
from app.kit.work import Work
from app.safety.duty_tables import DutyShift, StaffLeave

CLINICAL = (Role.PRACTITIONER, Role.SUPERVISOR, Role.CLINICAL_LEAD)
_now: Any = sa.bindparam("now", type_=sa.DateTime(timezone=True))
_TODAY = sa.cast(sa.func.timezone(Service.zone, _now), sa.Date)
_HELD = (
    sa.select(sa.func.array_agg(StaffRole.role, type_=ARRAY(sa.Text)))
    .where(
        StaffRole.service_id == Person.service_id,
        StaffRole.person_id == Person.id,
        StaffRole.ended_at.is_(None),
        StaffRole.role.in_(CLINICAL),
    )
    .correlate(Person)
    .scalar_subquery()
)
_SUPERVISES = (
    sa.select(sa.func.array_agg(Supervision.practitioner_id, type_=ARRAY(sa.Uuid)))
    .where(
        Supervision.service_id == Person.service_id,
        Supervision.supervisor_id == Person.id,
        Supervision.ended_at.is_(None),
    )
    .correlate(Person)
    .scalar_subquery()
)
_DUTY = (
    sa.select(sa.func.max(DutyShift.until_at))
    .where(
        DutyShift.service_id == Person.service_id,
        DutyShift.person_id == Person.id,
        DutyShift.ended_at.is_(None),
        DutyShift.from_at <= _now,
        DutyShift.until_at > _now,
    )
    .correlate(Person)
    .scalar_subquery()
)
_AWAY = (
    sa.select(StaffLeave.until_on, StaffLeave.cover_id)
    .where(
        StaffLeave.service_id == Person.service_id,
        StaffLeave.person_id == Person.id,
        StaffLeave.ended_at.is_(None),
        _TODAY.between(StaffLeave.from_on, StaffLeave.until_on),
    )
    .correlate(Person, Service)
    .limit(1)
    .lateral("away")
)
_EVERYBODY = (
    sa.select(
        Person.id,
        Person.given_name,
        Person.family_name,
        _HELD.label("roles"),
        _SUPERVISES.label("supervises"),
        _DUTY.label("on_duty_until"),
        _AWAY.c.until_on,
        _AWAY.c.cover_id,
    )
    .select_from(Person)
    .join(Service, Service.id == Person.service_id)
    .outerjoin(_AWAY, sa.true())
    .where(
        Person.service_id == sa.bindparam("service"),
        Person.kind == "staff",
        Person.deactivated_at.is_(None),
    )
    .order_by(Person.family_name, Person.given_name, Person.id)
)


def team(work: Work) -> Team:
    """Everybody of the service with a clinical role, and how they stand at this moment."""
    rows = [row for row in work.read(_EVERYBODY, {"service": work.service_id, "now": work.now}) if row.roles]
    above: dict[UUID, tuple[UUID, ...]] = {}
    for row in rows:
        for practitioner in row.supervises or ():
            above[practitioner] = (*above.get(practitioner, ()), row.id)
    return Team({row.id: _colleague(row) for row in rows}, above)


def _colleague(row: sa.Row[Any]) -> Colleague:
    return Colleague(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        sees_patients=Role.PRACTITIONER in row.roles,
        supervises=Role.SUPERVISOR in row.roles,
        leads=Role.CLINICAL_LEAD in row.roles,
        away_until=row.until_on,
        cover=row.cover_id,
        on_duty_until=row.on_duty_until,
    )
