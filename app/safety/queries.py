"""Open alerts, by when each was to be read, and all that was done about one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from app.accounts.queries import Patient, ServiceFacts
from app.accounts.tables import Assignment, Person, Service
from app.clinical import escalation
from app.clinical.escalation import Level, Waiting
from app.clinical.standing_in import Team
from app.kit.work import Work
from app.safety import owner_queries, promise_queries, roster_queries
from app.safety.alert_history import ANSWERS, NO_ACTS, AlertHistory, Event, Owned
from app.safety.kinds import AlertKind, AlertStep
from app.safety.tables import Alert, AlertEvent


@dataclass(frozen=True)
class Told:
    """That those of a level were told of an alert, which had waited since a moment."""

    level: Level
    at: datetime
    since: datetime


@dataclass(frozen=True)
class OpenAlert:
    """An alert that nobody has closed, and whose it is at this moment.

    `read_by` is the promise for the oldest answer that nobody has looked at, None once all were. `told` are the levels
    that what it waits for has reached, `upcoming` the next and when. `given_to` is who was last told that it is theirs.
    """

    id: UUID
    patient_id: UUID
    kind: AlertKind
    raised_at: datetime
    owned: Owned
    practitioner_id: UUID | None
    answered_at: datetime
    source: str
    read_by: datetime | None
    last_step: AlertStep
    last_at: datetime
    last_by: str
    next_at: datetime | None
    waiting: Waiting | None
    told: tuple[Told, ...]
    upcoming: tuple[Level, datetime] | None
    given_to: UUID | None

    @property
    def owner(self) -> str:
        """What whoever has it is called."""
        return self.owned.name

    @property
    def owner_id(self) -> UUID | None:
        return self.owned.id


_owner = sa.orm.aliased(Person, name="owner")
_by = sa.orm.aliased(Person, name="by_person")
_given = sa.orm.aliased(AlertEvent, name="given")
_look = sa.orm.aliased(AlertEvent, name="look")
_shown = sa.orm.aliased(AlertEvent, name="shown")


def _full_name(person: type[Person]) -> sa.ColumnElement[str]:
    return sa.func.concat(person.given_name, " ", person.family_name)


# That somebody looked says nothing once somebody acted: a look must not hide when they are to be tried again.
_LATEST = (
    sa.select(AlertEvent)
    .where(AlertEvent.service_id == Alert.service_id, AlertEvent.alert_id == Alert.id, AlertEvent.step.not_in(NO_ACTS))
    .order_by(AlertEvent.seq.desc())
    .limit(1)
    .lateral("latest")
)
_ANSWERED = (
    sa.select(AlertEvent.id, AlertEvent.at, AlertEvent.source)
    .where(AlertEvent.service_id == Alert.service_id, AlertEvent.alert_id == Alert.id, AlertEvent.step.in_(ANSWERS))
    .order_by(AlertEvent.seq.desc())
    .limit(1)
    .lateral("answered")
)
_SEEN = (
    sa.select(AlertEvent.at, AlertEvent.by_id)
    .where(
        AlertEvent.service_id == Alert.service_id,
        AlertEvent.alert_id == Alert.id,
        AlertEvent.step == AlertStep.SEEN,
        AlertEvent.about == _ANSWERED.c.id,
        _LATEST.c.step.in_(ANSWERS),
    )
    .order_by(AlertEvent.seq.desc())
    .limit(1)
    .lateral("seen")
)
# A CASE and not a COALESCE: PostgreSQL does not trust the latter with rows under row-level security, and would look
# at everybody of the service instead of in the index.
_BY = (
    sa.select(_full_name(_by).label("name"))
    .where(
        _by.service_id == Alert.service_id,
        _by.id == sa.case((_SEEN.c.by_id.is_(None), _LATEST.c.by_id), else_=_SEEN.c.by_id),
    )
    .limit(1)
    .lateral("by_whom")
)
# Whoever was shown an answer was shown all before it.
_UNREAD = (
    sa.select(sa.func.min(_given.at))
    .where(
        _given.service_id == Alert.service_id,
        _given.alert_id == Alert.id,
        _given.step.in_(ANSWERS),
        ~sa.exists()
        .where(
            _look.service_id == _given.service_id,
            _look.alert_id == _given.alert_id,
            _look.step == AlertStep.SEEN,
            _shown.service_id == _look.service_id,
            _shown.id == _look.about,
            _shown.seq >= _given.seq,
        )
        .correlate(_given),
    )
    .correlate(Alert)
    .scalar_subquery()
)


_CLIMBED = (
    sa.select(
        sa.func.array_agg(aggregate_order_by(AlertEvent.level, AlertEvent.seq), type_=ARRAY(sa.Text)).label("levels"),
        sa.func.array_agg(aggregate_order_by(AlertEvent.at, AlertEvent.seq)).label("moments"),
        sa.func.array_agg(aggregate_order_by(AlertEvent.since_at, AlertEvent.seq)).label("since"),
    )
    .where(AlertEvent.service_id == Alert.service_id, AlertEvent.alert_id == Alert.id, AlertEvent.level.is_not(None))
    .lateral("climbed")
)
_LOOKED_AT = (
    sa.select(sa.func.min(_look.at))
    .where(
        _look.service_id == Alert.service_id,
        _look.alert_id == Alert.id,
        _look.step == AlertStep.SEEN,
        _look.about == _ANSWERED.c.id,
    )
    .correlate(Alert, _ANSWERED)
    .scalar_subquery()
)
_GIVEN_TO = (
    sa.select(_given.to_id)
    .where(_given.service_id == Alert.service_id, _given.alert_id == Alert.id, _given.to_id.is_not(None))
    .order_by(_given.seq.desc())
    .limit(1)
    .correlate(Alert)
    .scalar_subquery()
)


def _with_practitioner(statement: sa.Select[Any]) -> sa.Select[Any]:
    # Whoever has the patient now, so that an alert moves with them and never stays with somebody who left.
    return statement.outerjoin(
        Assignment,
        sa.and_(
            Assignment.service_id == Alert.service_id,
            Assignment.patient_id == Alert.patient_id,
            Assignment.ended_at.is_(None),
        ),
    ).outerjoin(
        _owner,
        sa.and_(
            _owner.service_id == Assignment.service_id,
            _owner.id == Assignment.practitioner_id,
        ),
    )


def _practitioner_columns() -> list[sa.ColumnElement[Any]]:
    return [
        _owner.id.label("practitioner_id"),
        sa.case((_owner.id.is_(None), ""), else_=_full_name(_owner)).label("practitioner"),
        _owner.deactivated_at.label("left_at"),
    ]


_OPEN = _with_practitioner(
    sa.select(
        Alert.id,
        Alert.patient_id,
        Alert.kind,
        Alert.raised_at,
        *_practitioner_columns(),
        _ANSWERED.c.at.label("answered_at"),
        _ANSWERED.c.source,
        _UNREAD.label("unread_since"),
        _LOOKED_AT.label("looked_at"),
        Service.id.label("of_service"),
        Service.name,
        Service.zone,
        Service.settings,
        sa.case((_SEEN.c.at.is_(None), _LATEST.c.step), else_=AlertStep.SEEN.value).label("step"),
        sa.func.coalesce(_SEEN.c.at, _LATEST.c.at).label("at"),
        _LATEST.c.step.label("latest"),
        _LATEST.c.at.label("latest_at"),
        _LATEST.c.next_at,
        sa.func.coalesce(_BY.c.name, "").label("by"),
        _CLIMBED.c.levels,
        _CLIMBED.c.moments,
        _CLIMBED.c.since,
        _GIVEN_TO.label("given_to"),
    )
    .select_from(Alert)
    .join(Service, Service.id == Alert.service_id)
    .join(_LATEST, sa.true())
    .join(_ANSWERED, sa.true())
    .outerjoin(_SEEN, sa.true())
    .outerjoin(_BY, sa.true())
    .outerjoin(_CLIMBED, sa.true())
).where(Alert.closed_at.is_(None))


def _open_alerts(work: Work, rows: list[Any]) -> list[OpenAlert]:
    if not rows:
        return []
    team = roster_queries.team(work)
    return [_open_alert(row, team) for row in rows]


def _open_alert(row: sa.Row[Any], team: Team) -> OpenAlert:
    service = ServiceFacts(row.of_service, row.name, ZoneInfo(row.zone), dict(row.settings))
    acted_at = None if row.latest in ANSWERS else row.latest_at
    waits = escalation.waiting(
        unread_since=row.unread_since, looked_at=row.looked_at, acted_at=acted_at, next_at=row.next_at
    )
    climbed = zip(row.levels or (), row.moments or (), row.since or (), strict=True)
    told = tuple(Told(Level(level), at, since) for level, at, since in climbed if waits and since == waits.since)
    levels = frozenset(one.level for one in told)
    return OpenAlert(
        id=row.id,
        patient_id=row.patient_id,
        kind=row.kind,
        raised_at=row.raised_at,
        owned=owner_queries.owned(team, row.practitioner_id, row.practitioner, row.left_at),
        practitioner_id=row.practitioner_id,
        answered_at=row.answered_at,
        source=row.source,
        read_by=promise_queries.read_by(service, row.unread_since) if row.unread_since else None,
        last_step=AlertStep(row.step),
        last_at=row.at,
        last_by=row.by,
        next_at=row.next_at,
        waiting=waits,
        told=told,
        upcoming=promise_queries.upcoming(service, waits.since, levels) if waits else None,
        given_to=row.given_to,
    )


OPEN_OF = _OPEN.where(Alert.service_id == sa.bindparam("service"), Alert.patient_id == sa.bindparam("patient"))


OPEN_AMONG = _OPEN.where(
    Alert.service_id == sa.bindparam("service"),
    Alert.patient_id == sa.any_(sa.bindparam("patients", type_=ARRAY(sa.Uuid))),
)


def open_alerts_among(work: Work, patients: Iterable[UUID]) -> list[OpenAlert]:
    """The open alerts of these patients."""
    rows = work.read(OPEN_AMONG, {"service": work.service_id, "patients": list(patients)})
    return _open_alerts(work, rows.all())


def open_alert(work: Work, patient: Patient) -> OpenAlert | None:
    """The patient's open alert, if there is one."""
    rows = work.read(OPEN_OF, {"service": work.service_id, "patient": patient.id}).all()
    return next(iter(_open_alerts(work, rows[:1])), None)


IS_OPEN = sa.select(Alert.id).where(
    Alert.service_id == sa.bindparam("service"), Alert.patient_id == sa.bindparam("patient"), Alert.closed_at.is_(None)
)


def has_open_alert(work: Work, patient: Patient) -> bool:
    """Whether the patient has an open alert."""
    return bool(work.read(IS_OPEN, {"service": work.service_id, "patient": patient.id}).all())


_HAS_PATIENT = (
    sa.select(_owner.id, _full_name(_owner).label("name"), _owner.deactivated_at.label("left_at"))
    .select_from(Assignment)
    .join(_owner, sa.and_(_owner.service_id == Assignment.service_id, _owner.id == Assignment.practitioner_id))
    .where(
        Assignment.service_id == sa.bindparam("service"),
        Assignment.patient_id == sa.bindparam("patient"),
        Assignment.ended_at.is_(None),
    )
)
_EVERY_OPEN = _OPEN.where(Alert.service_id == sa.bindparam("service")).order_by(Alert.raised_at)


def every_open_alert(work: Work) -> list[OpenAlert]:
    """Every open alert of the service, the longest waiting first: for the house itself, not for a page."""
    return _open_alerts(work, work.read(_EVERY_OPEN, {"service": work.service_id}).all())


def owned_now(work: Work, patient_id: UUID) -> Owned:
    """Whose an alert about a patient is at this moment, whether there is one or not."""
    row = work.read(_HAS_PATIENT, {"service": work.service_id, "patient": patient_id}).first()
    team = roster_queries.team(work)
    return (
        owner_queries.owned(team, row.id, row.name, row.left_at) if row else owner_queries.owned(team, None, "", None)
    )


def alert_history(work: Work, patient: Patient, alert_id: UUID) -> AlertHistory | None:
    """One of the patient's alerts, open or closed, with all that was done."""
    row = work.session.execute(
        _with_practitioner(
            sa.select(Alert.raised_at, Alert.closed_at, *_practitioner_columns()).select_from(Alert)
        ).where(Alert.service_id == work.service_id, Alert.patient_id == patient.id, Alert.id == alert_id)
    ).one_or_none()
    if row is None:
        return None
    events = [event for _, event in _events(work, patient, AlertEvent.alert_id == alert_id)]
    team = roster_queries.team(work)
    owned = owner_queries.owned(team, row.practitioner_id, row.practitioner, row.left_at)
    return AlertHistory(alert_id, patient.id, row.raised_at, row.closed_at, owned, events)


def _events(work: Work, patient: Patient, *which: sa.ColumnElement[bool]) -> list[tuple[UUID, Event]]:
    rows = work.session.execute(
        sa.select(AlertEvent, sa.case((_by.id.is_(None), ""), else_=_full_name(_by)).label("by"))
        .join(Alert, sa.and_(Alert.service_id == AlertEvent.service_id, Alert.id == AlertEvent.alert_id))
        .outerjoin(_by, sa.and_(_by.service_id == AlertEvent.service_id, _by.id == AlertEvent.by_id))
        .where(AlertEvent.service_id == work.service_id, Alert.patient_id == patient.id, *which)
        .order_by(Alert.raised_at, Alert.id, AlertEvent.seq)
    )
    return [
        (e.alert_id, Event(e.id, e.step, e.at, e.by_id, by, e.words, e.next_at, e.source, e.about)) for e, by in rows
    ]


def alert_events(work: Work, patient: Patient) -> list[tuple[str, Event]]:
    """All that happened about the patient's alerts, open and closed, oldest first, each with its alert's page."""
    return [(f"/patients/{patient.id}/alerts/{alert_id}", event) for alert_id, event in _events(work, patient)]
