"""Alerts happen: raised with the answer that caused them, seen, acted on, closed by somebody."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.kit.errors import Conflict, NotFound, Refused
from app.kit.work import Work
from app.safety import queries
from app.safety.kinds import AlertKind, AlertStep
from app.safety.tables import Alert, AlertEvent

ACTS = frozenset({AlertStep.CONTACTED, AlertStep.COULD_NOT_REACH, AlertStep.HANDED_OVER, AlertStep.KNOWN_AND_REVIEWED})


class AlreadyClosed(Conflict):
    words = "Somebody closed this alert while you were writing."


class AnsweredAgain(Conflict):
    words = "There is a newer answer than the one you read. Read it, then decide whether to close the alert."


def can_try_again(at: datetime | None, now: datetime) -> bool:
    """Whether a next attempt is still to come."""
    return at is None or at > now


def raise_alert(work: Work, *, patient: Patient, kind: AlertKind, source: str) -> None:
    """Raise an alert in the same transaction as the answer that caused it, or add to the one that is open.

    The same source never raises twice: an autosaved answer that is then submitted is one answer, also where
    somebody closed its alert in between.
    """
    _one_at_a_time(work, patient)
    if _already_told(work, patient, source):
        return
    alert = _open(work, patient, kind)
    step = AlertStep.ANSWERED_AGAIN if alert else AlertStep.RAISED
    if alert is None:
        alert = work.add(Alert(patient_id=patient.id, kind=kind, owner_id=patient.practitioner_id, raised_at=work.now))
    work.add(AlertEvent(alert_id=alert.id, step=step, at=work.now, by_id=patient.id, source=source))
    work.record("safety.alert-raised", patient=patient.id, alert=alert.id, step=step.value, source=source)


def _one_at_a_time(work: Work, patient: Patient) -> None:
    # Two answers at the same moment would otherwise each see no open alert, and one would be refused.
    name = f"alerts:{patient.id}"
    work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


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


def mark_seen(work: Work, *, patient: Patient, alert: queries.AlertHistory) -> None:
    """Record that somebody opened the answers behind an alert, once a person for each new answer."""
    if alert.closed_at is None and not alert.seen_by(work.actor.id):
        work.add(AlertEvent(alert_id=alert.id, step=AlertStep.SEEN, at=work.now, by_id=work.actor.id))
        work.record("safety.alert-seen", patient=patient.id, alert=alert.id)


def record_act(
    work: Work,
    *,
    patient: Patient,
    alert_id: UUID,
    act: AlertStep,
    words: str,
    next_at: datetime | None = None,
    then_close: str = "",
) -> None:
    """Record what was done about an alert; with `then_close` words it is closed by this person too."""
    work.require(Capability.HANDLE_ALERTS)
    alert = work.session.execute(
        sa.select(Alert)
        .where(Alert.service_id == work.service_id, Alert.patient_id == patient.id, Alert.id == alert_id)
        .with_for_update()
    ).scalar_one_or_none()
    if alert is None or act not in ACTS:
        raise NotFound
    if alert.closed_at is not None:
        raise AlreadyClosed
    if act is AlertStep.COULD_NOT_REACH and (next_at is None or then_close):
        raise Refused("An alert stays open, with a time for the next attempt, until somebody has been reached.")
    history = queries.alert_history(work, patient, alert_id)
    if then_close and not (history and history.seen_by(work.actor.id)):
        raise AnsweredAgain
    work.add(AlertEvent(alert_id=alert.id, step=act, at=work.now, by_id=work.actor.id, words=words, next_at=next_at))
    work.record("safety.alert-acted-on", patient=patient.id, alert=alert.id, act=act.value)
    if then_close:
        _close(work, patient, alert, then_close)


def _close(work: Work, patient: Patient, alert: Alert, words: str) -> None:
    work.add(AlertEvent(alert_id=alert.id, step=AlertStep.CLOSED, at=work.now, by_id=work.actor.id, words=words))
    alert.closed_at = work.now
    work.session.add(alert)
    work.session.flush()
    work.record("safety.alert-closed", patient=patient.id, alert=alert.id)
