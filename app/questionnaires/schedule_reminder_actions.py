"""Planning reminders of questionnaires: with every decision of staff, and again and again for the days to come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from app.clinical.instruments import Instrument
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import AHEAD, LATE, ReminderKind
from app.clinical.schedules import Course
from app.kit.work import Work
from app.notifications import reminder_actions
from app.questionnaires import schedule_queries, schedule_reminder_queries
from app.questionnaires.schedule_queries import CoursesOf, Standing

# Far enough back to find a reminder that a journey moved into the past.
JUMPED = timedelta(hours=26)


def replan(work: Work, *, patient_id: UUID, standing: Standing) -> None:
    """Make a patient's reminders those that their schedule asks for."""
    reminder_actions.lock(work, patient_id)
    _reconcile(work, {patient_id: standing})


def replan_free(
    work: Work, patient_ids: Sequence[UUID], *, courses_of: CoursesOf, asked: Collection[Instrument]
) -> set[UUID]:
    """The same for those patients whose reminders nobody plans or sends at this moment; returns whose."""
    free = reminder_actions.lock_free(work, patient_ids)
    _replan(work, courses_of(work, free), asked)
    return free


def replan_alone(work: Work, patient_id: UUID, *, courses_of: CoursesOf, asked: Collection[Instrument]) -> None:
    """The same for one of them, whoever has to be waited for."""
    reminder_actions.lock(work, patient_id)
    _replan(work, courses_of(work, [patient_id]), asked)


def _replan(work: Work, courses: Mapping[UUID, Course], asked: Collection[Instrument]) -> None:
    said = schedule_queries.said_each(work, courses.keys())
    _reconcile(
        work,
        {who: schedule_queries.standing(said[who], course, asked, work.now) for who, course in courses.items()},
    )


def _reconcile(work: Work, standings: Mapping[UUID, Standing]) -> None:
    if not standings:
        return
    until = work.now + AHEAD
    found = {
        who: schedule_reminder_queries.wanted(who, standing, work.now - JUMPED, until)
        for who, standing in standings.items()
    }
    reminder_actions.reconcile_each(
        work,
        kind=ReminderKind.QUESTIONNAIRE,
        wanted=found,
        since=work.now - LATE,
        until=until,
        why=Reason.NOT_DUE,
    )
