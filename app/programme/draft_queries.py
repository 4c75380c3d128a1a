"""A pathway that is being written: plain data that may not be valid yet, by the person who writes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.kit import drafts
from app.kit.errors import NotFound
from app.kit.work import Work

FORM = "pathway-draft:"


@dataclass(frozen=True)
class Draft:
    """A draft as it was last saved; `edition` counts its changes."""

    id: UUID
    key: str
    title: str
    body: dict[str, Any]
    edition: int
    saved_at: datetime
    saved_by: str


def draft(work: Work, draft_id: UUID) -> Draft:
    """The draft; one that is not the actor's is nobody's."""
    kept = drafts.kept(work, form=f"{FORM}{draft_id}")
    if kept is None:
        raise NotFound
    body = kept.values["body"]
    return Draft(draft_id, body["key"], body["title"], body, kept.base, kept.saved_at, work.actor.name)
