"""Lists of people for those who run the service, and what somebody sees of their own account."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.accounts.queries import IDLE, TOTAL, Patient, Principal, roles_of
from app.accounts.roles import STAFF, Role
from app.accounts.tables import (
    Assignment,
    KnownDevice,
    PatientRecord,
    Person,
    PersonKind,
    SignIn,
    SignInSeen,
    StaffRole,
)
from app.kit.audit import AuditEntry
from app.kit.work import Work


@dataclass(frozen=True)
class StaffMember:
    """A member of staff, the roles they hold and how many patients they look after."""

    id: UUID
    given_name: str
    family_name: str
    email: str
    roles: tuple[Role, ...]
    deactivated_at: datetime | None
    signed_up: bool
    patients: int

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


def staff(work: Work) -> list[StaffMember]:
    """Everybody who works for the service, with their present roles, by family name."""
    patients = (
        sa.select(sa.func.count())
        .select_from(Assignment)
        .join(
            PatientRecord,
            sa.and_(PatientRecord.service_id == Assignment.service_id, PatientRecord.id == Assignment.patient_id),
        )
        .where(
            Assignment.service_id == Person.service_id,
            Assignment.practitioner_id == Person.id,
            Assignment.ended_at.is_(None),
            PatientRecord.discharged_at.is_(None),
        )
        .correlate(Person)
        .scalar_subquery()
    )
    rows = work.session.execute(
        sa.select(Person, sa.func.array_agg(StaffRole.role).filter(StaffRole.ended_at.is_(None)), patients)
        .outerjoin(StaffRole, sa.and_(StaffRole.service_id == Person.service_id, StaffRole.person_id == Person.id))
        .where(Person.service_id == work.service_id, Person.kind == PersonKind.STAFF)
        .group_by(Person.service_id, Person.id)
        .order_by(Person.family_name, Person.given_name)
    )
    return [
        StaffMember(
            id=person.id,
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email,
            roles=tuple(sorted((Role(role) for role in held or ()), key=list(Role).index)),
            deactivated_at=person.deactivated_at,
            signed_up=person.password_hash is not None,
            patients=looked_after,
        )
        for person, held, looked_after in rows
    ]


def member(work: Work, person_id: UUID) -> StaffMember | None:
    """One of the staff, or None where nobody of the service's staff has this id."""
    return next((who for who in staff(work) if who.id == person_id), None)


def name_of(work: Work, person_id: UUID) -> str:
    """What somebody of the service is called; empty for nobody of it."""
    person = work.session.get(Person, (work.service_id, person_id))
    return f"{person.given_name} {person.family_name}" if person else ""


def active_practitioners(work: Work) -> list[StaffMember]:
    """Those who can carry a caseload now."""
    return [who for who in staff(work) if Role.PRACTITIONER in who.roles and who.deactivated_at is None]


@dataclass(frozen=True)
class OpenSignIn:
    """One place somebody is signed in."""

    id: UUID
    device: str
    started_at: datetime
    here: bool


@dataclass(frozen=True)
class Account:
    """What somebody sees about their own way in."""

    name: str
    email: str
    role: Role
    roles: list[Role]
    has_password: bool
    own_devices: int
    sign_ins: list[OpenSignIn]


def account(work: Work, who: Principal) -> Account:
    """One's own account: roles, password, devices and open sign-ins."""
    person = work.session.get_one(Person, (work.service_id, who.person_id))
    sign_ins = work.session.execute(
        sa.select(SignIn)
        .outerjoin(SignInSeen, sa.and_(SignInSeen.service_id == SignIn.service_id, SignInSeen.sign_in_id == SignIn.id))
        .where(
            SignIn.service_id == work.service_id,
            SignIn.person_id == person.id,
            SignIn.ended_at.is_(None),
            SignIn.started_at >= work.now - TOTAL,
            sa.func.coalesce(SignInSeen.seen_at, SignIn.started_at) >= work.now - IDLE[who.role in STAFF],
        )
        .order_by(SignIn.started_at.desc())
        .limit(20)
    ).scalars()
    devices = work.session.execute(
        sa.select(sa.func.count())
        .select_from(KnownDevice)
        .where(
            KnownDevice.service_id == work.service_id,
            KnownDevice.person_id == person.id,
            KnownDevice.forgotten_at.is_(None),
        )
    ).scalar_one()
    return Account(
        name=who.name,
        email=person.email,
        role=who.role,
        roles=roles_of(work.session, person),
        has_password=person.password_hash is not None,
        own_devices=devices,
        sign_ins=[OpenSignIn(row.id, row.device, row.started_at, row.id == who.sign_in_id) for row in sign_ins],
    )


@dataclass(frozen=True)
class Look:
    """That a member of staff opened a patient's record on a day, and how often."""

    name: str
    role: str
    on: date
    times: int


def looks(work: Work, patient: Patient) -> list[Look]:
    """Who has opened the record, a line for each person and day, newest first."""
    local_day = sa.cast(sa.func.timezone(patient.zone.key, AuditEntry.at), sa.Date)
    role = sa.cast(AuditEntry.body, JSONB)["actor_role"].astext
    rows = work.session.execute(
        sa.select(sa.func.concat_ws(" ", Person.given_name, Person.family_name), role, local_day, sa.func.count())
        .join(Person, sa.and_(Person.service_id == AuditEntry.service_id, Person.id == AuditEntry.actor_id))
        .where(
            AuditEntry.service_id == work.service_id,
            AuditEntry.patient_id == patient.id,
            AuditEntry.event == "patient.opened",
        )
        .group_by(Person.given_name, Person.family_name, role, local_day)
        .order_by(local_day.desc(), Person.family_name)
        .limit(200)
    )
    return [Look(name, Role(acted_as).label, on, times) for name, acted_as, on, times in rows]


@dataclass(frozen=True)
class Found:
    """Somebody found by name or address: enough to help them sign in, and no more."""

    id: UUID
    name: str
    email: str
    kind: PersonKind
    deactivated_at: datetime | None
    has_codes: bool


def people_called(work: Work, words: str) -> list[Found]:
    """People of the service whose name or address contains these words, at most 20."""
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    name = sa.func.concat_ws(" ", Person.given_name, Person.family_name)
    rows = work.session.execute(
        sa.select(Person)
        .where(Person.service_id == work.service_id, sa.or_(name.ilike(pattern), Person.email.ilike(pattern)))
        .order_by(Person.family_name, Person.given_name)
        .limit(20)
    ).scalars()
    return [
        Found(p.id, f"{p.given_name} {p.family_name}", p.email, p.kind, p.deactivated_at, p.totp_secret is not None)
        for p in rows
    ]
