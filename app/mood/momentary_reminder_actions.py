"""Planning the reminders of prompts: with every change, and again and again for the days to come."""

from collections.abc import Collection, Sequence
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical.reminders import AHEAD, LATE, ReminderKind
from app.kit.work import Work
from app.mood import momentary_reminder_queries as queries
from app.notifications import reminder_actions


def replan(work: Work, *, patient: Patient) -> None:
    """Make a patient's reminders those of the prompts that they may still be asked."""
    reminder_actions.lock(work, patient.id)
    _replan(work, [patient.id])


def replan_free(work: Work, patient_ids: Sequence[UUID]) -> set[UUID]:
    """The same for those patients whose reminders nobody plans or sends at this moment; returns whose."""
    free = reminder_actions.lock_free(work, patient_ids)
    _replan(work, free)
    return free


def replan_alone(work: Work, patient_id: UUID) -> None:
    """The same for one of them, whoever has to be waited for."""
    reminder_actions.lock(work, patient_id)
    _replan(work, [patient_id])


def _replan(work: Work, patient_ids: Collection[UUID]) -> None:
    if not patient_ids:
        return
    since, until = work.now - LATE, work.now + AHEAD
    found = queries.wanted(work, patient_ids, since, until)
    reminder_actions.reconcile_each(work, kind=ReminderKind.MOMENTARY, wanted=found, since=since, until=until)
