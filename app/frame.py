"""What surrounds every page for whoever is signed in: where they can go, and what they must know of Braid itself."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy.orm import Session

from app.accounts.queries import Principal
from app.accounts.roles import STAFF, Capability, Role, scope
from app.kit import crypto, say
from app.kit.render import Frame, Link
from app.notifications import health_queries
from app.notifications.health_queries import Seen
from app.notifications.part_kinds import Part

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
    ("/alerts", "Alerts", Capability.SEE_ALERTS),
    ("/guides", "Guides", Capability.READ_GUIDES),
    ("/pathways", "Pathways", Capability.CHOOSE_PATHWAY),
    ("/staff", "Staff", Capability.MANAGE_STAFF),
    ("/sign-in-help", "Sign-in help", Capability.HELP_SIGN_IN),
    ("/service-health", "Service health", Capability.SEE_SERVICE_HEALTH),
    ("/alerts/count", "Alerts", Capability.COUNT_ALERTS),
)


# What does not happen while a part stands still, as far as somebody would wait for it.
MISSED = {
    Part.CLIMB: "nobody further up is told of a safety alert that waits",
    Part.LETTERS: "no e-mail leaves, so nobody hears of a new safety alert and nobody gets a link to sign in",
    Part.DISPATCH: "no reminder reaches a patient",
    Part.REMIND: "nobody is reminded of patients who wait for them",
}
LOOKED_EVERY = timedelta(seconds=15)


class Standstill:
    """Whether what must not stop has stopped; each process looks at most every 15 seconds."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None
        self._seen: tuple[Seen, ...] = ()

    def __call__(self, session: Session, now: datetime) -> tuple[Seen, ...]:
        """Every part of which there is a heartbeat, as it was seen last."""
        if self._looked_at is None or abs(now - self._looked_at) >= LOOKED_EVERY:
            self._seen, self._looked_at = health_queries.parts(session, now), now
        return self._seen


def framed(who: Principal, session: Session, now: datetime, *, standstill: Standstill, **more: str) -> Frame:
    """The frame of a signed-in person's pages, for staff with what stands still."""
    frame = frame_for(who, **more)
    if who.role not in STAFF:
        return frame
    stopped = _stopped(standstill(session, now), who)
    return replace(frame, standstill=stopped) if stopped else frame


def _stopped(seen: tuple[Seen, ...], who: Principal) -> dict[str, str]:
    """In words, what does not happen meanwhile and what to do; empty where everything is at work."""
    stopped = [one for one in seen if one.stopped and one.part in MISSED]
    if seen and not stopped:
        return {}
    missed = [words for part, words in MISSED.items() if not seen or part in [one.part for one in stopped]]
    since = min((max(one.awaited_at, one.beat_at or one.awaited_at) for one in stopped), default=None)
    sees = scope(who.role, Capability.SEE_ALERTS)
    health = scope(who.role, Capability.SEE_SERVICE_HEALTH)
    where = ("/alerts", "Safety alerts") if sees else ("/service-health", "Service health") if health else ("", "")
    act = "Look at the open alerts yourself now and at least every half hour." if sees else ""
    return {
        "title": "Part of Braid has stopped" if seen else "Part of Braid has never been started",
        "words": f"{f'Since {say.staff_moment(since, who.zone)}' if since else 'Until it runs'}, {'; '.join(missed)}.",
        "act": f"{act} Tell whoever runs your installation of Braid.".strip(),
        "href": where[0],
        "link": where[1],
    }


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
