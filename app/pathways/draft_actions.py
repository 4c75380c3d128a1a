"""Beginning a draft of a pathway, saving changes to it, and taking the last one back."""

from typing import Any
from uuid import UUID, uuid4

from app.accounts.roles import Capability
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.pathways import draft_queries, version_queries
from app.pathways.draft_queries import Draft
from app.pathways.tables import PathwayDraft, PathwayEdition


class Stale(Exception):
    """The draft has been changed since; `newer` is how it reads now."""

    def __init__(self, newer: Draft) -> None:
        self.newer = newer
        super().__init__()


class Ended(Conflict):
    """A draft that was published or put away is read and not written on."""

    title = "This draft is no longer written on"
    words = "It was published or put away. Bring it back, or begin a new draft."


def begin_draft(
    work: Work, *, body: dict[str, Any], base_id: UUID | None = None, draft_id: UUID | None = None
) -> Draft:
    """A draft that reads as another pathway does, to be changed from there. Begun twice, it is there once."""
    work.require(Capability.CHOOSE_PATHWAY)
    draft_id = draft_id or uuid4()
    work.one_at_a_time("pathway-draft", draft_id)
    begun = draft_queries.draft_or_none(work, draft_id)
    if begun is not None:
        return begun
    work.add(PathwayDraft(id=draft_id, begun_by=work.actor.id, begun_at=work.now))
    _edition(work, draft_id, 1, body, base_id, None)
    work.record("pathway-draft.begun", draft=draft_id, base=base_id)
    return draft_queries.draft(work, draft_id)


def save_draft(work: Work, *, draft_id: UUID, body: dict[str, Any], edition: int, before: int | None = None) -> Draft:
    """Save a change made on an edition of the draft. Raises `Stale` where that is not the newest any more.

    `before` is the edition that taking this one back brings back; none where there is nothing to take back.
    """
    now = _newest(work, draft_id)
    if now.edition != edition:
        raise Stale(now)
    _edition(work, draft_id, edition + 1, body, now.base_id, before)
    work.record("pathway-draft.changed", draft=draft_id, edition=edition + 1)
    return draft_queries.draft(work, draft_id)


def carry_over(work: Work, *, draft_id: UUID, edition: int, base_id: UUID | None) -> Draft:
    """Write on from the version in use, with which it was compared, instead of the one the draft was begun from.

    Its words stay as they are. Carried over twice, it is so once. Raises `Stale` where the draft was changed since, or
    where another version than the one it was compared with is the newest.
    """
    now = _newest(work, draft_id)
    if now.edition == edition + 1 and now.base_id == base_id:
        return now
    newest = version_queries.newest(work, now.key)
    if now.edition != edition or base_id != (newest.id if newest else None):
        raise Stale(now)
    _edition(work, draft_id, edition + 1, now.body, base_id, None)
    work.record("pathway-draft.carried-over", draft=draft_id, base=base_id)
    return draft_queries.draft(work, draft_id)


def put_away(work: Work, *, draft_id: UUID) -> None:
    """Take a draft off the list; it can be brought back as it was."""
    row = _row(work, draft_id)
    if row.ended_at is None:
        _end(work, row)
        work.record("pathway-draft.put-away", draft=draft_id)


def end_published(work: Work, *, draft_id: UUID) -> None:
    """Take a draft off the list because it was published; it is written on no more."""
    _end(work, _row(work, draft_id))


def bring_back(work: Work, *, draft_id: UUID) -> None:
    """Put a draft back on the list that was put away; one that was published stays as it was published."""
    row = _row(work, draft_id)
    if row.ended_at is not None and draft_queries.was_published(work, draft_id):
        raise Ended("It was published. Begin a new draft from its version.")
    if row.ended_at is not None:
        row.ended_at = row.ended_by = None
        work.session.add(row)
        work.record("pathway-draft.brought-back", draft=draft_id)


def _end(work: Work, row: PathwayDraft) -> None:
    row.ended_at, row.ended_by = work.now, work.actor.id
    work.session.add(row)


def _newest(work: Work, draft_id: UUID) -> Draft:
    work.require(Capability.CHOOSE_PATHWAY)
    work.one_at_a_time("pathway-draft", draft_id)
    now = draft_queries.draft(work, draft_id)
    if now.ended_at is not None:
        raise Ended
    return now


def _row(work: Work, draft_id: UUID) -> PathwayDraft:
    work.require(Capability.CHOOSE_PATHWAY)
    work.one_at_a_time("pathway-draft", draft_id)
    row = work.session.get(PathwayDraft, (work.service_id, draft_id))
    if row is None:
        raise NotFound
    return row


def _edition(
    work: Work, draft_id: UUID, number: int, body: dict[str, Any], base_id: UUID | None, before: int | None
) -> None:
    work.add(
        PathwayEdition(
            draft_id=draft_id,
            number=number,
            body=body,
            base_id=base_id,
            before=before,
            saved_by=work.actor.id,
            saved_at=work.now,
        )
    )
