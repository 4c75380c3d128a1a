"""Which questionnaires patients are to be reminded of on which days, and whether that would still be of use."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from uuid import UUID

from app.clinical import schedules
from app.clinical.local_time import instant
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Asked, ReminderKind, Wanted
from app.clinical.schedules import REMIND_AT, Due
from app.kit.work import Work
from app.questionnaires import schedule_queries
from app.questionnaires.schedule_queries import Standing

# Later in the day it would come when nobody sits down to it any more.
OF_USE_UNTIL = time(20)


def wanted(patient_id: UUID, standing: Standing, since: datetime, until: datetime) -> list[Wanted]:
    """Every reminder that somebody's schedule asks for, due from one moment to before another; one for each day."""
    days = schedules.reminders(standing.schedule, standing.said.answered, standing.course, standing.now, until)
    found = (_wanted(patient_id, on, several, standing) for on, several in days.items())
    return [one for one in found if since <= one.due_at]


def _wanted(patient_id: UUID, on: date, several: Sequence[Due], standing: Standing) -> Wanted:
    zone = standing.course.zone
    return Wanted(
        kind=ReminderKind.QUESTIONNAIRE,
        key=f"v1|questionnaire|{patient_id}|{on.isoformat()}",
        about={
            "on": on.isoformat(),
            "asked": [[one.instrument, one.about, one.since.isoformat()] for one in several],
        },
        series_id=None,
        due_at=instant(on, REMIND_AT, zone),
        expires_at=instant(on, OF_USE_UNTIL, zone),
        local_on=on,
        zone=str(zone),
    )


def still_wanted(work: Work, reminders: Sequence[Asked]) -> Mapping[UUID, Reason | None]:
    """Why each of them is not wanted any more: everything it reminds of was answered since it became due.

    What staff decide is planned anew with the decision itself.
    """
    said = schedule_queries.said_each(work, {one.person_id for one in reminders})
    return {one.id: None if _is_open(one, said[one.person_id].answered) else Reason.NOT_DUE for one in reminders}


def _is_open(one: Asked, answered: Mapping[tuple[str, str], datetime]) -> bool:
    for instrument, about, since in one.about["asked"]:
        last = max((at for (key, on), at in answered.items() if key == instrument and on in (about, "")), default=None)
        if last is None or last < datetime.fromisoformat(since):
            return True
    return False
