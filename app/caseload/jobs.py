"""What the scheduler runs: whoever stopped answering is put on the review list. One transaction each."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.engine import Connection, Engine

from app.caseload import missing_queries, review_actions
from app.clinical.instruments import Instrument
from app.kit.work import Clock, system_work
from app.questionnaires import text_queries


def review(bind: Engine | Connection, service_id: UUID, *, clock: Clock, instruments: Mapping[str, Instrument]) -> int:
    """Put everybody on the review list of whom two measures in a row did not come; returns how many entries it has."""
    with system_work(bind, service_id, clock=clock) as work:
        asked = list(text_queries.offered(work, instruments).values())
        waiting = [one.patient_id for one in missing_queries.waiting(work, asked)]
    count = 0
    for patient_id in waiting:
        with system_work(bind, service_id, clock=clock) as work:
            count += review_actions.review_who_stopped(work, patient_id=patient_id, instruments=asked)
    return count
