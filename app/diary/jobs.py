"""What the scheduler runs: the reminders of the next two days, written down for everybody whose diary has any."""

from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.accounts import queries
from app.accounts.roles import Scope
from app.diary import reminder_actions, reminder_queries
from app.kit.work import Clock, system_work

log = structlog.get_logger()


def plan(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Plan each patient's reminders in a transaction of their own; returns how many patients there were."""
    with system_work(bind, service_id, clock=clock) as work:
        known = reminder_queries.reminded(work)
    for patient_id in known:
        try:
            with system_work(bind, service_id, clock=clock) as work:
                patient = queries.patient_within(work, Scope.SERVICE, patient_id)
                if patient is not None:
                    reminder_actions.replan(work, patient=patient)
        except Exception:
            # One diary that cannot be read must not keep the others' reminders back.
            log.exception("could not plan reminders", service=str(service_id), patient=str(patient_id))
    return len(known)
