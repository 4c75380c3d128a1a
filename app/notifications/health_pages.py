"""Whether Braid is at work, for whoever runs the service: what last went round, what waits, what did not arrive."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.notifications import health_queries

router = APIRouter(route_class=Route)

HealthWork = Annotated[Work, may(Capability.SEE_SERVICE_HEALTH)]


@router.get("/service-health")
def service_health(request: Request, work: HealthWork) -> Response:
    return page(
        request,
        "notifications/service-health.html",
        health=health_queries.health(work.session, work.now),
        on_the_way=health_queries.on_the_way(work),
        now=work.now,
        zone=work.actor.zone,
    )
