"""A patient joins a caseload, and how to be in touch with them changes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.accounts import actions as accounts
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role
from app.accounts.tables import PatientRecord
from app.caseload import queries
from app.kit.errors import Conflict
from app.kit.work import Work
from app.programme import plan_actions
from app.safety import climb_actions


class ContactChanged(Conflict):
    """Somebody else changed these since the page was opened; `present` is what they are now, by field."""

    def __init__(self, present: Mapping[str, str]) -> None:
        super().__init__()
        self.present = present


def invite_and_enrol(work: Work, *, pathway: UUID, **person_said: Any) -> UUID:
    """Add a patient, invite them, and put them on a pathway, all or nothing."""
    person = accounts.invite_patient(work, **person_said)
    plan_actions.enrol(work, patient_id=person.id, pathway_version_id=pathway, zone=person.zone)
    return person.id


def reassign(work: Work, *, patient_id: UUID, practitioner_id: UUID) -> None:
    """Give a patient another practitioner, and an open alert with them."""
    accounts.reassign(work, patient_id=patient_id, practitioner_id=practitioner_id)
    climb_actions.hand_over(work)


def deactivate(work: Work, *, person_id: UUID) -> None:
    """End somebody's access at once, and pass every open alert that was theirs to whoever stands in."""
    accounts.deactivate(work, person_id=person_id)
    climb_actions.hand_over(work)


def take_role(work: Work, *, person_id: UUID, role: Role) -> None:
    """Take a role away, and with a clinical one every open alert that was theirs through it."""
    accounts.take_role(work, person_id=person_id, role=role)
    climb_actions.hand_over(work)


def change_contact(
    work: Work,
    *,
    patient: Patient,
    contact_note: str,
    local_patient_id: str | None,
    local_referral_id: str | None,
    made_from: str | None = None,
) -> None:
    """Change when and how it is all right to be in touch, and the numbers of the service's own record system.

    `made_from` is the `contact_version` the form was made from. Refuses with ContactChanged where somebody
    has changed something to other words since.
    """
    work.require(Capability.EDIT_CONTACT)
    key = (work.service_id, patient.id)
    record = work.session.get_one(PatientRecord, key, with_for_update=True)
    wanted = {
        "contact_note": contact_note,
        "local_patient_id": local_patient_id,
        "local_referral_id": local_referral_id,
    }
    if made_from is not None and made_from != queries.contact_version(record):
        other = {name: getattr(record, name) or "" for name, value in wanted.items() if getattr(record, name) != value}
        if other:
            raise ContactChanged(other)
    for name, value in wanted.items():
        setattr(record, name, value)
    work.session.add(record)
    work.record("patient.contact-changed", patient=patient.id)
