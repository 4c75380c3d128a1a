"""Acceptance case 11: what cannot work is refused before it is published, each thing with path, words and fix."""

import pytest
import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.tables import StaffRole
from app.clinical.sequencing import author_words
from app.pathways import change_queries, publishing_queries
from app.programme import queries
from tests import published


def with_rule(library, rule, *, key="staying-well", retired=""):
    """The starter steps with one rule in the place of another, and one step retired."""
    steps = change_queries.as_body(library.pathways["as-it-should-be"])["steps"]
    return [
        {
            **one,
            **({"unlock": rule} if one["key"] == key else {}),
            **({"retired": True} if one["key"] == retired else {}),
        }
        for one in steps
    ]


SATISFIED = [{"kind": "step-satisfied", "step": step} for step in ("low-mood", "doing-what-matters", "thoughts")]
REFUSED = {
    "a rule naming a retired step": (
        {"kind": "step-satisfied", "step": "thoughts"}, "thoughts", "steps[4].unlock", "retired"
    ),
    "CountOf(4) of three": (
        {"kind": "count-of", "k": 4, "of": SATISFIED, "counting": "done"}, "", "steps[4].unlock", "3"
    ),
    "PHQ-9 at least 28": (
        {"kind": "measure-score", "measure": "phq-9", "comparison": "at-least", "value": 28}, "",
        "steps[4].unlock", "27",
    ),
    "an empty All": ({"kind": "all", "of": []}, "", "steps[4].unlock", ""),
    "an unknown kind": ({"kind": "unless", "of": SATISFIED}, "", "steps[4].unlock", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_acceptance_11_what_cannot_work_is_refused_with_path_words_and_fix(
    world, robin, supervisor, imogen, draft, publishing, library, case
):
    rule, retired, path, word = REFUSED[case]
    with world.founding() as work:
        published.in_use(work, library=library, key="as-it-should-be")
    begun = draft(imogen, steps=with_rule(library, rule, retired=retired))

    judged = publishing_queries.judged(imogen.work(), begun, library)
    [mistake] = [one for one in judged.mistakes if one.path.startswith(path)]
    assert mistake.problem and mistake.fix and word in f"{mistake.problem} {mistake.fix}"
    page = publishing.page(imogen, begun)
    assert (
        f"{begun.base}/steps/staying-well" in page.links and author_words.for_author(mistake, begun.body) in page.text
    )
    assert "Ask for it to be published" not in page.text
    assert [(one.key, one.version) for one in queries.in_use(imogen.work())] == [("as-it-should-be", 1)]


def test_several_mistakes_are_all_told(imogen, draft, publishing, library):
    steps = with_rule(library, {"kind": "all", "of": []})
    steps = [{**one, "unlock": {"kind": "unless"}} if one["key"] == "thoughts" else one for one in steps]

    page = publishing.page(imogen, draft(imogen, steps=steps))

    assert "A part of the rule is of no kind known here" in page.text or "is not a kind of condition" in page.text
    assert "There is nothing in it yet." in page.text


def test_a_release_by_a_role_nobody_holds_is_refused_here_and_publishes_where_somebody_does(
    world, robin, supervisor, imogen, lead, draft, publishing, library
):
    release = {"kind": "released-by", "roles": ["supervisor"], "remind_after_days": 3, "then_after_days": 7,
               "then": "escalate", "escalate_to": "clinical-lead"}  # fmt: skip
    begun = draft(imogen, steps=with_rule(library, release))
    assert not publishing_queries.judged(imogen.work(), begun, library).refusals

    with world.founding() as work:
        accounts.deactivate(work, person_id=supervisor.id)
        # No service can be left without a lead now; one may have been before that was refused.
        work.session.execute(sa.update(StaffRole).where(StaffRole.person_id == lead.id).values(ended_at=work.now))
        work.record("role.taken", person=lead.id, role="clinical-lead")

    [finding] = publishing_queries.judged(imogen.work(), begun, library).refusals
    assert "Nobody in your service is a" in finding.problem and finding.fix
    assert finding.path.startswith("steps[4].unlock")
