"""Each patient's course in the few words a list needs: a cache of the replay, with the proof that it equals it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import patient_within
from app.accounts.roles import Scope
from app.clinical.sequencing import decisions
from app.clinical.sequencing.seen import Opening
from app.clinical.sequencing.standing import Standing, State
from app.kit.audit import AuditEntry
from app.kit.work import Work
from app.programme import asking_queries, queries
from app.programme.queries import Plan
from app.programme.tables import AuditCursor, CourseSummary, Enrolment

CURSOR = "course-summaries"
# Entries about a patient that change nothing of their course.
NO_NEWS = frozenset({"patient.opened", "incident.raised", "incident.closed"})
# What patients open by their own work they see happen.
OPENED_BY_STAFF = frozenset(
    {"released", "override-opened", "step-added", "waived", "done-elsewhere", "resumed", "reviewed", "carried-over"}
)


def summary(plan: Plan) -> dict[str, Any]:
    """What the caseload says of a course, as plain JSON."""
    course = plan.course
    here = next((one for one in course.standings if one.state is State.IN_PROGRESS), None)
    here = here or next((one for one in course.standings if one.state is State.AVAILABLE), None)
    return {
        "working_on": here.title if here else "",
        "working_state": here.state.value if here else "",
        "done_of": f"{here.done_count} of {here.needed}" if here else "",
        "awaiting_staff": [_awaiting(one) for one in course.standings if _waits_on_staff(one)],
        "asked": [_asked(one) for one in course.standings if one.asked and not one.opened],
        "holds": [
            {"step": one.step, "title": one.title, "on": one.hold.review_on.isoformat()}
            for one in course.standings
            if one.hold
        ],
        "core_done": len(course.coverage.core) - len(course.coverage.outstanding),
        "core": len(course.coverage.core),
        "finished": not course.coverage.outstanding,
        **asking_queries.in_short(plan),
    }


def _waits_on_staff(one: Standing) -> bool:
    """Whether staff are all that is missing, not merely one of several ways in."""
    return not one.opened and any(each.since for each in one.awaited)


def _awaiting(one: Standing) -> dict[str, Any]:
    since = min(each.since for each in one.awaited if each.since)
    return {
        "step": one.step,
        "title": one.title,
        "since": since.isoformat(),
        "roles": sorted({role for each in one.awaited for role in each.roles}),
        "asked": one.asked is not None,
        "act": "review" if one.awaits_review_of and not one.releasable_by else "release",
        "remind_after_days": _soonest(each.remind_after_days for each in one.awaited),
        "then_after_days": _soonest(each.then_after_days for each in one.awaited if each.escalate_to),
    }


def _soonest(days: Iterable[int | None]) -> int | None:
    return min((one for one in days if one is not None), default=None)


def _asked(one: Standing) -> dict[str, Any]:
    return {"step": one.step, "title": one.title, "since": one.asked.recorded_at.isoformat() if one.asked else None}


def kept(plan: Plan) -> dict[str, Any]:
    """The row of a course in the cache, but for when it was made."""
    mine = [row for row in plan.rows if row.source in ("evidence", "response") and row.kind != "measure-void"]
    return {
        "summary": summary(plan),
        "last_active_at": max((one.recorded_at for one in mine), default=None),
        "next_due_at": plan.course.next_due_at,
    }


def news(plan: Plan, since: datetime) -> list[Opening]:
    """What staff or time opened, or staff opened again after a pause, from a moment on, in order.

    Only what the patient may be told of now: not what was paused, skipped or done before anybody could tell them.
    """
    found = (_opened_to_patient(opening, plan) for opening in plan.course.openings)
    new = [one for one in found if one and one.at >= since and decisions.can_remind(plan.course[one.step])]
    return sorted(new, key=lambda one: one.at)


def _opened_to_patient(opening: Opening, plan: Plan) -> Opening | None:
    """The opening as its patient meets it: a pause that was lifted opens the door again. None for their own doing."""
    resumed = [row for row in plan.rows if row.kind == "resumed" and row.step == opening.step]
    if resumed and resumed[-1].recorded_at > opening.at:
        return Opening(opening.step, resumed[-1].recorded_at, str(resumed[-1].id))
    causes = {str(row.id): row.kind for row in plan.rows if row.source in ("decision", "feedback")}
    by_others = opening.cause == "time" or causes.get(opening.cause) in OPENED_BY_STAFF
    return opening if by_others and opening.at > plan.started_at else None


def read_on(work: Work, *, limit: int) -> tuple[int | None, dict[UUID, datetime]]:
    """The last new entry, if any, and since when something happened to each patient in the entries after the cursor."""
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
        if row.patient_id and row.event not in NO_NEWS:
            touched[row.patient_id] = min(row.at, touched.get(row.patient_id, row.at))
    return (rows[-1].seq if rows else None), touched


def due(work: Work, *, limit: int = 200) -> dict[UUID, datetime]:
    """The patients to look at again because time has come: it opened something, or a look at them failed.

    Each with the moment from which on what opened is news: no later than when their summary was last made.
    """
    since = sa.func.least(CourseSummary.next_due_at, CourseSummary.refreshed_at)
    rows = work.session.execute(
        sa.select(CourseSummary.patient_id, since)
        .where(CourseSummary.service_id == work.service_id, CourseSummary.next_due_at <= work.now)
        .order_by(CourseSummary.next_due_at)
        .limit(limit)
    )
    return {row[0]: row[1] for row in rows}


def enrolled(work: Work) -> list[UUID]:
    """Everybody who is on a course, and so has a summary."""
    rows = work.session.execute(
        sa.select(Enrolment.patient_id)
        .where(Enrolment.service_id == work.service_id, Enrolment.ended_at.is_(None))
        .order_by(Enrolment.patient_id)
    )
    return list(rows.scalars())


def differs(work: Work, patient_id: UUID) -> bool:
    """Whether a patient's summary is missing or is not what a replay of everything on record gives now."""
    patient = patient_within(work, Scope.SERVICE, patient_id)
    if patient is None:
        return False
    row = queries.summary(work, patient_id)
    # Not the replay this process keeps: that is what is being proved.
    found = kept(queries.replayed(work, patient))
    return row is None or found != {name: getattr(row, name) for name in found}
