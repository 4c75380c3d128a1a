"""How somebody gets in: links, passwords, codes, and the cookies that remember it.

The one file of its kind: everywhere else there is a `work`, here there is only a door until somebody is known.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.accounts import actions, queries, roles
from app.accounts import credential_actions as credentials
from app.accounts import limit_actions as limits
from app.accounts.access import Door, session_token
from app.accounts.forms import NewPasswordForm
from app.accounts.roles import Role
from app.accounts.tables import LinkPurpose, Person, PersonKind, SignInLink
from app.kit import crypto, csrf, passwords
from app.kit.errors import Forbidden, NotFound, SignInNeeded
from app.kit.forms import Problems
from app.kit.render import see_other
from app.kit.work import Work

PENDING = "pending"
DEVICE = "device"
BACK = "back"
PENDING_LASTS = timedelta(minutes=5)
BACK_LASTS = 3600
DEVICE_LASTS = 365 * 24 * 3600
HOME = {True: "/home", False: "/my/today"}


class LinkGone(NotFound):
    title = "That link has run out"
    words = (
        "Links work once and for a short time. Go to the sign-in page and type your e-mail address: a new one is "
        "with you in a minute."
    )


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
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return ""
    return "" if urlsplit(path).netloc else path


def keep_way_back(request: Request, response: Response) -> Response:
    """Remember where somebody was going, through whichever way they sign in."""
    back = safe_path(request.query_params.get("back", ""))
    if back:
        csrf.set_cookie(request, response, BACK, back, max_age=BACK_LASTS)
    return response


def send_links(door: Door, request: Request, *, email: str) -> None:
    """Send a link to everybody with this address; whether there is anybody is never said."""
    key = actions.email_key(email)
    device = csrf.read_cookie(request, DEVICE)
    with door.lookup(key) as session:
        people = queries.people_with_email(session, key)
    own = any(_is_own_device(door, person, device) for person in people)
    _count(door, key, [("address", door.address), ("device-letters", device) if own else ("letters", key)])
    for person in people:
        with door.inside(person.service_id) as work:
            credentials.make_link(work, person=person, purpose=credentials.link_for(person))


def try_password(door: Door, request: Request, *, email: str, password: str) -> Known | None:
    """Who has this address and password; tries are counted, an owner's own device apart from the rest."""
    key = actions.email_key(email)
    device = csrf.read_cookie(request, DEVICE)
    with door.lookup(key) as session:
        people = queries.people_with_email(session, key)
    own = next((person for person in people if _is_own_device(door, person, device)), None)
    tries = [("device", device)] if own else [("address", door.address), ("person", key)]
    _count(door, key, tries)
    found = _with_password(people, password)
    if found is None:
        return None
    with door.lookup(key) as session:
        for kind, name in tries:
            limits.forgive_try(session, kind=kind, name=name, now=door.now)
    return Known(found.service_id, found.id, found.kind, own is not None and own.id == found.id)


def _count(door: Door, key: str, tries: list[tuple[str, str]]) -> None:
    """Count a try against each in turn up to the first that has had too many, and refuse once that is written down."""
    for kind, name in tries:
        with door.lookup(key) as session:
            refusal = limits.counted(session, kind=kind, name=name, now=door.now)
        if refusal:
            raise refusal


def _with_password(people: list[Person], password: str) -> Person | None:
    if not people:
        # As long as it takes where there is somebody, so that the wait does not say whether there is.
        passwords.matches(None, password)
    return next((person for person in people if passwords.matches(person.password_hash, password)), None)


def _is_own_device(door: Door, person: Person, device: str) -> bool:
    if not device:
        return False
    with door.inside(person.service_id) as work:
        return queries.knows_device(work.session, person, crypto.fingerprint(device))


def after_password(door: Door, request: Request, known: Known) -> Response:
    """Staff go on to their code; a patient on a new device confirms it from their e-mail."""
    if known.kind is PersonKind.STAFF:
        response = see_other("/sign-in/code")
        until = int((door.now + PENDING_LASTS).timestamp())
        value = crypto.sealer().vouch(f"pending.{known.service_id}.{known.person_id}.{until}")
        csrf.set_cookie(request, response, PENDING, value, max_age=int(PENDING_LASTS.total_seconds()))
        return response
    with door.inside(known.service_id) as work:
        person = active_person(work, known.person_id)
        if not known.own_device:
            credentials.make_link(work, person=person, purpose=LinkPurpose.SIGN_IN)
            return see_other("/sign-in/sent?new-device=1")
        secret = actions.begin_sign_in(work, person=person, role=Role.PATIENT, device=device_name(request))
    return signed_in(request, known.service_id, secret, home=HOME[False])


def offer(door: Door, token: str) -> Offer:
    """What a link is for; refuses with LinkGone where it is used, old or nobody's."""
    service_id, secret = split_token(token)
    with door.inside(service_id) as work:
        return offered(work, *open_link(work, secret))


def came_in_by(door: Door, request: Request, token: str) -> bool:
    """Whether whoever is signed in here is the one a link was made for, so that it has nothing more to do for them."""
    service_id, secret = split_token(token)
    mine = session_token(request)
    if mine is None or mine[0] != service_id:
        return False
    with door.inside(service_id) as work:
        who = queries.principal(work.session, crypto.fingerprint(mine[1]))
        return who is not None and who.person_id == queries.owner_of_link(work, crypto.fingerprint(secret))


def offered(work: Work, link: SignInLink, person: Person) -> Offer:
    return Offer(person.given_name, queries.service(work).name, link.purpose, person.kind is PersonKind.STAFF)


def enter_by_link(door: Door, request: Request, token: str, *, own_device: bool) -> Response:
    """Use a patient's link and sign them in; a member of staff is sent on, for a link alone is not enough."""
    service_id, secret = split_token(token)
    device = ""
    with door.inside(service_id) as work:
        link, person = open_link(work, secret)
        if person.kind is PersonKind.STAFF:
            fresh = link.purpose is LinkPurpose.INVITATION
            return see_other(f"/sign-in/{'set-up' if fresh else 'new-password'}/{token}")
        credentials.use_link(work, link=link)
        if own_device:
            device = credentials.remember_device(work, person=person)
        session = actions.begin_sign_in(work, person=person, role=Role.PATIENT, device=device_name(request))
    response = signed_in(request, service_id, session, home=HOME[False])
    if device:
        csrf.set_cookie(request, response, DEVICE, device, max_age=DEVICE_LASTS)
    return response


def weak_password(person: Person, password: str) -> str | None:
    names = (person.given_name, person.family_name, person.email, person.email.partition("@")[0])
    return passwords.too_weak(password, names=names)


def change_password(work: Work, request: Request, form: NewPasswordForm) -> Problems:
    """Change the password of whoever is signed in; the problems in words where it cannot be."""
    person = active_person(work, work.actor.id)
    if person.password_hash:
        limits.count_try(work.session, kind="person", name=person.email_key, now=work.now)
        if not passwords.matches(person.password_hash, form.current):
            return {"current": "That is not your present password."}
        limits.forgive_try(work.session, kind="person", name=person.email_key, now=work.now)
    weak = weak_password(person, form.password)
    if weak:
        return {"password": weak}
    credentials.set_password(work, person=person, password=form.password)
    actions.end_others(work, person=person, keep=request.state.principal.sign_in_id)
    return {}


def change_role(work: Work, request: Request, *, role: Role) -> Response:
    """Act in another of one's roles from here on: a new session, the old one ended."""
    person = active_person(work, work.actor.id)
    if role not in queries.roles_of(work.session, person):
        raise Forbidden
    who = request.state.principal
    actions.end_sign_in(work, sign_in_id=who.sign_in_id)
    device = device_name(request)
    secret = actions.begin_sign_in(work, person=person, role=role, device=device, since=who.started_at)
    response = see_other(HOME[role in roles.STAFF])
    csrf.set_cookie(request, response, csrf.SESSION, f"{work.service_id}.{secret}")
    return response


def active_person(work: Work, person_id: UUID | None) -> Person:
    person = queries.person(work, person_id)
    if person is None:
        raise SignInNeeded
    return person


def split_token(token: str) -> tuple[UUID, str]:
    service, _, secret = token.partition(".")
    try:
        return UUID(service), secret
    except ValueError:
        raise LinkGone from None


def open_link(work: Work, secret: str) -> tuple[SignInLink, Person]:
    found = queries.link(work, crypto.fingerprint(secret))
    if found is None:
        raise LinkGone
    return found


def device_name(request: Request) -> str:
    agent = request.headers.get("user-agent", "")
    return next((name for name in ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux") if name in agent), "")


def signed_in(request: Request, service_id: UUID, secret: str, *, home: str) -> Response:
    response = see_other(safe_path(csrf.read_cookie(request, BACK)) or home)
    csrf.set_cookie(request, response, csrf.SESSION, f"{service_id}.{secret}")
    for done in (PENDING, BACK):
        csrf.drop_cookie(request, response, done)
    return response


def without_session(request: Request, response: Response) -> Response:
    """The response with the session's cookie taken back and the browser told to forget what it kept."""
    csrf.drop_cookie(request, response, csrf.SESSION)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
