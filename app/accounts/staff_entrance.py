"""How staff get in: a password and a one-time code, each time; and how they set the two up."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from fastapi import Request
from markupsafe import Markup
from starlette.responses import Response

from app.accounts import actions, entrance, queries
from app.accounts import credential_actions as credentials
from app.accounts import limit_actions as limits
from app.accounts.access import Door
from app.accounts.entrance import HOME, PENDING, LinkGone, Offer
from app.accounts.forms import SetUpForm
from app.accounts.tables import LinkPurpose, Person, PersonKind, SignInLink
from app.kit import crypto, csrf, passwords, qr
from app.kit.errors import Forbidden, SignInNeeded
from app.kit.forms import Problems
from app.kit.work import Work


@dataclass(frozen=True)
class SetUp:
    """What a new member of staff is shown: whose set-up it is, and the secret for their authenticator app."""

    offer: Offer
    secret: str
    qr: Markup


def pending(door: Door, request: Request) -> tuple[UUID, UUID]:
    """Whose password was right a moment ago in this browser; refuses with SignInNeeded."""
    said = crypto.sealer().vouched(csrf.read_cookie(request, PENDING))
    if not said.startswith("pending."):
        raise SignInNeeded
    _, service, person, until = said.split(".")
    if datetime.fromtimestamp(int(until), UTC) < door.now:
        raise SignInNeeded("That took a while. Please type your password again.")
    return UUID(service), UUID(person)


def try_code(door: Door, request: Request, who: tuple[UUID, UUID], *, code: str) -> Response | None:
    """Sign staff in where the code is right; None where it is not."""
    service_id, person_id = who
    with door.inside(service_id) as work:
        if not _right_code(work, entrance.active_person(work, person_id), code):
            return None
        secret = _enter(work, request, entrance.active_person(work, person_id))
    return entrance.signed_in(request, service_id, secret, home=HOME[True])


def _right_code(work: Work, person: Person, code: str) -> bool:
    limits.count_try(work.session, kind="code", name=str(person.id), now=work.now)
    right = credentials.accept_code(work, person=person, code=code)
    if right:
        limits.forgive_try(work.session, kind="code", name=str(person.id), now=work.now)
    return right


def _enter(work: Work, request: Request, person: Person) -> str:
    held = queries.roles_of(work.session, person)
    if not held:
        raise Forbidden("Your account has no role at present. Ask your service’s administrator.")
    return actions.begin_sign_in(work, person=person, role=held[0], device=entrance.device_name(request))


def set_up_page(door: Door, token: str) -> SetUp:
    """What the set-up page shows; refuses with LinkGone where there is nothing to set up."""
    service_id, secret = entrance.split_token(token)
    with door.inside(service_id) as work:
        link, person = _staff_link(work, secret, LinkPurpose.INVITATION)
        totp = _totp_of(link)
        uri = passwords.totp_uri(totp, account=person.email, issuer="Braid")
        spaced = " ".join(totp[at : at + 4] for at in range(0, len(totp), 4))
        return SetUp(
            entrance.offered(work, link, person), spaced, qr.drawing(uri, title="The code for your authenticator app")
        )


def _staff_link(work: Work, secret: str, purpose: LinkPurpose) -> tuple[SignInLink, Person]:
    link, person = entrance.open_link(work, secret)
    # An older invitation must not set up a second authenticator over the first: a mailbox alone would be enough.
    done = purpose is LinkPurpose.INVITATION and person.totp_secret is not None
    if person.kind is not PersonKind.STAFF or link.purpose is not purpose or done:
        raise LinkGone
    return link, person


def _totp_of(link: SignInLink) -> str:
    # Derived from the link, so that reloading the page does not change the code already scanned.
    return base64.b32encode(bytes.fromhex(crypto.sealer().sign(f"totp:{link.id}"))[:20]).decode()


def finish_set_up(door: Door, request: Request, token: str, form: SetUpForm) -> tuple[Response | None, Problems]:
    """Keep a new member of staff's password and authenticator, and sign them in."""
    service_id, secret = entrance.split_token(token)
    with door.inside(service_id) as work:
        link, person = _staff_link(work, secret, LinkPurpose.INVITATION)
        totp = _totp_of(link)
        weak = entrance.weak_password(person, form.password)
        step = passwords.totp_step(totp, form.code, now=work.now, after=None)
        if weak or step is None:
            return None, _both(weak, step is None)
        credentials.use_link(work, link=link)
        credentials.set_up_codes(work, person=person, secret=totp, step=step)
        session = _with_new_password(work, request, person, form.password)
    return entrance.signed_in(request, service_id, session, home=HOME[True]), {}


def finish_new_password(door: Door, request: Request, token: str, form: SetUpForm) -> tuple[Response | None, Problems]:
    """Give a member of staff who forgot theirs a new password; their authenticator still has to agree."""
    service_id, secret = entrance.split_token(token)
    with door.inside(service_id) as work:
        link, person = _staff_link(work, secret, LinkPurpose.SIGN_IN)
        weak = entrance.weak_password(person, form.password)
        wrong = not weak and not _right_code(work, person, form.code)
        if weak or wrong:
            return None, _both(weak, wrong)
        credentials.use_link(work, link=link)
        session = _with_new_password(work, request, person, form.password)
    return entrance.signed_in(request, service_id, session, home=HOME[True]), {}


def _with_new_password(work: Work, request: Request, person: Person, password: str) -> str:
    credentials.set_password(work, person=person, password=password)
    actions.end_others(work, person=person)
    return _enter(work, request, person)


def _both(weak: str | None, wrong_code: bool) -> Problems:
    problems = {"password": weak} if weak else {}
    if wrong_code:
        problems["code"] = "That code is not right. Wait for the next one and try again."
    return problems
