"""Changes to a draft of a pathway, one at a time, the last of which its author can take back."""

from typing import Any
from uuid import UUID

from app.kit.errors import Conflict
from app.kit.work import Work
from app.pathways import draft_actions, editor_queries
from app.pathways.draft_actions import Stale
from app.pathways.draft_queries import Draft, draft


def change_draft(work: Work, *, draft: Draft, body: dict[str, Any], edition: int) -> Draft:
    """Save a change to the edition it was made on. Raises `Stale` where that has moved on to anything else."""
    if body == draft.body and edition == draft.edition:
        return draft
    try:
        return draft_actions.save_draft(work, draft_id=draft.id, body=body, edition=edition, before=edition)
    except Stale as stale:
        # The same click, a second time.
        if stale.newer.body == body and stale.newer.before == edition:
            return stale.newer
        raise


def undo_change(work: Work, *, draft_id: UUID, edition: int) -> Draft:
    """Take back the actor's last change, which made this edition. Taken back twice, it is taken back once."""
    work.one_at_a_time("pathway-draft", draft_id)
    now = draft(work, draft_id)
    if editor_queries.was_undone(work, now, edition):
        return now
    before = editor_queries.last_change(work, now) if now.edition == edition else None
    if before is None:
        raise Conflict("The draft has changed since, so this cannot be undone any more. Nothing was changed.")
    return change_draft(work, draft=now, body=before, edition=edition)
