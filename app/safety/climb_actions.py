"""An alert goes to whoever has it now, and climbs where nobody looks or acts: each step once, logged, and told."""

from collections.abc import Sequence
from uuid import UUID

from app.accounts import queries as people
from app.clinical import standing_in
from app.clinical.escalation import Climb, Level, Wait
from app.clinical.standing_in import Colleague
from app.kit import say
from app.kit.work import Work
from app.safety import owner_queries, promise_queries, queries, roster_queries
from app.safety.actions import LOCK, tell
from app.safety.kinds import AlertStep
from app.safety.queries import OpenAlert
from app.safety.tables import AlertEvent

CALLED = {Level.DUTY: "duty person", Level.SUPERVISOR: "supervisor", Level.LEAD: "clinical lead"}
WAITED = {
    Wait.LOOK: "Nobody had looked at it in time.",
    Wait.ACT: "It was looked at, and nothing was written down.",
    Wait.ATTEMPT: "The next attempt was not written down.",
}


def hand_over(work: Work) -> int:
    """Pass every open alert on whose owner is no longer who was told, and tell whose it is now; how many were.

    Called in the transaction that changes who has what: leave, duty, a leaver, another practitioner. Whose an alert is
    follows from those facts alone; this is what its history and the new owner hear of it.
    """
    for patient_id in sorted({one.patient_id for one in _to_pass_on(work)}):
        work.one_at_a_time(LOCK, patient_id)
    moved = _to_pass_on(work)
    for one in moved:
        words = owner_queries.handed(one.owned)
        work.add(AlertEvent(alert_id=one.id, step=AlertStep.PASSED_ON, at=work.now, to_id=one.owner_id, words=words))
        work.record("safety.alert-passed-on", patient=one.patient_id, alert=one.id, to=one.owner_id)
        if one.owner_id:
            tell(work, alert_id=one.id, person_ids=[one.owner_id], why="passed-on")
    return len(moved)


def _to_pass_on(work: Work) -> list[OpenAlert]:
    return [one for one in queries.every_open_alert(work) if one.owner_id and one.owner_id != one.given_to]


def waiting_to_climb(work: Work) -> list[OpenAlert]:
    """The open alerts of which the next level is to be told now."""
    return [one for one in queries.every_open_alert(work) if _step(work, one)]


def climb(work: Work, *, alert_id: UUID) -> bool:
    """Tell the level whose time has come of an alert that waits; False where that is not so, or was done."""
    found = next((one for one in queries.every_open_alert(work) if one.id == alert_id), None)
    if found is None:
        return False
    work.one_at_a_time(LOCK, found.patient_id)
    found = next((one for one in waiting_to_climb(work) if one.id == alert_id), None)
    step = _step(work, found) if found else None
    if found is None or found.waiting is None or step is None:
        return False
    readers = standing_in.told_at(roster_queries.team(work), found.practitioner_id, step.level)
    work.add(
        AlertEvent(
            alert_id=alert_id,
            step=AlertStep.CLIMBED,
            at=work.now,
            words=_words(found.waiting.wait, step, readers),
            level=step.level,
            since_at=found.waiting.since,
        )
    )
    ids = [one.id for one in readers]
    work.record(
        "safety.alert-climbed",
        patient=found.patient_id,
        alert=alert_id,
        level=step.level.value,
        readers=[str(one) for one in ids],
    )
    tell(work, alert_id=alert_id, person_ids=ids, why=f"climbed-{step.level.value}")
    return True


def _step(work: Work, alert: OpenAlert) -> Climb | None:
    if alert.waiting is None:
        return None
    told = frozenset(one.level for one in alert.told)
    return promise_queries.climb(people.service(work), alert.waiting.since, told, work.now)


def _words(wait: Wait, step: Climb, readers: Sequence[Colleague]) -> str:
    """Why it climbed and who was told, with the levels that nobody told in time because what tells them stood still."""
    told = say.listed([one.name for one in readers]) or "nobody, because no clinical lead has access"
    said = [WAITED[wait], f"Told: {told}."]
    if step.passed:
        missed = say.listed([CALLED[level] for level in step.passed])
        said.append(f"Braid stood still when the {missed} {'was' if len(step.passed) == 1 else 'were'} to be told.")
    return " ".join(said)
