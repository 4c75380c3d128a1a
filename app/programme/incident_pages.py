"""Courses that did not come out again as they were announced, for whoever answers for the service."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import anchor_queries, incident_actions
from app.programme.forms import CloseIncidentForm

router = APIRouter(route_class=Route)

IncidentWork = Annotated[Work, may(Capability.HANDLE_INCIDENTS)]


@router.get("/incidents")
def incidents(request: Request, work: IncidentWork) -> Response:
    return _page(request, work)


@router.post("/incidents/{incident_id}/close")
def close(request: Request, work: IncidentWork, incident_id: UUID, posted: Posted) -> Response:
    form, problems = CloseIncidentForm.read(posted)
    if form is None:
        return _page(request, work, incident_id, problems, posted)
    incident_actions.close_incident(work, incident_id=incident_id, words=form.words)
    return see_other("/incidents?done=closed")


def _page(
    request: Request,
    work: Work,
    about: UUID | None = None,
    problems: Problems | None = None,
    posted: PostedForm | None = None,
) -> Response:
    return page(
        request,
        "programme/incidents.html",
        status=422 if problems else 200,
        found=anchor_queries.incidents(work),
        about=about,
        problems=problems or {},
        posted=posted or {},
        done=request.query_params.get("done", ""),
        zone=work.actor.zone,
    )
