"""Planning the diary's reminders: with every change of what is planned, and again and again for the days to come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.accounts.queries import Patient
from app.clinical.reminders import AHEAD, LATE, ReminderKind
from app.diary import reminder_queries
from app.kit.work import Work
from app.notifications import reminder_actions

# Far enough back to find a reminder that a journey moved into the past: no two zones are further apart.
JUMPED = timedelta(hours=26)


def replan(work: Work, *, patient: Patient, series_ids: Collection[UUID] | None = None) -> None:
    """Make a patient's reminders those that the diary asks for now, or those of some series only."""
    # Before the diary is read: what is read while another changes it would be written over what they wrote.
    reminder_actions.lock(work, patient.id)
    _replan(work, {patient.id: patient.zone}, JUMPED, series_ids)


def replan_free(work: Work, patient_ids: Sequence[UUID]) -> set[UUID]:
    """The same for those patients whose reminders nobody plans or sends at this moment; returns whose."""
    free = reminder_actions.lock_free(work, patient_ids)
    # Read once their locks are ours, for a zone may have changed until then.
    zones = reminder_queries.zones(work, free)
    travelled = reminder_actions.planned_elsewhere(work, zones)
    _replan(work, {who: zone for who, zone in zones.items() if who in travelled}, JUMPED)
    _replan(work, {who: zone for who, zone in zones.items() if who not in travelled}, LATE)
    return free


def replan_alone(work: Work, patient_id: UUID) -> None:
    """The same for one of them, whoever has to be waited for."""
    reminder_actions.lock(work, patient_id)
    _replan(work, reminder_queries.zones(work, [patient_id]), JUMPED)


def _replan(
    work: Work, zones: Mapping[UUID, ZoneInfo], back: timedelta, series_ids: Collection[UUID] | None = None
) -> None:
    if not zones:
        return
    until = work.now + AHEAD
    found = reminder_queries.wanted(work, zones, work.now - back, until)
    if series_ids is not None:
        found = {who: [one for one in several if one.series_id in series_ids] for who, several in found.items()}
    reminder_actions.reconcile_each(
        work,
        kind=ReminderKind.ACTIVITY,
        wanted=found,
        since=work.now - LATE,
        until=until,
        series_ids=series_ids,
    )
