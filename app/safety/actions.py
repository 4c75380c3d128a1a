"""Alerts happen: raised with the answer that caused them, seen, acted on, closed by somebody."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit.errors import Conflict, NotFound, Refused
from app.kit.work import Work
from app.notifications import actions as notifications
from app.notifications.kinds import LetterKind
from app.safety import queries
from app.safety.alert_history import AlertHistory
from app.safety.kinds import AlertKind, AlertStep
from app.safety.tables import Alert, AlertEvent

LOCK = "alerts"
NO_WORDS = "Write what was said and agreed, or what you tried."
NOT_REACHED = "An alert stays open, with a time for the next attempt, until somebody has been reached."

ACTS = frozenset({AlertStep.CONTACTED, AlertStep.COULD_NOT_REACH, AlertStep.HANDED_OVER, AlertStep.KNOWN_AND_REVIEWED})


class AlreadyClosed(Conflict):
    words = "Somebody closed this alert while you were writing."


class AnsweredAgain(Conflict):
    words = "There is a newer answer than the one you read. Read it, then decide whether to close the alert."


def raise_alert(work: Work, *, patient: Patient, kind: AlertKind, source: str) -> None:
    """Raise an alert in the same transaction as the answer that caused it, or add to the one that is open.

    Whoever has it has a letter in the outbox with it. The same source never raises twice: an autosaved answer that is
    then submitted is one answer, also where somebody closed its alert in between.
    """
    # Two answers at the same moment would otherwise each see no open alert, and one would be refused.
    work.one_at_a_time(LOCK, patient.id)
    if _already_told(work, patient, source):
        return
    alert = _open(work, patient, kind)
    step = AlertStep.ANSWERED_AGAIN if alert else AlertStep.RAISED
    if alert is None:
        alert = work.add(Alert(patient_id=patient.id, kind=kind, raised_at=work.now))
    given = queries.owned_now(work, patient.id)
    event = work.add(
        AlertEvent(alert_id=alert.id, step=step, at=work.now, by_id=patient.id, source=source, to_id=given.id)
    )
    # The audit is for ever and not sealed: the answer itself is found by this id, and not in it.
    work.record("safety.alert-raised", patient=patient.id, alert=alert.id, step=step.value, alert_event=event.id)
    if given.id:
        tell(work, alert_id=alert.id, person_ids=[given.id], why="answer")


def tell(work: Work, *, alert_id: UUID, person_ids: Iterable[UUID], why: str) -> None:
    """Put a letter that says nothing of what it is about in the outbox of each; one a minute, for autosaves."""
    for person_id in person_ids:
        key = f"alert-{why}:{alert_id}:{person_id}:{work.now:%Y%m%d%H%M}"
        notifications.tell_something_new(work, person_id=person_id, about=LetterKind.DUTY, origin="", dedupe_key=key)


def _open(work: Work, patient: Patient, kind: AlertKind) -> Alert | None:
    return work.session.execute(
        sa.select(Alert)
        .where(
            Alert.service_id == work.service_id,
            Alert.patient_id == patient.id,
            Alert.kind == kind,
            Alert.closed_at.is_(None),
        )
        .with_for_update()
    ).scalar_one_or_none()


def _already_told(work: Work, patient: Patient, source: str) -> bool:
    return (
        work.session.execute(
            sa.select(AlertEvent.id)
            .join(Alert, sa.and_(Alert.service_id == AlertEvent.service_id, Alert.id == AlertEvent.alert_id))
            .where(
                Alert.service_id == work.service_id,
                Alert.patient_id == patient.id,
                AlertEvent.source == source,
            )
        ).first()
        is not None
    )


def mark_seen(work: Work, *, patient: Patient, alert_id: UUID) -> AlertHistory | None:
    """The alert as it is to be shown, with a record of who was shown which newest answer, once for each.

    Read and recorded under one lock, so that nobody counts as having seen an answer that came meanwhile.
    """
    work.one_at_a_time(LOCK, patient.id)
    shown = queries.alert_history(work, patient, alert_id)
    if shown is None or shown.closed_at is not None or shown.seen_by(work.actor.id):
        return shown
    newest = shown.answers[0].id
    work.add(AlertEvent(alert_id=shown.id, step=AlertStep.SEEN, at=work.now, by_id=work.actor.id, about=newest))
    work.record("safety.alert-seen", patient=patient.id, alert=shown.id)
    return queries.alert_history(work, patient, alert_id)


def record_act(
    work: Work, *, patient: Patient, alert_id: UUID, act: AlertStep, words: str, next_at: datetime | None = None
) -> None:
    """Record what was done about an alert, which stays open."""
    alert = _open_to_act(work, patient, alert_id)
    if act not in ACTS:
        raise NotFound
    if not words.strip():
        raise Refused(NO_WORDS)
    if act is AlertStep.COULD_NOT_REACH and next_at is None:
        raise Refused(NOT_REACHED)
    work.add(AlertEvent(alert_id=alert.id, step=act, at=work.now, by_id=work.actor.id, words=words, next_at=next_at))
    work.record("safety.alert-acted-on", patient=patient.id, alert=alert.id, act=act.value)


def may_close(work: Work, *, patient: Patient, alert_id: UUID) -> bool:
    """Whether this person was shown the newest answer; nobody can add another before this work is done."""
    work.one_at_a_time(LOCK, patient.id)
    history = queries.alert_history(work, patient, alert_id)
    return history is None or history.closed_at is not None or history.seen_by(work.actor.id)


def close_alert(work: Work, *, patient: Patient, alert_id: UUID) -> None:
    """Close an alert about which this person was shown the newest answer, and about which the last act says why."""
    alert = _open_to_act(work, patient, alert_id)
    if not may_close(work, patient=patient, alert_id=alert_id):
        raise AnsweredAgain
    history = queries.alert_history(work, patient, alert_id)
    if history is None or history.last_act is None or history.last_act.step is AlertStep.COULD_NOT_REACH:
        raise Refused(NOT_REACHED)
    act = history.last_act.id
    work.add(AlertEvent(alert_id=alert.id, step=AlertStep.CLOSED, at=work.now, by_id=work.actor.id, about=act))
    alert.closed_at = work.now
    work.session.add(alert)
    work.session.flush()
    work.record("safety.alert-closed", patient=patient.id, alert=alert.id)


def _open_to_act(work: Work, patient: Patient, alert_id: UUID) -> Alert:
    work.require(Capability.HANDLE_ALERTS)
    work.one_at_a_time(LOCK, patient.id)
    alert = work.session.execute(
        sa.select(Alert)
        .where(Alert.service_id == work.service_id, Alert.patient_id == patient.id, Alert.id == alert_id)
        .with_for_update()
    ).scalar_one_or_none()
    if alert is None:
        raise NotFound
    if alert.closed_at is not None:
        raise AlreadyClosed
    return alert
