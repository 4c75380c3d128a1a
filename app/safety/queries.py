"""Open alerts, what was done about them, and the banner that keeps one in sight."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient, reaches, within
from app.accounts.roles import Scope
from app.accounts.tables import Assignment, PatientRecord, Person
from app.clinical.instruments import Instrument
from app.kit.work import Work
from app.safety.kinds import AlertKind, AlertStep
from app.safety.tables import Alert, AlertEvent


@dataclass(frozen=True)
class Event:
    """One thing that happened about an alert."""

    step: AlertStep
    at: datetime
    by_id: UUID | None
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
    owner_id: UUID | None
    answered_at: datetime
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
    owner_id: UUID | None
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
        return next(iter(self.since_answered), None)

    @property
    def next_at(self) -> datetime | None:
        """When somebody is to be tried again, where the last thing done was to try."""
        acts = [event for event in self.since_answered if event.step is not AlertStep.SEEN]
        return acts[-1].next_at if acts else None

    def seen_by(self, person_id: UUID | None) -> bool:
        """Whether this person has opened the page since the newest answer."""
        return any(event.step is AlertStep.SEEN and event.by_id == person_id for event in self.since_answered)


@dataclass(frozen=True)
class GivenAnswer:
    """An answer that raised an alert, in the questionnaire's own words and nobody's reading of it."""

    at: datetime
    questionnaire: str
    number: int
    question: str
    words: str
    points: int
    highest: int
    stem: str


@dataclass(frozen=True)
class Reach:
    """How somebody wants to be contacted; `number` is a telephone number within it, `dial` as a phone dials it."""

    words: str
    number: str
    dial: str


ANSWERS = (AlertStep.RAISED, AlertStep.ANSWERED_AGAIN)
# What is written in one transaction has one time; this is the order in which it was done.
_RANK = sa.case({step.value: rank for rank, step in enumerate(AlertStep)}, value=AlertEvent.step)

_owner = sa.orm.aliased(Person, name="owner")
_by = sa.orm.aliased(Person, name="by_person")


def _full_name(person: type[Person]) -> sa.ColumnElement[str]:
    return sa.func.concat(person.given_name, " ", person.family_name)


# That somebody looked says nothing once somebody acted: a look must not hide when they are to be tried again.
_LATEST = (
    sa.select(AlertEvent)
    .where(
        AlertEvent.service_id == Alert.service_id, AlertEvent.alert_id == Alert.id, AlertEvent.step != AlertStep.SEEN
    )
    .order_by(AlertEvent.at.desc(), _RANK.desc())
    .limit(1)
    .lateral("latest")
)
_ANSWERED = (
    sa.select(sa.func.max(AlertEvent.at).label("at"))
    .where(AlertEvent.service_id == Alert.service_id, AlertEvent.alert_id == Alert.id, AlertEvent.step.in_(ANSWERS))
    .lateral("answered")
)
_SEEN = (
    sa.select(AlertEvent.at, AlertEvent.by_id)
    .where(
        AlertEvent.service_id == Alert.service_id,
        AlertEvent.alert_id == Alert.id,
        AlertEvent.step == AlertStep.SEEN,
        AlertEvent.at >= _LATEST.c.at,
        _LATEST.c.step.in_(ANSWERS),
    )
    .order_by(AlertEvent.at.desc())
    .limit(1)
    .lateral("seen")
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
            _owner.deactivated_at.is_(None),
        ),
    )


_OPEN = _with_owner(
    sa.select(
        Alert.id,
        Alert.patient_id,
        Alert.kind,
        Alert.raised_at,
        sa.case((_owner.id.is_(None), ""), else_=_full_name(_owner)).label("owner"),
        _owner.id.label("owner_id"),
        _ANSWERED.c.at.label("answered_at"),
        sa.case((_SEEN.c.at.is_(None), _LATEST.c.step), else_=AlertStep.SEEN.value).label("step"),
        sa.func.coalesce(_SEEN.c.at, _LATEST.c.at).label("at"),
        _LATEST.c.next_at,
        sa.case((_by.id.is_(None), ""), else_=_full_name(_by)).label("by"),
    )
    .select_from(Alert)
    .join(_LATEST, sa.true())
    .join(_ANSWERED, sa.true())
    .outerjoin(_SEEN, sa.true())
    .outerjoin(
        _by,
        sa.and_(_by.service_id == Alert.service_id, _by.id == sa.func.coalesce(_SEEN.c.by_id, _LATEST.c.by_id)),
    )
).where(Alert.closed_at.is_(None))


def _open_alert(row: sa.Row[Any]) -> OpenAlert:
    return OpenAlert(
        id=row.id,
        patient_id=row.patient_id,
        kind=row.kind,
        raised_at=row.raised_at,
        owner=row.owner,
        owner_id=row.owner_id,
        answered_at=row.answered_at,
        last_step=AlertStep(row.step),
        last_at=row.at,
        last_by=row.by,
        next_at=row.next_at,
    )


_OPEN_OF = _OPEN.where(Alert.service_id == sa.bindparam("service"), Alert.patient_id == sa.bindparam("patient"))


def open_alert(work: Work, patient: Patient) -> OpenAlert | None:
    """The patient's open alert, if there is one."""
    row = work.read(_OPEN_OF, {"service": work.service_id, "patient": patient.id}).first()
    return _open_alert(row) if row else None


@cache
def _open_within(scope: Scope) -> sa.Select[Any]:
    return (
        _OPEN.join(
            PatientRecord, sa.and_(PatientRecord.service_id == Alert.service_id, PatientRecord.id == Alert.patient_id)
        )
        .where(Alert.service_id == sa.bindparam("service"), reaches(scope))
        .order_by(Alert.raised_at)
    )


def open_alerts(work: Work, scope: Scope) -> list[OpenAlert]:
    """The open alerts of every patient a scope reaches, the longest waiting first."""
    return [_open_alert(row) for row in work.read(_open_within(scope), within(work))]


def alert_history(work: Work, patient: Patient, alert_id: UUID) -> AlertHistory | None:
    """One of the patient's alerts, open or closed, with all that was done."""
    owner = sa.case((_owner.id.is_(None), ""), else_=_full_name(_owner)).label("owner")
    row = work.session.execute(
        _with_owner(
            sa.select(Alert.raised_at, Alert.closed_at, owner, _owner.id.label("owner_id")).select_from(Alert)
        ).where(Alert.service_id == work.service_id, Alert.patient_id == patient.id, Alert.id == alert_id)
    ).one_or_none()
    if row is None:
        return None
    events = _events(work, alert_id)
    return AlertHistory(alert_id, patient.id, row.raised_at, row.closed_at, row.owner, row.owner_id, events)


def _events(work: Work, alert_id: UUID) -> list[Event]:
    rows = work.session.execute(
        sa.select(AlertEvent, sa.case((_by.id.is_(None), ""), else_=_full_name(_by)).label("by"))
        .outerjoin(_by, sa.and_(_by.service_id == AlertEvent.service_id, _by.id == AlertEvent.by_id))
        .where(AlertEvent.service_id == work.service_id, AlertEvent.alert_id == alert_id)
        .order_by(AlertEvent.at, _RANK)
    )
    return [Event(e.step, e.at, e.by_id, by, e.words, e.next_at, e.source) for e, by in rows]


def answers_given(history: AlertHistory, instruments: Mapping[str, Instrument]) -> list[GivenAnswer]:
    """The answers behind an alert as they were given to a questionnaire the service still has, newest first."""
    return [_given(event, instruments) for event in history.answers if event.source.partition(":")[0] in instruments]


def _given(event: Event, instruments: Mapping[str, Instrument]) -> GivenAnswer:
    # The source is written by whoever asks the questions: instrument, item, points and the response they are in.
    key, item, points, _ = event.source.split(":", 3)
    asked = instruments[key]
    number, question = next((n, one.text) for n, one in enumerate(asked.items, 1) if one.key == item)
    words = next(option.label for option in asked.options if option.value == int(points))
    return GivenAnswer(event.at, asked.short, number, question, words, int(points), asked.options[-1].value, asked.stem)


_NUMBER = re.compile(r"(?:\+|\b0)[\d ()-]{8,}\d")


def reach(patient: Patient) -> Reach:
    """How to contact a patient, from their contact note."""
    found = _NUMBER.search(patient.contact_note)
    number = found.group() if found else ""
    return Reach(patient.contact_note, number, re.sub(r"[^+\d]", "", number))
