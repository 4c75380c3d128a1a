"""A pathway that is being written: plain data that may not be valid yet, shared by those who choose pathways."""

from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from ruamel.yaml import YAML
from sqlalchemy.dialects.postgresql import distinct_on

from app.accounts.tables import Person
from app.kit.errors import NotFound
from app.kit.work import Work
from app.pathways.file_content import BASE
from app.pathways.tables import Answered, PathwayDraft, PathwayEdition, PathwayProposal


@dataclass(frozen=True)
class Draft:
    """A draft as it was last saved; `edition` counts its changes, `base_id` is the version it was begun from."""

    id: UUID
    key: str
    title: str
    body: dict[str, Any]
    edition: int
    saved_at: datetime
    saved_by: str
    saved_by_id: UUID
    base_id: UUID | None
    before: int | None
    ended_at: datetime | None

    @property
    def base(self) -> str:
        """The address that every page about it begins with."""
        return f"/pathways/drafts/{self.id}"

    @property
    def first_page(self) -> str:
        """The address of the rule of its first step; its steps where it has none."""
        steps = self.body.get("steps")
        return f"{self.base}/steps/{steps[0]['key']}" if steps else f"{self.base}/steps"


_BY = sa.func.concat_ws(" ", Person.given_name, Person.family_name)
_DRAFTS = (
    sa.select(PathwayDraft, PathwayEdition, _BY)
    .join(
        PathwayEdition,
        sa.and_(PathwayEdition.service_id == PathwayDraft.service_id, PathwayEdition.draft_id == PathwayDraft.id),
    )
    .join(Person, sa.and_(Person.service_id == PathwayDraft.service_id, Person.id == PathwayEdition.saved_by))
    .order_by(PathwayDraft.id, PathwayEdition.number.desc())
    .ext(distinct_on(PathwayDraft.id))
)


def drafts(work: Work) -> list[Draft]:
    """The service's drafts that are neither published nor put away, the one changed last first."""
    wanted = _DRAFTS.where(PathwayDraft.service_id == work.service_id, PathwayDraft.ended_at.is_(None))
    found = [_draft(*row) for row in work.session.execute(wanted)]
    return sorted(found, key=lambda one: one.saved_at, reverse=True)


def draft(work: Work, draft_id: UUID) -> Draft:
    """The draft as it reads now. Refuses with NotFound where the service has none of this id."""
    found = draft_or_none(work, draft_id)
    if found is None:
        raise NotFound
    return found


def draft_or_none(work: Work, draft_id: UUID) -> Draft | None:
    """The draft as it reads now, or None."""
    wanted = _DRAFTS.where(PathwayDraft.service_id == work.service_id, PathwayDraft.id == draft_id)
    row = work.session.execute(wanted).one_or_none()
    return _draft(*row) if row else None


def was_published(work: Work, draft_id: UUID) -> bool:
    """Whether the draft became a version."""
    asked = sa.select(PathwayProposal.id).where(
        PathwayProposal.service_id == work.service_id,
        PathwayProposal.draft_id == draft_id,
        PathwayProposal.answer == Answered.PUBLISHED,
    )
    return work.session.execute(asked.limit(1)).first() is not None


def edition(work: Work, draft_id: UUID, number: int) -> dict[str, Any]:
    """The draft as somebody once saved it. Refuses with NotFound for an edition it never had."""
    return _saved(work, draft_id, number).body


def edition_before(work: Work, draft_id: UUID, number: int) -> int | None:
    """The edition that taking this one back brings back. Refuses with NotFound for an edition it never had."""
    return _saved(work, draft_id, number).before


def _saved(work: Work, draft_id: UUID, number: int) -> PathwayEdition:
    row = work.session.get(PathwayEdition, (work.service_id, draft_id, number))
    if row is None:
        raise NotFound
    return row


def _draft(draft: PathwayDraft, newest: PathwayEdition, by: str) -> Draft:
    body = newest.body
    return Draft(
        id=draft.id,
        key=str(body.get("key", "")),
        title=str(body.get("title") or "Untitled"),
        body=body,
        edition=newest.number,
        saved_at=newest.saved_at,
        saved_by=by,
        saved_by_id=newest.saved_by,
        base_id=newest.base_id,
        before=newest.before,
        ended_at=draft.ended_at,
    )


def as_file(body: dict[str, Any], base: str = "") -> str:
    """A pathway as the file it would be in the library, without what says nothing.

    `base` is the hash of the version it comes from. It goes along as a comment, so that the file reads as any other.
    """
    yaml, text = YAML(), StringIO()
    if base:
        text.write(f"{BASE}{base}\n")
    yaml.width = 110
    yaml.dump(_telling(body), text)
    return text.getvalue()


def _telling(value: Any) -> Any:
    if isinstance(value, list):
        return [_telling(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _telling(each) for key, each in value.items() if each not in (None, [], "", False)}
