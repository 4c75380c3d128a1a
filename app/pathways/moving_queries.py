"""Plans to move patients to another version: who agreed, what they came to, and for whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import PatientRecord, Person
from app.kit.errors import NotFound
from app.kit.work import Work
from app.pathways import version_queries, what_if_queries
from app.pathways.publishing_queries import OTHER
from app.pathways.tables import Moved, MovePlan
from app.pathways.what_if_queries import Asked, Question
from app.programme.tables import Enrolment, Incident, PathwayVersion


@dataclass(frozen=True)
class Plan:
    """A plan to move patients, and how far it is."""

    id: UUID
    asked: Asked
    to_id: UUID
    retired: bool
    but: tuple[UUID, ...]
    due_on: date
    note: str
    planned_by_id: UUID
    planned_by: str
    role: Role
    planned_at: datetime
    agreed_by: str
    agreed_at: datetime | None
    ended_by: str
    ended_at: datetime | None
    ended_why: str
    tried: int
    moved: int
    back: int
    kept: int
    done_at: datetime | None
    undone_by: str
    undone_at: datetime | None

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if self.undone_at:
            return "Being taken back" if self.going_back else "Taken back"
        if self.done_at:
            return "Carried out"
        if self.ended_at and not self.ended_by:
            return "Not carried out"
        if self.ended_at:
            return "Called off half way" if self.moved else "Called off"
        if self.agreed_at:
            return "Being carried out" if self.tried else "Agreed"
        return "Waits to be agreed"

    @property
    def going_back(self) -> int:
        """How many of those who were moved have still to be moved back, while that is under way."""
        return self.moved - self.back - self.kept if self.undone_at else 0

    def can_be_agreed_by(self, work: Work) -> bool:
        """Whether the actor is the other of the two: another person, in the other role."""
        waits = self.is_open and not self.retired
        return waits and work.actor.id != self.planned_by_id and work.actor.role == OTHER[self.role]

    @property
    def is_open(self) -> bool:
        """Whether it waits to be agreed, and nobody was moved by it."""
        return self.agreed_at is None and self.ended_at is None

    @property
    def can_be_called_off(self) -> bool:
        return self.ended_at is None and self.done_at is None

    @property
    def can_be_taken_back(self) -> bool:
        """Whether there is anybody to move back, who was moved before it was done, called off or ended."""
        over = self.done_at is not None or self.ended_at is not None
        return over and self.moved > 0 and self.undone_at is None


def plan(work: Work, plan_id: UUID) -> Plan:
    """One plan. Refuses with NotFound for none of the service's."""
    found = _plans(work, _PLANS.where(MovePlan.id == plan_id))
    if not found:
        raise NotFound
    return found[0]


def question(work: Work, plan_id: UUID) -> Question:
    """What the what-if of a plan asked. Refuses with NotFound for a plan that is none of the service's."""
    row = work.session.get(MovePlan, (work.service_id, plan_id))
    if row is None:
        raise NotFound
    return what_if_queries.question_of_version(work, row.what_if_id)


def is_retired(work: Work, version_id: UUID) -> bool:
    """Whether a version takes nobody any more."""
    version = version_queries.version(work, version_id)
    return version is None or version.retired_at is not None


@dataclass(frozen=True)
class Waiting:
    """What waits for whoever chooses pathways: plans to be agreed, all plans, and incidents."""

    to_agree: int
    plans: int
    incidents: int


_WAITING = sa.select(
    sa.select(sa.func.count())
    .where(MovePlan.service_id == sa.bindparam("service"), MovePlan.agreed_at.is_(None), MovePlan.ended_at.is_(None))
    .scalar_subquery(),
    sa.select(sa.func.count()).where(MovePlan.service_id == sa.bindparam("service")).scalar_subquery(),
    sa.select(sa.func.count())
    .where(Incident.service_id == sa.bindparam("service"), Incident.closed_at.is_(None))
    .scalar_subquery(),
)


def waiting(work: Work) -> Waiting:
    """What waits, counted in one look."""
    return Waiting(*work.read(_WAITING, {"service": work.service_id}).one())


def plans(work: Work) -> list[Plan]:
    """The service's plans, the newest first."""
    return _plans(work, _PLANS.order_by(MovePlan.planned_at.desc()).limit(50))


def _name(person: Any) -> Any:
    """Somebody's name; empty for nobody."""
    found = sa.select(sa.func.concat_ws(" ", Person.given_name, Person.family_name)).where(
        Person.service_id == MovePlan.service_id, Person.id == person
    )
    return sa.func.coalesce(found.scalar_subquery(), "")


def _count(*which: Any) -> Any:
    """How many patients of a plan it is so for."""
    of_plan = (Moved.service_id == MovePlan.service_id, Moved.plan_id == MovePlan.id)
    return sa.select(sa.func.count()).where(*of_plan, *which).scalar_subquery()


_PLANS = (
    sa.select(
        MovePlan,
        _name(MovePlan.planned_by).label("planner"),
        _name(MovePlan.agreed_by).label("partner"),
        _name(MovePlan.ended_by).label("ender"),
        _name(MovePlan.undone_by).label("undoer"),
        _count().label("tried"),
        _count(Moved.decision_id.is_not(None)).label("moved"),
        _count(Moved.back_at.is_not(None), Moved.back_why == "").label("back"),
        _count(Moved.back_at.is_not(None), Moved.back_why != "").label("kept"),
        PathwayVersion.retired_at.is_not(None).label("retired"),
    )
    .join(
        PathwayVersion,
        sa.and_(PathwayVersion.service_id == MovePlan.service_id, PathwayVersion.id == MovePlan.to_id),
    )
    .where(MovePlan.service_id == sa.bindparam("service"))
)


def _plans(work: Work, wanted: sa.Select[Any]) -> list[Plan]:
    rows = work.session.execute(wanted, {"service": work.service_id}).all()
    asked = what_if_queries.asked_among(work, [row.MovePlan.what_if_id for row in rows])
    return [_plan(row, asked[row.MovePlan.what_if_id]) for row in rows]


def _plan(found: sa.Row[Any], asked: Asked) -> Plan:
    row: MovePlan = found.MovePlan
    return Plan(
        id=row.id,
        asked=asked,
        to_id=row.to_id,
        retired=found.retired,
        but=tuple(UUID(one) for one in row.but),
        due_on=row.due_on,
        note=row.note,
        planned_by_id=row.planned_by,
        planned_by=found.planner,
        role=Role(row.role),
        planned_at=row.planned_at,
        agreed_by=found.partner,
        agreed_at=row.agreed_at,
        ended_by=found.ender,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
        tried=found.tried,
        moved=found.moved,
        back=found.back,
        kept=found.kept,
        done_at=row.done_at,
        undone_by=found.undoer,
        undone_at=row.undone_at,
    )


@dataclass(frozen=True)
class Outcome:
    """What a plan came to for one patient."""

    patient_id: UUID
    name: str
    moved: bool
    why: str
    at: datetime
    back_at: datetime | None
    back_why: str

    @property
    def words(self) -> str:
        """What became of them, in a few words."""
        if self.back_why:
            return f"Moved, and stays: {self.back_why}"
        if self.back_at:
            return "Moved, and moved back"
        return "Moved" if self.moved else f"Stays where they were: {self.why}"


def outcomes(work: Work, plan_id: UUID) -> list[Outcome]:
    """What the plan came to, those who stayed first, then by name."""
    rows = work.session.execute(
        sa.select(Moved, sa.func.concat_ws(" ", Person.given_name, Person.family_name))
        .join(Person, sa.and_(Person.service_id == Moved.service_id, Person.id == Moved.patient_id))
        .where(Moved.service_id == work.service_id, Moved.plan_id == plan_id)
        .order_by(Moved.decision_id.is_not(None), Person.family_name, Person.given_name)
    )
    return [
        Outcome(row.patient_id, name, row.decision_id is not None, row.why, row.at, row.back_at, row.back_why)
        for row, name in rows
    ]


def _under_way(work: Work, from_ids: Collection[UUID], but: Collection[UUID], wanted: Any) -> Any:
    """Of the patients on some versions and not discharged, without those left out."""
    record = sa.and_(PatientRecord.service_id == Enrolment.service_id, PatientRecord.id == Enrolment.patient_id)
    return (
        wanted.select_from(Enrolment)
        .join(PatientRecord, record)
        .where(
            Enrolment.service_id == work.service_id,
            Enrolment.pathway_version_id.in_(list(from_ids)),
            Enrolment.ended_at.is_(None),
            PatientRecord.discharged_at.is_(None),
            Enrolment.patient_id.not_in(list(but)),
        )
    )


def would_move(work: Work, from_ids: Collection[UUID], but: Collection[UUID] = ()) -> int:
    """How many patients a plan for some versions takes in as things stand now."""
    found: int = work.session.execute(_under_way(work, from_ids, but, sa.select(sa.func.count()))).scalar_one()
    return found


@dataclass(frozen=True)
class Overlap:
    """A plan that is agreed and not over, and how many patients of another one it takes in too."""

    plan: Plan
    patients: int


def overlap(work: Work, from_ids: Collection[UUID], but: Collection[UUID], than: UUID | None = None) -> Overlap | None:
    """The first agreed plan, other than one, that is still to move any of these patients."""
    agreed = _PLANS.where(MovePlan.agreed_at.is_not(None), MovePlan.ended_at.is_(None), MovePlan.done_at.is_(None))
    for other in _plans(work, agreed.order_by(MovePlan.due_on, MovePlan.planned_at)):
        both = set(other.asked.from_ids) & set(from_ids)
        if other.id != than and (several := would_move(work, both, {*but, *other.but})):
            return Overlap(other, several)
    return None


def next_to_move(work: Work, row: MovePlan, from_ids: Sequence[UUID], but: Collection[UUID] = ()) -> UUID | None:
    """The next patient of a plan nobody has tried to move yet, who is none of `but`."""
    tried = sa.exists().where(
        Moved.service_id == Enrolment.service_id, Moved.plan_id == row.id, Moved.patient_id == Enrolment.patient_id
    )
    left_out = [*(UUID(one) for one in row.but), *but]
    wanted = _under_way(work, from_ids, left_out, sa.select(Enrolment.patient_id))
    wanted = wanted.where(~tried).order_by(Enrolment.patient_id).limit(1)
    found: UUID | None = work.session.execute(wanted).scalar_one_or_none()
    return found


def version_of(work: Work, patient_id: UUID) -> UUID | None:
    """The version a patient is on now."""
    found: UUID | None = work.session.execute(
        sa.select(Enrolment.pathway_version_id).where(
            Enrolment.service_id == work.service_id, Enrolment.patient_id == patient_id, Enrolment.ended_at.is_(None)
        )
    ).scalar_one_or_none()
    return found


def next_to_move_back(work: Work, plan_id: UUID, but: Collection[UUID] = ()) -> UUID | None:
    """The next patient of a plan that was taken back who has not been looked at since, and is none of `but`."""
    found: UUID | None = work.session.execute(
        sa.select(Moved.patient_id)
        .where(
            Moved.service_id == work.service_id,
            Moved.plan_id == plan_id,
            Moved.decision_id.is_not(None),
            Moved.back_at.is_(None),
            Moved.patient_id.not_in(list(but)),
        )
        .order_by(Moved.patient_id)
        .limit(1)
    ).scalar_one_or_none()
    return found


def due(work: Work, today: date) -> list[UUID]:
    """The plans that are agreed and whose day has come, and those that were taken back with patients still moved."""
    still = sa.exists().where(
        Moved.service_id == MovePlan.service_id,
        Moved.plan_id == MovePlan.id,
        Moved.decision_id.is_not(None),
        Moved.back_at.is_(None),
    )
    rows = work.session.execute(
        sa.select(MovePlan.id)
        .where(
            MovePlan.service_id == work.service_id,
            sa.or_(
                sa.and_(
                    MovePlan.agreed_at.is_not(None),
                    MovePlan.ended_at.is_(None),
                    MovePlan.done_at.is_(None),
                    MovePlan.due_on <= today,
                ),
                sa.and_(MovePlan.undone_at.is_not(None), still),
            ),
        )
        .order_by(MovePlan.due_on, MovePlan.planned_at)
    )
    return list(rows.scalars())
