"""The activity and the occurrence in an address, each only where it is the signed-in patient's own."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.accounts.access import Me, PatientWork
from app.accounts.queries import Patient
from app.clinical.recurrence import Occurrence
from app.diary import plan_queries
from app.diary.plan_queries import Activity
from app.kit.errors import NotFound
from app.kit.work import Work

PLACE = "/my/diary"
# What was done about a time zone, on whichever page that was.
ZONE_SAID = {
    "zone": "Your time zone is changed. Your diary and your reminders go by it from now on.",
    "home": "Your time zone stays as it is. We will not ask about that place again.",
}
# Anybody's diary lies well within; towards the ends of the calendar no day comes before or after another.
YEARS = range(1990, 2111)


def my_activity(work: PatientWork, patient: Me, series_id: UUID) -> Activity:
    return plan_queries.activity(work, patient, series_id)


MyActivity = Annotated[Activity, Depends(my_activity)]


def my_occurrence(activity: MyActivity, named_on: date) -> Occurrence:
    found = activity.occurrence(named_on) if named_on.year in YEARS else None
    if found is None:
        raise NotFound("This is not in your diary any more. It may have been moved or taken out.")
    return found


MyOccurrence = Annotated[Occurrence, Depends(my_occurrence)]


def day_asked(request: Request, name: str, today: date) -> date:
    """The day in the address, or today where there is none or it is no day."""
    try:
        found = date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return today
    return found if found.year in YEARS else today


def today_of(work: Work, patient: Patient) -> date:
    return work.now.astimezone(patient.zone).date()
