"""A patient's mood as staff read it: the numbers for all who may see scores, the words for those who may read them."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts import roles
from app.accounts.access import StaffWork, whose
from app.accounts.queries import Patient
from app.accounts.roles import Capability, Role
from app.diary.access import today_of
from app.kit import chart
from app.kit.render import page
from app.kit.routes import Route
from app.mood import shown_queries
from app.mood.access import period_asked
from app.mood.shown_queries import Span
from app.safety.banner import banner

router = APIRouter(route_class=Route)

SeenPatient = Annotated[Patient, whose(Capability.READ_SCORES)]


@router.get("/patients/{patient_id}/mood")
def mood(request: Request, work: StaffWork, patient: SeenPatient) -> Response:
    period, asked, problems = period_asked(request, today_of(work, patient))
    may_read = roles.scope(Role(work.actor.role), Capability.READ_WORDS) is not None
    show = shown_queries.shown if may_read else shown_queries.numbers_shown
    return page(
        request,
        "mood/staff.html",
        status=422 if problems else 200,
        place="/caseload",
        patient=patient,
        banner=banner(work, patient, request.app.state.library.instruments),
        shown=show(work, patient, period, chart.STAFF),
        may_read=may_read,
        spans=Span,
        asked=asked or {},
        problems=problems,
    )
