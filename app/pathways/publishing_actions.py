"""Publishing a pathway: asked for by one person with the reasons they sign, done by another in the other role."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from app.accounts.roles import Capability
from app.clinical.sequencing.findings import Finding
from app.clinical.sequencing.pathway import Pathway, rule_hash
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.pathways import draft_actions, draft_queries, publishing_queries, version_queries
from app.pathways.draft_queries import Draft
from app.pathways.publishing_queries import Judged, Proposal
from app.pathways.tables import Answered, PathwayProposal
from app.programme.content import Library
from app.programme.tables import PathwayVersion


class CannotPublish(Conflict):
    """Something stands between the draft and its publication; the words say what."""

    title = "It cannot be published as it is"


class ReasonsMissing(CannotPublish):
    """Findings that want a signed reason; `keys` names them."""

    words = "Some of what was found still needs a reason."

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        super().__init__()


CHANGED = "The draft was changed after publication was asked for. Whoever asked looks at it and asks again."
OVERTAKEN = "This draft comes from another version than the newest. Compare the two, and carry the draft over first."


def ask_to_publish(
    work: Work,
    *,
    draft: Draft,
    edition: int,
    library: Library,
    reasons: Mapping[str, str],
    note: str = "",
    proposal_id: UUID | None = None,
) -> None:
    """Ask the other role to publish a draft as it reads now, signing a reason for each finding that wants one.

    Asked twice with one id, it is asked once. Refuses with CannotPublish for anything that must be mended first,
    and with ReasonsMissing.
    """
    work.require(Capability.CHOOSE_PATHWAY)
    work.one_at_a_time("pathway-draft", draft.id)
    if proposal_id and work.session.get(PathwayProposal, (work.service_id, proposal_id)):
        return
    now = draft_queries.draft(work, draft.id)
    if now.ended_at is not None:
        raise draft_actions.Ended
    if now.edition != edition:
        raise CannotPublish("The draft was changed after you opened this page. Look at it again, then ask.")
    if any(one.answer is None for one in publishing_queries.proposals(work, draft.id)):
        raise CannotPublish("Publication is asked for already.")
    judged = publishing_queries.judged(work, now, library)
    _can_publish(judged)
    if missing := judged.unsigned(reasons):
        raise ReasonsMissing(tuple(one.key for one in missing))
    signed = [_signed(one, reasons[one.key]) for one in judged.to_sign]
    work.add(
        PathwayProposal(
            id=proposal_id or uuid4(),
            draft_id=draft.id,
            edition=edition,
            reasons=signed,
            note=note,
            asked_by=work.actor.id,
            role=work.actor.role,
            asked_at=work.now,
        )
    )
    work.record("pathway.publication-asked", draft=draft.id, edition=edition, signed=[one["key"] for one in signed])


def _signed(found: Finding, words: str) -> dict[str, str]:
    problem = " ".join(filter(None, (found.problem, found.witness)))
    return {"key": found.key, "problem": problem, "words": words.strip()}


def _can_publish(judged: Judged) -> None:
    if judged.pathway is None or judged.must_fix:
        raise CannotPublish("Some of what was found must be mended first.")
    if judged.overtaken:
        raise CannotPublish(OVERTAKEN)
    if judged.unchanged:
        raise CannotPublish("It reads just as the version in use does, so there is nothing to publish.")


def publish(work: Work, *, draft_id: UUID, proposal_id: UUID, library: Library) -> PathwayVersion:
    """Publish what was asked for, as the other of the two. The version before it takes no new patients.

    Published twice, it is published once.
    """
    work.require(Capability.CHOOSE_PATHWAY)
    # Before anything is judged: of two drafts of one pathway, the second meets what the first published.
    work.one_at_a_time("pathways", work.service_id)
    draft, row, asked = _open(work, draft_id, proposal_id)
    if row.version_id and (before := version_queries.version(work, row.version_id)):
        return before
    if row.answered_at is not None:
        raise CannotPublish("This request was answered already.")
    if draft.ended_at is not None:
        raise CannotPublish("The draft was put away. Bring it back first.")
    if not asked.can_be_published_by(work):
        raise CannotPublish("Publishing takes two people: another one, in the other role, publishes it.")
    if draft.edition != row.edition:
        raise CannotPublish(CHANGED)
    judged = publishing_queries.judged(work, draft, library)
    _can_publish(judged)
    if judged.unsigned(asked.signed):
        raise CannotPublish(
            "The checks found more than reasons were signed for: staff or content changed since. "
            "Whoever asked looks at it and asks again."
        )
    assert judged.pathway is not None
    version = new_version(work, pathway=judged.pathway, asked_by=row.asked_by, signed=list(row.reasons))
    draft_actions.end_published(work, draft_id=draft_id)
    row.version_id = version.id
    _answer(work, row, Answered.PUBLISHED)
    work.record(
        "pathway.published", draft=draft_id, key=version.key, version=version.version, hash=version.hash,
        asked_by=row.asked_by,
    )  # fmt: skip
    return version


def new_version(
    work: Work, *, pathway: Pathway, asked_by: UUID | None = None, signed: list[dict[str, str]] | None = None
) -> PathwayVersion:
    """Put a pathway, as it is to be replayed, into use under its number; the one before takes no new patients.

    What `publish` ends with: it has no say in whether that may be.
    """
    before = version_queries.newest(work, pathway.key)
    if before and before.retired_at is None:
        before.retired_at = work.now
        work.session.add(before)
    row = work.add(
        PathwayVersion(
            key=pathway.key,
            version=pathway.version,
            title=pathway.title,
            body=pathway.model_dump(mode="json"),
            hash=rule_hash(pathway),
            adopted_at=work.now,
            adopted_by=work.actor.id,
            asked_by=asked_by,
            base_id=before.id if before else None,
            signed=signed or [],
        )
    )
    work.record("pathway.adopted", key=row.key, version=row.version, hash=row.hash)
    return row


def send_back(work: Work, *, draft_id: UUID, proposal_id: UUID, words: str) -> None:
    """Do not publish for now, and say why to whoever asked."""
    work.require(Capability.CHOOSE_PATHWAY)
    _, row, asked = _open(work, draft_id, proposal_id)
    if not asked.can_be_published_by(work):
        raise CannotPublish("Whoever asked takes it back; the other one publishes or sends back.")
    if row.answered_at is None:
        row.words = words
        _answer(work, row, Answered.SENT_BACK)
        work.record("pathway.sent-back", draft=draft_id, edition=row.edition)


def withdraw(work: Work, *, draft_id: UUID, proposal_id: UUID) -> None:
    """Take one's own request back, to write on."""
    work.require(Capability.CHOOSE_PATHWAY)
    _, row, asked = _open(work, draft_id, proposal_id)
    if asked.asked_by_id != work.actor.id:
        raise CannotPublish("Only whoever asked takes the request back.")
    if row.answered_at is None:
        _answer(work, row, Answered.WITHDRAWN)
        work.record("pathway.publication-withdrawn", draft=draft_id, edition=row.edition)


def _open(work: Work, draft_id: UUID, proposal_id: UUID) -> tuple[Draft, PathwayProposal, Proposal]:
    work.one_at_a_time("pathway-draft", draft_id)
    draft = draft_queries.draft(work, draft_id)
    row = work.session.get(PathwayProposal, (work.service_id, proposal_id))
    asked = next((one for one in publishing_queries.proposals(work, draft_id) if one.id == proposal_id), None)
    if row is None or asked is None:
        raise NotFound
    return draft, row, asked


def _answer(work: Work, row: PathwayProposal, answer: Answered) -> None:
    row.answer, row.answered_by, row.answered_at = answer, work.actor.id, work.now
    work.session.add(row)


def retire_pathway(work: Work, *, version_id: UUID) -> None:
    """Take no new patients onto a pathway version; those on it stay on it."""
    work.require(Capability.CHOOSE_PATHWAY)
    row = version_queries.version(work, version_id)
    if row is None or row.retired_at is not None:
        raise NotFound
    row.retired_at = work.now
    work.session.add(row)
    work.record("pathway.retired", key=row.key, version=row.version)
