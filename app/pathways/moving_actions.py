"""Planning to move patients to another version, agreeing to it, carrying it out one by one, and taking it back."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from app.accounts.queries import Patient, local_today, patient_within
from app.accounts.roles import Capability, Scope
from app.accounts.tables import Person
from app.clinical.sequencing.moving import MovePlan as Steps
from app.clinical.sequencing.moving import NewCore
from app.kit import say
from app.kit.errors import Conflict, NotFound
from app.kit.work import Actor, Work
from app.pathways import group_queries, moving_queries, version_queries, what_if_actions, what_if_queries
from app.pathways.tables import Moved, MovePlan
from app.pathways.what_if_queries import Asked, Question
from app.programme import move_actions, queries
from app.programme.move_actions import CannotMove
from app.programme.tables import Decision

# A what-if is about today's patients: the further the day, the less it says of those who are moved on it.
FURTHEST = timedelta(days=183)
RETIRED = "Its version was retired before its day, and takes nobody any more."


class CannotPlan(Conflict):
    """The plan cannot be made, agreed or taken back now; the words say why."""

    title = "That cannot be done now"


def plan_move(
    work: Work,
    *,
    what_if_id: UUID,
    leave_out: Sequence[str],
    due_on: date,
    note: str = "",
    plan_id: UUID | None = None,
) -> UUID:
    """Plan to move everybody a what-if looked at, but for some groups, on a day. Made twice, it is there once."""
    work.require(Capability.MOVE_PATIENTS)
    plan_id = plan_id or uuid4()
    work.one_at_a_time("move-plan", plan_id)
    if work.session.get(MovePlan, (work.service_id, plan_id)):
        return plan_id
    asked = what_if_queries.asked(work, what_if_id)
    if asked.to_id is None:
        raise CannotPlan("Nobody is moved to a draft. Publish it, and ask again what the version would do.")
    if asked.finished_at is None:
        raise CannotPlan("Wait until everybody has been looked at.")
    if due_on < local_today(work):
        raise CannotPlan("Choose today or a later day.")
    if due_on > local_today(work) + FURTHEST:
        latest = say.day_year(local_today(work) + FURTHEST, work.actor.zone)
        raise CannotPlan(f"Choose a day within half a year, until {latest}. By then the what-if says too little.")
    if moving_queries.is_retired(work, asked.to_id):
        raise CannotPlan("This version is retired and takes nobody any more.")
    but = group_queries.patients_in(work, what_if_id, leave_out)
    _not_twice(work, asked.from_ids, but)
    work.add(
        MovePlan(
            id=plan_id,
            what_if_id=what_if_id,
            to_id=asked.to_id,
            but=[str(one) for one in but],
            leave_out=list(leave_out),
            due_on=due_on,
            note=note,
            planned_by=work.actor.id,
            role=work.actor.role,
            planned_at=work.now,
        )
    )
    work.record("move.planned", plan=plan_id, what_if=what_if_id, version=asked.to_id, due_on=due_on.isoformat())
    return plan_id


def _not_twice(work: Work, from_ids: Collection[UUID], but: Collection[UUID], than: UUID | None = None) -> None:
    """Refuses with CannotPlan where a plan that is agreed is still to move any of these patients."""
    found = moving_queries.overlap(work, from_ids, but, than)
    if found is not None:
        who = f"{found.patients} of these patients are" if found.patients > 1 else "One of these patients is"
        day = say.day_year(found.plan.due_on, work.actor.zone)
        to = f"to {found.plan.asked.title} on {day}, planned by {found.plan.planned_by}"
        raise CannotPlan(
            f"{who} in a plan that is agreed already: {to}. Call that one off first, or wait until it is done."
        )


def agree(work: Work, *, plan_id: UUID) -> None:
    """Agree to a plan, as the other of the two. Agreed twice, it is agreed once."""
    row, plan = _row(work, plan_id), moving_queries.plan(work, plan_id)
    if row.agreed_at is not None:
        return
    if row.ended_at is not None:
        raise CannotPlan("This plan was called off.")
    if plan.retired:
        raise CannotPlan("This version was retired since, and takes nobody any more. Call the plan off.")
    if not plan.can_be_agreed_by(work):
        raise CannotPlan("Moving patients takes two people: another one, in the other role, agrees to it.")
    # Two plans for the same patients, agreed at the same moment, wait for each other here.
    work.one_at_a_time("move-plans", work.service_id)
    _not_twice(work, plan.asked.from_ids, plan.but, plan_id)
    row.agreed_by, row.agreed_role, row.agreed_at = work.actor.id, work.actor.role, work.now
    work.session.add(row)
    work.record("move.agreed", plan=plan_id)


def call_off(work: Work, *, plan_id: UUID) -> None:
    """Carry a plan out no further. Whoever has been moved already stays moved, and can be moved back."""
    row = _row(work, plan_id)
    if row.done_at is not None:
        raise CannotPlan("It has been carried out. It can be taken back instead.")
    if row.ended_at is None:
        row.ended_by, row.ended_at = work.actor.id, work.now
        work.session.add(row)
        work.record("move.called-off", plan=plan_id)


def take_back(work: Work, *, plan_id: UUID) -> None:
    """Have everybody who was moved by a plan moved back, one by one, in the background."""
    row = _row(work, plan_id)
    if row.done_at is None and row.ended_at is None:
        raise CannotPlan("It has not been carried out. It can be called off instead.")
    if not moving_queries.plan(work, plan_id).moved:
        raise CannotPlan("It moved nobody.")
    if row.undone_at is None:
        row.undone_by, row.undone_role, row.undone_at = work.actor.id, work.actor.role, work.now
        work.session.add(row)
        work.record("move.taken-back", plan=plan_id)


def _row(work: Work, plan_id: UUID) -> MovePlan:
    work.require(Capability.MOVE_PATIENTS)
    work.one_at_a_time("move-plan", plan_id)
    row = work.session.get(MovePlan, (work.service_id, plan_id))
    if row is None:
        raise NotFound
    return row


def next_of(work: Work, *, plan_id: UUID, but: Collection[UUID] = ()) -> UUID | None:
    """The next patient of a plan to be moved, or moved back; where there is none, the plan is done.

    `but` are those who could not be told of just now: they are tried again another time. A plan whose version was
    retired meanwhile is ended.
    """
    work.one_at_a_time("move-plan", plan_id)
    row = work.session.get(MovePlan, (work.service_id, plan_id))
    if row is None:
        return None
    if row.undone_at is not None:
        return moving_queries.next_to_move_back(work, plan_id, but)
    if row.done_at is not None or row.ended_at is not None:
        return None
    asked = what_if_queries.asked(work, row.what_if_id)
    found = moving_queries.next_to_move(work, row, asked.from_ids, but)
    if found is not None and moving_queries.is_retired(work, row.to_id):
        row.ended_at, row.ended_why = work.now, RETIRED
        work.session.add(row)
        work.record("move.ended", plan=plan_id, version=row.to_id)
        return None
    if found is None and not but:
        row.done_at = work.now
        work.session.add(row)
        work.record("move.done", plan=plan_id)
    return found


def move_one(work: Work, *, plan_id: UUID, patient_id: UUID, question: Question, failed: str = "") -> None:
    """Move one patient of a plan, or move them back; where that cannot be, they stay and the report says why.

    `question` is what the what-if of the plan asked: it is asked of them again. `failed` says that an attempt
    in another transaction did not come to an end, and why.
    """
    work.one_at_a_time("move-plan", plan_id)
    row = work.session.get(MovePlan, (work.service_id, plan_id))
    patient = patient_within(work, Scope.SERVICE, patient_id)
    if row is None or patient is None:
        raise NotFound
    asked = what_if_queries.asked(work, row.what_if_id)
    if row.undone_at is not None:
        _back(work, row, asked, patient, failed)
    else:
        _forth(work, row, asked, question, patient, failed)


def _forth(work: Work, row: MovePlan, asked: Asked, question: Question, patient: Patient, failed: str) -> None:
    # The move waits for this too: nothing may come between the question and what follows from its answer.
    work.one_at_a_time("decisions", patient.id)
    version_id = moving_queries.version_of(work, patient.id)
    if version_id not in asked.from_ids:
        # Somebody has moved or discharged them since this was begun: the plan is not about them any more.
        return
    version, to = version_queries.version(work, version_id), version_queries.version(work, row.to_id)
    if version is None or to is None:
        raise NotFound
    by = _actor(work, row.agreed_by, row.agreed_role)
    decision, why = _tried(
        lambda: move_actions.move(work, patient=patient, to=to, plan=_steps(work, asked, version.id), by=by),
        failed or _left_out_now(work, row, question, patient),
    )
    work.add(
        Moved(
            plan_id=row.id,
            patient_id=patient.id,
            from_id=version.id,
            decision_id=decision.id if decision else None,
            why=why,
            at=work.now,
        )
    )
    if why:
        work.record("move.left-out", patient=patient.id, plan=row.id)


def _left_out_now(work: Work, row: MovePlan, question: Question, patient: Patient) -> str:
    """Why a patient is left out who has come into a group that the plan leaves out; empty where they have not."""
    outcomes, found = what_if_actions.differs(question, queries.replayed(work, patient), now=work.now)
    if outcomes[0] not in row.leave_out:
        return ""
    words = " ".join(group_queries.words(outcomes[:1], found))
    return f"They stand now in a group that is left out, “{group_queries.GROUPS[outcomes[0]]}”. {words}"[:400]


def _back(work: Work, row: MovePlan, asked: Asked, patient: Patient, failed: str) -> None:
    moved = work.session.get(Moved, (work.service_id, row.id, patient.id))
    if moved is None or moved.decision_id is None:
        raise NotFound
    to = version_queries.version(work, moved.from_id)
    if to is None:
        raise NotFound
    by, made = _actor(work, row.undone_by, row.undone_role), moved.decision_id
    steps = _steps(work, asked, moved.from_id)
    _, moved.back_why = _tried(
        lambda: move_actions.move_back(work, patient=patient, decision_id=made, to=to, plan=steps, by=by), failed
    )
    moved.back_at = work.now
    work.session.add(moved)
    if moved.back_why:
        work.record("move.left-out", patient=patient.id, plan=row.id)


def _tried(move: Callable[[], Decision], failed: str) -> tuple[Decision | None, str]:
    if failed:
        return None, failed
    try:
        return move(), ""
    except CannotMove as refused:
        return None, str(refused.words)[:400]


def _steps(work: Work, asked: Asked, version_id: UUID) -> Steps:
    """The mapping as far as it is about the version the patient is on."""
    version = version_queries.version(work, version_id)
    known = {str(step["key"]) for step in version.body["steps"]} if version else set()
    becomes = {old: tuple(several) for old, several in asked.mapping.items() if old in known}
    return Steps(becomes, NewCore(asked.new_core))


def _actor(work: Work, person_id: UUID | None, role: str | None) -> Actor:
    person = work.session.get(Person, (work.service_id, person_id))
    if person is None or role is None:
        raise NotFound
    return Actor(person.id, f"{person.given_name} {person.family_name}", role, ZoneInfo(person.zone))
