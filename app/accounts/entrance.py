"""How somebody gets in: links, passwords, codes, and the cookies that remember it.

The one file of its kind: everywhere else there is a `work`, here there is only a door until somebody is known.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.accounts import actions, queries, roles
from app.accounts.access import Door
from app.accounts.forms import SetUpForm
from app.accounts.roles import Role
from app.accounts.tables import LinkPurpose, Person, PersonKind, SignInLink
from app.kit import crypto, csrf, passwords
from app.kit.errors import Forbidden, NotFound, SignInNeeded
from app.kit.forms import PostedForm, Problems
from app.kit.render import see_other
from app.kit.work import Work

PENDING = "pending"
DEVICE = "device"
PENDING_LASTS = timedelta(minutes=5)
DEVICE_LASTS = 365 * 24 * 3600
HOME = {True: "/home", False: "/my/today"}


class LinkGone(NotFound):
    title = "That link has run out"
    words = "Links work once and for a short time. Ask for a new one: type your e-mail address and we will send it."


@dataclass(frozen=True)
class Offer:
    """What a link would do, before its button is pressed."""

    given_name: str
    service: str
    purpose: LinkPurpose
    is_staff: bool


@dataclass(frozen=True)
class Known:
    """Somebody whose password was right."""

    service_id: UUID
    person_id: UUID
    kind: PersonKind
    own_device: bool


def safe_path(path: str) -> str:
    """A path of ours to return to, or nothing: never another site's address."""
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if ours and not parts.netloc and path.isprintable() else ""


def send_links(door: Door, *, email: str) -> None:
    """Send a link to everybody with this address; whether there is anybody is never said."""
    key = actions.email_key(email)
    with door.lookup(key) as session:
        actions.count_try(session, kind="letters", name=key, now=door.now)
        actions.count_try(session, kind="address", name=door.address, now=door.now)
        people = queries.people_with_email(session, key)
    for person in people:
        with door.inside(person.service_id) as work:
            actions.make_link(work, person=person, purpose=_purpose(person))


def _purpose(person: Person) -> LinkPurpose:
    unfinished = person.kind is PersonKind.STAFF and not person.totp_secret
    return LinkPurpose.INVITATION if unfinished else LinkPurpose.SIGN_IN


def try_password(door: Door, request: Request, *, email: str, password: str) -> Known | None:
    """Who has this address and password; tries are counted, an owner's own device apart from the rest."""
    key = actions.email_key(email)
    device = csrf.read_cookie(request, DEVICE)
    with door.lookup(key) as session:
        people = queries.people_with_email(session, key)
    own = next((person for person in people if _is_own_device(door, person, device)), None)
    with door.lookup(key) as session:
        if own is not None:
            actions.count_try(session, kind="device", name=device, now=door.now)
        else:
            actions.count_try(session, kind="address", name=door.address, now=door.now)
            actions.count_try(session, kind="person", name=key, now=door.now)
    right = [
        person for person in people or [None] if passwords.matches(getattr(person, "password_hash", None), password)
    ]
    if not right or right[0] is None:
        return None
    found = right[0]
    return Known(found.service_id, found.id, found.kind, own is not None and own.id == found.id)


def _is_own_device(door: Door, person: Person, device: str) -> bool:
    if not device:
        return False
    with door.inside(person.service_id) as work:
        return queries.knows_device(work.session, person, crypto.fingerprint(device))


def after_password(request: Request, known: Known, *, back: str) -> Response:
    """Staff go on to their code; a patient on a new device confirms it from their e-mail."""
    if known.kind is PersonKind.STAFF:
        response = see_other("/sign-in/code")
        _set_cookie(request, response, PENDING, _pending_value(known, request), int(PENDING_LASTS.total_seconds()))
        return response
    door = Door(request.app.state.engine, request.app.state.clock(), "", request.state.request_id)
    with door.inside(known.service_id) as work:
        person = _person(work, known.person_id)
        if not known.own_device:
            actions.make_link(work, person=person, purpose=LinkPurpose.SIGN_IN)
            return see_other("/sign-in/sent?new-device=1")
        secret = actions.begin_sign_in(work, person=person, role=Role.PATIENT, device=_device_name(request))
    return _with_session(request, see_other(safe_path(back) or HOME[False]), known.service_id, secret)


def pending(door: Door, request: Request) -> tuple[UUID, UUID]:
    """Whose password was right a moment ago in this browser; refuses with SignInNeeded."""
    value = csrf.read_cookie(request, PENDING)
    said, _, signature = value.rpartition(".")
    if not said or crypto.sealer().sign(f"pending:{said}") != signature:
        raise SignInNeeded
    service, person, until = said.split(".")
    if datetime.fromtimestamp(int(until), UTC) < door.now:
        raise SignInNeeded("That took a while, so please type your password again.")
    return UUID(service), UUID(person)


def _pending_value(known: Known, request: Request) -> str:
    until = int((request.app.state.clock() + PENDING_LASTS).timestamp())
    said = f"{known.service_id}.{known.person_id}.{until}"
    return f"{said}.{crypto.sealer().sign(f'pending:{said}')}"


def try_code(door: Door, request: Request, who: tuple[UUID, UUID], *, code: str) -> Response | None:
    """Sign staff in where the code is right; None where it is not."""
    service_id, person_id = who
    with door.inside(service_id) as work:
        actions.count_try(work.session, kind="person", name=f"code:{person_id}", now=work.now)
        person = _person(work, person_id)
        if not actions.accept_code(work, person=person, code=code):
            return None
        secret = _enter(work, request, person)
    return _with_session(request, see_other(HOME[True]), service_id, secret)


def _enter(work: Work, request: Request, person: Person) -> str:
    held = queries.roles_of(work.session, person)
    if not held:
        raise Forbidden("Your account has no role at present. Ask your service’s administrator.")
    return actions.begin_sign_in(work, person=person, role=held[0], device=_device_name(request))


def offer(door: Door, token: str) -> Offer:
    """What a link is for; refuses with LinkGone where it is used, old or nobody's."""
    service_id, secret = _split(token)
    with door.inside(service_id) as work:
        link, person = _link(work, secret)
        service = next(row for row in queries.services(work.session) if row.id == service_id)
        return Offer(person.given_name, service.name, link.purpose, person.kind is PersonKind.STAFF)


def enter_by_link(door: Door, request: Request, token: str, *, own_device: bool) -> Response:
    """Use a patient's link and sign them in; a member of staff is sent on, for a link alone is not enough."""
    service_id, secret = _split(token)
    device = ""
    with door.inside(service_id) as work:
        link, person = _link(work, secret)
        if person.kind is PersonKind.STAFF:
            fresh = link.purpose is LinkPurpose.INVITATION
            return see_other(f"/sign-in/{'set-up' if fresh else 'new-password'}/{token}")
        actions.use_link(work, link=link)
        if own_device:
            device = actions.remember_device(work, person=person)
        session = actions.begin_sign_in(work, person=person, role=Role.PATIENT, device=_device_name(request))
    response = _with_session(request, see_other(HOME[False]), service_id, session)
    if device:
        _set_cookie(request, response, DEVICE, device, DEVICE_LASTS)
    return response


def set_up_page(door: Door, request: Request, token: str, posted: PostedForm | None = None) -> dict[str, Any]:
    """What the set-up page shows: whose it is, and the secret for their authenticator app as a QR code."""
    service_id, secret = _split(token)
    with door.inside(service_id) as work:
        link, person = _link(work, secret)
        if person.kind is not PersonKind.STAFF or link.purpose is not LinkPurpose.INVITATION:
            raise LinkGone
        totp = _totp_of(link)
        return {
            "offer": offer(door, token),
            "secret": totp,
            "uri": passwords.totp_uri(totp, account=person.email, issuer="Braid"),
        }


def _totp_of(link: SignInLink) -> str:
    # Derived from the link, so that reloading the page does not change the code already scanned.
    return base64.b32encode(bytes.fromhex(crypto.sealer().sign(f"totp:{link.id}"))[:20]).decode()


def finish_set_up(
    door: Door, request: Request, token: str, posted: PostedForm, form: SetUpForm
) -> tuple[Response | None, Problems]:
    """Keep a new member of staff's password and authenticator, and sign them in."""
    service_id, secret = _split(token)
    with door.inside(service_id) as work:
        link, person = _link(work, secret)
        weak = passwords.too_weak(form.password, names=(person.given_name, person.family_name, person.email))
        totp = _totp_of(link)
        step = passwords.totp_step(totp, form.code, now=work.now, after=None)
        if weak or step is None:
            return None, _both(weak, step is None)
        actions.use_link(work, link=link)
        actions.set_password(work, person=person, password=form.password)
        actions.set_up_codes(work, person=person, secret=totp, step=step)
        session = _enter(work, request, person)
    return _with_session(request, see_other(HOME[True]), service_id, session), {}


def finish_new_password(door: Door, request: Request, token: str, form: SetUpForm) -> tuple[Response | None, Problems]:
    """Give a member of staff who forgot theirs a new password; their authenticator still has to agree."""
    service_id, secret = _split(token)
    with door.inside(service_id) as work:
        link, person = _link(work, secret)
        actions.count_try(work.session, kind="person", name=f"code:{person.id}", now=work.now)
        weak = passwords.too_weak(form.password, names=(person.given_name, person.family_name, person.email))
        wrong = not weak and not actions.accept_code(work, person=person, code=form.code)
        if weak or wrong:
            return None, _both(weak, wrong)
        actions.use_link(work, link=link)
        actions.set_password(work, person=person, password=form.password)
        session = _enter(work, request, person)
    return _with_session(request, see_other(HOME[True]), service_id, session), {}


def _both(weak: str | None, wrong_code: bool) -> Problems:
    problems = {"password": weak} if weak else {}
    if wrong_code:
        problems["code"] = "That code is not right. Wait for the next one and try again."
    return problems


def change_password(work: Work, password: str) -> Problems:
    """Change the password of whoever is signed in; the problem in words where it is too weak."""
    person = _person(work, work.actor.id)
    weak = passwords.too_weak(password, names=(person.given_name, person.family_name, person.email))
    if weak:
        return {"password": weak}
    actions.set_password(work, person=person, password=password)
    return {}


def change_role(work: Work, request: Request, *, role: Role) -> Response:
    """Act in another of one's roles from here on: a new session, the old one ended."""
    person = _person(work, work.actor.id)
    if role not in queries.roles_of(work.session, person):
        raise Forbidden
    actions.end_sign_in(work, sign_in_id=request.state.principal.sign_in_id)
    secret = actions.begin_sign_in(work, person=person, role=role, device=_device_name(request))
    return _with_session(request, see_other(HOME[role in roles.STAFF]), work.service_id, secret)


def _person(work: Work, person_id: UUID | None) -> Person:
    person = work.session.get(Person, (work.service_id, person_id))
    if person is None or person.deactivated_at is not None:
        raise SignInNeeded
    return person


def _split(token: str) -> tuple[UUID, str]:
    service, _, secret = token.partition(".")
    try:
        return UUID(service), secret
    except ValueError:
        raise LinkGone from None


def _link(work: Work, secret: str) -> tuple[SignInLink, Person]:
    found = queries.link(work, crypto.fingerprint(secret))
    if found is None:
        raise LinkGone
    return found


def _device_name(request: Request) -> str:
    agent = request.headers.get("user-agent", "")
    return next((name for name in ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux") if name in agent), "")


def _with_session(request: Request, response: Response, service_id: UUID, secret: str) -> Response:
    _set_cookie(request, response, csrf.SESSION, f"{service_id}.{secret}", None)
    response.delete_cookie(csrf.cookie(PENDING, secure=request.state.secure))
    return response


def without_session(request: Request, response: Response) -> Response:
    """The response with the session's cookie taken back and the browser told to forget what it kept."""
    response.delete_cookie(csrf.cookie(csrf.SESSION, secure=request.state.secure))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _set_cookie(request: Request, response: Response, name: str, value: str, max_age: int | None) -> None:
    secure = request.state.secure
    response.set_cookie(
        csrf.cookie(name, secure=secure), value, max_age=max_age, httponly=True, samesite="lax", secure=secure, path="/"
    )
