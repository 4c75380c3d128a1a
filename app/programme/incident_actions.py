"""Raising an incident where a course did not come out again as announced, and closing it once somebody looked."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from app.accounts.roles import Capability
from app.clinical.sequencing.announced import Mismatch
from app.kit.errors import NotFound
from app.kit.work import Work
from app.programme.tables import Incident


def raise_incident(work: Work, *, patient_id: UUID, found: Sequence[Mismatch]) -> None:
    """Keep what did not come out again; where an incident about the patient is open, it is seen again."""
    row = work.session.execute(
        sa.select(Incident).where(
            Incident.service_id == work.service_id, Incident.patient_id == patient_id, Incident.closed_at.is_(None)
        )
    ).scalar_one_or_none()
    told = [one.as_data() for one in found]
    if row is None:
        work.add(Incident(patient_id=patient_id, found=told, found_at=work.now))
    else:
        row.found = [*row.found, *(one for one in told if one not in row.found)]
        row.seen_again_at = work.now
        work.session.add(row)
    work.record("incident.raised", patient=patient_id, steps=sorted({one.step for one in found}))


def close_incident(work: Work, *, incident_id: UUID, words: str) -> None:
    """Say what it was and what was done, and take it off the list. Closing it twice changes nothing."""
    work.require(Capability.HANDLE_INCIDENTS)
    row = work.session.get(Incident, (work.service_id, incident_id))
    if row is None:
        raise NotFound
    if row.closed_at is None:
        row.closed_at, row.closed_by, row.words = work.now, work.actor.id, words
        work.session.add(row)
        work.record("incident.closed", patient=row.patient_id, incident=incident_id)
