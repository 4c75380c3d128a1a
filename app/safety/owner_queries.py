"""Whose an alert is at this moment, and why it is theirs, in words."""

from datetime import datetime
from uuid import UUID

from app.clinical import standing_in
from app.clinical.standing_in import Team, Through
from app.kit import say
from app.safety.alert_history import Owned

AS = {
    Through.OWN: "",
    Through.COVER: "covers for them",
    Through.DUTY: "is on duty",
    Through.SUPERVISOR: "supervises",
    Through.LEAD: "leads the service",
}


def owned(team: Team, practitioner_id: UUID | None, practitioner: str, left_at: datetime | None) -> Owned:
    """Whose the alerts of somebody’s patients are; `practitioner` is what they are called, empty for nobody."""
    found = standing_in.owner(team, practitioner_id)
    because = "" if found and found.through is Through.OWN else _because(team, practitioner_id, practitioner, left_at)
    if found is None:
        return Owned(None, "", "", None, because)
    return Owned(found.colleague.id, found.colleague.name, found.colleague.given_name, found.through, because)


def _because(team: Team, practitioner_id: UUID | None, practitioner: str, left_at: datetime | None) -> str:
    if practitioner_id is None:
        return "nobody looks after them"
    theirs = team.colleagues.get(practitioner_id)
    if left_at is not None:
        return f"{practitioner} no longer works here"
    if theirs and theirs.away_until:
        return f"{practitioner} is away until {say.day(theirs.away_until)}"
    return f"{practitioner} no longer sees patients"


def handed(given: Owned) -> str:
    """That an alert is somebody’s now, and why, as a sentence for its history."""
    if not given.id or given.through is None:
        return "Nobody has it, because no clinical lead has access."
    if given.through is Through.OWN:
        return f"To {given.name}, who looks after them."
    return f"To {given.name}, who {AS[given.through]}: {given.because}."


def whose(given: Owned, me: UUID | None) -> str:
    """Whose an alert is, as a sentence, where it is not simply the practitioner’s own; else nothing."""
    if given.through is Through.OWN:
        return ""
    if not given.id:
        return "Nobody has it, because no clinical lead has access."
    return f"With {'you' if given.id == me else given.name} now: {given.because}."
