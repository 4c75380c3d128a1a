"""What takes longer than a page: looking at everybody for a what-if, and moving the patients of a plan one by one."""

from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.pathways import moving_actions, moving_queries, what_if_actions, what_if_queries
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
        due = moving_queries.due(work, work.today)
    tried = 0
    for plan_id in due:
        for _ in range(TICK):
            with system_work(bind, service_id, clock=clock) as work:
                patient_id = moving_actions.next_of(work, plan_id=plan_id)
            if patient_id is None:
                break
            tried += 1
            _move_one(bind, service_id, plan_id, patient_id, clock=clock)
    return tried


def _move_one(bind: Engine | Connection, service_id: UUID, plan_id: UUID, patient_id: UUID, *, clock: Clock) -> None:
    try:
        with system_work(bind, service_id, clock=clock) as work:
            moving_actions.move_one(work, plan_id=plan_id, patient_id=patient_id)
    except Exception:
        # All of it or nothing: they are where they were, and nobody after them waits.
        log.exception("could not move", service=str(service_id), plan=str(plan_id), patient=str(patient_id))
        with system_work(bind, service_id, clock=clock) as work:
            moving_actions.move_one(work, plan_id=plan_id, patient_id=patient_id, failed=FAILED)
