"""To whom a patient who is not theirs is lent, for what an open alert needs and as long as it is open."""

from uuid import UUID

from app.accounts.roles import Capability, Role
from app.clinical import standing_in
from app.clinical.standing_in import Through
from app.kit.work import Work
from app.safety import queries, roster_queries

# Who it is and how to reach them, what was answered, and the alert itself. Not what they write.
NEEDED = frozenset({Capability.SEE_ALERTS, Capability.HANDLE_ALERTS, Capability.SEE_IDENTITY, Capability.READ_SCORES})
BORROWERS = frozenset({Role.PRACTITIONER, Role.SUPERVISOR})


def why_lent(work: Work, capability: Capability, patient_id: UUID) -> str:
    """Through what an open alert lends a patient to whoever is acting, for one capability; empty where none does."""
    if capability not in NEEDED or Role(work.actor.role) not in BORROWERS or work.actor.id is None:
        return ""
    alert = next(iter(queries.open_alerts_among(work, [patient_id])), None)
    if alert is None:
        return ""
    team = roster_queries.team(work)
    if work.actor.id not in standing_in.may_work_on(team, alert.practitioner_id):
        return ""
    if alert.owner_id == work.actor.id and alert.owned.through is Through.COVER:
        return "cover"
    return "duty" if work.actor.id in {one.id for one in team.on_duty()} else "alert"
