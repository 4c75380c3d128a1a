"""Changes to a draft of a pathway, one at a time, the last of which its author can take back."""

from typing import Any
from uuid import UUID

from app.kit.errors import Conflict
from app.kit.work import Work
from app.pathways import draft_actions, editor_queries
from app.pathways.draft_queries import Draft, draft


def change_draft(work: Work, *, draft: Draft, body: dict[str, Any], edition: int) -> Draft:
    """Save a change to the edition it was made on. Raises `Stale` where that has moved on."""
    if body == draft.body and edition == draft.edition:
        return draft
    return draft_actions.save_draft(work, draft_id=draft.id, body=body, edition=edition, before=edition)


def undo_change(work: Work, *, draft_id: UUID) -> Draft:
    """Take back the actor's last change, while nothing has been changed since; doing it again brings it back."""
    now = draft(work, draft_id)
    before = editor_queries.last_change(work, now)
    if before is None:
        raise Conflict("The draft has changed since, so this cannot be undone any more. Nothing was changed.")
    return change_draft(work, draft=now, body=before, edition=now.edition)
