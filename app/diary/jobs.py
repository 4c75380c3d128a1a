"""What the scheduler runs: the reminders of the next two days, written down for everybody whose diary has any."""

from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.diary import reminder_actions, standing_queries
from app.kit.work import Clock, system_work
from app.notifications import plan_jobs


def plan(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Plan the reminders of every patient whose plan does not stand; returns how many patients have reminders."""
    with system_work(bind, service_id, clock=clock) as work:
        known = standing_queries.reminded(work)
    anew = [one.patient_id for one in known if not one.stands]
    free, alone = reminder_actions.replan_free, reminder_actions.replan_alone
    plan_jobs.plan_each(bind, service_id, anew, clock=clock, free=free, alone=alone)
    return len(known)
