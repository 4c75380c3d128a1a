"""The pathway editor around the rules: the steps and their order, choices between them, the length, the drawing."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical.sequencing import arranging, drawing
from app.clinical.sequencing.editing import CannotEdit
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import draft_queries, editor_forms, editor_queries, version_queries
from app.pathways.draft_queries import Draft
from app.pathways.editor_access import saved
from app.pathways.editor_forms import LengthForm

router = APIRouter(route_class=Route)

PathwayEditor = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


@router.get("/pathways/drafts/{draft_id}/steps")
def steps(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    return _page(request, work, draft_queries.draft(work, draft_id), "steps")


@router.post("/pathways/drafts/{draft_id}/steps")
def change_steps(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    try:
        body = editor_forms.arranged_steps(draft.body, posted, version_queries.published_steps(work, draft.key))
    except CannotEdit as refused:
        return _page(request, work, draft, "steps", {"title": refused.words}, posted)
    return saved(request, work, draft, body, posted, onwards=_onwards(draft, posted, "steps"))


@router.get("/pathways/drafts/{draft_id}/choices")
def choices(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    return _page(request, work, draft_queries.draft(work, draft_id), "choices")


@router.post("/pathways/drafts/{draft_id}/choices")
def change_choices(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    try:
        body = editor_forms.arranged_choices(draft.body, posted)
    except CannotEdit as refused:
        return _page(request, work, draft, "choices", {"title": refused.words}, posted)
    return saved(request, work, draft, body, posted, onwards=_onwards(draft, posted, "choices"))


@router.get("/pathways/drafts/{draft_id}/length")
def length(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    return _page(request, work, draft_queries.draft(work, draft_id), "length")


@router.post("/pathways/drafts/{draft_id}/length")
def change_length(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    form, problems = LengthForm.read(posted)
    if form is None:
        return _page(request, work, draft, "length", problems, posted)
    instruments = request.app.state.library.instruments
    body = editor_forms.with_measures(draft.body | form.model_dump(), posted, instruments)
    return saved(request, work, draft, body, posted, onwards=_onwards(draft, posted, "length"))


@router.get("/pathways/drafts/{draft_id}/drawing")
def drawn(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    draft = draft_queries.draft(work, draft_id)
    pathway = editor_queries.readable(draft.body, "", request.app.state.library)
    return page(
        request,
        "pathways/editor-drawing.html",
        around=editor_queries.around(work, draft, request.app.state.library, tab="drawing"),
        wide=drawing.draw(pathway) if pathway else None,
        narrow=drawing.draw(pathway, drawing.NARROW) if pathway else None,
        told=drawing.told(pathway) if pathway else (),
        place="/pathways",
    )


def _page(
    request: Request,
    work: Work,
    draft: Draft,
    tab: str,
    problems: Problems | None = None,
    posted: PostedForm | None = None,
) -> Response:
    library = request.app.state.library
    return page(
        request,
        f"pathways/editor-{tab}.html",
        status=422 if problems else 200,
        around=editor_queries.around(work, draft, library, tab=tab),
        steps=editor_queries.arranged(draft.body, version_queries.published_steps(work, draft.key)),
        choices=arranging.choices(draft.body),
        measured=version_queries.measured(draft.body.get("measures") or {}, library),
        modules=[("", "No module"), *((key, one.title) for key, one in library.modules.items())],
        done=request.query_params.get("did", ""),
        at=request.query_params.get("at", ""),
        problems=problems or {},
        posted=posted or {},
        place="/pathways",
    )


def _onwards(draft: Draft, posted: PostedForm, tab: str) -> str:
    did, _, at = posted.get("do", "save").partition(":")
    return f"/pathways/drafts/{draft.id}/{tab}?{urlencode({'did': did, 'at': at})}"
