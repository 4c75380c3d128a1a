"""What follows from what happened: the caseload's summaries kept up to date, and patients told what staff opened.

Reads on through the service's record from its cursor, so no room ever has to call up the stack.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.notifications import actions as notifications
from app.programme import summaries

BATCH = 500


def follow(bind: Engine | Connection, service_id: UUID, *, clock: Clock, origin: str) -> int:
    """Catch up with the record and with steps that time opened; returns how many patients were looked at."""
    with system_work(bind, service_id, clock=clock) as work:
        last, touched = summaries.read_on(work, limit=BATCH)
        due = summaries.due(work)
    for patient_id in dict.fromkeys([*touched, *due]):
        _catch_up(bind, service_id, patient_id, touched.get(patient_id), clock=clock, origin=origin)
    with system_work(bind, service_id, clock=clock) as work:
        summaries.move_cursor(work, seq=last)
    return len(touched) + len(due)


def _catch_up(
    bind: Engine | Connection,
    service_id: UUID,
    patient_id: UUID,
    since: datetime | None,
    *,
    clock: Clock,
    origin: str,
) -> None:
    with system_work(bind, service_id, clock=clock) as work:
        opened = summaries.refresh(work, patient_id, since=since)
        if opened:
            # One letter whatever opened: it says only that there is something new.
            key = f"opened:{patient_id}:{opened[0].step}:{opened[0].at:%Y%m%d%H%M}"
            notifications.tell_something_new(work, person_id=patient_id, origin=origin, dedupe_key=key)
