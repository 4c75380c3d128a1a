"""Releasing or waiving a step for many patients at once, and taking it back for those who have not begun."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from app.accounts.roles import Capability
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.programme import many_queries, plan_actions, summary_actions
from app.programme.many_queries import AT_MOST, About, Came, Chosen
from app.programme.plan_actions import CannotDecide
from app.programme.tables import DecisionForMany


class TooMany(Conflict):
    title = "These are too many at once"
    words = f"Choose at most {AT_MOST} patients. Nothing was decided."


def decide_for_many(work: Work, *, many_id: UUID, about: About, patient_ids: Sequence[UUID], told: str = "") -> None:
    """Make one decision for each patient for whom it may be made now; for the others it is kept why not.

    Made twice with one id, by a double click or after a broken connection, it is made once.
    """
    work.require(Capability.TAILOR_PROGRAMME)
    if len(patient_ids) > AT_MOST:
        raise TooMany
    work.one_at_a_time("decision-for-many", many_id)
    if work.session.get(DecisionForMany, (work.service_id, many_id)):
        return
    for patient_id in sorted(dict.fromkeys(patient_ids)):
        work.one_at_a_time("decisions", patient_id)
    several = many_queries.chosen(work, patient_ids)
    outcomes = [_decided(work, many_id, one, about, told) for one in several]
    work.add(
        DecisionForMany(
            id=many_id,
            act=about.act,
            step=about.step,
            title=dict(many_queries.steps_of(several)).get(about.step, about.step),
            reason=about.reason.value if about.reason else "",
            note=about.note,
            told=told,
            decided_by=work.actor.id,
            decided_at=work.now,
            outcomes=outcomes,
        )
    )
    made = sum(one["came"] == Came.DECIDED for one in outcomes)
    work.record("decisions.made-for-many", many=many_id, act=about.act, step=about.step, made=made, of=len(outcomes))


def _decided(work: Work, many_id: UUID, one: Chosen, about: About, told: str) -> dict[str, str]:
    came, why = many_queries.comes_to(work, one, about)
    if came is Came.DECIDED and one.patient and one.plan:
        said = {
            "patient": one.patient,
            "plan": one.plan,
            "step": about.step,
            "decision_id": decision_of(many_id, one.id),
        }
        try:
            if about.act == "release":
                plan_actions.release(work, told=told, **said)
            elif about.reason:
                plan_actions.waive(work, reason=about.reason, note=about.note, **said)
            summary_actions.refresh(work, one.id)
        except CannotDecide as refused:
            came, why = Came.REFUSED, refused.words
    return {"patient": str(one.id), "came": came.value, "why": why}


def decision_of(many_id: UUID, patient_id: UUID) -> UUID:
    """The id that the decision for one of the patients has."""
    return uuid5(many_id, str(patient_id))


def undo_for_many(work: Work, *, many_id: UUID) -> None:
    """Take the decision back for everybody who has begun nothing through it; for the others it is kept why not."""
    work.require(Capability.TAILOR_PROGRAMME)
    work.one_at_a_time("decision-for-many", many_id)
    row = work.session.get(DecisionForMany, (work.service_id, many_id))
    if row is None or row.decided_by != work.actor.id:
        raise NotFound
    if row.undone_at is not None:
        return
    decided = [UUID(one["patient"]) for one in row.outcomes if one["came"] == Came.DECIDED]
    for patient_id in sorted(decided):
        work.one_at_a_time("decisions", patient_id)
    row.undone = [_undone(work, many_id, one) for one in many_queries.chosen(work, decided)]
    row.undone_at = work.now
    work.session.add(row)
    work.record("decisions.undone-for-many", many=many_id, undone=sum(one["came"] == "undone" for one in row.undone))


def _undone(work: Work, many_id: UUID, one: Chosen) -> dict[str, str]:
    came, why = "undone", ""
    try:
        if one.patient is None or one.plan is None:
            raise NotFound
        plan_actions.undo(work, patient=one.patient, plan=one.plan, decision_id=decision_of(many_id, one.id))
        summary_actions.refresh(work, one.id)
    except CannotDecide as refused:
        came, why = "kept", refused.words
    except NotFound:
        came, why = "kept", "They are not among your patients any more."
    return {"patient": str(one.id), "came": came, "why": why}
