"""Drafts of pathways: begun from the library, from a version or from a file, downloaded, put away and brought back."""

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
from app.pathways import change_queries, draft_actions, draft_queries, editor_forms, file_content, version_queries
from app.pathways.editor_forms import ImportForm
from app.programme import queries

router = APIRouter(route_class=Route)

PathwayEditor = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


@router.post("/pathways/drafts")
def begin(request: Request, work: PathwayEditor, posted: Posted) -> Response:
    library = request.app.state.library
    source = library.pathways.get(posted.get("pathway", ""))
    if source is None:
        raise NotFound
    newest = version_queries.newest(work, source.key)
    draft = draft_actions.begin_draft(
        work,
        body=change_queries.as_body(source),
        base_id=newest.id if newest else None,
        draft_id=editor_forms.read_id(posted),
    )
    return see_other(f"{draft.base}/publish" if posted.get("then") == "publish" else draft.first_page)


@router.post("/pathways/{version_id}/draft")
def begin_from_version(work: PathwayEditor, version_id: UUID, posted: Posted) -> Response:
    version = version_queries.version(work, version_id)
    if version is None:
        raise NotFound
    pathway = queries.pathway_version(work, version.id, version.hash)
    draft = draft_actions.begin_draft(
        work, body=change_queries.as_body(pathway), base_id=version.id, draft_id=editor_forms.read_id(posted)
    )
    return see_other(draft.first_page)


@router.get("/pathways/import")
def ask_for_file(request: Request, work: PathwayEditor) -> Response:
    return page(request, "pathways/import.html", draft_id=uuid4(), place="/pathways", problems={}, posted={}, faults=())


@router.post("/pathways/import")
def begin_from_file(request: Request, work: PathwayEditor, posted: Posted) -> Response:
    form, problems = ImportForm.read(posted)
    body, faults = file_content.read_posted(form.text, request.app.state.library) if form else (None, ())
    if body is None:
        problems = problems or {"text": "This file cannot be read as a pathway. What is wrong is listed below"}
        draft_id = editor_forms.read_id(posted) or uuid4()
        return page(
            request, "pathways/import.html", status=422, draft_id=draft_id, place="/pathways",
            problems=problems, posted=posted, faults=faults,
        )  # fmt: skip
    # What was published while somebody wrote on the file elsewhere must not be overwritten unseen.
    base = version_queries.of_hash(work, body["key"], file_content.base_of(form.text)) if form else None
    draft = draft_actions.begin_draft(
        work, body=body, base_id=base.id if base else None, draft_id=editor_forms.read_id(posted)
    )
    known = version_queries.newest(work, body["key"])
    return see_other(f"{draft.base}/changes" if known else draft.first_page)


@router.get("/pathways/drafts/{draft_id}/file")
def download(work: PathwayEditor, draft_id: UUID) -> Response:
    draft = draft_queries.draft(work, draft_id)
    named = {"Content-Disposition": f'attachment; filename="{draft.key}.yaml"'}
    base = version_queries.version(work, draft.base_id) if draft.base_id else None
    text = draft_queries.as_file(draft.body, base.hash if base else "")
    return Response(text, media_type="application/yaml", headers=named)


@router.get("/pathways/{version_id}/file")
def download_version(work: PathwayEditor, version_id: UUID) -> Response:
    version = version_queries.version(work, version_id)
    if version is None:
        raise NotFound
    body = change_queries.as_body(queries.pathway_version(work, version.id, version.hash))
    named = {"Content-Disposition": f'attachment; filename="{version.key}-{version.version}.yaml"'}
    return Response(draft_queries.as_file(body, version.hash), media_type="application/yaml", headers=named)


@router.post("/pathways/drafts/{draft_id}/put-away")
def put_away(work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft_actions.put_away(work, draft_id=draft_id)
    return see_other(f"/pathways?done=put-away&which={draft_id}")


@router.post("/pathways/drafts/{draft_id}/bring-back")
def bring_back(work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft_actions.bring_back(work, draft_id=draft_id)
    return see_other(draft_queries.draft(work, draft_id).first_page)
