"""What happens to people: they join, are given roles and caseloads, sign in and out."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.accounts import directory, queries
from app.accounts.credential_actions import make_link
from app.accounts.roles import Capability, Role
from app.accounts.tables import (
    Assignment,
    LinkPurpose,
    PatientRecord,
    Person,
    PersonKind,
    Service,
    SignIn,
    SignInSeen,
    StaffRole,
    Supervision,
)
from app.kit import crypto, zones
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.work import Work

CLINICAL = frozenset({Role.PRACTITIONER, Role.SUPERVISOR, Role.CLINICAL_LEAD, Role.RESEARCHER})


class EmailTaken(Conflict):
    words = "Somebody in this service already has that e-mail address."


class NumberTaken(Conflict):
    words = "Somebody in this service already has that NHS number."


class LastLead(Conflict):
    title = "Somebody must lead the service"
    words = (
        "They are the only clinical lead with access, and safety alerts must always have somebody to go to. "
        "Make a colleague clinical lead first."
    )


class UnknownZone(Conflict):
    words = "That is not a time zone that we know."


def email_key(email: str) -> str:
    """How an address is compared: nobody remembers which letters they typed large."""
    return email.strip().casefold()


def found_service(work: Work, *, slug: str, name: str, zone: str, settings: dict[str, Any]) -> Service:
    """Begin a service; `work` is already inside it, so its id is the work's."""
    service = Service(id=work.service_id, slug=slug, name=name, zone=zone, settings=settings, created_at=work.now)
    work.session.add(service)
    work.session.flush()
    work.record("service.founded", slug=slug)
    return service


def add_staff(work: Work, *, given_name: str, family_name: str, email: str, staff_roles: list[Role]) -> Person:
    """Add a member of staff with their roles and send them an invitation."""
    work.require(Capability.MANAGE_STAFF)
    person = _add_person(work, PersonKind.STAFF, given_name, family_name, email)
    for role in staff_roles:
        give_role(work, person_id=person.id, role=role)
    make_link(work, person=person, purpose=LinkPurpose.INVITATION)
    return person


def may_give(work: Work, role: Role) -> bool:
    """Whether the person acting may give or take this role: an administrator no clinical one."""
    return Capability.MANAGE_STAFF in work.actor.may and (role not in CLINICAL or work.actor.role == Role.CLINICAL_LEAD)


def give_role(work: Work, *, person_id: UUID, role: Role) -> None:
    """Give a role; nobody gives one to themselves, and an administrator gives no clinical role."""
    _require_say(work, person_id, role)
    person = _staff(work, person_id)
    if person.deactivated_at is not None:
        raise NotFound
    if role in queries.roles_of(work.session, person):
        raise Conflict("They have that role already.")
    work.add(StaffRole(person_id=person_id, role=role, given_at=work.now, given_by=work.actor.id))
    work.record("role.given", person=person_id, role=role.value)


def take_role(work: Work, *, person_id: UUID, role: Role) -> None:
    """Take a role away: whoever is signed in with it is out at their next request."""
    _require_say(work, person_id, role)
    person = _staff(work, person_id)
    if role not in queries.roles_of(work.session, person):
        raise Conflict("They do not have that role.")
    if role is Role.CLINICAL_LEAD:
        _require_another_lead(work, person_id)
    _end_roles(work, StaffRole.person_id == person_id, StaffRole.role == role)
    work.record("role.taken", person=person_id, role=role.value)


def _require_another_lead(work: Work, person_id: UUID) -> None:
    """Refuse with LastLead unless somebody else who has access leads the service."""
    # Two leads who end each other's access at the same moment would otherwise both succeed.
    work.one_at_a_time("leads", work.service_id)
    if not queries.is_led(work, without=person_id):
        raise LastLead


def _require_say(work: Work, person_id: UUID, role: Role) -> None:
    work.require(Capability.MANAGE_STAFF)
    if person_id == work.actor.id:
        raise Forbidden("You cannot change your own roles. Ask a colleague.")
    if role is Role.PATIENT:
        raise NotFound
    if not may_give(work, role):
        raise Forbidden("Clinical roles are given and taken by the clinical lead.")


def _staff(work: Work, person_id: UUID) -> Person:
    person = work.session.get(Person, (work.service_id, person_id))
    if person is None or person.kind is not PersonKind.STAFF:
        raise NotFound
    return person


def _end_roles(work: Work, *which: sa.ColumnElement[bool]) -> None:
    work.session.execute(
        sa.update(StaffRole)
        .where(StaffRole.service_id == work.service_id, StaffRole.ended_at.is_(None), *which)
        .values(ended_at=work.now)
    )


def invite_patient(
    work: Work,
    *,
    given_name: str,
    family_name: str,
    email: str,
    born_on: Any,
    practitioner_id: UUID,
    nhs_number: str | None = None,
    contact_note: str = "",
    local_patient_id: str | None = None,
    local_referral_id: str | None = None,
    referred_on: Any = None,
) -> Person:
    """Add a patient to a practitioner's caseload and send them an invitation."""
    work.require(Capability.INVITE_PATIENT)
    if (
        nhs_number
        and work.session.execute(sa.select(PatientRecord.id).where(PatientRecord.nhs_number == nhs_number)).first()
    ):
        raise NumberTaken
    if practitioner_id not in {who.id for who in directory.active_practitioners(work)}:
        raise NotFound
    person = _add_person(work, PersonKind.PATIENT, given_name, family_name, email)
    work.add(
        PatientRecord(
            id=person.id,
            born_on=born_on,
            nhs_number=nhs_number,
            contact_note=contact_note,
            local_patient_id=local_patient_id,
            local_referral_id=local_referral_id,
            referred_on=referred_on,
        )
    )
    work.add(Assignment(patient_id=person.id, practitioner_id=practitioner_id, started_at=work.now))
    work.record("patient.invited", patient=person.id, practitioner=practitioner_id)
    make_link(work, person=person, purpose=LinkPurpose.INVITATION)
    return person


def _add_person(work: Work, kind: PersonKind, given_name: str, family_name: str, email: str) -> Person:
    key = email_key(email)
    if work.session.execute(
        sa.select(Person.id).where(Person.service_id == work.service_id, Person.email_key == key)
    ).first():
        raise EmailTaken
    person = work.add(
        Person(
            kind=kind,
            given_name=given_name,
            family_name=family_name,
            email=email.strip(),
            email_key=key,
            created_at=work.now,
        )
    )
    work.record("person.added", person=person.id, kind=kind.value)
    return person


def reassign(work: Work, *, patient_id: UUID, practitioner_id: UUID) -> None:
    """Give a patient another practitioner, who sees them at once; the one before stops seeing them."""
    work.require(Capability.REASSIGN_PATIENT)
    if practitioner_id not in {who.id for who in directory.active_practitioners(work)}:
        raise NotFound
    work.session.execute(
        sa.update(Assignment)
        .where(
            Assignment.service_id == work.service_id,
            Assignment.patient_id == patient_id,
            Assignment.ended_at.is_(None),
        )
        .values(ended_at=work.now)
    )
    work.add(Assignment(patient_id=patient_id, practitioner_id=practitioner_id, started_at=work.now))
    work.record("patient.reassigned", patient=patient_id, practitioner=practitioner_id)


def supervise(work: Work, *, supervisor_id: UUID, practitioner_id: UUID) -> None:
    """Say that one supervises the other."""
    work.require(Capability.MANAGE_STAFF)
    work.add(Supervision(supervisor_id=supervisor_id, practitioner_id=practitioner_id, started_at=work.now))
    work.record("supervision.begun", supervisor=supervisor_id, practitioner=practitioner_id)


def deactivate(work: Work, *, person_id: UUID) -> None:
    """End somebody's access at once: their sessions and roles end with this request."""
    work.require(Capability.MANAGE_STAFF)
    if person_id == work.actor.id:
        raise Forbidden("You cannot deactivate yourself. Ask a colleague.")
    person = _staff(work, person_id)
    if person.deactivated_at is not None:
        return
    if Role.CLINICAL_LEAD in queries.roles_of(work.session, person):
        _require_another_lead(work, person_id)
    person.deactivated_at = work.now
    work.session.add(person)
    _end_roles(work, StaffRole.person_id == person_id)
    _end(work, SignIn.person_id == person_id)
    work.record("person.deactivated", person=person_id)


def reactivate(work: Work, *, person_id: UUID) -> None:
    """Let a colleague who left come in again. They have no role until somebody gives them one."""
    work.require(Capability.MANAGE_STAFF)
    person = _staff(work, person_id)
    if person.deactivated_at is None:
        return
    person.deactivated_at = None
    work.session.add(person)
    work.record("person.reactivated", person=person_id)


def change_zone(work: Work, *, person_id: UUID, zone: str, said_by: str) -> None:
    """Count somebody's days and times in another zone from now on; raises UnknownZone for a name that is none."""
    if zone not in zones.known():
        raise UnknownZone
    person = work.session.get(Person, (work.service_id, person_id), with_for_update=True)
    if person is None:
        raise NotFound
    if person.zone != zone:
        person.zone = zone
        work.record("person.zone-changed", person=person_id, zone=zone, said_by=said_by)


def begin_sign_in(work: Work, *, person: Person, role: Role, device: str, since: datetime | None = None) -> str:
    """Sign somebody in; returns the secret for their cookie. Every sign-in has a new one.

    `since` is when they signed in first, where this one goes on from another and must not outlast it.
    """
    secret = crypto.new_secret()
    row = work.add(
        SignIn(
            person_id=person.id,
            token_hash=crypto.fingerprint(secret),
            role=role,
            device=device[:120],
            started_at=since or work.now,
        )
    )
    if since:
        work.add(SignInSeen(sign_in_id=row.id, seen_at=work.now))
    work.record("sign-in.begun", person=person.id, role=role.value, sign_in=row.id)
    return secret


def end_sign_in(work: Work, *, sign_in_id: UUID) -> None:
    """Sign out one session of the actor's own."""
    _end(work, SignIn.id == sign_in_id, SignIn.person_id == work.actor.id)
    work.record("sign-in.ended", sign_in=sign_in_id)


def end_sign_ins(work: Work, *, person_id: UUID) -> None:
    """Sign somebody out everywhere."""
    if person_id != work.actor.id:
        work.require(Capability.HELP_SIGN_IN if Capability.HELP_SIGN_IN in work.actor.may else Capability.MANAGE_STAFF)
    if work.session.get(Person, (work.service_id, person_id)) is None:
        raise NotFound
    _end(work, SignIn.person_id == person_id)
    work.record("sign-in.ended-everywhere", person=person_id)


def end_others(work: Work, *, person: Person, keep: UUID | None = None) -> None:
    """Sign somebody out everywhere but here, because the password they were signed in with is no longer theirs."""
    _end(work, SignIn.person_id == person.id, SignIn.id != keep if keep else sa.true())
    work.record("sign-in.ended-elsewhere", person=person.id)


def _end(work: Work, *which: sa.ColumnElement[bool]) -> None:
    work.session.execute(
        sa.update(SignIn)
        .where(SignIn.service_id == work.service_id, SignIn.ended_at.is_(None), *which)
        .values(ended_at=work.now)
    )


def new_service_id() -> UUID:
    """The id of a service about to be founded: its own transaction must be inside it."""
    return uuid4()
