"""Keeping what somebody chose and wrote for several patients while they look at what it comes to."""

from uuid import UUID

from app.accounts.roles import Capability
from app.caseload import together_queries
from app.kit import drafts
from app.kit.forms import PostedForm
from app.kit.work import Work

# So many looks are kept for each person, so that going back in the browser finds them again.
LOOKS = 5


def keep_look(work: Work, *, many_id: UUID, posted: PostedForm) -> None:
    """Keep a form as it was posted, so that its page can be asked for, and gone back to, without sending it again."""
    work.require(Capability.TAILOR_PROGRAMME)
    work.one_at_a_time("together", work.actor.id)
    before = together_queries.looks(work)
    before.pop(str(many_id), None)
    said = {field: posted.every(field) for field in together_queries.FIELDS if field in posted}
    newest = [*before.items(), (str(many_id), said)][-LOOKS:]
    drafts.keep(work, form=together_queries.FORM, values=dict(newest))


def drop_look(work: Work, *, many_id: UUID) -> None:
    """Forget a look: it was decided."""
    work.one_at_a_time("together", work.actor.id)
    rest = together_queries.looks(work)
    if rest.pop(str(many_id), None) is not None:
        drafts.keep(work, form=together_queries.FORM, values=rest)
