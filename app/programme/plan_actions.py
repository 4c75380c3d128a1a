"""What staff decide about a patient's course. Every decision is added, shown to the patient, and can be taken back."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.clinical.modules import Module
from app.clinical.sequencing import decisions
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.pathway import Requirement
from app.clinical.sequencing.standing import Standing
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.programme import guide_queries, queries, timeline_queries
from app.programme.queries import Plan
from app.programme.tables import Answer, Decision, Enrolment, Feedback, Homework

_COLUMNS = {"id", "kind", "step", "effective_at", "recorded_at", "seq", "by", "role", "note", "told", "supersedes"}


class CannotDecide(Conflict):
    """The rules of the course do not allow this decision now; `field` is what would have to be said otherwise."""

    title = "That cannot be done now"

    def __init__(self, words: str, field: str = "form") -> None:
        super().__init__(words)
        self.field = field


# Which part of a form an answer of `decisions` is about.
_FIELDS = {"reason": "reason", "note": "note", "review": "review_on", "told": "told"}
# A date further back than this is a slip of the keyboard.
_LOOKS_BACK = timedelta(days=366)


def enrol(work: Work, *, patient_id: UUID, pathway_version_id: UUID, zone: str) -> Enrolment:
    """Put a patient on a version of a pathway; they stay on that version until somebody moves them."""
    work.require(Capability.INVITE_PATIENT)
    offered = {one.id for one in queries.in_use(work)}
    if pathway_version_id not in offered:
        raise NotFound
    row = work.add(
        Enrolment(patient_id=patient_id, pathway_version_id=pathway_version_id, zone=zone, started_at=work.now)
    )
    work.record("patient.enrolled", patient=patient_id, pathway_version=pathway_version_id)
    return row


def release(
    work: Work, *, patient: Patient, plan: Plan, step: str, told: str = "", decision_id: UUID | None = None
) -> None:
    """Open a step whose rule waits for staff."""
    _allow(decisions.can_release(plan[step], work.actor.role))
    _decide(work, patient, f.Released, decision_id=decision_id, step=step, told=told)


def override_open(
    work: Work, *, patient: Patient, plan: Plan, step: str, reason: str, told: str = "", decision_id: UUID | None = None
) -> None:
    """Open a step although its rule is not met."""
    _allow(decisions.can_override(plan[step], reason))
    _decide(work, patient, f.OverrideOpened, decision_id=decision_id, step=step, reason=reason, told=told)


def decline(work: Work, *, patient: Patient, plan: Plan, step: str, told: str, decision_id: UUID | None = None) -> None:
    """Say "not now" to a patient who asked for a step, in words for them."""
    _allow(decisions.can_decline(plan[step], told))
    _decide(work, patient, f.Declined, decision_id=decision_id, step=step, told=told)


def waive(
    work: Work,
    *,
    patient: Patient,
    plan: Plan,
    step: str,
    reason: WaiverReason,
    note: str = "",
    on: date | None = None,
    decision_id: UUID | None = None,
) -> None:
    """Agree with the patient to skip a step."""
    _allow(decisions.can_waive(plan[step], reason, note))
    agreed_at = _on(work, plan, on)
    _decide(
        work, patient, f.Waived, decision_id=decision_id, effective_at=agreed_at, step=step, reason=reason, note=note
    )


def record_done(
    work: Work,
    *,
    patient: Patient,
    plan: Plan,
    step: str | None = None,
    activities: tuple[str, ...] = (),
    technique: str | None = None,
    mode: Mode = Mode.IN_CLINIC,
    on: date | None = None,
    note: str = "",
    homework: str = "",
    due_on: date | None = None,
    decision_id: UUID | None = None,
) -> None:
    """Record work done away from the screen: a step, some of its activities, or a technique; with homework if any."""
    if step is not None:
        _allow(decisions.can_record_done(plan[step]))
        _all_known(plan[step], activities)
    if due_on is not None and due_on < _today(work, plan):
        raise CannotDecide("That day has passed. Enter the day the homework is for.", "due_on")
    decided = _decide(
        work,
        patient,
        f.DoneElsewhere,
        decision_id=decision_id,
        step=step,
        activities=activities,
        technique=technique,
        mode=mode,
        note=note,
        homework="set" if homework else "",
        effective_at=_on(work, plan, on),
    )
    if homework:
        techniques = plan[step].seen.steps[step].techniques if step else ()
        practised = technique or (techniques[0] if techniques else None)
        work.add(
            Homework(
                patient_id=patient.id,
                decision_id=decided.id,
                technique=practised,
                step=step,
                words=homework,
                due_on=due_on,
                set_at=work.now,
            )
        )
        work.record("homework.set", patient=patient.id, decision=decided.id)


def add_step(
    work: Work,
    *,
    patient: Patient,
    plan: Plan,
    title: str,
    module: Module | None = None,
    technique: str | None = None,
    told: str = "",
    decision_id: UUID | None = None,
) -> None:
    """Add a step for this patient: one from the library, or an activity of their own."""
    key = module.key if module else f"own-{uuid4().hex[:8]}"
    if key in plan.course:
        raise CannotDecide("That step is in the plan already. Release it if it should open now.", "what")
    _decide(
        work,
        patient,
        f.StepAdded,
        decision_id=decision_id,
        step=key,
        title=title,
        module=module.key if module else None,
        activities=guide_queries.activities_of(module) if module else (),
        techniques=module.techniques if module else ((technique,) if technique else ()),
        told=told,
    )


def hold(
    work: Work,
    *,
    patient: Patient,
    plan: Plan,
    step: str,
    reason: str,
    review_on: date,
    told: str = "",
    decision_id: UUID | None = None,
) -> None:
    """Pause a step until a day on which somebody looks at it again."""
    _allow(decisions.can_hold(plan[step], reason, review_on))
    _decide(work, patient, f.Held, decision_id=decision_id, step=step, reason=reason, review_on=review_on, told=told)


def resume(work: Work, *, patient: Patient, plan: Plan, step: str, decision_id: UUID | None = None) -> None:
    """Lift a hold."""
    _allow(decisions.can_resume(plan[step]))
    _decide(work, patient, f.Resumed, decision_id=decision_id, step=step)


def change_requirement(
    work: Work,
    *,
    patient: Patient,
    plan: Plan,
    step: str,
    requirement: Requirement,
    reason: str,
    decision_id: UUID | None = None,
) -> None:
    """Make a step core or optional for this patient."""
    _allow(decisions.can_change_requirement(plan[step], requirement, reason))
    _decide(
        work,
        patient,
        f.RequirementChanged,
        decision_id=decision_id,
        step=step,
        requirement=requirement,
        reason=reason,
    )


def move(
    work: Work, *, patient: Patient, plan: Plan, step: str, before: str | None, decision_id: UUID | None = None
) -> None:
    """Put a step before another in this patient's order, or last. Nothing opens or closes by it."""
    order = [one.step for one in plan.course.standings]
    here = order.index(plan[step].step)
    after = order[here + 1] if here + 1 < len(order) else None
    if before is not None:
        before = plan[before].step
    if before in (step, after):
        raise CannotDecide("It is there already.")
    _decide(work, patient, f.Moved, decision_id=decision_id, step=step, before=before)


def undo(work: Work, *, patient: Patient, plan: Plan, decision_id: UUID) -> None:
    """Take a decision back soon after it was made, while nothing has followed from it."""
    facts = plan.facts
    decided = next((fact for fact in facts if fact.id == str(decision_id)), None)
    if decided is None:
        raise NotFound
    _allow(decisions.can_undo(decided, facts, work.now, openings=plan.course.openings))
    _decide(work, patient, f.Undone, supersedes=decided.id)


def correct(work: Work, *, patient: Patient, plan: Plan, decision_id: UUID, reason: str) -> None:
    """Say that a decision was entered in error. What it opened stays open, and is flagged."""
    if timeline_queries.correctable(plan, decision_id) is None:
        raise NotFound
    _decide(work, patient, f.Corrected, supersedes=str(decision_id), reason=reason)


def give_feedback(
    work: Work, *, patient: Patient, answer_id: UUID, words: str, feedback_id: UUID | None = None
) -> None:
    """Look at an answer, with or without writing to the patient about it. Sent twice, it is there once."""
    work.require(Capability.TAILOR_PROGRAMME)
    answer = work.session.get(Answer, (work.service_id, answer_id))
    if answer is None or answer.patient_id != patient.id:
        raise NotFound
    if feedback_id and work.session.get(Feedback, (work.service_id, feedback_id)):
        return
    work.add(
        Feedback(
            id=feedback_id or uuid4(),
            patient_id=patient.id,
            answer_id=answer.id,
            given_by=work.actor.id,
            words=words,
            given_at=work.now,
        )
    )
    work.record("worksheet.reviewed", patient=patient.id, answer=answer.id, wrote=bool(words))


def _allow(answer: decisions.Answer) -> None:
    if not answer:
        raise CannotDecide(answer.words, _FIELDS.get(answer.code, "form"))


def _all_known(standing: Standing, activities: tuple[str, ...]) -> None:
    known = {part.key for part in standing.seen.steps[standing.step].parts}
    if not set(activities) <= known:
        raise CannotDecide("One of those is not part of this step. Reload the page and choose again.", "activities")


def _today(work: Work, plan: Plan) -> date:
    return work.now.astimezone(plan.zone).date()


def _on(work: Work, plan: Plan, on: date | None) -> datetime:
    """The moment something that was dated happened: now for today, midday of an earlier day in the patient's zone."""
    today = _today(work, plan)
    if on is None or on == today:
        return work.now
    if on > today:
        raise CannotDecide("That day has not come yet. Enter today or an earlier day.", "on")
    if on < (plan.started_at - _LOOKS_BACK).date():
        raise CannotDecide("That is more than a year before the programme began. Check the year.", "on")
    return datetime.combine(on, time(12), plan.zone)


def _decide(
    work: Work,
    patient: Patient,
    kind: type[f.Decision],
    *,
    decision_id: UUID | None = None,
    effective_at: datetime | None = None,
    **said: Any,
) -> Decision:
    work.require(Capability.TAILOR_PROGRAMME)
    # Built as the fact it will be read back as, so that what could not be replayed cannot be stored.
    fact = kind(
        id=str(decision_id or uuid4()),
        effective_at=effective_at or work.now,
        recorded_at=work.now,
        by=work.actor.name,
        role=work.actor.role,
        **said,
    )
    body = fact.model_dump(mode="json", exclude=_COLUMNS)
    row = work.add(
        Decision(
            id=UUID(fact.id),
            patient_id=patient.id,
            kind=fact.kind,
            step=getattr(fact, "step", None),
            body=body,
            note=fact.note,
            told=fact.told,
            effective_at=fact.effective_at,
            recorded_at=fact.recorded_at,
            decided_by=work.actor.id,
            role=work.actor.role,
            supersedes=UUID(fact.supersedes) if hasattr(fact, "supersedes") else None,
        )
    )
    work.record(f"decision.{fact.kind}", patient=patient.id, step=row.step, decision=row.id)
    return row
