"""What the scheduler runs: the prompts of the next two days, written down for everybody who wants to be asked."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.mood import reminder_actions, reminder_queries
from app.notifications import plan_jobs


def plan(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Plan every patient's prompts; returns how many patients there were."""
    with system_work(bind, service_id, clock=clock) as work:
        known = reminder_queries.reminded(work)
    free, alone = reminder_actions.replan_free, reminder_actions.replan_alone
    plan_jobs.plan_each(bind, service_id, known, clock=clock, free=free, alone=alone)
    return len(known)
