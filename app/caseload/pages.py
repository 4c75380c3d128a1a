"""The caseload, a new patient, and who a patient is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import actions as accounts
from app.accounts import directory, roles
from app.accounts import queries as people
from app.accounts.access import StaffWork, may, whose
from app.accounts.forms import PatientForm, ReassignForm
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role, Scope
from app.caseload import actions, queries
from app.caseload.forms import ContactForm, LookedFor
from app.kit.errors import Conflict
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.work import Work
from app.programme import queries as programme
from app.safety.banner import banner

router = APIRouter()

CaseloadWork = Annotated[Work, may(Capability.SEE_CASELOAD)]
InvitingWork = Annotated[Work, may(Capability.INVITE_PATIENT)]
KnownPatient = Annotated[Patient, whose(Capability.SEE_IDENTITY)]
EditedPatient = Annotated[Patient, whose(Capability.EDIT_CONTACT)]
ReassignedPatient = Annotated[Patient, whose(Capability.REASSIGN_PATIENT)]


@router.get("/caseload")
def caseload(request: Request, work: CaseloadWork) -> Response:
    scope = roles.scope(Role(work.actor.role), Capability.SEE_CASELOAD)
    assert scope is not None
    asked = LookedFor.from_address(request.query_params)
    library = request.app.state.library
    return page(
        request,
        "caseload/caseload.html",
        shown=queries.caseload(work, scope, library, find=asked.find, need=asked.need, page=asked.page),
        reliable={one.short: one.reliable_change for one in library.instruments.values()},
        others=scope is not Scope.ASSIGNED,
        may_invite=Capability.INVITE_PATIENT in work.actor.may,
        now=work.now,
        zone=work.actor.zone,
        done=request.query_params.get("done", ""),
    )


@router.get("/patients/new")
def new_patient(request: Request, work: InvitingWork) -> Response:
    return _new_patient(request, work)


@router.post("/patients/new")
def invite_patient(request: Request, work: InvitingWork, posted: Posted) -> Response:
    form, problems = PatientForm.read(posted)
    if form is not None:
        try:
            patient_id = actions.invite_and_enrol(work, form=form.model_dump())
            return _onwards(work, patient_id, "invited")
        except accounts.EmailTaken as taken:
            problems = {"email": taken.words}
        except Conflict as taken:
            problems = {"nhs_number": taken.words}
    return _new_patient(request, work, status=422, posted=posted, problems=problems)


@router.get("/patients/{patient_id}")
def patient(request: Request, work: StaffWork, patient: KnownPatient) -> Response:
    tabs = banner(work, patient).tabs
    return see_other(tabs[0].href)


@router.get("/patients/{patient_id}/details")
def details(request: Request, work: StaffWork, patient: KnownPatient) -> Response:
    return _details(request, work, patient)


@router.post("/patients/{patient_id}/details")
def change_contact(request: Request, work: StaffWork, patient: EditedPatient, posted: Posted) -> Response:
    form, problems = ContactForm.read(posted)
    if form is None:
        return _details(request, work, patient, status=422, posted=posted, problems=problems)
    actions.change_contact(work, patient=patient, **form.model_dump())
    return see_other(f"/patients/{patient.id}/details?done=changed")


@router.post("/patients/{patient_id}/practitioner")
def reassign(request: Request, work: StaffWork, patient: ReassignedPatient, posted: Posted) -> Response:
    form, problems = ReassignForm.read(posted)
    if form is None:
        return _details(request, work, patient, status=422, posted=posted, problems=problems)
    accounts.reassign(work, patient_id=patient.id, practitioner_id=form.practitioner_id)
    return _onwards(work, patient.id, "reassigned")


def _onwards(work: Work, patient_id: UUID, done: str) -> Response:
    """To the patient's details, or to the list where they are now somebody else's."""
    reach = roles.scope(Role(work.actor.role), Capability.SEE_IDENTITY)
    if reach and people.patient_within(work, reach, patient_id):
        return see_other(f"/patients/{patient_id}/details?done={done}")
    return see_other(f"/caseload?done={done}")


def _new_patient(request: Request, work: Work, **more: object) -> Response:
    return page(
        request,
        "caseload/new-patient.html",
        place="/caseload",
        practitioners=directory.active_practitioners(work),
        pathways=programme.in_use(work),
        me=work.actor.id,
        **more,
    )


def _details(request: Request, work: Work, patient: Patient, **more: object) -> Response:
    return page(
        request,
        "caseload/details.html",
        place="/caseload",
        banner=banner(work, patient),
        patient=patient,
        record=queries.record(work, patient),
        may_edit=Capability.EDIT_CONTACT in work.actor.may,
        may_reassign=Capability.REASSIGN_PATIENT in work.actor.may,
        practitioners=directory.active_practitioners(work),
        done=request.query_params.get("done", ""),
        **more,
    )
