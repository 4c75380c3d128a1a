"""What follows from what happened: the caseload's summaries kept up to date, and patients told what staff opened.

Reads on through the service's record from its cursor, so no room ever has to call up the stack.
"""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, system_work
from app.notifications import actions as notifications
from app.programme import (
    anchor_queries,
    incident_actions,
    summary_actions,
    summary_queries,
    wait_actions,
    wait_queries,
)

BATCH = 500
log = structlog.get_logger()


def follow(bind: Engine | Connection, service_id: UUID, *, clock: Clock, origin: str) -> int:
    """Catch up with the record and with steps that time opened; returns how many patients were looked at."""
    with system_work(bind, service_id, clock=clock) as work:
        last, touched = summary_queries.read_on(work, limit=BATCH)
        due = summary_queries.due(work)
    known = [*touched, *(patient for patient in due if patient not in touched)]
    for patient_id in known:
        since = min(found[patient_id] for found in (touched, due) if patient_id in found)
        try:
            _catch_up(bind, service_id, patient_id, since, clock=clock, origin=origin)
        except Exception:
            # One course that cannot be read must not keep the others' summaries and letters back.
            log.exception("could not catch up", service=str(service_id), patient=str(patient_id))
            with system_work(bind, service_id, clock=clock) as work:
                summary_actions.look_again(work, patient_id)
    # After the patients, so that after a fall the same entries are read again: a letter is never written twice.
    if last is not None:
        with system_work(bind, service_id, clock=clock) as work:
            summary_actions.move_cursor(work, seq=last)
    return len(known)


def _catch_up(
    bind: Engine | Connection, service_id: UUID, patient_id: UUID, since: datetime, *, clock: Clock, origin: str
) -> None:
    with system_work(bind, service_id, clock=clock) as work:
        opened = summary_actions.catch_up(work, patient_id, since=since)
        if opened:
            # One letter whatever opened in that minute: it says only that there is something new.
            key = f"opened:{patient_id}:{opened[-1].at:%Y%m%d%H%M}"
            notifications.tell_something_new(work, person_id=patient_id, origin=origin, dedupe_key=key)


def remind(bind: Engine | Connection, service_id: UUID, *, clock: Clock, origin: str) -> int:
    """Remind staff of who waits for them, and those above of who waits too long; returns how many waits are due."""
    with system_work(bind, service_id, clock=clock) as work:
        due = wait_queries.due(work)
    for wait in due:
        try:
            with system_work(bind, service_id, clock=clock) as work:
                wait_actions.remind(work, wait=wait, origin=origin)
        except Exception:
            log.exception("could not remind", service=str(service_id), patient=str(wait.patient_id))
    return len(due)


def prove(bind: Engine | Connection, service_id: UUID, *, clock: Clock, origin: str) -> int:
    """Whether every course comes out again as it was announced, and its summary is what a replay gives now.

    What does not come out again is an incident, for people to look at. A summary that differs is mended. Returns how
    many courses had either.
    """
    follow(bind, service_id, clock=clock, origin=origin)
    with system_work(bind, service_id, clock=clock) as work:
        known = summary_queries.enrolled(work)
    return sum(_proved(bind, service_id, patient_id, clock=clock) for patient_id in known)


def _proved(bind: Engine | Connection, service_id: UUID, patient_id: UUID, *, clock: Clock) -> bool:
    about = {"service": str(service_id), "patient": str(patient_id)}
    try:
        with system_work(bind, service_id, clock=clock) as work:
            differing = anchor_queries.mismatches(work, patient_id)
            if differing:
                log.error("course differed from what was announced", steps=[one.step for one in differing], **about)
                incident_actions.raise_incident(work, patient_id=patient_id, found=differing)
            stale = summary_queries.differs(work, patient_id)
            if stale:
                log.error("summary differed from its replay", **about)
            if differing or stale:
                summary_actions.refresh(work, patient_id)
    except Exception:
        log.exception("course could not be proved", **about)
        return False
    return bool(differing) or stale
