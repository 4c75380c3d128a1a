"""What the scheduler runs: the reminders of the next two days, written down for everybody whose diary has any."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.diary import reminder_actions, standing_queries
from app.kit.work import Clock, system_work

log = structlog.get_logger()
# So many in one transaction: few messages to the database, and nobody's lock is held for long.
AT_ONCE = 100


def plan(bind: Engine | Connection, service_id: UUID, *, clock: Clock) -> int:
    """Plan the reminders of every patient whose plan does not stand; returns how many patients have reminders."""
    with system_work(bind, service_id, clock=clock) as work:
        known = standing_queries.reminded(work)
    anew = [one.patient_id for one in known if not one.stands]
    for place in range(0, len(anew), AT_ONCE):
        several = anew[place : place + AT_ONCE]
        for patient_id in _left_over(bind, service_id, several, clock=clock):
            _alone(bind, service_id, patient_id, clock=clock)
    return len(known)


def _left_over(bind: Engine | Connection, service_id: UUID, several: Sequence[UUID], *, clock: Clock) -> list[UUID]:
    """Plan several together; returns those who have to be planned alone, all of them where one cannot be read."""
    try:
        with system_work(bind, service_id, clock=clock) as work:
            planned = reminder_actions.replan_free(work, several)
    except Exception:
        log.exception("could not plan reminders together", service=str(service_id))
        return list(several)
    return [one for one in several if one not in planned]


def _alone(bind: Engine | Connection, service_id: UUID, patient_id: UUID, *, clock: Clock) -> None:
    try:
        with system_work(bind, service_id, clock=clock) as work:
            reminder_actions.replan_alone(work, patient_id)
    except Exception:
        # One diary that cannot be read must not keep the others' reminders back.
        log.exception("could not plan reminders", service=str(service_id), patient=str(patient_id))
