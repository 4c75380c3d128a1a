"""Changing the script of a play; it is its author's own, and nothing of a patient's."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.accounts.roles import Capability
from app.clinical.sequencing import play
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.play import Happening, Mistake
from app.kit import drafts
from app.kit.errors import Conflict
from app.kit.work import Work
from app.pathways import play_queries
from app.pathways.play_queries import FORM, Script

MOST = 400


class TooLong(Conflict):
    title = "The script is long enough"
    words = f"It holds {MOST} happenings at most. Take some out, or begin anew."


class ChangedSince(Conflict):
    words = "What happens was changed since you opened the page. Go back, reload it and look again."


class CannotHappen(Conflict):
    """It cannot happen on that day; `mistake` says in which field and why."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.words)
        self.mistake = mistake


def begin(work: Work, *, draft_id: UUID, number: int, which: str, happenings: Sequence[Happening]) -> None:
    """Begin a course today, with what happens in it in the place of the script before."""
    now, again = _opened(work, draft_id, number, ("begin", which))
    if not again:
        _write(work, draft_id, replace(now, first_on=work.today), happenings, ("begin", which))


def add(work: Work, *, draft_id: UUID, pathway: Pathway, number: int, happening: Happening) -> None:
    """Add a happening to the script. Refuses with CannotHappen what could be of no patient on that day."""
    act = ("add", happening.model_dump_json())
    now, again = _opened(work, draft_id, number, act)
    if again:
        return
    wrong = play.impossible(happening, play_queries.play_of(pathway, now, work.actor.zone))
    if wrong:
        raise CannotHappen(wrong)
    _write(work, draft_id, now, [*now.happenings, happening], act)


def remove(work: Work, *, draft_id: UUID, number: int, place: int) -> None:
    """Take a happening out of the script; one that is not there is none."""
    act = ("remove", str(place))
    now, again = _opened(work, draft_id, number, act)
    if not again:
        _write(work, draft_id, now, [one for at, one in enumerate(now.happenings) if at != place], act)


def undo(work: Work, *, draft_id: UUID, number: int) -> None:
    """Bring back the script as it was before its last change."""
    now, again = _opened(work, draft_id, number, ("undo",))
    if not again and now.before is not None:
        _write(work, draft_id, now, now.before, ("undo",))


def _opened(work: Work, draft_id: UUID, number: int, act: tuple[str, ...]) -> tuple[Script, bool]:
    """The script, and whether just this was done to it already. Raises `ChangedSince` where anything else was.

    `number` is how often it had been changed when the page was drawn: a click is told from the next one by it.
    """
    work.require(Capability.CHOOSE_PATHWAY)
    work.one_at_a_time(f"pathway-play-{draft_id}", work.actor.id)
    now = play_queries.script(work, draft_id)
    again = now.number == number + 1 and now.last == act
    if now.number != number and not again:
        raise ChangedSince
    return now, again


def _write(work: Work, draft_id: UUID, now: Script, happenings: Sequence[Happening], act: tuple[str, ...]) -> None:
    """Keep a script in the place of the one before, which can be taken back once."""
    if len(happenings) > MOST:
        raise TooLong
    values = {
        "script": [one.model_dump(mode="json") for one in happenings],
        "first_on": now.first_on.isoformat(),
        "before": [one.model_dump(mode="json") for one in now.happenings],
        "number": now.number + 1,
        "last": act,
    }
    drafts.keep(work, form=f"{FORM}{draft_id}", values=values)
