"""What to look at before one decision is made for several patients: whose moment it may not be."""

from collections.abc import Sequence
from uuid import UUID

from app.accounts import roles
from app.accounts.roles import Capability, Role
from app.caseload import known_queries, need_queries
from app.caseload.need_queries import Need
from app.kit import drafts, say
from app.kit.forms import PostedForm
from app.kit.work import Work
from app.programme.content import Library
from app.programme.many_queries import Chosen

FORM = "together"
FIELDS = ("patients", "act", "step", "reason", "note", "told")
CAREFUL = (Need.ALERT, Need.WORSE, Need.NOT_STARTED)


def looks(work: Work) -> dict[str, dict[str, list[str]]]:
    """What the actor has lately chosen and written for several patients and not decided, by id, the newest last."""
    kept = drafts.kept(work, form=FORM)
    return dict(kept.values) if kept else {}


def look(work: Work, many_id: UUID) -> PostedForm | None:
    """One of those looks, as the form it was posted as; None where there is none."""
    said = looks(work).get(str(many_id))
    if said is None:
        return None
    items = [(field, value) for field, given in said.items() for value in given]
    return PostedForm([*items, ("many_id", str(many_id))])


def remarks(work: Work, several: Sequence[Chosen], step: str, library: Library) -> dict[UUID, tuple[str, ...]]:
    """For each patient, in sentences: an open alert, a worse score, nothing begun, or the step done already."""
    found: dict[UUID, list[str]] = {}
    reach = roles.scope(Role(work.actor.role), Capability.SEE_CASELOAD)
    ids = [one.id for one in several if one.patient]
    for _, known in known_queries.of_patients(work, reach, library, ids) if reach else ():
        needs = need_queries.reasons(work, known, library.instruments)
        found[known.id] = [_said(one) for one in needs if one.need in CAREFUL]
    for one in several:
        done = one.plan.course[step].completed_at if one.plan and step in one.plan.course else None
        if done is not None:
            found.setdefault(one.id, []).append(f"They did it already, on {say.day(done, work.actor.zone)}.")
    return {one: tuple(several) for one, several in found.items() if several}


def _said(one: need_queries.Reason) -> str:
    return f"Safety alert open. {one.words}" if one.need is Need.ALERT else one.words
