"""Changing the script of a play; it is its author's own, and nothing of a patient's."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.accounts.roles import Capability
from app.clinical.sequencing.play import Happening
from app.kit import drafts
from app.kit.errors import Conflict
from app.kit.work import Work
from app.pathways import play_queries
from app.pathways.play_queries import FORM, Script

MOST = 400


class TooLong(Conflict):
    title = "The script is long enough"
    words = f"It holds {MOST} happenings at most. Take some out, or begin anew."


def write(work: Work, *, draft_id: UUID, happenings: Sequence[Happening], first_on: date | None = None) -> None:
    """Keep a script in the place of the one before, which can be taken back once."""
    work.require(Capability.CHOOSE_PATHWAY)
    if len(happenings) > MOST:
        raise TooLong
    now = play_queries.script(work, draft_id)
    _keep(work, draft_id, happenings, first_on or now.first_on, now.happenings)


def add(work: Work, *, draft_id: UUID, happening: Happening) -> None:
    """Add a happening to the script."""
    write(work, draft_id=draft_id, happenings=[*play_queries.script(work, draft_id).happenings, happening])


def remove(work: Work, *, draft_id: UUID, place: int) -> None:
    """Take a happening out of the script; one that is not there is none."""
    now = play_queries.script(work, draft_id).happenings
    write(work, draft_id=draft_id, happenings=[one for number, one in enumerate(now) if number != place])


def undo(work: Work, *, draft_id: UUID) -> None:
    """Bring back the script as it was before the last change; doing it again brings that back."""
    now: Script = play_queries.script(work, draft_id)
    if now.before is not None:
        _keep(work, draft_id, now.before, now.first_on, now.happenings)


def _keep(
    work: Work, draft_id: UUID, happenings: Sequence[Happening], first_on: date, before: Sequence[Happening]
) -> None:
    values = {
        "script": [one.model_dump(mode="json") for one in happenings],
        "first_on": first_on.isoformat(),
        "before": [one.model_dump(mode="json") for one in before],
    }
    drafts.keep(work, form=f"{FORM}{draft_id}", values=values)
