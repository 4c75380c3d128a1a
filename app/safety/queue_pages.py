"""The queue of open alerts, the same on paper for the morning, and how many there are for whoever runs the service."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical import hours
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.safety import queue_queries
from app.safety.promise_queries import opening_hours

router = APIRouter(route_class=Route)

AlertWork = Annotated[Work, may(Capability.SEE_ALERTS)]
CountingWork = Annotated[Work, may(Capability.COUNT_ALERTS)]


@router.get("/alerts")
def queue(request: Request, work: AlertWork) -> Response:
    return _queue_page(request, work, "safety/queue.html", done=request.query_params.get("done", ""))


@router.get("/alerts/day-list")
def day_list(request: Request, work: AlertWork) -> Response:
    return _queue_page(request, work, "safety/day-list.html")


@router.get("/alerts/count")
def count(request: Request, work: CountingWork) -> Response:
    zone = request.state.principal.service.zone
    return page(request, "safety/count.html", counted=queue_queries.counted(work), now=work.now, zone=zone)


def _queue_page(request: Request, work: Work, template: str, **more: object) -> Response:
    service = request.state.principal.service
    week = opening_hours(service)
    return page(
        request,
        template,
        place="/alerts",
        queue=queue_queries.queue(work, request.app.state.library.instruments),
        is_open=hours.is_open(work.now, hours=week, zone=service.zone),
        opens_at=hours.next_opening(work.now, hours=week, zone=service.zone),
        may_set=Capability.SET_ESCALATION in work.actor.may,
        may_manage=Capability.MANAGE_DUTY in work.actor.may,
        service=service,
        now=work.now,
        zone=service.zone,
        **more,
    )
