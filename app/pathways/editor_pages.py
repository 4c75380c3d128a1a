"""The pathway editor: when each step opens, which are core, what counts as done, told and tried while it is written."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.accounts.access import may
from app.accounts.roles import Capability
from app.clinical.sequencing import arranging
from app.kit.forms import Posted, PostedForm
from app.kit.render import page, see_other
from app.kit.routes import Route
from app.kit.work import Work
from app.pathways import editor_actions, editor_forms, editor_queries, rule_queries
from app.pathways.draft_queries import Draft
from app.pathways.editor_access import draft_with, saved
from app.pathways.editor_forms import CoreForm, DoneForm, RuleEdit

router = APIRouter(route_class=Route)

PathwayEditor = Annotated[Work, may(Capability.CHOOSE_PATHWAY)]


TEMPLATES = {"unlock": "pathways/editor-rule.html", "core": "pathways/editor-core.html"}


@router.get("/pathways/drafts/{draft_id}/steps/{step}")
def unlock_rule(request: Request, work: PathwayEditor, draft_id: UUID, step: str) -> Response:
    return _rule_page(request, work, draft_with(work, draft_id, step), step, "unlock")


@router.post("/pathways/drafts/{draft_id}/steps/{step}")
def change_unlock_rule(request: Request, work: PathwayEditor, draft_id: UUID, step: str, posted: Posted) -> Response:
    return _change_rule(request, work, draft_with(work, draft_id, step), step, "unlock", posted)


@router.get("/pathways/drafts/{draft_id}/steps/{step}/core")
def core(request: Request, work: PathwayEditor, draft_id: UUID, step: str) -> Response:
    return _rule_page(request, work, draft_with(work, draft_id, step), step, "core")


@router.post("/pathways/drafts/{draft_id}/steps/{step}/core")
def change_core(request: Request, work: PathwayEditor, draft_id: UUID, step: str, posted: Posted) -> Response:
    return _change_rule(request, work, draft_with(work, draft_id, step), step, "core", posted)


@router.get("/pathways/drafts/{draft_id}/steps/{step}/done")
def done(request: Request, work: PathwayEditor, draft_id: UUID, step: str) -> Response:
    return _done_page(request, work, draft_with(work, draft_id, step), step)


@router.post("/pathways/drafts/{draft_id}/steps/{step}/done")
def change_done(request: Request, work: PathwayEditor, draft_id: UUID, step: str, posted: Posted) -> Response:
    draft = draft_with(work, draft_id, step)
    form, problems = DoneForm.read(posted)
    if form is None:
        return _done_page(request, work, draft, step, status=422, posted=posted, problems=problems)
    body = arranging.with_step(draft.body, step, completion=form.completion())
    return saved(request, work, draft, body, posted, onwards=f"{request.url.path}?did=save")


@router.post("/pathways/drafts/{draft_id}/undo")
def undo(request: Request, work: PathwayEditor, draft_id: UUID, posted: Posted) -> Response:
    editor_actions.undo_change(work, draft_id=draft_id, edition=editor_forms.read_number(posted, "change"))
    return see_other(_back_to(draft_id, posted.get("back", "")))


def _back_to(draft_id: UUID, path: str) -> str:
    """A page of this draft's editor to go back to; its steps where none was named."""
    base = f"/pathways/drafts/{draft_id}/"
    return f"{path}?did=undo" if path.startswith(base) and "//" not in path and "?" not in path else f"{base}steps"


def _rule_page(
    request: Request, work: Work, draft: Draft, step: str, part: str, *, status: int = 200, edit: RuleEdit | None = None
) -> Response:
    library = request.app.state.library
    asked = request.query_params
    field = editor_queries.PARTS[part]
    about = rule_queries.known(draft.body, step, library)
    rule = edit.rule if edit else rule_queries.rule_of(draft.body, step, field)
    form = rule_queries.rule_form(rule, field, about, work.now)
    did, at = asked.get("did", ""), asked.get("at", "")
    return page(
        request,
        TEMPLATES[part],
        status=status,
        around=editor_queries.around(work, draft, library, step=step, tab=part),
        form=form,
        step=arranging.step(draft.body, step),
        tried=editor_queries.tried(draft.body, step, library, now=work.now, told_for=asked.get("for", "")),
        said=rule_queries.spoken(form.plain, did, at),
        focus=rule_queries.focus(form, did, at),
        here=at,
        done=did,
        problems={"rule": edit.refused} if edit else {},
        requirements=editor_forms.REQUIREMENTS,
        overrides=editor_forms.OVERRIDES,
        place="/pathways",
    )


def _change_rule(request: Request, work: Work, draft: Draft, step: str, part: str, posted: PostedForm) -> Response:
    field = editor_queries.PARTS[part]
    about = rule_queries.known(draft.body, step, request.app.state.library)
    edit = editor_forms.read_rule(posted, field, about, work.now.date())
    if edit.refused:
        return _rule_page(request, work, draft, step, part, status=422, edit=edit)
    fields: dict[str, object] = {field: edit.rule if part == "unlock" or edit.rule.get("of") != [] else None}
    core_form, _ = CoreForm.read(posted)
    if part == "core" and core_form:
        fields |= core_form.model_dump()
    body = arranging.with_step(draft.body, step, **fields)
    query = {"did": edit.did, "at": edit.at, "for": posted.get("for", "")}
    return saved(request, work, draft, body, posted, onwards=f"{request.url.path}?{urlencode(query)}")


def _done_page(request: Request, work: Work, draft: Draft, step: str, **shown: object) -> Response:
    library = request.app.state.library
    return page(
        request,
        "pathways/editor-done.html",
        around=editor_queries.around(work, draft, library, step=step, tab="done"),
        completion=editor_queries.completion(draft.body, step, library),
        done=request.query_params.get("did", ""),
        place="/pathways",
        **shown,
    )
