"""Planning the reminders of many people: so many together, and alone where one of them cannot be read."""

from collections.abc import Callable, Sequence
from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, Work, system_work

log = structlog.get_logger()
# So many in one transaction: few messages to the database, and nobody's lock is held for long.
AT_ONCE = 100
Free = Callable[[Work, Sequence[UUID]], set[UUID]]
Alone = Callable[[Work, UUID], None]


def plan_each(
    bind: Engine | Connection, service_id: UUID, patient_ids: Sequence[UUID], *, clock: Clock, free: Free, alone: Alone
) -> None:
    """Plan for these patients.

    `free` plans several and returns those whose reminders nobody else was planning or sending, `alone` plans one.
    """
    for place in range(0, len(patient_ids), AT_ONCE):
        several = patient_ids[place : place + AT_ONCE]
        for patient_id in _left_over(bind, service_id, several, clock=clock, free=free):
            _alone(bind, service_id, patient_id, clock=clock, alone=alone)


def _left_over(
    bind: Engine | Connection, service_id: UUID, several: Sequence[UUID], *, clock: Clock, free: Free
) -> list[UUID]:
    """Plan several together; returns those who have to be planned alone, all of them where one cannot be read."""
    try:
        with system_work(bind, service_id, clock=clock) as work:
            planned = free(work, several)
    except Exception:
        log.exception("could not plan reminders together", service=str(service_id))
        return list(several)
    return [one for one in several if one not in planned]


def _alone(bind: Engine | Connection, service_id: UUID, patient_id: UUID, *, clock: Clock, alone: Alone) -> None:
    try:
        with system_work(bind, service_id, clock=clock) as work:
            alone(work, patient_id)
    except Exception:
        # One patient whose plan cannot be read must not keep the others' reminders back.
        log.exception("could not plan reminders", service=str(service_id), patient=str(patient_id))
