"""Keeping the caseload's summaries: after each decision at once, after everything else by the job that reads on."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import patient_within
from app.accounts.roles import Scope
from app.clinical.sequencing.announced import announced
from app.clinical.sequencing.seen import Opening
from app.kit.work import Work
from app.programme import anchor_queries, incident_actions, queries, summary_queries
from app.programme.queries import Plan
from app.programme.tables import AuditCursor, CourseSummary

log = structlog.get_logger()
LOOK_AGAIN_AFTER = timedelta(hours=1)


def refresh(work: Work, patient_id: UUID) -> None:
    """Replay a patient's course and keep its summary, so that the next look at the caseload shows it.

    What was announced stays until the job has seen that it comes out again: a fault must not wipe its own trace.
    """
    patient = patient_within(work, Scope.SERVICE, patient_id)
    plan = queries.plan_or_none(work, patient) if patient else None
    if plan is not None:
        # A due time that has come stays: the job has yet to tell the patient what it opened.
        was = CourseSummary.__table__.c.next_due_at
        _keep(work, patient_id, plan, sa.case((was <= work.now, was), else_=plan.course.next_due_at))


def catch_up(work: Work, patient_id: UUID, *, since: datetime) -> list[Opening]:
    """Replay a patient's course and keep its summary; returns what staff or time opened for them from `since` on."""
    patient = patient_within(work, Scope.SERVICE, patient_id)
    plan = queries.plan_or_none(work, patient) if patient else None
    if patient is None or plan is None:
        return []
    prove(work, patient_id)
    _keep(work, patient_id, plan, plan.course.next_due_at)
    _announce(work, patient_id, plan)
    return [] if patient.discharged_at else summary_queries.news(plan, since)


def _keep(work: Work, patient_id: UUID, plan: Plan, due_at: Any) -> None:
    row = summary_queries.kept(plan) | {"refreshed_at": work.now}
    work.session.execute(
        insert(CourseSummary)
        .values(service_id=work.service_id, patient_id=patient_id, announced=_told(plan), **row)
        .on_conflict_do_update(index_elements=["service_id", "patient_id"], set_=row | {"next_due_at": due_at})
    )


def _told(plan: Plan) -> dict[str, Any]:
    return announced(plan.course, at=plan.at, version=plan.version)


def _announce(work: Work, patient_id: UUID, plan: Plan) -> None:
    work.session.execute(
        sa.update(CourseSummary)
        .where(CourseSummary.service_id == work.service_id, CourseSummary.patient_id == patient_id)
        .values(announced=_told(plan))
    )


def announce_anew(work: Work, patient_id: UUID) -> None:
    """Keep the summary and announce how the course stands now: after a move, which `prove` came before."""
    refresh(work, patient_id)
    patient = patient_within(work, Scope.SERVICE, patient_id)
    plan = queries.plan_or_none(work, patient) if patient else None
    if plan is not None:
        _announce(work, patient_id, plan)


def prove(work: Work, patient_id: UUID) -> bool:
    """Whether a course does not come out again as it was announced; that is an incident, for people to look at."""
    differing = anchor_queries.mismatches(work, patient_id)
    if differing:
        steps = [one.step for one in differing]
        log.error("course differed from what was announced", patient=str(patient_id), steps=steps)
        incident_actions.raise_incident(work, patient_id=patient_id, found=differing)
    return bool(differing)


def mend(work: Work, patient_id: UUID) -> bool:
    """Whether a summary was not what a replay gives now. It is mended, and a course proved wrong is announced anew."""
    stale = summary_queries.differs(work, patient_id)
    if stale:
        log.error("summary differed from its replay", patient=str(patient_id))
    if stale or anchor_queries.mismatches(work, patient_id):
        announce_anew(work, patient_id)
    return stale


def look_again(work: Work, patient_id: UUID) -> None:
    """Have a patient whose course could not be read looked at again later, rather than with every tick."""
    work.session.execute(
        sa.update(CourseSummary)
        .where(CourseSummary.service_id == work.service_id, CourseSummary.patient_id == patient_id)
        .values(next_due_at=work.now + LOOK_AGAIN_AFTER)
    )


def move_cursor(work: Work, *, seq: int) -> None:
    """Remember how far the record was read."""
    work.session.execute(
        insert(AuditCursor)
        .values(service_id=work.service_id, name=summary_queries.CURSOR, seq=seq)
        .on_conflict_do_update(index_elements=["service_id", "name"], set_={"seq": seq})
    )
