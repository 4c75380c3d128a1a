"""Coming in and going out: sign-in, recovery, invitations, one's own account."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.accounts import access, actions, directory, entrance, staff_entrance
from app.accounts import credential_actions as credentials
from app.accounts.access import Anyone, SignedIn, StaffWork
from app.accounts.forms import CodeForm, DeviceForm, EmailForm, NewPasswordForm, PasswordSignInForm, RoleForm, SetUpForm
from app.accounts.roles import Role
from app.kit import drafts
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work

router = APIRouter(route_class=Route)


@router.get("/")
def start(request: Request, door: Anyone) -> Response:
    if access.session_token(request):
        return see_other("/home")
    return page(request, "accounts/start.html")


@router.get("/home")
def home(request: Request, work: SignedIn) -> Response:
    return see_other(request.state.frame.home)


@router.get("/sign-in")
def sign_in(request: Request, door: Anyone) -> Response:
    return entrance.keep_way_back(request, page(request, "accounts/sign-in.html"))


@router.post("/sign-in")
def send_link(request: Request, door: Anyone, posted: Posted) -> Response:
    form, problems = EmailForm.read(posted)
    if form is None:
        return page(request, "accounts/sign-in.html", status=422, posted=posted, problems=problems)
    entrance.send_links(door, request, email=form.email)
    return see_other("/sign-in/sent")


@router.get("/sign-in/sent")
def link_sent(request: Request, door: Anyone) -> Response:
    return page(request, "accounts/sent.html", new_device="new-device" in request.query_params)


@router.get("/sign-in/password")
def password(request: Request, door: Anyone) -> Response:
    return page(request, "accounts/password.html")


@router.post("/sign-in/password")
def check_password(request: Request, door: Anyone, posted: Posted) -> Response:
    form, problems = PasswordSignInForm.read(posted)
    if form is not None:
        outcome = entrance.try_password(door, request, email=form.email, password=form.password)
        if outcome is not None:
            return entrance.after_password(door, request, outcome)
        problems = {"email": "That e-mail and password do not match. You can ask for a link by e-mail instead."}
    return page(request, "accounts/password.html", status=422, posted=posted, problems=problems)


@router.get("/sign-in/code")
def code(request: Request, door: Anyone) -> Response:
    staff_entrance.pending(door, request)
    return page(request, "accounts/code.html")


@router.post("/sign-in/code")
def check_code(request: Request, door: Anyone, posted: Posted) -> Response:
    pending = staff_entrance.pending(door, request)
    form, problems = CodeForm.read(posted)
    if form is not None:
        signed_in = staff_entrance.try_code(door, request, pending, code=form.code)
        if signed_in is not None:
            return signed_in
        problems = {"code": "That code is not right or has been used. Wait for the next one and try again."}
    return page(request, "accounts/code.html", status=422, posted=posted, problems=problems)


@router.get("/sign-in/link/{token}")
def confirm_link(request: Request, door: Anyone, token: str) -> Response:
    try:
        offer = entrance.offer(door, token)
    except entrance.LinkGone:
        if entrance.came_in_by(door, request, token):
            return see_other("/home")
        raise
    return page(request, "accounts/confirm.html", offer=offer)


@router.post("/sign-in/link/{token}")
def use_link(request: Request, door: Anyone, token: str, posted: Posted) -> Response:
    form, _ = DeviceForm.read(posted)
    return entrance.enter_by_link(door, request, token, own_device=form is not None and form.is_own)


@router.get("/sign-in/set-up/{token}")
def set_up(request: Request, door: Anyone, token: str) -> Response:
    return page(request, "accounts/set-up.html", set_up=staff_entrance.set_up_page(door, token))


@router.post("/sign-in/set-up/{token}")
def finish_set_up(request: Request, door: Anyone, token: str, posted: Posted) -> Response:
    form, problems = SetUpForm.read(posted)
    if form is not None:
        done, problems = staff_entrance.finish_set_up(door, request, token, form)
        if done is not None:
            return done
    shown = staff_entrance.set_up_page(door, token)
    return page(request, "accounts/set-up.html", status=422, problems=problems, set_up=shown)


@router.get("/sign-in/new-password/{token}")
def new_password(request: Request, door: Anyone, token: str) -> Response:
    return page(request, "accounts/new-password.html", offer=entrance.offer(door, token))


@router.post("/sign-in/new-password/{token}")
def finish_new_password(request: Request, door: Anyone, token: str, posted: Posted) -> Response:
    form, problems = SetUpForm.read(posted)
    if form is not None:
        done, problems = staff_entrance.finish_new_password(door, request, token, form)
        if done is not None:
            return done
    offer = entrance.offer(door, token)
    return page(request, "accounts/new-password.html", status=422, offer=offer, problems=problems)


@router.post("/sign-out")
def sign_out(request: Request, work: SignedIn, posted: Posted) -> Response:
    actions.end_sign_in(work, sign_in_id=request.state.principal.sign_in_id)
    return entrance.without_session(request, see_other("/signed-out"))


@router.get("/signed-out")
def signed_out(request: Request, door: Anyone) -> Response:
    return page(request, "accounts/signed-out.html")


@router.get("/account")
def account(request: Request, work: SignedIn) -> Response:
    return _account(request, work)


def _account(request: Request, work: Work, **more: object) -> Response:
    shown = directory.account(work, request.state.principal)
    return page(
        request,
        "accounts/account.html",
        account=shown,
        zone=work.actor.zone,
        done=request.query_params.get("done"),
        **more,
    )


@router.post("/account/password")
def change_password(request: Request, work: SignedIn, posted: Posted) -> Response:
    form, problems = NewPasswordForm.read(posted)
    if form is not None:
        problems = entrance.change_password(work, request, form)
        if not problems:
            return see_other("/account?done=password")
    return _account(request, work, status=422, problems=problems)


@router.post("/account/role")
def change_role(request: Request, work: SignedIn, posted: Posted) -> Response:
    form, _ = RoleForm.read(posted)
    return entrance.change_role(work, request, role=form.role if form else Role(work.actor.role))


@router.post("/account/sign-ins/{sign_in_id}/end")
def end_sign_in(request: Request, work: SignedIn, sign_in_id: UUID, posted: Posted) -> Response:
    actions.end_sign_in(work, sign_in_id=sign_in_id)
    return see_other("/account?done=ended")


@router.post("/account/sign-ins/end")
def end_all(request: Request, work: SignedIn, posted: Posted) -> Response:
    actions.end_sign_ins(work, person_id=request.state.principal.person_id)
    return entrance.without_session(request, see_other("/signed-out"))


@router.post("/account/devices/forget")
def forget_devices(request: Request, work: SignedIn, posted: Posted) -> Response:
    credentials.forget_devices(work, person_id=request.state.principal.person_id)
    return see_other("/account?done=devices")


@router.post("/drafts/{key}")
def keep_draft(work: StaffWork, key: str, posted: Posted) -> Response:
    kept = drafts.keep_posted(work, name=key, posted=posted)
    return JSONResponse({"saved_at": (kept.saved_at if kept else work.now).isoformat()})
