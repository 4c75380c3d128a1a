"""Open alerts, by when each was to be read, and all that was done about one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.queries import Patient, ServiceFacts
from app.accounts.tables import Assignment, Person, Service
from app.clinical import hours
from app.kit.work import Work
from app.safety.kinds import AlertKind, AlertStep
from app.safety.tables import Alert, AlertEvent


@dataclass(frozen=True)
class Event:
    """One thing that happened about an alert."""

    id: UUID
    step: AlertStep
    at: datetime
    by_id: UUID | None
    by: str
    words: str
    next_at: datetime | None
    source: str
    about: UUID | None


@dataclass(frozen=True)
class OpenAlert:
    """An alert that nobody has closed. `owner` is empty where whoever had it left: that was `was`.

    `read_by` is the promise for the oldest answer that nobody has looked at, None once all were.
    """

    id: UUID
    patient_id: UUID
    kind: AlertKind
    raised_at: datetime
    owner: str
    owner_id: UUID | None
    was: str
    answered_at: datetime
    source: str
    read_by: datetime | None
    last_step: AlertStep
    last_at: datetime
    last_by: str
    next_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True)
class AlertHistory:
    """An alert with everything that was done about it, oldest first."""

    id: UUID
    patient_id: UUID
    raised_at: datetime
    closed_at: datetime | None
    owner: str
    owner_id: UUID | None
    was: str
    events: list[Event]

    @property
    def answers(self) -> list[Event]:
        """The answers behind it, newest first."""
        return [event for event in reversed(self.events) if event.step in ANSWERS]

    @property
    def since_answered(self) -> list[Event]:
        """What staff have done since the newest answer."""
        latest = max(place for place, event in enumerate(self.events) if event.step in ANSWERS)
        return self.events[latest + 1 :]

    @property
    def read(self) -> Event | None:
        """When and by whom the newest answer was first read, if it was."""
        newest = self.answers[0].id
        return next((one for one in self.events if one.step is AlertStep.SEEN and one.about == newest), None)

    @property
    def unread_since(self) -> datetime | None:
        """When the oldest answer that nobody has looked at was given, None where all were looked at."""
        seen = {event.about for event in self.events if event.step is AlertStep.SEEN}
        unread = None
        for answer in self.answers:
            if answer.id in seen:
                break
            unread = answer.at
        return unread

    @property
    def last_act(self) -> Event | None:
        """What staff did last since the newest answer, looking aside."""
        acts = [event for event in self.since_answered if event.step not in (*NO_ACTS, AlertStep.CLOSED)]
        return acts[-1] if acts else None

    @property
    def next_at(self) -> datetime | None:
        """When somebody is to be tried again, where the last thing done was to try."""
        return self.last_act.next_at if self.last_act else None

    def seen_by(self, person_id: UUID | None) -> bool:
        """Whether this person was shown the newest answer."""
        newest = self.answers[0].id
        return any(one.step is AlertStep.SEEN and one.by_id == person_id and one.about == newest for one in self.events)


ANSWERS = (AlertStep.RAISED, AlertStep.ANSWERED_AGAIN)
NO_ACTS = (AlertStep.SEEN, AlertStep.CLIMBED)


def opening_hours(service: ServiceFacts) -> hours.Hours:
    """The service's working week from its settings, Monday to Friday from 9 to 5 where it has said nothing."""
    said = service.settings
    days = frozenset(int(day) for day in said.get("weekdays", "01234"))
    return hours.Hours(
        time.fromisoformat(said.get("opens", "09:00")), time.fromisoformat(said.get("closes", "17:00")), days
    )


def read_by(service: ServiceFacts, at: datetime) -> datetime:
    """By when the service reads an answer that raises an alert."""
    within = timedelta(minutes=int(service.settings.get("alert_minutes", "60")))
    return hours.read_by(at, within=within, hours=opening_hours(service), zone=service.zone)


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


def _with_owner(statement: sa.Select[Any]) -> sa.Select[Any]:
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


def _owner_columns() -> list[sa.ColumnElement[Any]]:
    stays = sa.and_(_owner.id.is_not(None), _owner.deactivated_at.is_(None))
    return [
        sa.case((stays, _full_name(_owner)), else_="").label("owner"),
        sa.case((stays, _owner.id)).label("owner_id"),
        sa.case((_owner.deactivated_at.is_not(None), _full_name(_owner)), else_="").label("was"),
        _owner.deactivated_at.label("left_at"),
    ]


_OPEN = _with_owner(
    sa.select(
        Alert.id,
        Alert.patient_id,
        Alert.kind,
        Alert.raised_at,
        *_owner_columns(),
        _ANSWERED.c.at.label("answered_at"),
        _ANSWERED.c.source,
        _UNREAD.label("unread_since"),
        Service.id.label("of_service"),
        Service.name,
        Service.zone,
        Service.settings,
        sa.case((_SEEN.c.at.is_(None), _LATEST.c.step), else_=AlertStep.SEEN.value).label("step"),
        sa.func.coalesce(_SEEN.c.at, _LATEST.c.at).label("at"),
        _LATEST.c.next_at,
        sa.func.coalesce(_BY.c.name, "").label("by"),
    )
    .select_from(Alert)
    .join(Service, Service.id == Alert.service_id)
    .join(_LATEST, sa.true())
    .join(_ANSWERED, sa.true())
    .outerjoin(_SEEN, sa.true())
    .outerjoin(_BY, sa.true())
).where(Alert.closed_at.is_(None))


def _open_alert(row: sa.Row[Any]) -> OpenAlert:
    service = ServiceFacts(row.of_service, row.name, ZoneInfo(row.zone), dict(row.settings))
    return OpenAlert(
        id=row.id,
        patient_id=row.patient_id,
        kind=row.kind,
        raised_at=row.raised_at,
        owner=row.owner,
        owner_id=row.owner_id,
        was=row.was,
        answered_at=row.answered_at,
        source=row.source,
        read_by=read_by(service, row.unread_since) if row.unread_since else None,
        last_step=AlertStep(row.step),
        last_at=row.at,
        last_by=row.by,
        next_at=row.next_at,
        left_at=row.left_at,
    )


OPEN_OF = _OPEN.where(Alert.service_id == sa.bindparam("service"), Alert.patient_id == sa.bindparam("patient"))


OPEN_AMONG = _OPEN.where(
    Alert.service_id == sa.bindparam("service"),
    Alert.patient_id == sa.any_(sa.bindparam("patients", type_=ARRAY(sa.Uuid))),
)


def open_alerts_among(work: Work, patients: Iterable[UUID]) -> list[OpenAlert]:
    """The open alerts of these patients."""
    rows = work.read(OPEN_AMONG, {"service": work.service_id, "patients": list(patients)})
    return [_open_alert(row) for row in rows]


def open_alert(work: Work, patient: Patient) -> OpenAlert | None:
    """The patient's open alert, if there is one."""
    row = work.read(OPEN_OF, {"service": work.service_id, "patient": patient.id}).first()
    return _open_alert(row) if row else None


IS_OPEN = sa.select(Alert.id).where(
    Alert.service_id == sa.bindparam("service"), Alert.patient_id == sa.bindparam("patient"), Alert.closed_at.is_(None)
)


def has_open_alert(work: Work, patient: Patient) -> bool:
    """Whether the patient has an open alert."""
    return bool(work.read(IS_OPEN, {"service": work.service_id, "patient": patient.id}).all())


_EVERY_OPEN = _OPEN.where(Alert.service_id == sa.bindparam("service")).order_by(Alert.raised_at)


def every_open_alert(work: Work) -> list[OpenAlert]:
    """Every open alert of the service, the longest waiting first: for the house itself, not for a page."""
    return [_open_alert(row) for row in work.read(_EVERY_OPEN, {"service": work.service_id})]


def alert_history(work: Work, patient: Patient, alert_id: UUID) -> AlertHistory | None:
    """One of the patient's alerts, open or closed, with all that was done."""
    row = work.session.execute(
        _with_owner(sa.select(Alert.raised_at, Alert.closed_at, *_owner_columns()).select_from(Alert)).where(
            Alert.service_id == work.service_id, Alert.patient_id == patient.id, Alert.id == alert_id
        )
    ).one_or_none()
    if row is None:
        return None
    events = [event for _, event in _events(work, patient, AlertEvent.alert_id == alert_id)]
    return AlertHistory(alert_id, patient.id, row.raised_at, row.closed_at, row.owner, row.owner_id, row.was, events)


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
