"""Choosing when to be asked, and planning it: with every choice, and again and again for the days to come."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from app.accounts.queries import Patient
from app.clinical.reminders import AHEAD, LATE, ReminderKind
from app.diary import reminder_queries as diary_reminders
from app.diary.reminder_actions import JUMPED
from app.kit.work import Work
from app.mood import reminder_queries
from app.mood.tables import MoodTimes
from app.notifications import reminder_actions, switch_actions
from app.notifications.kinds import SwitchScope


def choose_times(work: Work, *, patient: Patient, times: Sequence[time]) -> None:
    """Be asked at these times of every day from now on, or at none. Choosing some turns what was off on again."""
    chosen = sorted(set(times))
    work.one_at_a_time("mood-times", patient.id)
    row = work.session.get(MoodTimes, (work.service_id, patient.id))
    if row is None:
        work.add(MoodTimes(patient_id=patient.id, plan_id=uuid4(), times=chosen, chosen_at=work.now))
    elif sorted(row.times) != chosen:
        row.times, row.plan_id, row.chosen_at = chosen, uuid4(), work.now
    if chosen:
        switch_actions.switch_on(work, person_id=patient.id, scope=SwitchScope.KIND, which=ReminderKind.MOOD.value)
    work.record("mood-times.chosen", patient=patient.id, times=len(chosen))
    work.session.flush()
    replan(work, patient=patient)


def replan(work: Work, *, patient: Patient) -> None:
    """Make a patient's prompts those that they asked for."""
    reminder_actions.lock(work, patient.id)
    _replan(work, {patient.id: patient.zone}, JUMPED)


def replan_free(work: Work, patient_ids: Sequence[UUID]) -> set[UUID]:
    """The same for those patients whose reminders nobody plans or sends at this moment; returns whose."""
    free = reminder_actions.lock_free(work, patient_ids)
    # Read once their locks are ours, for a zone may have changed until then.
    zones = diary_reminders.zones(work, free)
    travelled = reminder_actions.planned_elsewhere(work, zones)
    _replan(work, {who: zone for who, zone in zones.items() if who in travelled}, JUMPED)
    _replan(work, {who: zone for who, zone in zones.items() if who not in travelled}, LATE)
    return free


def replan_alone(work: Work, patient_id: UUID) -> None:
    """The same for one of them, whoever has to be waited for."""
    reminder_actions.lock(work, patient_id)
    _replan(work, diary_reminders.zones(work, [patient_id]), JUMPED)


def _replan(work: Work, zones: Mapping[UUID, ZoneInfo], back: timedelta) -> None:
    if not zones:
        return
    until = work.now + AHEAD
    found = reminder_queries.wanted(work, zones, work.now - back, until)
    reminder_actions.reconcile_each(work, kind=ReminderKind.MOOD, wanted=found, since=work.now - LATE, until=until)
