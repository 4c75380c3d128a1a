"""The caseload, a new patient, and who a patient is."""

from collections.abc import Mapping
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
from app.caseload import actions, left_queries, queries
from app.caseload.forms import ContactForm, LookedFor, birthday_problem
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import queries as programme
from app.safety.banner import banner

router = APIRouter(route_class=Route)

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
        reliable={one.short: one.reliable_change for one in library.instruments.values() if one.reliable_change},
        others=scope is not Scope.ASSIGNED,
        may_invite=Capability.INVITE_PATIENT in work.actor.may,
        may_tailor=Capability.TAILOR_PROGRAMME in work.actor.may,
        now=work.now,
        zone=work.actor.zone,
        done=request.query_params.get("done", ""),
        given_to=_given_to(request, work),
    )


@router.get("/caseload/left")
def left(request: Request, work: CaseloadWork) -> Response:
    scope = roles.scope(Role(work.actor.role), Capability.SEE_CASELOAD)
    assert scope is not None
    return page(
        request,
        "caseload/left.html",
        place="/caseload",
        left=left_queries.left(work, scope, request.app.state.library),
        may_reassign=Capability.REASSIGN_PATIENT in work.actor.may,
        zone=work.actor.zone,
    )


def _given_to(request: Request, work: Work) -> str:
    """Who looks after a patient that is not on this list, as the address of a notice says it."""
    asked = request.query_params.get("with")
    return next((who.name for who in directory.active_practitioners(work) if str(who.id) == asked), "") if asked else ""


@router.get("/patients/new")
def new_patient(request: Request, work: InvitingWork) -> Response:
    return _new_patient(request, work)


@router.post("/patients/new")
def invite_patient(request: Request, work: InvitingWork, posted: Posted) -> Response:
    form, problems = PatientForm.read(posted)
    if form is not None and (slip := birthday_problem(form.born_on, work.today)):
        problems = {"born_on": slip}
    elif form is not None:
        try:
            patient_id = actions.invite_and_enrol(work, **form.model_dump())
            return _onwards(work, patient_id, "invited", form.practitioner_id)
        except accounts.EmailTaken as taken:
            problems = {"email": taken.words}
        except accounts.NumberTaken as taken:
            problems = {"nhs_number": taken.words}
    return _new_patient(request, work, status=422, posted=posted, problems=problems)


@router.get("/patients/{patient_id}")
def patient(request: Request, work: StaffWork, patient: KnownPatient) -> Response:
    tabs = banner(work, patient, request.app.state.library.instruments).tabs
    return see_other(tabs[0].href)


@router.get("/patients/{patient_id}/details")
def details(request: Request, work: StaffWork, patient: KnownPatient) -> Response:
    return _details(request, work, patient)


@router.post("/patients/{patient_id}/details")
def change_contact(request: Request, work: StaffWork, patient: EditedPatient, posted: Posted) -> Response:
    form, problems = ContactForm.read(posted)
    if form is None:
        return _details(request, work, patient, status=422, posted=posted, problems=problems)
    try:
        actions.change_contact(work, patient=patient, **form.model_dump())
    except actions.ContactChanged as changed:
        return _details(request, work, patient, status=409, posted=posted, problems=_both(changed.present))
    return see_other(f"/patients/{patient.id}/details?done=changed")


@router.post("/patients/{patient_id}/practitioner")
def reassign(request: Request, work: StaffWork, patient: ReassignedPatient, posted: Posted) -> Response:
    form, problems = ReassignForm.read(posted)
    if form is None:
        return _details(request, work, patient, status=422, posted=posted, problems=problems)
    actions.reassign(work, patient_id=patient.id, practitioner_id=form.practitioner_id)
    return _onwards(work, patient.id, "reassigned", form.practitioner_id)


def _both(present: Mapping[str, str]) -> dict[str, str]:
    """What each field says now, beside what was typed into it."""
    return {
        name: "Somebody changed this while you had the page open. "
        + (f"It now says “{words}”. " if words else "It is now empty. ")
        + "Save again to keep what you typed."
        for name, words in present.items()
    }


def _onwards(work: Work, patient_id: UUID, done: str, practitioner_id: UUID) -> Response:
    """To the patient's details, or to the list where they are now somebody else's."""
    reach = roles.scope(Role(work.actor.role), Capability.SEE_IDENTITY)
    if reach and people.patient_within(work, reach, patient_id):
        return see_other(f"/patients/{patient_id}/details?done={done}")
    return see_other(f"/caseload?done={done}&with={practitioner_id}")


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
        banner=banner(work, patient, request.app.state.library.instruments),
        patient=patient,
        record=(record := queries.record(work, patient)),
        made_from=queries.contact_version(record),
        may_edit=Capability.EDIT_CONTACT in work.actor.may and not patient.lent,
        may_reassign=Capability.REASSIGN_PATIENT in work.actor.may and not patient.lent,
        practitioners=directory.active_practitioners(work),
        done=request.query_params.get("done", ""),
        **more,
    )
