"""A patient's diary as their practitioner reads it: what was planned, what became of it, and what lifts them."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability
from app.diary import lift_queries, week_queries
from app.diary.access import day_asked, today_of
from app.kit.render import page
from app.kit.routes import Route
from app.safety.banner import banner

router = APIRouter(route_class=Route)

ReadPatient = Annotated[Patient, whose(Capability.READ_WORDS)]


@router.get("/patients/{patient_id}/diary")
def diary(request: Request, work: StaffWork, patient: ReadPatient) -> Response:
    today = today_of(work, patient)
    week = week_queries.week(work, patient, day_asked(request, "week", today))
    return page(
        request,
        "diary/staff-week.html",
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, request.app.state.library.instruments),
        week=week,
        today=today,
        now=work.now.astimezone(patient.zone),
        has_come=week_queries.has_come,
        counts=week_queries.counts(week, work.now.astimezone(patient.zone)),
        lifts=lift_queries.what_lifts(work, patient),
        change=lift_queries.change,
    )
