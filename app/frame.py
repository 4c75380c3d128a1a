"""What surrounds every page for whoever is signed in: where they can go, and who they are."""

from typing import Any

from app.accounts.queries import Principal
from app.accounts.roles import Capability, Role, scope
from app.kit import crypto

PATIENT_NAV = (
    ("/my/today", "Today"),
    ("/my/programme", "Programme"),
    ("/my/diary", "Diary"),
    ("/my/answers", "My answers"),
    ("/my/more", "More"),
)
STAFF_NAV = (
    ("/caseload", "Caseload", Capability.SEE_CASELOAD),
    ("/guides", "Guides", Capability.READ_GUIDES),
    ("/pathways", "Pathways", Capability.CHOOSE_PATHWAY),
    ("/staff", "Staff", Capability.MANAGE_STAFF),
    ("/sign-in-help", "Sign-in help", Capability.HELP_SIGN_IN),
    ("/service-health", "Service health", Capability.SEE_SERVICE_HEALTH),
)


def frame_for(who: Principal, *, leave_url: str, worker: str) -> dict[str, Any]:
    """The frame of a signed-in person's pages."""
    if who.role is Role.PATIENT:
        return _for_patient(who, leave_url, worker)
    return _for_staff(who)


def _for_patient(who: Principal, leave_url: str, worker: str) -> dict[str, Any]:
    return {
        # Names the person to their own browser only, so that one person's unsent words never show to the next.
        "who": crypto.sealer().sign(f"who:{who.person_id}")[:16],
        # The same for one sign-in, so that pages kept on the device go with it.
        "sign_in": crypto.sealer().sign(f"sign-in:{who.sign_in_id}")[:16],
        "worker": worker,
        "service": who.service.settings.get("patient_name", "Braid"),
        "home": "/my/today",
        "help": "/help",
        "leave": "/leave",
        "leave_url": leave_url,
        "nav": [{"href": href, "text": text} for href, text in PATIENT_NAV],
        "footer": [
            {"href": "/help", "text": "Get help now"},
            {"href": "/account", "text": "Your account"},
            {"href": "/my/record", "text": "Who has looked at my record"},
            {"href": "/sign-out", "text": "Sign out", "posts": True},
        ],
    }


def _for_staff(who: Principal) -> dict[str, Any]:
    return {
        "is_staff": True,
        "service": who.service.name,
        "home": home_of(who.role),
        "nav": [{"href": href, "text": text} for href, text, needed in STAFF_NAV if scope(who.role, needed)],
        "me": {"href": "/account", "name": who.name},
        "sign_out": "/sign-out",
    }


def home_of(role: Role) -> str:
    """The first page of a role."""
    if role is Role.PATIENT:
        return "/my/today"
    return next((href for href, _, needed in STAFF_NAV if scope(role, needed)), "/account")
