"""Who people are: principals, patients, staff, links."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.accounts.roles import Role, Scope
from app.accounts.tables import (
    Assignment,
    KnownDevice,
    PatientRecord,
    Person,
    PersonKind,
    Service,
    SignIn,
    SignInLink,
    SignInSeen,
    StaffRole,
    Supervision,
)
from app.kit import prepared
from app.kit.work import Work

KEEPS_ACCESS_AFTER_DISCHARGE = timedelta(days=30)
# How long a sign-in lasts untouched, by whether it is staff's, and how long at most.
IDLE = {True: timedelta(minutes=15), False: timedelta(minutes=30)}
TOTAL = timedelta(hours=12)


@dataclass(frozen=True)
class ServiceFacts:
    """What pages say about a service."""

    id: UUID
    name: str
    zone: ZoneInfo
    settings: dict[str, str]


@dataclass(frozen=True)
class Patient:
    """A patient somebody was found to be allowed to reach; obtained only through `access`."""

    id: UUID
    given_name: str
    family_name: str
    email: str
    zone: ZoneInfo
    born_on: date
    nhs_number: str | None
    contact_note: str
    discharged_at: datetime | None
    practitioner_id: UUID | None
    practitioner_given_name: str
    practitioner_family_name: str
    # Through what they are lent to somebody whose they are not.
    lent: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True)
class Principal:
    """Who is signed in, in which role, since when."""

    sign_in_id: UUID
    person_id: UUID
    kind: PersonKind
    role: Role
    given_name: str
    family_name: str
    zone: ZoneInfo
    started_at: datetime
    seen_at: datetime
    service: ServiceFacts
    patient: Patient | None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


def local_today(work: Work) -> date:
    """The day it is where the service is."""
    zone = work.session.execute(sa.select(Service.zone).where(Service.id == work.service_id)).scalar_one()
    return work.now.astimezone(ZoneInfo(zone)).date()


def service_facts(row: sa.Row[Any] | Service) -> ServiceFacts:
    return ServiceFacts(row.id, row.name, ZoneInfo(row.zone), dict(row.settings))


def services(session: Session) -> list[ServiceFacts]:
    """Every service of this deployment: their names are public."""
    return [service_facts(row) for row in session.execute(sa.select(Service).order_by(Service.name)).scalars()]


def services_by_slug(session: Session) -> dict[str, ServiceFacts]:
    """Every service of this deployment by its short name."""
    rows = session.execute(sa.select(Service).order_by(Service.slug)).scalars()
    return {row.slug: service_facts(row) for row in rows}


_practitioner = aliased(Person, name="practitioner")


def _patient_columns() -> list[Any]:
    return [
        PatientRecord.born_on,
        PatientRecord.nhs_number,
        PatientRecord.contact_note,
        PatientRecord.discharged_at,
        _practitioner.id.label("practitioner_id"),
        _practitioner.given_name.label("practitioner_given_name"),
        _practitioner.family_name.label("practitioner_family_name"),
    ]


def _with_practitioner(statement: sa.Select[Any]) -> sa.Select[Any]:
    return statement.outerjoin(
        Assignment,
        sa.and_(
            Assignment.service_id == PatientRecord.service_id,
            Assignment.patient_id == PatientRecord.id,
            Assignment.ended_at.is_(None),
        ),
    ).outerjoin(
        _practitioner,
        sa.and_(
            _practitioner.service_id == Assignment.service_id,
            _practitioner.id == Assignment.practitioner_id,
            _practitioner.deactivated_at.is_(None),
        ),
    )


def _patient(row: sa.Row[Any]) -> Patient:
    return Patient(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        email=row.email,
        zone=ZoneInfo(row.zone),
        born_on=row.born_on,
        nhs_number=row.nhs_number,
        contact_note=row.contact_note,
        discharged_at=row.discharged_at,
        practitioner_id=row.practitioner_id,
        practitioner_given_name=row.practitioner_given_name or "",
        practitioner_family_name=row.practitioner_family_name or "",
    )


def _has_role() -> sa.ColumnElement[bool]:
    held: sa.ColumnElement[bool] = (
        sa.select(StaffRole.id)
        .where(
            StaffRole.service_id == SignIn.service_id,
            StaffRole.person_id == SignIn.person_id,
            StaffRole.role == SignIn.role,
            StaffRole.ended_at.is_(None),
        )
        .exists()
    )
    return held


_PRINCIPAL = _with_practitioner(
    sa.select(
        SignIn.id.label("sign_in_id"),
        SignIn.role,
        SignIn.started_at,
        SignInSeen.seen_at,
        Person.id,
        Person.kind,
        Person.given_name,
        Person.family_name,
        Person.email,
        Person.zone,
        Service.id.label("service_id"),
        Service.name.label("service_name"),
        Service.zone.label("service_zone"),
        Service.settings,
        *_patient_columns(),
    )
    .select_from(SignIn)
    .join(Person, sa.and_(Person.service_id == SignIn.service_id, Person.id == SignIn.person_id))
    .join(Service, Service.id == SignIn.service_id)
    .outerjoin(SignInSeen, sa.and_(SignInSeen.service_id == SignIn.service_id, SignInSeen.sign_in_id == SignIn.id))
    .outerjoin(PatientRecord, sa.and_(PatientRecord.service_id == Person.service_id, PatientRecord.id == Person.id))
).where(
    SignIn.token_hash == sa.bindparam("token_hash"),
    SignIn.ended_at.is_(None),
    Person.deactivated_at.is_(None),
    sa.or_(SignIn.role == Role.PATIENT, _has_role()),
)


def principal(session: Session, token_hash: bytes) -> Principal | None:
    """Who holds this session token, with all that a page's frame needs, in one statement."""
    [found] = prepared.read(session, (_PRINCIPAL, {"token_hash": token_hash}))
    row = found.one_or_none()
    if row is None:
        return None
    service = ServiceFacts(row.service_id, row.service_name, ZoneInfo(row.service_zone), dict(row.settings))
    return Principal(
        sign_in_id=row.sign_in_id,
        person_id=row.id,
        kind=row.kind,
        role=row.role,
        given_name=row.given_name,
        family_name=row.family_name,
        zone=ZoneInfo(row.zone),
        started_at=row.started_at,
        seen_at=row.seen_at or row.started_at,
        service=service,
        patient=_patient(row) if row.kind is PersonKind.PATIENT else None,
    )


def reaches(scope: Scope) -> sa.ColumnElement[bool]:
    """The patients a scope reaches, as a condition on `PatientRecord`; its parameters are `within(work)`."""
    me: Any = sa.bindparam("me")
    since: Any = sa.bindparam("discharged_since")
    mine = (
        sa.select(Assignment.id)
        .where(
            Assignment.service_id == PatientRecord.service_id,
            Assignment.patient_id == PatientRecord.id,
            Assignment.ended_at.is_(None),
        )
        .correlate(PatientRecord)
    )
    lately = sa.or_(PatientRecord.discharged_at.is_(None), PatientRecord.discharged_at > since)
    if scope is Scope.ASSIGNED:
        return sa.and_(lately, mine.where(Assignment.practitioner_id == me).exists())
    if scope is Scope.SUPERVISED:
        supervised = mine.join(
            Supervision,
            sa.and_(
                Supervision.service_id == Assignment.service_id,
                Supervision.practitioner_id == Assignment.practitioner_id,
                Supervision.ended_at.is_(None),
            ),
        ).where(Supervision.supervisor_id == me)
        return sa.and_(lately, supervised.exists())
    if scope is Scope.SERVICE:
        return sa.true()
    return sa.and_(PatientRecord.id == me)


def within(work: Work) -> dict[str, Any]:
    """Whose reach it is, and when: the parameters of every statement that asks `reaches`."""
    return {
        "service": work.service_id,
        "me": work.actor.id,
        "discharged_since": work.now - KEEPS_ACCESS_AFTER_DISCHARGE,
    }


_PATIENT = _with_practitioner(
    sa.select(Person.id, Person.given_name, Person.family_name, Person.email, Person.zone, *_patient_columns())
    .select_from(PatientRecord)
    .join(Person, sa.and_(Person.service_id == PatientRecord.service_id, Person.id == PatientRecord.id))
)


@cache
def _reached(scope: Scope) -> sa.Select[Any]:
    return _PATIENT.where(
        PatientRecord.service_id == sa.bindparam("service"),
        PatientRecord.id == sa.bindparam("patient"),
        reaches(scope),
    )


def patient_within(work: Work, scope: Scope, patient_id: UUID) -> Patient | None:
    """A patient, where the scope reaches them; None alike for a stranger's and for nobody's."""
    row = work.read(_reached(scope), {**within(work), "patient": patient_id}).one_or_none()
    return _patient(row) if row else None


def patients_within(work: Work, scope: Scope) -> list[Patient]:
    """The patients a scope reaches who have not been discharged, by family name."""
    statement = _PATIENT.where(
        PatientRecord.service_id == sa.bindparam("service"), PatientRecord.discharged_at.is_(None), reaches(scope)
    )
    by_name = statement.order_by(Person.family_name, Person.given_name, Person.id)
    return [_patient(row) for row in work.read(by_name, within(work))]


def person(work: Work, person_id: UUID | None) -> Person | None:
    """Somebody of this service who is still active."""
    found = work.session.get(Person, (work.service_id, person_id)) if person_id else None
    return found if found and found.deactivated_at is None else None


def service(work: Work) -> ServiceFacts:
    """The service this work is for."""
    return service_facts(work.session.get_one(Service, work.service_id))


def people_with_email(session: Session, email_key: str) -> list[Person]:
    """The people who have exactly this address, in whatever service; the session must carry the address."""
    found = session.execute(
        sa.select(Person).where(Person.email_key == email_key, Person.deactivated_at.is_(None)).order_by(Person.id)
    )
    return list(found.scalars())


def roles_of(session: Session, person: Person) -> list[Role]:
    """The roles somebody may act in, the widest clinical one first."""
    if person.kind is PersonKind.PATIENT:
        return [Role.PATIENT]
    found = session.execute(
        sa.select(StaffRole.role).where(
            StaffRole.service_id == person.service_id, StaffRole.person_id == person.id, StaffRole.ended_at.is_(None)
        )
    ).scalars()
    return sorted(found, key=list(Role).index)


def holders(work: Work) -> dict[str, int]:
    """How many active people of the service have each role of staff; roles that nobody has are left out."""
    rows = work.session.execute(
        sa.select(StaffRole.role, sa.func.count())
        .join(Person, sa.and_(Person.service_id == StaffRole.service_id, Person.id == StaffRole.person_id))
        .where(StaffRole.service_id == work.service_id, StaffRole.ended_at.is_(None), Person.deactivated_at.is_(None))
        .group_by(StaffRole.role)
    )
    return {role.value: count for role, count in rows}


def is_led(work: Work, *, without: UUID) -> bool:
    """Whether the service has a clinical lead with access besides somebody."""
    found = sa.select(StaffRole.id).where(
        StaffRole.service_id == work.service_id,
        StaffRole.role == Role.CLINICAL_LEAD,
        StaffRole.ended_at.is_(None),
        StaffRole.person_id != without,
        Person.deactivated_at.is_(None),
    )
    active = found.join(Person, sa.and_(Person.service_id == StaffRole.service_id, Person.id == StaffRole.person_id))
    return work.session.execute(active.limit(1)).first() is not None


def link(work: Work, token_hash: bytes) -> tuple[SignInLink, Person] | None:
    """A link and whose it is, for as long as it is unused, in date and its person active."""
    row = work.session.execute(
        sa.select(SignInLink, Person)
        .join(Person, sa.and_(Person.service_id == SignInLink.service_id, Person.id == SignInLink.person_id))
        .where(
            SignInLink.service_id == work.service_id,
            SignInLink.token_hash == token_hash,
            SignInLink.expires_at > work.now,
            SignInLink.used_at.is_(None),
            Person.deactivated_at.is_(None),
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def owner_of_link(work: Work, token_hash: bytes) -> UUID | None:
    """Whose a link is or was, used and old ones too."""
    return work.session.execute(
        sa.select(SignInLink.person_id).where(
            SignInLink.service_id == work.service_id, SignInLink.token_hash == token_hash
        )
    ).scalar_one_or_none()


def knows_device(session: Session, person: Person, token_hash: bytes) -> bool:
    """Whether somebody said that only they use this device."""
    return (
        session.execute(
            sa.select(KnownDevice.id).where(
                KnownDevice.service_id == person.service_id,
                KnownDevice.person_id == person.id,
                KnownDevice.token_hash == token_hash,
                KnownDevice.forgotten_at.is_(None),
            )
        ).first()
        is not None
    )
