"""A patient joins a caseload, and how to be in touch with them changes."""

from typing import Any
from uuid import UUID

from app.accounts import actions as accounts
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.accounts.tables import PatientRecord
from app.kit.work import Work
from app.programme import plan_actions


def invite_and_enrol(work: Work, *, form: dict[str, Any]) -> UUID:
    """Add a patient, invite them, and put them on a pathway, all or nothing."""
    pathway = form.pop("pathway")
    person = accounts.invite_patient(work, **form)
    plan_actions.enrol(work, patient_id=person.id, pathway_version_id=pathway, zone=person.zone)
    return person.id


def change_contact(
    work: Work,
    *,
    patient: Patient,
    contact_note: str,
    local_patient_id: str | None,
    local_referral_id: str | None,
) -> None:
    """Change when and how it is all right to be in touch, and the numbers of the service's own record system."""
    work.require(Capability.EDIT_CONTACT)
    record = work.session.get_one(PatientRecord, (work.service_id, patient.id))
    record.contact_note = contact_note
    record.local_patient_id = local_patient_id
    record.local_referral_id = local_referral_id
    work.session.add(record)
    work.record("patient.contact-changed", patient=patient.id)
