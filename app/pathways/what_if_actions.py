"""Asking what a draft or a version would do for everybody on some versions, and looking at each of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog

from app.accounts.queries import patient_within
from app.accounts.roles import Capability, Scope
from app.clinical.sequencing import announced
from app.clinical.sequencing import what_if as core
from app.clinical.sequencing.moving import MovePlan
from app.clinical.sequencing.what_if import Difference
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.pathways import group_queries, what_if_queries
from app.pathways.tables import WhatIf, WhatIfLine
from app.pathways.what_if_queries import Question
from app.programme import queries
from app.programme.content import Library
from app.programme.queries import Plan

log = structlog.get_logger()


class CannotAsk(Conflict):
    """The question cannot be put; the words say what would have to be different."""

    title = "That cannot be asked as it is"


def ask(
    work: Work,
    *,
    library: Library,
    from_ids: Sequence[UUID],
    plan: MovePlan,
    draft_id: UUID | None = None,
    edition: int | None = None,
    to_id: UUID | None = None,
    what_if_id: UUID | None = None,
) -> UUID:
    """Put the question; it is answered in the background. Asked twice with one id, it is asked once."""
    work.require(Capability.TRY_PATHWAYS)
    what_if_id = what_if_id or uuid4()
    work.one_at_a_time("what-if", what_if_id)
    if work.session.get(WhatIf, (work.service_id, what_if_id)):
        return what_if_id
    if not from_ids:
        raise CannotAsk("Choose at least one version whose patients are to be looked at.")
    row = WhatIf(
        id=what_if_id,
        draft_id=draft_id,
        edition=edition,
        to_id=to_id,
        from_ids=[str(one) for one in from_ids],
        mapping={old: list(several) for old, several in plan.becomes.items()},
        new_core=plan.new_core.value,
        asked_by=work.actor.id,
        asked_at=work.now,
        patients=what_if_queries.enrolled_on(work, from_ids),
    )
    question = what_if_queries.question_of(work, row, library)
    if question.faults:
        raise CannotAsk(" ".join(f"{one.problem}. {one.fix}" for one in question.faults))
    work.add(row)
    work.record("what-if.asked", what_if=what_if_id, draft=draft_id, version=to_id)
    return what_if_id


def stop(work: Work, *, what_if_id: UUID) -> None:
    """Look at nobody further; what was found so far stays."""
    work.require(Capability.TRY_PATHWAYS)
    row = work.session.get(WhatIf, (work.service_id, what_if_id))
    if row is None:
        raise NotFound
    if row.finished_at is None and row.stopped_at is None:
        row.stopped_at = work.now
        work.session.add(row)
        work.record("what-if.stopped", what_if=what_if_id)


def look_on(work: Work, *, what_if_id: UUID, library: Library, at_most: int) -> int:
    """Look at the next patients, so many at most; returns how many. The last look ends the question.

    Nothing of theirs is changed. One whose course cannot be replayed is told as such and stops nobody else's.
    """
    work.one_at_a_time("what-if", what_if_id)
    row = work.session.get(WhatIf, (work.service_id, what_if_id))
    if row is None or row.finished_at or row.stopped_at or row.failed_at:
        return 0
    question = what_if_queries.question_of(work, row, library)
    next_ones = what_if_queries.not_looked_at(work, row, at_most)
    for patient_id in next_ones:
        try:
            # What the database refuses of one patient's must not be what it refuses of all who follow.
            with work.session.begin_nested():
                outcomes, found = look(work, question, patient_id, now=row.asked_at)
        except Exception:
            log.exception("what-if failed", what_if=str(what_if_id), patient=str(patient_id))
            outcomes, found = [group_queries.FAILED], {}
        found["first"] = group_queries.words(outcomes[:1], found)[0]
        work.session.add(
            WhatIfLine(
                service_id=work.service_id,
                what_if_id=what_if_id,
                patient_id=patient_id,
                outcomes=outcomes,
                found=found,
                at=work.now,
            )
        )
    if len(next_ones) < at_most:
        row.finished_at = work.now
        work.session.add(row)
        work.record("what-if.answered", what_if=what_if_id)
    return len(next_ones)


def give_up(work: Work, *, what_if_id: UUID) -> None:
    """Look at nobody further, because the question itself cannot be read or answered."""
    work.one_at_a_time("what-if", what_if_id)
    row = work.session.get(WhatIf, (work.service_id, what_if_id))
    if row is not None and row.failed_at is None:
        row.failed_at = work.now
        work.session.add(row)
        work.record("what-if.failed", what_if=what_if_id)


def look(work: Work, question: Question, patient_id: UUID, *, now: datetime) -> tuple[list[str], dict[str, Any]]:
    """What would be different for one patient, and whether their course comes out as it was announced."""
    patient = patient_within(work, Scope.SERVICE, patient_id)
    if patient is None:
        raise NotFound
    plan = queries.replayed(work, patient, at=now)
    outcomes, found = differs(question, plan, now=now)
    kept = queries.summary(work, patient_id)
    proved = None
    if kept is not None and kept.announced and kept.announced["version"] == plan.version:
        again = queries.replayed(work, patient, at=announced.moment(kept.announced))
        proved = not announced.mismatches(kept.announced, again.course)
    return outcomes, found | {"proved": proved}


def differs(question: Question, plan: Plan, *, now: datetime) -> tuple[list[str], dict[str, Any]]:
    """What would be different for a patient whose course this is, the gravest first, and the steps it is about."""
    asked = question.of(plan.pathway)
    different = asked.difference(plan.facts, started_at=plan.started_at, now=now, zone=plan.zone)
    return [one.value for one in different.outcomes], told(different, asked)


def told(different: Difference, asked: core.WhatIf) -> dict[str, Any]:
    """A difference as plain JSON, steps by what they are called in the new version."""

    def named(step: str | None) -> str:
        found = asked.after.by_key.get(step or "")
        return found.title if found else step or ""

    return {
        "opens_more": [named(one) for one in different.opens_more],
        "kept_open": [named(one) for one in different.kept_open],
        "next": [named(different.next_before), named(different.next_after)],
        "core": [different.core_before, different.core_after],
        "stuck": [{"step": one.step, "title": one.title, "witness": one.witness} for one in different.stuck],
        "stuck_before": different.stuck_before,
        "lost": list(different.lost),
        "reads_otherwise": list(different.reads_otherwise),
        "version": asked.before.version,
    }
