"""Each patient's course in the few words a list needs: a cache of the replay, with the proof that it equals it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import patient_within
from app.accounts.roles import Scope
from app.clinical.sequencing.seen import Opening
from app.clinical.sequencing.standing import Standing, State
from app.kit.audit import AuditEntry
from app.kit.work import Work
from app.programme import queries
from app.programme.queries import Plan
from app.programme.tables import AuditCursor, CourseSummary

CURSOR = "course-summaries"
OPENED_BY_STAFF = frozenset({"released", "override-opened", "step-added", "waived", "done-elsewhere", "resumed"})


def summary(plan: Plan) -> dict[str, Any]:
    """What the caseload says of a course, as plain JSON."""
    course = plan.course
    here = next((one for one in course.standings if one.state is State.IN_PROGRESS), None)
    here = here or next((one for one in course.standings if one.state is State.AVAILABLE), None)
    return {
        "working_on": here.title if here else "",
        "working_state": here.state.value if here else "",
        "done_of": f"{here.done_count} of {here.needed}" if here else "",
        "pages_passed": len(plan.passed.get(here.step, ())) if here else 0,
        "awaiting_staff": [_awaiting(one) for one in course.standings if one.awaited and not one.opened],
        "asked": [_asked(one) for one in course.standings if one.asked and not one.opened],
        "holds_due": [
            {"step": one.step, "title": one.title, "on": one.hold.review_on.isoformat()}
            for one in course.standings
            if one.hold
        ],
        "core_done": len(course.coverage.core) - len(course.coverage.outstanding),
        "core": len(course.coverage.core),
        "finished": not course.coverage.outstanding,
    }


def _awaiting(one: Standing) -> dict[str, Any]:
    since = min((each.since for each in one.awaited if each.since), default=None)
    return {"step": one.step, "title": one.title, "since": since.isoformat() if since else None}


def _asked(one: Standing) -> dict[str, Any]:
    return {"step": one.step, "title": one.title, "since": one.asked.recorded_at.isoformat() if one.asked else None}


def refresh(work: Work, patient_id: UUID, *, since: datetime | None = None) -> list[Opening]:
    """Replay a patient's course and keep its summary; returns what staff or time opened from `since` on."""
    patient = patient_within(work, Scope.SERVICE, patient_id)
    plan = queries.plan_or_none(work, patient) if patient else None
    if plan is None:
        return []
    mine = [row for row in plan.rows if row.source in ("evidence", "response")]
    row = {
        "service_id": work.service_id,
        "patient_id": patient_id,
        "summary": summary(plan),
        "last_active_at": max((one.recorded_at for one in mine), default=None),
        "next_due_at": plan.course.next_due_at,
        "refreshed_at": work.now,
    }
    changed = {name: value for name, value in row.items() if name not in ("service_id", "patient_id")}
    work.session.execute(
        insert(CourseSummary)
        .values(row)
        .on_conflict_do_update(index_elements=["service_id", "patient_id"], set_=changed)
    )
    return [one for one in plan.course.openings if _is_news(one, plan, since)]


def _is_news(opening: Opening, plan: Plan, since: datetime | None) -> bool:
    if since is None or opening.at < since or opening.at <= plan.started_at:
        return False
    causes = {str(row.id): row.kind for row in plan.rows if row.source == "decision"}
    return opening.cause == "time" or causes.get(opening.cause) in OPENED_BY_STAFF


def read_on(work: Work, *, limit: int) -> tuple[int, dict[UUID, datetime]]:
    """The patients something happened to since the cursor, each with when it first did, and the last entry read."""
    cursor = work.session.get(AuditCursor, (work.service_id, CURSOR))
    start = cursor.seq if cursor else 0
    rows = work.session.execute(
        sa.select(AuditEntry.seq, AuditEntry.patient_id, AuditEntry.at, AuditEntry.event)
        .where(AuditEntry.service_id == work.service_id, AuditEntry.seq > start)
        .order_by(AuditEntry.seq)
        .limit(limit)
    ).all()
    touched: dict[UUID, datetime] = {}
    for row in rows:
        if row.patient_id and row.event != "patient.opened":
            touched.setdefault(row.patient_id, row.at)
    return (rows[-1].seq if rows else start), touched


def due(work: Work, *, limit: int = 200) -> list[UUID]:
    """The patients for whom time alone has opened something since their summary was made."""
    return list(
        work.session.execute(
            sa.select(CourseSummary.patient_id)
            .where(CourseSummary.service_id == work.service_id, CourseSummary.next_due_at <= work.now)
            .limit(limit)
        ).scalars()
    )


def move_cursor(work: Work, *, seq: int) -> None:
    """Remember how far the record was read."""
    work.session.execute(
        insert(AuditCursor)
        .values(service_id=work.service_id, name=CURSOR, seq=seq)
        .on_conflict_do_update(index_elements=["service_id", "name"], set_={"seq": seq})
    )


def differences(work: Work) -> Iterator[UUID]:
    """The patients whose summary is not what a replay gives now, those the job has yet to reach among them."""
    rows = work.session.execute(
        sa.select(CourseSummary.patient_id, CourseSummary.summary).where(CourseSummary.service_id == work.service_id)
    ).all()
    for patient_id, kept in rows:
        patient = patient_within(work, Scope.SERVICE, patient_id)
        plan = queries.plan_or_none(work, patient) if patient else None
        if plan is not None and summary(plan) != kept:
            yield patient_id
