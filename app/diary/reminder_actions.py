"""Planning the diary's reminders: with every change of what is planned, and again and again for the days to come."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical.reminders import AHEAD, LATE, ReminderKind
from app.diary import reminder_queries
from app.kit.work import Work
from app.notifications import reminder_actions

# Far enough back to find a reminder that a journey moved into the past: no two zones are further apart.
JUMPED = timedelta(hours=26)


def replan(work: Work, *, patient: Patient, series_ids: Collection[UUID] | None = None) -> None:
    """Make a patient's reminders those that the diary asks for now, or those of some series only."""
    until = work.now + AHEAD
    found = reminder_queries.wanted(work, patient, work.now - JUMPED, until)
    reminder_actions.reconcile(
        work,
        person_id=patient.id,
        kind=ReminderKind.ACTIVITY,
        wanted=[one for one in found if series_ids is None or one.series_id in series_ids],
        since=work.now - LATE,
        until=until,
        series_ids=series_ids,
    )
