"""The questionnaires a service can ask, why it cannot ask others and how it could, and each as it is asked."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.kit.errors import NotFound
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.questionnaires import text_queries

router = APIRouter(route_class=Route)

LibraryReader = Annotated[Work, may(Capability.READ_GUIDES)]


@router.get("/instruments")
def instruments(request: Request, work: LibraryReader) -> Response:
    found = text_queries.standings(work, request.app.state.library.instruments)
    return page(
        request,
        "questionnaires/instruments.html",
        place="/guides",
        standings=found,
        missing=[one for one in found if not one.is_offered],
        zone=work.actor.zone,
    )


@router.get("/instruments/{key}")
def instrument(request: Request, work: LibraryReader, key: str) -> Response:
    found = text_queries.standings(work, request.app.state.library.instruments)
    standing = next((one for one in found if one.instrument.key == key), None)
    if standing is None:
        raise NotFound
    return page(request, "questionnaires/instrument.html", place="/guides", standing=standing, zone=work.actor.zone)
