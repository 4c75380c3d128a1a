"""What a course says to those who ask for questionnaires: when it began, what was done, and when it is all done."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import PatientRecord, Person
from app.clinical.schedules import Course, Finished, Timing
from app.kit.work import Work
from app.programme import queries
from app.programme.queries import Plan
from app.programme.tables import CourseSummary, Enrolment, PathwayVersion


def course_of(work: Work, patient: Patient) -> Course:
    """What one patient's course says now."""
    return of_plan(queries.plan_or_none(work, patient), patient.zone)


def of_plan(plan: Plan | None, zone: ZoneInfo) -> Course:
    """The same of a plan that is at hand."""
    if plan is None:
        return Course(zone)
    finished, ending_at = plan.once("asking", lambda: (_finished(plan), _ending_at(plan)))
    # No session is known before there are appointments.
    return Course(zone, plan.started_at, ending_at, finished, (), plan.pathway.measures)


def in_short(plan: Plan) -> dict[str, Any]:
    """What a course's summary keeps of it, as plain JSON."""
    ending_at = _ending_at(plan)
    return {
        "modules": [[one.module, one.at.isoformat()] for one in _finished(plan)],
        "all_done_at": ending_at and ending_at.isoformat(),
    }


def _finished(plan: Plan) -> tuple[Finished, ...]:
    return tuple(
        Finished(one.module, one.completed_at) for one in plan.course.standings if one.module and one.completed_at
    )


def _ending_at(plan: Plan) -> datetime | None:
    """When the last of the core steps was done or waived; None while one is left."""
    core = plan.course.coverage
    if not core.core or core.outstanding:
        return None
    waived = [one.waiver.effective_at for one in core.agreed_to_skip if one.waiver]
    return max([*(one.completed_at for one in core.done if one.completed_at), *waived])


# Everybody whose treatment goes on, with what `read_course` makes their course of: from the summary, which is kept for
# lists, for nobody's course is replayed every few minutes.
GOING_ON = (
    sa.select(
        PatientRecord.id,
        Person.zone,
        Enrolment.started_at,
        PathwayVersion.body["measures"].label("measures"),
        CourseSummary.summary["modules"].label("modules"),
        CourseSummary.summary["all_done_at"].label("all_done_at"),
    )
    .join(Person, sa.and_(Person.service_id == PatientRecord.service_id, Person.id == PatientRecord.id))
    .join(
        Enrolment,
        sa.and_(
            Enrolment.service_id == PatientRecord.service_id,
            Enrolment.patient_id == PatientRecord.id,
            Enrolment.ended_at.is_(None),
        ),
    )
    .join(
        PathwayVersion,
        sa.and_(PathwayVersion.service_id == Enrolment.service_id, PathwayVersion.id == Enrolment.pathway_version_id),
    )
    .outerjoin(
        CourseSummary,
        sa.and_(CourseSummary.service_id == PatientRecord.service_id, CourseSummary.patient_id == PatientRecord.id),
    )
    .where(PatientRecord.service_id == sa.bindparam("service"), PatientRecord.discharged_at.is_(None))
    .order_by(PatientRecord.id)
)
_OF_SOME = GOING_ON.where(PatientRecord.id == sa.any_(sa.bindparam("patients", type_=sa.ARRAY(sa.Uuid))))


def read_course(row: Any) -> Course:
    """The course that a row of `GOING_ON` tells of."""
    measures: Mapping[str, str] = row.measures or {}
    return Course(
        ZoneInfo(row.zone),
        row.started_at,
        datetime.fromisoformat(row.all_done_at) if row.all_done_at else None,
        tuple(Finished(module, datetime.fromisoformat(at)) for module, at in row.modules or ()),
        (),
        {key: Timing(when) for key, when in measures.items()},
    )


def courses_of(work: Work, patient_ids: Collection[UUID] | None = None) -> dict[UUID, Course]:
    """The course of those of these patients whose treatment goes on, or of everybody's that does."""
    if patient_ids is None:
        rows = work.read(GOING_ON, {"service": work.service_id})
    else:
        rows = work.read(_OF_SOME, {"service": work.service_id, "patients": list(patient_ids)})
    return {row.id: read_course(row) for row in rows}
