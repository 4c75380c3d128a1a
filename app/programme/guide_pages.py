"""Guides to the modules for practitioners, the pages as a patient reads them, and the pathways the service uses."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical.modules import Module
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.programme import draft_queries, guide_queries, plan_actions, queries
from app.programme.forms import PathwayForm

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


@router.get("/pathways")
def pathways(request: Request, work: PathwayChooser) -> Response:
    library = request.app.state.library
    offered = queries.pathways(work)
    return page(
        request,
        "programme/pathways.html",
        offered=offered,
        library=guide_queries.in_library(library, offered),
        unsigned=library.awaiting_sign_off,
        drafts=draft_queries.mine(work),
        ids={key: uuid4() for key in library.pathways},
        zone=work.actor.zone,
        done=request.query_params.get("done", ""),
        about=next((one for one in offered if str(one.id) == request.query_params.get("which")), None),
    )


@router.post("/pathways")
def adopt(request: Request, work: PathwayChooser, posted: Posted) -> Response:
    form, _ = PathwayForm.read(posted)
    if form is None:
        raise NotFound
    plan_actions.adopt_pathway(work, library=request.app.state.library, key=form.pathway)
    return see_other("/pathways?done=adopted")


@router.get("/pathways/{version_id}/retire")
def ask_to_retire(request: Request, work: PathwayChooser, version_id: UUID) -> Response:
    found = _version(work, version_id)
    if found.retired_at is not None:
        return see_other("/pathways")
    return page(request, "programme/retire.html", place="/pathways", offered=found)


@router.post("/pathways/{version_id}/retire")
def retire(request: Request, work: PathwayChooser, version_id: UUID, posted: Posted) -> Response:
    plan_actions.retire_pathway(work, version_id=version_id)
    return see_other(f"/pathways?done=retired&which={version_id}")


def _version(work: Work, version_id: UUID) -> queries.Offered:
    found = next((one for one in queries.pathways(work) if one.id == version_id), None)
    if found is None:
        raise NotFound
    return found


@router.get("/pathways/{version_id}")
def pathway(request: Request, work: PathwayChooser, version_id: UUID) -> Response:
    found = _version(work, version_id)
    return page(
        request,
        "programme/pathway.html",
        offered=found,
        pathway=queries.pathway_version(work, found.id, found.hash),
        modules=request.app.state.library.modules,
        rules=guide_queries.step_rules(queries.rules_in_words(work, found)),
        zone=work.actor.zone,
    )
