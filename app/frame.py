"""What surrounds every page for whoever is signed in: where they can go, and who they are."""

from functools import cache

from app.accounts.queries import Principal
from app.accounts.roles import Capability, Role, scope
from app.kit import crypto
from app.kit.render import Frame, Link

PATIENT_NAV = (
    Link("/my/today", "Today"),
    Link("/my/programme", "Programme"),
    Link("/my/diary", "Diary"),
    Link("/my/answers", "My answers"),
    Link("/my/more", "More"),
)
PATIENT_FOOTER = (
    Link("/help", "Get help now"),
    Link("/account", "Your account"),
    Link("/my/record", "Who has looked at my record"),
    Link("/sign-out", "Sign out", posts=True),
)
STAFF_NAV = (
    ("/caseload", "Caseload", Capability.SEE_CASELOAD),
    ("/guides", "Guides", Capability.READ_GUIDES),
    ("/pathways", "Pathways", Capability.CHOOSE_PATHWAY),
    ("/staff", "Staff", Capability.MANAGE_STAFF),
    ("/sign-in-help", "Sign-in help", Capability.HELP_SIGN_IN),
    ("/service-health", "Service health", Capability.SEE_SERVICE_HEALTH),
)


def frame_for(who: Principal, *, leave_url: str, worker: str) -> Frame:
    """The frame of a signed-in person's pages."""
    if who.role is Role.PATIENT:
        return _for_patient(who, leave_url, worker)
    return _for_staff(who)


def _for_patient(who: Principal, leave_url: str, worker: str) -> Frame:
    return Frame(
        # Names the person to their own browser only, so that one person's unsent words never show to the next.
        who=crypto.sealer().sign(f"who:{who.person_id}")[:16],
        # The same for one sign-in, so that pages kept on the device go with it.
        sign_in=crypto.sealer().sign(f"sign-in:{who.sign_in_id}")[:16],
        worker=worker,
        service=who.service.settings.get("patient_name", "Braid"),
        home="/my/today",
        leave_url=leave_url,
        nav=PATIENT_NAV,
        footer=PATIENT_FOOTER,
    )


def _for_staff(who: Principal) -> Frame:
    return Frame(
        is_staff=True,
        service=who.service.name,
        home=home_of(who.role),
        nav=_staff_nav(who.role),
        me=Link("/account", who.name),
        sign_out="/sign-out",
    )


@cache
def _staff_nav(role: Role) -> tuple[Link, ...]:
    return tuple(Link(href, text) for href, text, needed in STAFF_NAV if scope(role, needed))


def home_of(role: Role) -> str:
    """The first page of a role."""
    if role is Role.PATIENT:
        return "/my/today"
    return next((href for href, _, needed in STAFF_NAV if scope(role, needed)), "/account")
