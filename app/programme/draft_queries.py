"""A pathway that is being written: plain data that may not be valid yet, by the person who writes it."""

from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID

from ruamel.yaml import YAML

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

    @property
    def first_page(self) -> str:
        """The address of the rule of its first step."""
        return f"/pathways/drafts/{self.id}/steps/{self.body['steps'][0]['key']}"


def mine(work: Work) -> list[Draft]:
    """The actor's own drafts, the one changed last first."""
    kept = drafts.kept_under(work, prefix=FORM)
    found = [draft(work, UUID(form.removeprefix(FORM))) for form in kept]
    return sorted(found, key=lambda one: one.saved_at, reverse=True)


def as_file(one: Draft) -> str:
    """A draft as the file it would be in the library, without what says nothing."""
    yaml, text = YAML(), StringIO()
    yaml.width = 110
    yaml.dump(_telling(one.body), text)
    return text.getvalue()


def _telling(value: Any) -> Any:
    if isinstance(value, list):
        return [_telling(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _telling(each) for key, each in value.items() if each not in (None, [], "", False)}


def draft(work: Work, draft_id: UUID) -> Draft:
    """The draft; one that is not the actor's is nobody's."""
    kept = drafts.kept(work, form=f"{FORM}{draft_id}")
    if kept is None:
        raise NotFound
    body = kept.values["body"]
    return Draft(draft_id, body["key"], body["title"], body, kept.base, kept.saved_at, work.actor.name)
