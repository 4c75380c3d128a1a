"""Guides to the modules for practitioners, the pages as a patient reads them, and the pathways the service uses."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical.modules import Html, Module, Try
from app.clinical.sequencing.pathway import rule_hash
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.work import Work
from app.programme import plan_actions, queries
from app.programme.forms import PathwayForm

router = APIRouter()

GuideReader = Annotated[Work, may(Capability.READ_GUIDES)]
PathwayChooser = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


def module_called(request: Request, key: str) -> Module:
    found: Module | None = request.app.state.library.modules.get(key)
    if found is None:
        raise NotFound
    return found


@router.get("/guides")
def guides(request: Request, work: GuideReader) -> Response:
    return page(request, "programme/guides.html", modules=list(request.app.state.library.modules.values()))


@router.get("/guides/{module}")
def guide(request: Request, work: GuideReader, module: str) -> Response:
    return page(request, "programme/guide.html", module=module_called(request, module))


@router.get("/guides/{module}/{page_key}")
def guide_page(request: Request, work: GuideReader, module: str, page_key: str) -> Response:
    found = module_called(request, module)
    if not found.has_page(page_key):
        raise NotFound
    here = found.page(page_key)
    return page(
        request,
        "programme/guide-page.html",
        module=found,
        here=here,
        number=found.page_number(page_key),
        parts=[
            ("html", part.html)
            if isinstance(part, Html)
            else ("try", found.worksheet(part.worksheet), part.intro_html)
            if isinstance(part, Try)
            else ("check", part)
            for part in here.parts
        ],
        next=found.next_page(page_key),
        back=found.previous_page(page_key),
    )


@router.get("/pathways")
def pathways(request: Request, work: PathwayChooser) -> Response:
    library = request.app.state.library
    offered = queries.pathways(work)
    newest = {one.key: one.hash for one in reversed(offered) if one.retired_at is None}
    ready = {
        key: rule_hash(
            plan_actions.complete(pathway, library).model_copy(
                update={"version": max((one.version for one in offered if one.key == key), default=1)}
            )
        )
        for key, pathway in library.pathways.items()
    }
    return page(
        request,
        "programme/pathways.html",
        offered=offered,
        library=list(library.pathways.values()),
        same={key: newest.get(key) == digest for key, digest in ready.items()},
        in_use=set(newest),
        unsigned=library.awaiting_sign_off,
        done=request.query_params.get("done", ""),
    )


@router.post("/pathways")
def adopt(request: Request, work: PathwayChooser, posted: Posted) -> Response:
    form, _ = PathwayForm.read(posted)
    if form is None:
        raise NotFound
    plan_actions.adopt_pathway(work, library=request.app.state.library, key=form.pathway)
    return see_other("/pathways?done=adopted")


@router.post("/pathways/{version_id}/retire")
def retire(request: Request, work: PathwayChooser, version_id: UUID, posted: Posted) -> Response:
    plan_actions.retire_pathway(work, version_id=version_id)
    return see_other("/pathways?done=retired")


@router.get("/pathways/{version_id}")
def pathway(request: Request, work: PathwayChooser, version_id: UUID) -> Response:
    found = next((one for one in queries.pathways(work) if one.id == version_id), None)
    if found is None:
        raise NotFound
    return page(
        request,
        "programme/pathway.html",
        offered=found,
        pathway=queries.pathway_version(work, found.id, found.hash),
        rules=queries.rules_in_words(work, found),
    )
