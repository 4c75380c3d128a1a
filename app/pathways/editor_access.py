"""The door of a pathway's draft: which step of it is edited, and what a change made on an older one meets."""

from uuid import UUID

from fastapi import Request, Response

from app.clinical.sequencing import arranging
from app.clinical.sequencing.arranging import Body
from app.kit.errors import NotFound
from app.kit.forms import PostedForm
from app.kit.render import page, see_other
from app.kit.work import Work
from app.pathways import draft_queries, editor_actions, editor_forms, editor_queries
from app.pathways.draft_actions import Stale
from app.pathways.draft_queries import Draft


def draft_with(work: Work, draft_id: UUID, step: str) -> Draft:
    """The draft, if it has the step; one that it does not have is nobody's page."""
    draft = draft_queries.draft(work, draft_id)
    if not any(each.get("key") == step for each in arranging.steps(draft.body)):
        raise NotFound
    return draft


def saved(request: Request, work: Work, draft: Draft, body: Body, posted: PostedForm, *, onwards: str) -> Response:
    """Save a change and go on, or show it beside the newer draft where somebody has changed that in the meantime."""
    try:
        editor_actions.change_draft(work, draft=draft, body=body, edition=editor_forms.read_edition(posted))
    except Stale as stale:
        return page(
            request,
            "pathways/editor-stale.html",
            status=409,
            draft=stale.newer,
            compared=editor_queries.compared(stale.newer, body),
            again=[(name, value) for name in posted for value in posted.every(name) if name not in ("csrf", "edition")],
            place="/pathways",
        )
    return see_other(onwards)
