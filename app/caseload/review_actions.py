"""Two measures in a row that did not come put a patient on the review list, a day after the second fell due."""

from collections.abc import Collection
from uuid import UUID

from app.caseload import missing_queries
from app.clinical.instruments import Instrument
from app.kit.work import Work
from app.safety import review_actions
from app.safety.review_kinds import ReviewKind


def review_who_stopped(work: Work, *, patient_id: UUID, instruments: Collection[Instrument]) -> int:
    """Put a patient on the list for measures that did not come and were not told yet; returns how often."""
    # An answer that is being sent just now comes first, and then nothing is missing.
    work.one_at_a_time("questionnaires", patient_id)
    found = missing_queries.missed_by(work, patient_id, instruments)
    for one in found:
        review_actions.put_on_list(
            work,
            patient_id=patient_id,
            kind=ReviewKind.MISSING,
            source=missing_queries.source(one),
            about={"measures": list(one.measures), "due_on": [on.isoformat() for on in one.due_on]},
        )
    return len(found)
