"""The strip at the top of every staff page about a patient: who they are, and an alert for as long as it is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.accounts import roles
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role
from app.clinical.instruments import Instrument
from app.kit import say
from app.kit.work import Work
from app.safety import queries
from app.safety.answer_queries import asked_in
from app.safety.kinds import AlertStep
from app.safety.lede_queries import missed
from app.safety.lending_queries import NEEDED
from app.safety.owner_queries import whose
from app.safety.queries import OpenAlert

# What each tab shows, and what one must be allowed to do to be offered it.
TABS = (
    ("Plan", "plan", Capability.SEE_PROGRESS),
    ("Answers", "answers", Capability.READ_WORDS),
    ("Course", "course", Capability.READ_SCORES),
    ("Scores", "scores", Capability.READ_SCORES),
    ("Questionnaires", "questionnaires", Capability.READ_SCORES),
    ("Diary", "diary", Capability.READ_WORDS),
    ("Mood", "mood", Capability.READ_SCORES),
    ("Timeline", "timeline", Capability.READ_WORDS),
    ("Details", "details", Capability.SEE_IDENTITY),
    ("Reminders", "reminders", Capability.SEE_REMINDERS),
)
DONE = {
    AlertStep.RAISED: "Nobody has looked at it yet.",
    AlertStep.ANSWERED_AGAIN: "Answered again since somebody last looked.",
    AlertStep.SEEN: "Seen by {by}.",
    AlertStep.CONTACTED: "{by} spoke with them.",
    AlertStep.COULD_NOT_REACH: "{by} tried and could not reach them.",
    AlertStep.HANDED_OVER: "Handed over by {by}.",
    AlertStep.KNOWN_AND_REVIEWED: "Known, and reviewed by {by}.",
}


LENT = {
    "duty": "You see them because you are on duty, for as long as the alert is open.",
    "cover": "You see them because you cover for their practitioner, for as long as the alert is open.",
    "alert": "You see them because of the alert, for as long as it is open.",
}


@dataclass(frozen=True)
class AlertLine:
    """An open alert in one line."""

    title: str
    words: str
    href: str
    action: str = "Work on it"


@dataclass(frozen=True)
class Tab:
    """One page about the patient; `current` where an address does not say that one is on it."""

    href: str
    text: str
    current: bool = False


@dataclass(frozen=True)
class Banner:
    """Who a page is about, so that nobody writes to the wrong record."""

    name: str
    born: str
    nhs_number: str
    contact: str
    alerts: tuple[AlertLine, ...]
    tabs: tuple[Tab, ...]
    lent: str = ""


def banner(work: Work, patient: Patient, instruments: Mapping[str, Instrument]) -> Banner:
    """The banner of a patient's pages for whoever is looking."""
    may_see = roles.scope(Role(work.actor.role), Capability.SEE_ALERTS) is not None
    alert = queries.open_alert(work, patient) if may_see else None
    tabs = tuple(
        Tab(f"/patients/{patient.id}/{path}", text)
        for text, path, capability in TABS
        if roles.scope(Role(work.actor.role), capability) and (not patient.lent or capability in NEEDED)
    )
    return Banner(
        name=patient.name,
        born=f"{say.date(patient.born_on)} ({age(patient.born_on, work.today)})",
        nhs_number=spaced(patient.nhs_number),
        contact=patient.contact_note,
        alerts=(alert_line(work, alert, instruments),) if alert else (),
        tabs=tabs,
        lent=LENT.get(patient.lent, ""),
    )


def alert_line(work: Work, alert: OpenAlert, instruments: Mapping[str, Instrument]) -> AlertLine:
    """An open alert, by what was answered when, what was last done about it, and whether a promise was missed."""
    zone = work.actor.zone
    said = [f"{asked_in(alert.source, instruments)}, answered {say.staff_moment(alert.answered_at, zone)}."]
    said.append(whose(alert.owned, work.actor.id))
    said.append(DONE[alert.last_step].format(by=alert.last_by))
    said.append(missed(alert.read_by, now=work.now, zone=zone))
    said.append(f"Next attempt {say.staff_moment(alert.next_at, zone)}." if alert.next_at else "")
    return AlertLine(
        "Safety alert open.", " ".join(filter(None, said)), f"/patients/{alert.patient_id}/alerts/{alert.id}"
    )


def spaced(nhs_number: str | None) -> str:
    """An NHS number as people read it: 3 3 4."""
    return f"{nhs_number[:3]} {nhs_number[3:6]} {nhs_number[6:]}" if nhs_number else ""


def age(born_on: date, today: date) -> int:
    """Whole years on a day."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
