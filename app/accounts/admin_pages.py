"""Staff and sign-in help, for those who run the service; and who looked at one's own record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import actions, directory
from app.accounts.access import Me, PatientWork, may
from app.accounts.forms import StaffForm
from app.accounts.roles import STAFF, Capability
from app.kit.errors import Conflict
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.work import Work

router = APIRouter()

StaffManager = Annotated[Work, may(Capability.MANAGE_STAFF)]
SignInHelper = Annotated[Work, may(Capability.HELP_SIGN_IN)]


@router.get("/staff")
def staff(request: Request, work: StaffManager) -> Response:
    return page(request, "accounts/staff.html", staff=directory.staff(work), done=request.query_params.get("done"))


@router.get("/staff/new")
def new_staff(request: Request, work: StaffManager) -> Response:
    return page(request, "accounts/new-staff.html", roles=sorted(STAFF))


@router.post("/staff/new")
def add_staff(request: Request, work: StaffManager, posted: Posted) -> Response:
    form, problems = StaffForm.read(posted)
    if form is not None:
        try:
            actions.add_staff(
                work,
                given_name=form.given_name,
                family_name=form.family_name,
                email=form.email,
                staff_roles=form.roles,
            )
            return see_other("/staff?done=invited")
        except Conflict as taken:
            problems = {"email": taken.words}
    return page(request, "accounts/new-staff.html", status=422, roles=sorted(STAFF), posted=posted, problems=problems)


@router.post("/staff/{person_id}/deactivate")
def deactivate(request: Request, work: StaffManager, person_id: UUID, posted: Posted) -> Response:
    actions.deactivate(work, person_id=person_id)
    return see_other("/staff?done=deactivated")


@router.get("/sign-in-help")
def sign_in_help(request: Request, work: SignInHelper) -> Response:
    find = request.query_params.get("find", "").strip()
    found = directory.people_called(work, find) if find else []
    return page(request, "accounts/sign-in-help.html", find=find, found=found, done=request.query_params.get("done"))


@router.post("/sign-in-help/{person_id}/link")
def send_link(request: Request, work: SignInHelper, person_id: UUID, posted: Posted) -> Response:
    actions.help_sign_in(work, person_id=person_id)
    return see_other("/sign-in-help?done=sent")


@router.post("/sign-in-help/{person_id}/sign-out")
def sign_out_everywhere(request: Request, work: SignInHelper, person_id: UUID, posted: Posted) -> Response:
    actions.end_sign_ins(work, person_id=person_id)
    return see_other("/sign-in-help?done=signed-out")


@router.get("/my/record")
def who_looked(request: Request, work: PatientWork, patient: Me) -> Response:
    return page(request, "accounts/record.html", looks=directory.looks(work, patient), patient=patient)
