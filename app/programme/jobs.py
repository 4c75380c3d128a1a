"""What follows from what happened: the caseload's summaries kept up to date, and patients told what staff opened.

Reads on through the service's record from its cursor, so no room ever has to call up the stack.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.engine import Connection, Engine

from app.kit.work import Clock, Work, system_work
from app.notifications import actions as notifications
from app.notifications.kinds import LetterKind
from app.programme import (
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
            notifications.tell_something_new(
                work, person_id=patient_id, about=LetterKind.OPENED, origin=origin, dedupe_key=key
            )


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
    with system_work(bind, service_id, clock=clock) as work:
        known = summary_queries.enrolled(work)
    # Before anything is announced anew.
    wrong = {one for one in known if _each(bind, service_id, one, summary_actions.prove, clock=clock)}
    follow(bind, service_id, clock=clock, origin=origin)
    stale = {one for one in known if _each(bind, service_id, one, summary_actions.mend, clock=clock)}
    return len(wrong | stale)


def _each(
    bind: Engine | Connection, service_id: UUID, patient_id: UUID, look: Callable[[Work, UUID], bool], *, clock: Clock
) -> bool:
    try:
        with system_work(bind, service_id, clock=clock) as work:
            return look(work, patient_id)
    except Exception:
        log.exception("course could not be proved", service=str(service_id), patient=str(patient_id))
        return False
