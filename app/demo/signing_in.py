"""How anybody signs in to the demonstration: these sign-ins are public, and refused in production."""

import base64
from datetime import datetime

import pyotp

from app.accounts.roles import Role
from app.config import Settings
from app.demo import stories
from app.kit import crypto

PASSWORD = "northmoor demo 1"
ROLES = {
    Role.SERVICE_ADMIN: "administrator",
    Role.CLINICAL_LEAD: "clinical lead",
    Role.PRACTITIONER: "practitioner",
    Role.SUPERVISOR: "supervisor",
    Role.NAVIGATOR: "digital navigator",
}


def secret_of(email: str) -> str:
    """The secret of somebody's authenticator app in the demonstration: the same for as long as the key is."""
    return base64.b32encode(bytes.fromhex(crypto.sealer().sign(f"demo codes:{email}"))[:20]).decode()


def codes(now: datetime) -> list[tuple[str, str, str]]:
    """Each demonstration member of staff with their e-mail address and the one-time code of this half minute."""
    step = int(now.timestamp()) // 30
    return [
        (one.name, one.email, pyotp.TOTP(secret_of(one.email)).generate_otp(step)) for one in stories.service().staff
    ]


def sign_ins(settings: Settings) -> str:
    """Who there is to sign in as, and how, as a table to print."""
    service, patients, origin = stories.service(), stories.patients(), settings.public_origin
    width = max(len(one.name) for one in (*service.staff, *patients)) + 2
    wide = max(len(one.email) for one in (*service.staff, *patients)) + 2
    # Where letters really leave there is no mailbox page, and what it would show goes by post or not at all.
    post = f"at {origin}/dev/mailbox" if settings.mail == "mailbox" else "on the mailbox page, with BRAID_MAIL=mailbox"
    return "\n".join(
        [
            "",
            f"{service.name} is a demonstration: everybody in it is invented.",
            "",
            f"Staff sign in at {origin}/sign-in/password with the password: {PASSWORD}",
            f"Their one-time codes are {post}",
            *(f"  {one.name:<{width}}{one.email:<{wide}}{ROLES[one.role]}" for one in service.staff),
            "",
            f"Patients sign in at {origin}/sign-in with their e-mail address.",
            f"The link they are sent is {post}",
            *(f"  {one.name:<{width}}{one.email:<{wide}}{one.shows}" for one in patients),
            "",
        ]
    )
