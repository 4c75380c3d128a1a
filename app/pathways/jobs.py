"""What takes longer than a page: looking at everybody for a what-if, and moving the patients of a plan one by one."""

from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.accounts.queries import local_today
from app.kit.work import Clock, system_work
from app.pathways import moving_actions, moving_queries, what_if_actions, what_if_queries
from app.pathways.what_if_queries import Question
from app.programme.content import Library

log = structlog.get_logger()
# So many patients are looked at in one transaction, and so many with one tick: others wait for their turn.
BATCH, TICK = 20, 400
FAILED = "Something went wrong on our side. Nothing of theirs was changed."


def answer(bind: Engine | Connection, service_id: UUID, *, clock: Clock, library: Library) -> int:
    """Look at more patients for every what-if that is asked; returns how many were looked at."""
    with system_work(bind, service_id, clock=clock) as work:
        asked = what_if_queries.running(work)
    looked = 0
    for what_if_id in asked:
        try:
            looked += _look_on(bind, service_id, what_if_id, clock=clock, library=library)
        except Exception:
            log.exception("could not answer", service=str(service_id), what_if=str(what_if_id))
            with system_work(bind, service_id, clock=clock) as work:
                what_if_actions.give_up(work, what_if_id=what_if_id)
    return looked


def _look_on(bind: Engine | Connection, service_id: UUID, what_if_id: UUID, *, clock: Clock, library: Library) -> int:
    looked = 0
    for _ in range(TICK // BATCH):
        with system_work(bind, service_id, clock=clock) as work:
            found = what_if_actions.look_on(work, what_if_id=what_if_id, library=library, at_most=BATCH)
        looked += found
        if found < BATCH:
            break
    return looked


def move(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Move, or move back, the next patients of every plan whose day has come; returns how many were tried."""
    with system_work(bind, service_id, clock=clock) as work:
        due = moving_queries.due(work, local_today(work))
    tried = 0
    for plan_id in due:
        try:
            tried += _carry_out(bind, service_id, plan_id, clock=clock)
        except Exception:
            log.exception("could not carry out", service=str(service_id), plan=str(plan_id))
    return tried


def _carry_out(bind: Engine | Connection, service_id: UUID, plan_id: UUID, *, clock: Clock) -> int:
    with system_work(bind, service_id, clock=clock) as work:
        question = moving_queries.question(work, plan_id)
    given_up: set[UUID] = set()
    for tried in range(TICK):
        with system_work(bind, service_id, clock=clock) as work:
            patient_id = moving_actions.next_of(work, plan_id=plan_id, but=given_up)
        if patient_id is None:
            return tried
        if not _moved(bind, service_id, plan_id, patient_id, question, clock=clock):
            given_up.add(patient_id)
    return TICK


def _moved(
    bind: Engine | Connection, service_id: UUID, plan_id: UUID, patient_id: UUID, question: Question, *, clock: Clock
) -> bool:
    """Whether it could be told of a patient that they were moved, or that they stay: not, where even that failed."""
    for failed in ("", FAILED):
        try:
            with system_work(bind, service_id, clock=clock) as work:
                moving_actions.move_one(work, plan_id=plan_id, patient_id=patient_id, question=question, failed=failed)
            return True
        except Exception:
            # All of it or nothing: they are where they were, and nobody after them waits.
            log.exception("could not move", service=str(service_id), plan=str(plan_id), patient=str(patient_id))
    return False
