"""What somebody is asked for and since when: their schedule, from the instruments, the pathway and what staff said."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import PatientRecord, Person
from app.clinical import schedules
from app.clinical.instruments import Instrument
from app.clinical.schedules import Asked, Course, Due, Request, Timing
from app.kit.work import Work
from app.questionnaires.schedule_kinds import Act
from app.questionnaires.schedule_tables import ScheduleDecision
from app.questionnaires.tables import Response
from app.questionnaires.text_tables import InstrumentText
from app.questionnaires.void_queries import COUNTS

# What the programme, a room above, says of somebody's course.
CourseOf = Callable[[Work, Patient], Course]
# The same of several of them whose treatment goes on, and of everybody's that does where nobody is named.
CoursesOf = Callable[[Work, Collection[UUID] | None], Mapping[UUID, Course]]
# Those that somebody may fill in whenever they like, not only when they are due.
ANY_TIME = frozenset({Timing.WEEKLY, Timing.BEFORE_EVERY_SESSION})


@dataclass(frozen=True)
class Decided:
    """One decision of staff that holds: nobody took it back."""

    id: UUID
    act: Act
    instrument: str
    timing: Timing | None
    from_on: date | None
    at: datetime


@dataclass(frozen=True)
class Said:
    """What is on record of somebody's questionnaires: when each was last answered, and what staff decided."""

    answered: Mapping[tuple[str, str], datetime]
    decided: tuple[Decided, ...]


@dataclass(frozen=True)
class Standing:
    """What somebody is asked for now, and the schedule and course it follows from; `due` in the schedule's order."""

    schedule: tuple[Asked, ...]
    said: Said
    course: Course
    due: tuple[Due, ...]
    now: datetime

    def next_due(self, asked: Asked) -> datetime | None:
        """When it is asked for next after now, where that is known."""
        return schedules.next_due(asked, self.said.answered, self.course, self.now)

    def may_fill_in(self, instrument: str) -> bool:
        """Whether the patient is asked for it now, or may fill it in at any time."""
        anyhow = any(one.instrument == instrument and one.timing in ANY_TIME for one in self.schedule)
        return anyhow or any(one.instrument == instrument for one in self.due)


def said_of(patient: sa.ColumnElement[UUID]) -> sa.ScalarSelect[Any]:
    """One JSON value without a word of anybody's: what is on record of the patient that a statement names."""
    service: sa.BindParameter[UUID] = sa.bindparam("service", type_=sa.Uuid)
    latest = (
        sa.select(Response.instrument, Response.about, sa.func.max(Response.submitted_at).label("at"))
        .where(Response.service_id == service, Response.patient_id == patient, COUNTS)
        .group_by(Response.instrument, Response.about)
        .correlate(PatientRecord)
        .subquery("latest_answers")
    )
    made = ScheduleDecision
    taken_back = made.__table__.alias("taken_back")
    is_taken_back = sa.exists().where(taken_back.c.service_id == made.service_id, taken_back.c.withdraws == made.id)
    decided = (
        sa.select(made.id, made.act, made.instrument, made.timing, made.from_on, made.decided_at)
        .where(made.service_id == service, made.patient_id == patient, made.act != Act.WITHDRAWN, ~is_taken_back)
        .order_by(made.seq)
        .correlate(PatientRecord)
        .subquery("decided")
    )
    answers = sa.select(sa.func.json_agg(sa.func.json_build_array(latest.c.instrument, latest.c.about, latest.c.at)))
    acts = sa.select(sa.func.json_agg(sa.func.json_build_array(*decided.c)))
    return sa.select(sa.func.json_build_array(answers.scalar_subquery(), acts.scalar_subquery())).scalar_subquery()


def read_said(given: Any) -> Said:
    """What the column `said_of` holds."""
    answers, acts = given
    return Said(
        {(instrument, about): datetime.fromisoformat(at) for instrument, about, at in answers or ()},
        tuple(_decided(*each) for each in acts or ()),
    )


def _decided(id: str, act: str, instrument: str, timing: str | None, from_on: str | None, at: str) -> Decided:
    return Decided(
        UUID(id),
        Act(act),
        instrument,
        Timing(timing) if timing else None,
        date.fromisoformat(from_on) if from_on else None,
        datetime.fromisoformat(at),
    )


# Columns of a statement that binds `service` and `patient`: what is on record, and whose words the service has.
SAID = said_of(sa.bindparam("patient", type_=sa.Uuid))
TEXTS = (
    sa.select(sa.func.json_object_agg(InstrumentText.instrument, InstrumentText.version))
    .where(InstrumentText.service_id == sa.bindparam("service"), InstrumentText.removed_at.is_(None))
    .scalar_subquery()
)
_ONE = sa.select(SAID.label("said"), TEXTS.label("texts"))
_SEVERAL = sa.select(PatientRecord.id, said_of(PatientRecord.id).label("said")).where(
    PatientRecord.service_id == sa.bindparam("service"),
    PatientRecord.id == sa.any_(sa.bindparam("patients", type_=sa.ARRAY(sa.Uuid))),
)


def said(work: Work, patient_id: UUID) -> Said:
    """What is on record of one patient."""
    return said_and_words(work, patient_id)[0]


def said_and_words(work: Work, patient_id: UUID) -> tuple[Said, Mapping[str, str]]:
    """The same with the versions of the text packs that the service has, by instrument."""
    row = work.read(_ONE, {"service": work.service_id, "patient": patient_id}).one()
    return read_said(row.said), row.texts or {}


def said_each(work: Work, patient_ids: Collection[UUID]) -> dict[UUID, Said]:
    """The same of several, in one statement."""
    rows = work.read(_SEVERAL, {"service": work.service_id, "patients": list(patient_ids)})
    return {row.id: read_said(row.said) for row in rows}


def with_words(instruments: Mapping[str, Instrument], texts: Mapping[str, str] | None) -> dict[str, Instrument]:
    """The instruments that can be asked, by the versions of the installed text packs (`TEXTS`).

    Those whose words are in a text pack come without them: `text_queries.offered` has them.
    """
    have = texts or {}
    return {key: one for key, one in instruments.items() if not one.needs_text or have.get(key) == one.version}


def scheduled(said: Said, course: Course, instruments: Iterable[Instrument]) -> tuple[Asked, ...]:
    """How each of these questionnaires is asked of somebody; one about goals is not, as long as nobody has any."""
    return tuple(_asked(one, said, course) for one in instruments if one.per is None)


def _asked(instrument: Instrument, said: Said, course: Course) -> Asked:
    mine = [one for one in said.decided if one.instrument == instrument.key]
    requests = tuple(Request(str(one.id), one.at, one.from_on) for one in mine if one.act is Act.REQUESTED)
    changed = next((one for one in reversed(mine) if one.act is Act.CHANGED), None)
    if changed is not None and changed.timing is not None:
        return Asked(instrument.key, changed.timing, changed.from_on, requests)
    return Asked(instrument.key, usual(instrument, course), None, requests)


def usual(instrument: Instrument, course: Course) -> Timing:
    """When it is asked where staff decided nothing else."""
    return course.measures.get(instrument.key, Timing(instrument.when))


def ended(said: Said, course: Course) -> Course:
    """The course, ending from the moment staff said so where that came sooner."""
    told = [one.at for one in said.decided if one.act is Act.ENDING]
    known = [course.ending_at] if course.ending_at else []
    return replace(course, ending_at=min([*told, *known], default=None))


def standing(said: Said, course: Course, instruments: Iterable[Instrument], now: datetime) -> Standing:
    """What somebody is asked for at a moment."""
    course = ended(said, course)
    schedule = scheduled(said, course, instruments)
    return Standing(schedule, said, course, schedules.due(schedule, said.answered, course, now), now)


def is_withdrawn(work: Work, decision_id: UUID) -> bool:
    """Whether somebody took this decision back."""
    found = work.session.execute(
        sa.select(ScheduleDecision.id).where(
            ScheduleDecision.service_id == work.service_id, ScheduleDecision.withdraws == decision_id
        )
    )
    return found.first() is not None


@dataclass(frozen=True)
class Happened:
    """One decision as staff read it, whether it holds or not."""

    id: UUID
    act: Act
    instrument: str
    timing: Timing | None
    from_on: date | None
    reason: str
    by: str
    at: datetime
    withdrawn: bool


def happened(work: Work, patient: Patient) -> list[Happened]:
    """Everything that was decided about when a patient is asked, oldest first."""
    made = ScheduleDecision
    taken_back = made.__table__.alias("taken_back")
    rows = work.session.execute(
        sa.select(
            made.id,
            made.act,
            made.instrument,
            made.timing,
            made.from_on,
            made.reason,
            sa.func.concat_ws(" ", Person.given_name, Person.family_name),
            made.decided_at,
            sa.exists().where(taken_back.c.service_id == made.service_id, taken_back.c.withdraws == made.id),
        )
        .join(Person, sa.and_(Person.service_id == made.service_id, Person.id == made.decided_by))
        .where(made.service_id == work.service_id, made.patient_id == patient.id)
        .order_by(made.seq)
    )
    return [Happened(*row) for row in rows]
