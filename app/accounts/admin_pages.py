"""Staff and sign-in help, for those who run the service; and who looked at one's own record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts import actions, directory
from app.accounts import credential_actions as credentials
from app.accounts.access import Me, PatientWork, may
from app.accounts.actions import EmailTaken
from app.accounts.forms import RoleForm, StaffForm
from app.accounts.roles import STAFF, Capability, Role
from app.kit.errors import NotFound
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work

router = APIRouter(route_class=Route)

StaffManager = Annotated[Work, may(Capability.MANAGE_STAFF)]
SignInHelper = Annotated[Work, may(Capability.HELP_SIGN_IN)]


@router.get("/staff")
def staff(request: Request, work: StaffManager) -> Response:
    return page(
        request,
        "accounts/staff.html",
        staff=directory.staff(work),
        givable=_givable(work),
        me=work.actor.id,
        may_see_reminders=Capability.SEE_REMINDERS in work.actor.may,
        done=request.query_params.get("done", ""),
        about=directory.member(work, who) if (who := _about(request)) else None,
    )


def _about(request: Request) -> UUID | None:
    """Whom the notice of what was just done is about, as the address says."""
    try:
        return UUID(request.query_params.get("who", ""))
    except ValueError:
        return None


def _givable(work: Work) -> list[Role]:
    return [role for role in Role if role in STAFF and actions.may_give(work, role)]


@router.get("/staff/new")
def new_staff(request: Request, work: StaffManager) -> Response:
    return page(request, "accounts/new-staff.html", givable=_givable(work))


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
        except EmailTaken as taken:
            problems = {"email": taken.words}
    return page(
        request, "accounts/new-staff.html", status=422, givable=_givable(work), posted=posted, problems=problems
    )


@router.post("/staff/{person_id}/roles")
def give_role(request: Request, work: StaffManager, person_id: UUID, posted: Posted) -> Response:
    actions.give_role(work, person_id=person_id, role=role_in(posted))
    return see_other(f"/staff?done=given&who={person_id}")


def role_in(posted: PostedForm) -> Role:
    """The role a form of the staff page names."""
    form, _ = RoleForm.read(posted)
    if form is None:
        raise NotFound
    return form.role


@router.post("/staff/{person_id}/reactivate")
def reactivate(request: Request, work: StaffManager, person_id: UUID, posted: Posted) -> Response:
    actions.reactivate(work, person_id=person_id)
    return see_other(f"/staff?done=reactivated&who={person_id}")


@router.get("/sign-in-help")
def sign_in_help(request: Request, work: SignInHelper) -> Response:
    find = request.query_params.get("find", "").strip()
    found = directory.people_called(work, find) if find else []
    who = _about(request)
    return page(
        request,
        "accounts/sign-in-help.html",
        find=find,
        found=found,
        me=work.actor.id,
        may_see_reminders=Capability.SEE_REMINDERS in work.actor.may,
        done=request.query_params.get("done", ""),
        about=directory.name_of(work, who) if who else "",
    )


@router.post("/sign-in-help/{person_id}/link")
def send_link(request: Request, work: SignInHelper, person_id: UUID, posted: Posted) -> Response:
    credentials.help_sign_in(work, person_id=person_id)
    return see_other(f"/sign-in-help?done=sent&who={person_id}")


@router.post("/sign-in-help/{person_id}/new-codes")
def forget_codes(request: Request, work: SignInHelper, person_id: UUID, posted: Posted) -> Response:
    credentials.forget_codes(work, person_id=person_id)
    actions.end_sign_ins(work, person_id=person_id)
    return see_other(f"/sign-in-help?done=new-codes&who={person_id}")


@router.get("/sign-in-help/{person_id}/sign-out")
def ask_to_sign_out(request: Request, work: SignInHelper, person_id: UUID) -> Response:
    name = directory.name_of(work, person_id)
    if not name:
        raise NotFound
    return page(request, "accounts/sign-out.html", place="/sign-in-help", name=name, person_id=person_id)


@router.post("/sign-in-help/{person_id}/sign-out")
def sign_out_everywhere(request: Request, work: SignInHelper, person_id: UUID, posted: Posted) -> Response:
    actions.end_sign_ins(work, person_id=person_id)
    return see_other(f"/sign-in-help?done=signed-out&who={person_id}")


@router.get("/my/record")
def who_looked(request: Request, work: PatientWork, patient: Me) -> Response:
    return page(request, "accounts/record.html", looks=directory.looks(work, patient), patient=patient)
