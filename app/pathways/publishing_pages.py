"""What a draft would change, what the checks ask of it, and publishing it by two people."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.kit import drafts
from app.kit.forms import Posted, PostedForm, Problems
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import (
    change_queries,
    draft_actions,
    draft_queries,
    editor_forms,
    editor_queries,
    publishing_actions,
    publishing_queries,
)
from app.pathways.draft_queries import Draft
from app.pathways.editor_forms import SendBackForm
from app.pathways.publishing_actions import ReasonsMissing

router = APIRouter(route_class=Route)

PathwayEditor = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


@router.get("/pathways/drafts/{draft_id}/changes")
def changes(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    draft = draft_queries.draft(work, draft_id)
    around = editor_queries.around(work, draft, request.app.state.library, tab="changes")
    return page(
        request,
        "pathways/editor-changes.html",
        around=around,
        changes=change_queries.changes(around.judged),
        done=request.query_params.get("did", ""),
        place="/pathways",
    )


@router.get("/pathways/drafts/{draft_id}/publish")
def publication(request: Request, work: PathwayEditor, draft_id: UUID) -> Response:
    return _page(request, work, draft_queries.draft(work, draft_id))


@router.post("/pathways/drafts/{draft_id}/publish")
def ask_to_publish(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    form, problems = editor_forms.PublishForm.read(posted)
    if form is None:
        return _page(request, work, draft, problems, posted)
    try:
        publishing_actions.ask_to_publish(
            work,
            draft=draft,
            edition=form.edition,
            library=request.app.state.library,
            reasons=editor_forms.read_reasons(posted),
            note=form.note,
            proposal_id=form.proposal_id,
        )
    except ReasonsMissing as missing:
        wanted = {
            f"reason.{key}": "Say why this is right for your patients, or change the rule" for key in missing.keys
        }
        return _page(request, work, draft, wanted, posted)
    drafts.drop_posted(work, name=f"publish-{draft.id}")
    return see_other(f"{draft.base}/publish?did=asked")


@router.post("/pathways/drafts/{draft_id}/proposals/{proposal_id}/publish")
def publish(request: Request, work: PathwayEditor, draft_id: UUID, proposal_id: UUID, posted: Posted) -> Response:
    library = request.app.state.library
    version = publishing_actions.publish(work, draft_id=draft_id, proposal_id=proposal_id, library=library)
    return see_other(f"/pathways?done=published&which={version.id}")


@router.post("/pathways/drafts/{draft_id}/proposals/{proposal_id}/send-back")
def send_back(request: Request, work: PathwayEditor, draft_id: UUID, proposal_id: UUID, posted: Posted) -> Response:
    form, problems = SendBackForm.read(posted)
    if form is None:
        return _page(request, work, draft_queries.draft(work, draft_id), problems, posted)
    publishing_actions.send_back(work, draft_id=draft_id, proposal_id=proposal_id, words=form.words)
    return see_other(f"/pathways/drafts/{draft_id}/publish?did=sent-back")


@router.post("/pathways/drafts/{draft_id}/proposals/{proposal_id}/withdraw")
def withdraw(work: PathwayEditor, draft_id: UUID, proposal_id: UUID, posted: Posted) -> Response:
    publishing_actions.withdraw(work, draft_id=draft_id, proposal_id=proposal_id)
    return see_other(f"/pathways/drafts/{draft_id}/publish?did=withdrawn")


@router.post("/pathways/drafts/{draft_id}/carry-over")
def carry_over(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    draft = draft_queries.draft(work, draft_id)
    try:
        draft_actions.carry_over(
            work,
            draft_id=draft_id,
            edition=editor_forms.read_edition(posted),
            base_id=editor_forms.read_id(posted, "base_id"),
        )
    except draft_actions.Stale:
        return see_other(f"{draft.base}/changes?did=newer")
    return see_other(f"{draft.base}/changes?did=carried-over")


def _page(
    request: Request, work: Work, draft: Draft, problems: Problems | None = None, posted: PostedForm | None = None
) -> Response:
    around = editor_queries.around(work, draft, request.app.state.library, tab="publish")
    asked = around.asked
    kept = drafts.unsent(work, name=f"publish-{draft.id}") if posted is None else None
    return page(
        request,
        "pathways/publish.html",
        status=422 if problems else 200,
        around=around,
        changes=change_queries.changes(around.judged),
        titles=around.judged.titles | {one.key: one.title for one in around.steps},
        mine_to_change={one.key: True for one in around.steps},
        asked=asked,
        mine=asked is not None and asked.asked_by_id == work.actor.id,
        can_publish=asked is not None and asked.can_be_published_by(work),
        past=[one for one in publishing_queries.proposals(work, draft.id) if one.answer is not None],
        hindered=publishing_queries.hindered(asked, draft, around.judged) if asked else "",
        partners=publishing_queries.partners(work),
        other_role=publishing_queries.other_role(work),
        proposal_id=uuid4(),
        done=request.query_params.get("did", ""),
        problems=problems or {},
        posted=posted or (kept.posted if kept else {}),
        draft_at=kept.at if kept else None,
        zone=work.actor.zone,
        place="/pathways",
    )
