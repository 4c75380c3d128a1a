"""What the scheduler runs: prompts that are due are asked or withheld, and their reminders are planned."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.mood import momentary_decide_actions, momentary_reminder_actions, momentary_reminder_queries
from app.notifications import plan_jobs


def ask(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Decide about every prompt that is due; returns how many there were."""
    decided = 0
    while True:
        with system_work(bind, service_id, clock=clock) as work:
            now_decided = momentary_decide_actions.decide(work)
        if not now_decided:
            return decided
        decided += now_decided


def plan(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Plan the reminders of every patient's prompts; returns how many patients there were."""
    with system_work(bind, service_id, clock=clock) as work:
        momentary_decide_actions.follow_all(work)
    with system_work(bind, service_id, clock=clock) as work:
        known = momentary_reminder_queries.reminded(work)
    free, alone = momentary_reminder_actions.replan_free, momentary_reminder_actions.replan_alone
    plan_jobs.plan_each(bind, service_id, known, clock=clock, free=free, alone=alone)
    return len(known)
