"""Shifts of duty and days of leave, those that are and those to come."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts import queries as people
from app.accounts.tables import Person
from app.clinical.standing_in import Colleague, Team
from app.kit.work import Work
from app.safety.duty_tables import DutyShift, StaffLeave


@dataclass(frozen=True)
class Shift:
    """Somebody on duty from one moment until another."""

    id: UUID
    person_id: UUID
    name: str
    from_at: datetime
    until_at: datetime

    def is_on(self, now: datetime) -> bool:
        return self.from_at <= now < self.until_at


@dataclass(frozen=True)
class Leave:
    """Somebody away from one day to another, which counts, and who covers."""

    id: UUID
    person_id: UUID
    name: str
    cover_id: UUID
    cover: str
    from_on: date
    until_on: date

    def is_on(self, today: date) -> bool:
        return self.from_on <= today <= self.until_on

    def meets(self, from_on: date, until_on: date) -> bool:
        """Whether any of its days is among these."""
        return self.from_on <= until_on and from_on <= self.until_on


_cover = sa.orm.aliased(Person, name="cover")


def _name(person: type[Person]) -> sa.ColumnElement[str]:
    return sa.func.concat(person.given_name, " ", person.family_name)


def shifts(work: Work) -> list[Shift]:
    """The shifts that are on or to come, in their order."""
    rows = work.session.execute(
        sa.select(DutyShift, _name(Person))
        .join(Person, sa.and_(Person.service_id == DutyShift.service_id, Person.id == DutyShift.person_id))
        .where(DutyShift.service_id == work.service_id, DutyShift.ended_at.is_(None), DutyShift.until_at > work.now)
        .order_by(DutyShift.from_at, Person.family_name, DutyShift.id)
    )
    return [Shift(row.id, row.person_id, name, row.from_at, row.until_at) for row, name in rows]


def leaves(work: Work) -> list[Leave]:
    """The leave that is on or to come, in its order."""
    return _leaves(work, StaffLeave.until_on >= people.local_today(work))


def leaves_of(work: Work, person_id: UUID) -> list[Leave]:
    """Somebody’s own leave that is on or to come."""
    return _leaves(work, StaffLeave.until_on >= people.local_today(work), StaffLeave.person_id == person_id)


def _leaves(work: Work, *which: sa.ColumnElement[bool]) -> list[Leave]:
    rows = work.session.execute(
        sa.select(StaffLeave, _name(Person).label("name"), _name(_cover).label("cover"))
        .join(Person, sa.and_(Person.service_id == StaffLeave.service_id, Person.id == StaffLeave.person_id))
        .join(_cover, sa.and_(_cover.service_id == StaffLeave.service_id, _cover.id == StaffLeave.cover_id))
        .where(StaffLeave.service_id == work.service_id, StaffLeave.ended_at.is_(None), *which)
        .order_by(StaffLeave.from_on, Person.family_name, StaffLeave.id)
    )
    return [_leave(*row) for row in rows]


def _leave(row: Any, name: str, cover: str) -> Leave:
    return Leave(row.id, row.person_id, name, row.cover_id, cover, row.from_on, row.until_on)


def can_take_duty(team: Team) -> list[Colleague]:
    """Those to whom a shift can be given: practitioners and supervisors."""
    return [one for one in team.colleagues.values() if one.sees_patients or one.supervises]


def can_cover(team: Team, person_id: UUID | None = None) -> list[Colleague]:
    """Those who can stand in for somebody, or for anybody: whoever has the same work to do, or leads it."""
    found = [one for one in team.colleagues.values() if one.id != person_id]
    theirs = team.colleagues.get(person_id) if person_id else None
    if theirs is None:
        return found
    if theirs.sees_patients:
        return [one for one in found if one.sees_patients or one.supervises]
    return [one for one in found if one.supervises or one.leads]
