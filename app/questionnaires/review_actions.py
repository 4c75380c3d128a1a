"""A score that is reliably worse puts its patient on the review list, in the transaction of its answers."""

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical import outcomes
from app.clinical.instruments import Instrument
from app.kit.work import Work
from app.questionnaires.tables import Response
from app.questionnaires.void_queries import COUNTS
from app.safety import review_actions
from app.safety.review_kinds import ReviewKind


def review_if_worse(work: Work, *, patient: Patient, instrument: Instrument, response: Response) -> None:
    """Put the patient on the review list where this response is reliably above the first or the best before it."""
    threshold = instrument.reliable_change
    if threshold is None:
        return
    scored = work.session.execute(
        sa.select(Response.id, Response.total, Response.submitted_at)
        .where(
            Response.service_id == work.service_id,
            Response.patient_id == patient.id,
            Response.instrument == instrument.key,
            Response.total.is_not(None),
            COUNTS,
        )
        .order_by(Response.submitted_at, Response.seq)
    ).all()
    until = next((place for place, row in enumerate(scored, 1) if row.id == response.id), 0)
    rise = outcomes.rise([row.total for row in scored[:until]], threshold=threshold)
    if rise is None:
        return
    review_actions.put_on_list(
        work,
        patient_id=patient.id,
        kind=ReviewKind.WORSE,
        source=f"{instrument.key}:{response.id}",
        about={
            "measure": instrument.key,
            "from": "first" if rise.from_first else "best",
            "before": rise.before,
            "before_at": scored[rise.place].submitted_at.isoformat(),
            "latest": rise.latest,
            "latest_at": response.submitted_at.isoformat(),
        },
    )
