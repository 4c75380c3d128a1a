"""Open alerts, what was done about them, and the banner that keeps one in sight."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient, reaches
from app.accounts.roles import Scope
from app.accounts.tables import PatientRecord, Person
from app.kit.work import Work
from app.safety.tables import Alert, AlertEvent, AlertKind, AlertStep


@dataclass(frozen=True)
class Event:
    """One thing that happened about an alert."""

    step: AlertStep
    at: datetime
    by: str
    words: str
    next_at: datetime | None
    source: str


@dataclass(frozen=True)
class OpenAlert:
    """An alert that nobody has closed, as the caseload and the banner show it."""

    id: UUID
    patient_id: UUID
    kind: AlertKind
    raised_at: datetime
    owner: str
    last_step: AlertStep
    last_at: datetime
    last_by: str
    next_at: datetime | None


@dataclass(frozen=True)
class AlertHistory:
    """An alert with everything that was done about it, oldest first."""

    id: UUID
    patient_id: UUID
    raised_at: datetime
    closed_at: datetime | None
    owner: str
    events: list[Event]

    def seen_by(self, name: str) -> bool:
        return any(event.step is AlertStep.SEEN and event.by == name for event in self.events)


_owner = sa.orm.aliased(Person, name="owner")
_by = sa.orm.aliased(Person, name="by_person")


def _full_name(person: type[Person]) -> sa.ColumnElement[str]:
    return sa.func.concat(person.given_name, " ", person.family_name)


_LATEST = (
    sa.select(AlertEvent)
    .where(AlertEvent.service_id == Alert.service_id, AlertEvent.alert_id == Alert.id)
    .order_by(AlertEvent.at.desc(), AlertEvent.step == AlertStep.RAISED)
    .limit(1)
    .lateral("latest")
)

_OPEN = (
    sa.select(
        Alert.id,
        Alert.patient_id,
        Alert.kind,
        Alert.raised_at,
        sa.case((_owner.id.is_(None), ""), else_=_full_name(_owner)).label("owner"),
        _LATEST.c.step,
        _LATEST.c.at,
        _LATEST.c.next_at,
        sa.case((_by.id.is_(None), ""), else_=_full_name(_by)).label("by"),
    )
    .select_from(Alert)
    .join(_LATEST, sa.true())
    .outerjoin(_owner, sa.and_(_owner.service_id == Alert.service_id, _owner.id == Alert.owner_id))
    .outerjoin(_by, sa.and_(_by.service_id == Alert.service_id, _by.id == _LATEST.c.by_id))
    .where(Alert.closed_at.is_(None))
)


def _open_alert(row: sa.Row) -> OpenAlert:
    return OpenAlert(row.id, row.patient_id, row.kind, row.raised_at, row.owner, row.step, row.at, row.by, row.next_at)


def open_alert(work: Work, patient: Patient) -> OpenAlert | None:
    """The patient's open alert, if there is one."""
    row = work.session.execute(_OPEN.where(Alert.service_id == work.service_id, Alert.patient_id == patient.id)).first()
    return _open_alert(row) if row else None


def open_alerts(work: Work, scope: Scope) -> list[OpenAlert]:
    """The open alerts of every patient a scope reaches, the longest waiting first."""
    rows = work.session.execute(
        _OPEN.join(
            PatientRecord,
            sa.and_(PatientRecord.service_id == Alert.service_id, PatientRecord.id == Alert.patient_id),
        )
        .where(Alert.service_id == work.service_id, reaches(scope, work))
        .order_by(Alert.raised_at)
    )
    return [_open_alert(row) for row in rows]


def alert_history(work: Work, patient: Patient, alert_id: UUID) -> AlertHistory | None:
    """One of the patient's alerts, open or closed, with all that was done."""
    row = work.session.execute(
        sa.select(Alert, sa.case((_owner.id.is_(None), ""), else_=_full_name(_owner)).label("owner"))
        .outerjoin(_owner, sa.and_(_owner.service_id == Alert.service_id, _owner.id == Alert.owner_id))
        .where(Alert.service_id == work.service_id, Alert.patient_id == patient.id, Alert.id == alert_id)
    ).one_or_none()
    if row is None:
        return None
    alert = row[0]
    return AlertHistory(
        alert.id, alert.patient_id, alert.raised_at, alert.closed_at, row.owner, _events(work, alert.id)
    )


def _events(work: Work, alert_id: UUID) -> list[Event]:
    rows = work.session.execute(
        sa.select(AlertEvent, sa.case((_by.id.is_(None), ""), else_=_full_name(_by)).label("by"))
        .outerjoin(_by, sa.and_(_by.service_id == AlertEvent.service_id, _by.id == AlertEvent.by_id))
        .where(AlertEvent.service_id == work.service_id, AlertEvent.alert_id == alert_id)
        .order_by(AlertEvent.at, AlertEvent.step != AlertStep.RAISED)
    )
    return [Event(e.step, e.at, by, e.words, e.next_at, e.source) for e, by in rows]
