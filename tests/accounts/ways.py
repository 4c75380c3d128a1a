"""What a test needs to come in as a person does: the link in the letter, a password, a code from the app."""

import pyotp
import sqlalchemy as sa

from app.accounts import credential_actions as credentials
from app.accounts.tables import Person, SignIn, SignInLink
from tests.client import Client
from tests.people import Somebody

PASSWORD = "heron lamp orchard"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def links(who: Somebody) -> list[SignInLink]:
    """Every link that was made for somebody, oldest first."""
    found = (
        who.work()
        .session.execute(
            sa.select(SignInLink)
            .where(SignInLink.person_id == who.id)
            .order_by(SignInLink.made_at, SignInLink.purpose == "sign-in")
        )
        .scalars()
    )
    return list(found)


def link_to(who: Somebody) -> str:
    """The address in the newest letter to somebody."""
    return f"/sign-in/link/{who.world.service_id}.{links(who)[-1].secret}"


def link_to_new(who: Somebody, browser: Client) -> str:
    """The address in a letter that somebody asks for in this browser."""
    browser.post("/sign-in", email=who.person.email)
    return link_to(who)


def sign_ins(who: Somebody) -> list[SignIn]:
    """The sign-ins of somebody that have not been ended."""
    rows = who.work().session.execute(sa.select(SignIn).where(SignIn.person_id == who.id, SignIn.ended_at.is_(None)))
    return list(rows.scalars())


def give_password(who: Somebody, *, codes: bool = False) -> None:
    """A password, and an authenticator with it for staff, as setting them up would have left them."""
    with who.working() as work:
        person = work.session.get_one(Person, (who.world.service_id, who.id))
        credentials.set_password(work, person=person, password=PASSWORD)
        if codes:
            credentials.set_up_codes(work, person=person, secret=SECRET, step=0)


def code(who: Somebody, secret: str = SECRET) -> str:
    """What the app shows at this moment."""
    return pyotp.TOTP(secret).at(who.world.clock.now)


def person(who: Somebody) -> Person:
    return who.work().session.get_one(Person, (who.world.service_id, who.id))
