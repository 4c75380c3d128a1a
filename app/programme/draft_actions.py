"""Beginning a draft of a pathway, and saving changes to it."""

from typing import Any
from uuid import UUID, uuid4

from app.kit import drafts
from app.kit.work import Work
from app.programme import draft_queries
from app.programme.draft_queries import FORM, Draft


class Stale(Exception):
    """The draft has been changed since; `newer` is how it reads now."""

    def __init__(self, newer: Draft) -> None:
        self.newer = newer
        super().__init__()


def begin_draft(work: Work, *, body: dict[str, Any], draft_id: UUID | None = None) -> Draft:
    """A draft that reads as another pathway does, to be changed from there. Begun twice, it is there once."""
    draft_id = draft_id or uuid4()
    if drafts.kept(work, form=f"{FORM}{draft_id}") is not None:
        return draft_queries.draft(work, draft_id)
    drafts.keep(work, form=f"{FORM}{draft_id}", values={"body": body}, base=1)
    return draft_queries.draft(work, draft_id)


def save_draft(work: Work, *, draft_id: UUID, body: dict[str, Any], edition: int) -> Draft:
    """Save a change made on an edition of the draft. Raises `Stale` where that is not the newest any more."""
    now = draft_queries.draft(work, draft_id)
    if now.edition != edition:
        raise Stale(now)
    drafts.keep(work, form=f"{FORM}{draft_id}", values={"body": body}, base=edition + 1)
    return draft_queries.draft(work, draft_id)
