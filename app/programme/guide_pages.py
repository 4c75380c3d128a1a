"""Guides to the modules for practitioners, the pages as a patient reads them, and the pathways the service uses."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical.modules import Module
from app.kit.errors import NotFound
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import guide_queries

router = APIRouter(route_class=Route)

GuideReader = Annotated[Work, may(Capability.READ_GUIDES)]
PathwayChooser = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


def _module_called(request: Request, key: str) -> Module:
    found: Module | None = request.app.state.library.modules.get(key)
    if found is None:
        raise NotFound
    return found


@router.get("/guides")
def guides(request: Request, work: GuideReader) -> Response:
    library = request.app.state.library
    modules = list(library.modules.values())
    return page(request, "programme/guides.html", modules=modules, unsigned=library.awaiting_sign_off)


@router.get("/guides/{module}")
def guide(request: Request, work: GuideReader, module: str) -> Response:
    found = _module_called(request, module)
    techniques = request.app.state.library.techniques
    return page(
        request, "programme/guide.html", module=found, techniques=[techniques[key].title for key in found.techniques]
    )


@router.get("/guides/{module}/{page_key}")
def guide_page(request: Request, work: GuideReader, module: str, page_key: str) -> Response:
    found = _module_called(request, module)
    if not found.has_page(page_key):
        raise NotFound
    return page(request, "programme/guide-page.html", shown=guide_queries.guide_page(found, page_key), module=found)
