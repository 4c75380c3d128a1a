"""Moving one patient to another version of their pathway, or back: all of it, or nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.sequencing import moving
from app.clinical.sequencing.facts import CarriedOver, Fact
from app.clinical.sequencing.moving import MovePlan
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import Course
from app.kit.errors import Conflict
from app.kit.work import Actor, Work
from app.programme import queries, summary_actions
from app.programme.queries import Plan
from app.programme.tables import Decision, Enrolment, PathwayVersion

_COLUMNS = {"id", "kind", "effective_at", "recorded_at", "seq", "by", "role", "note", "told"}


class CannotMove(Conflict):
    """The patient stays where they are; the words say why."""

    title = "They cannot be moved"


def move(work: Work, *, patient: Patient, to: PathwayVersion, plan: MovePlan, by: Actor) -> Decision:
    """Move a patient to another version as somebody agreed. Refuses with CannotMove where anything would be lost."""
    # Decisions wait for each other, and for this: none may be made between the look and the move.
    work.one_at_a_time("decisions", patient.id)
    current = queries.replayed(work, patient)
    after = queries.pathway_version(work, to.id, to.hash)
    if _now_on(work, patient).pathway_version_id == to.id:
        raise CannotMove("They are on this version already.")
    if faults := moving.faults(current.pathway, after, plan):
        raise CannotMove(f"{faults[0].problem}.")
    fact = _fact(work, by, current, moving.carry(current.course, current.pathway, after, plan))
    course = _course(work, current, after, [*current.facts, fact])
    if lost := moving.lost(current.course, course, plan):
        raise CannotMove(lost[0])
    return _carry_over(work, patient, current, to, fact, by)


def move_back(
    work: Work, *, patient: Patient, decision_id: UUID, to: PathwayVersion, plan: MovePlan, by: Actor
) -> Decision:
    """Take a move back: what was open before is open, and what was begun since stays with its work."""
    work.one_at_a_time("decisions", patient.id)
    current = queries.replayed(work, patient)
    before = queries.pathway_version(work, to.id, to.hash)
    known = [fact for fact in current.facts if fact.id != str(decision_id)]
    if len(known) == len(current.facts):
        raise CannotMove("They have been moved on since.")
    if any(isinstance(fact, CarriedOver) and fact.recorded_at > _made_at(current, decision_id) for fact in known):
        raise CannotMove("They have been moved on since.")
    course = _course(work, current, before, known)
    fact = _fact(work, by, current, moving.carry_back(course, current.course, plan))
    again = _course(work, current, before, [*current.facts, fact])
    if missing := [one.title for one in course.standings if one.opened and not again[one.step].opened]:
        raise CannotMove(f"{missing[0]} would not be open to them any more.")
    if lost := moving.lost_by_going_back(current.course, again, plan):
        raise CannotMove(lost[0])
    return _carry_over(work, patient, current, to, fact, by)


def _made_at(plan: Plan, decision_id: UUID) -> Any:
    return next(row.recorded_at for row in plan.rows if row.id == decision_id)


def _course(work: Work, plan: Plan, pathway: Pathway, facts: list[Fact]) -> Course:
    return replay(pathway, facts, started_at=plan.started_at, now=work.now, zone=plan.zone)


def _fact(work: Work, by: Actor, current: Plan, said: Mapping[str, Any]) -> CarriedOver:
    # After everything on record: the place in the order of facts is given when it is stored.
    return CarriedOver(
        id=uuid4(),
        effective_at=work.now,
        recorded_at=work.now,
        seq=2**62,
        by=by.name,
        role=by.role,
        known=max((each.seq for each in current.facts), default=0),
        **said,
    )


def _now_on(work: Work, patient: Patient) -> Enrolment:
    found: Enrolment = work.session.execute(
        sa.select(Enrolment).where(
            Enrolment.service_id == work.service_id, Enrolment.patient_id == patient.id, Enrolment.ended_at.is_(None)
        )
    ).scalar_one()
    return found


def _carry_over(
    work: Work, patient: Patient, current: Plan, to: PathwayVersion, fact: CarriedOver, by: Actor
) -> Decision:
    summary_actions.prove(work, patient.id)
    before = _now_on(work, patient)
    before.ended_at = work.now
    work.session.add(before)
    work.session.flush()
    work.add(
        Enrolment(
            patient_id=patient.id,
            pathway_version_id=to.id,
            zone=before.zone,
            started_at=before.started_at,
            moved_at=work.now,
        )
    )
    row = work.add(
        Decision(
            id=UUID(fact.id),
            patient_id=patient.id,
            kind=fact.kind,
            body=fact.model_dump(mode="json", exclude=_COLUMNS),
            effective_at=fact.effective_at,
            recorded_at=fact.recorded_at,
            decided_by=by.id,
            role=by.role,
        )
    )
    work.record("decision.carried-over", patient=patient.id, decision=row.id, version=to.id, before=current.version)
    summary_actions.announce_anew(work, patient.id)
    return row
