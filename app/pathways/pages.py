"""The pathways a service uses, with their versions and drafts, and what the library has to begin from."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.kit.errors import NotFound
from app.kit.forms import Posted
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import draft_queries, moving_queries, publishing_actions, publishing_queries, version_queries
from app.programme import queries

router = APIRouter(route_class=Route)

PathwayChooser = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


@router.get("/pathways")
def pathways(request: Request, work: PathwayChooser) -> Response:
    library = request.app.state.library
    offered, drafts = queries.pathways(work), draft_queries.drafts(work)
    return page(
        request,
        "pathways/pathways.html",
        offered=offered,
        library=version_queries.in_library(library, offered),
        unsigned=library.awaiting_sign_off,
        drafts=drafts,
        alike=version_queries.alike(offered, drafts),
        waiting=publishing_queries.waiting(work),
        waits=moving_queries.waiting(work),
        ids={key: uuid4() for key in (*library.pathways, *(str(one.id) for one in offered))},
        zone=work.actor.zone,
        done=request.query_params.get("done", ""),
        which=request.query_params.get("which", ""),
        about=next((one for one in offered if str(one.id) == request.query_params.get("which")), None),
    )


@router.get("/pathways/{version_id}/retire")
def ask_to_retire(request: Request, work: PathwayChooser, version_id: UUID) -> Response:
    found = _version(work, version_id)
    if found.retired_at is not None:
        return see_other("/pathways")
    return page(request, "pathways/retire.html", place="/pathways", offered=found)


@router.post("/pathways/{version_id}/retire")
def retire(request: Request, work: PathwayChooser, version_id: UUID, posted: Posted) -> Response:
    publishing_actions.retire_pathway(work, version_id=version_id)
    return see_other(f"/pathways?done=retired&which={version_id}")


def _version(work: Work, version_id: UUID) -> queries.Offered:
    found = next((one for one in queries.pathways(work) if one.id == version_id), None)
    if found is None:
        raise NotFound
    return found


@router.get("/pathways/{version_id}")
def pathway(request: Request, work: PathwayChooser, version_id: UUID) -> Response:
    found = _version(work, version_id)
    asked = queries.pathway_version(work, found.id, found.hash)
    return page(
        request,
        "pathways/pathway.html",
        offered=found,
        version=version_queries.published(work, found.id),
        draft_id=uuid4(),
        pathway=asked,
        measured=version_queries.measured(asked.measures, request.app.state.library),
        modules=request.app.state.library.modules,
        rules=version_queries.step_rules(version_queries.rules_in_words(work, found)),
        zone=work.actor.zone,
    )
