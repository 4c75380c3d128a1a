"""Making and withdrawing the address that a calendar reads, and choosing what it shows."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import Patient
from app.diary import calendar_queries
from app.diary.tables import CalendarChoices, CalendarFeed
from app.kit import crypto
from app.kit.errors import NotFound
from app.kit.work import Work


def make_address(work: Work, *, patient: Patient, feed_id: UUID) -> None:
    """Make an address for a calendar; the one there was leads nowhere from now on. Sent twice, it is made once."""
    work.one_at_a_time("calendar", patient.id)
    known = work.session.get(CalendarFeed, (work.service_id, feed_id))
    if known is not None:
        if known.patient_id != patient.id:
            raise NotFound
        return
    if calendar_queries.address_of(work, patient):
        _close(work, patient)
    secret = calendar_queries.secret_of(work, patient, feed_id)
    work.add(CalendarFeed(id=feed_id, patient_id=patient.id, fingerprint=crypto.fingerprint(secret), made_at=work.now))
    work.record("calendar.address-made", patient=patient.id)


def withdraw_address(work: Work, *, patient: Patient) -> None:
    """Nothing can be read from the address any more; where there is none nothing happens."""
    work.one_at_a_time("calendar", patient.id)
    if calendar_queries.address_of(work, patient):
        _close(work, patient)
        work.record("calendar.address-withdrawn", patient=patient.id)


def choose(work: Work, *, patient: Patient, titles: bool, alerts: bool) -> None:
    """Say what one's calendar shows, and whether it reminds by itself."""
    row = {"service_id": work.service_id, "patient_id": patient.id}
    chosen = {"titles": titles, "alerts": alerts, "chosen_at": work.now}
    work.session.execute(
        insert(CalendarChoices)
        .values(row | chosen)
        .on_conflict_do_update(index_elements=["service_id", "patient_id"], set_=chosen)
    )
    work.record("calendar.choices-saved", patient=patient.id, titles=titles, alerts=alerts)


def _close(work: Work, patient: Patient) -> None:
    # At once and not with the session's other changes, which would come after the new address is in.
    work.session.execute(
        sa.update(CalendarFeed)
        .where(
            CalendarFeed.service_id == work.service_id,
            CalendarFeed.patient_id == patient.id,
            CalendarFeed.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=work.now)
    )
