"""What another version would do for a patient is said before anybody is moved to it."""

from hypothesis import given

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.moving import MovePlan
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.stuck import StuckFrom
from app.clinical.sequencing.what_if import Difference, Outcome, WhatIf
from tests.clinical.sequencing import brute
from tests.clinical.sequencing.starter import BELOW_TEN_TWICE, STARTER, pathway_of, step
from tests.clinical.sequencing.strategies import ENDS, STARTED, courses, few, pathways
from tests.clinical.sequencing.told import Told, at

ALWAYS = {"kind": "always"}
AFTER_PE = {"kind": "step-satisfied", "step": "pe"}
RELEASE = {"kind": "released-by", "roles": ["practitioner"], "remind_after_days": 3}


def two(unlock, **fields):
    return pathway_of(step("pe", "Understanding", ALWAYS), step("cr", "Thoughts", unlock, **fields))


def asked(telling, after, plan=None, now=None) -> Difference:
    question = WhatIf(telling.pathway, after, plan or MovePlan())
    return question.difference(telling.facts, started_at=telling.started_at, now=now or at(20), zone="Europe/London")


def test_a_looser_rule_opens_more():
    found = asked(Told(two(RELEASE)), two(ALWAYS))

    assert found.opens_more == ("cr",) and Outcome.OPENS_MORE in found.outcomes


def test_acceptance_12_a_stricter_version_lists_who_is_kept_open():
    telling = Told(two(AFTER_PE)).done("pe", at(2))

    found = asked(telling, two(RELEASE))

    assert (found.kept_open, found.opens_more, found.lost) == (("cr",), (), ())
    assert found.outcomes == (Outcome.KEPT_OPEN,)


def test_whoever_would_only_read_something_else_of_a_step_is_not_told_as_the_same():
    found = asked(Told(two(AFTER_PE)), two(RELEASE))

    assert (found.outcomes, found.reads_otherwise) == ((Outcome.READS_OTHERWISE,), ("Thoughts",))
    renamed = pathway_of(step("pe", "Understanding low mood", ALWAYS), step("cr", "Thoughts", AFTER_PE))
    assert asked(Told(two(AFTER_PE)), renamed).reads_otherwise == ("Understanding low mood", "Thoughts")


def test_a_closed_step_that_comes_or_goes_reads_otherwise():
    one = pathway_of(step("pe", "Understanding", ALWAYS))

    assert asked(Told(one), two(AFTER_PE, requirement="could")).reads_otherwise == ("Thoughts",)
    assert asked(Told(two(AFTER_PE)), one, MovePlan({"cr": ()})).reads_otherwise == ("Thoughts",)


def test_the_next_step_changes_with_the_order():
    first = pathway_of(step("pe", "Understanding", ALWAYS), step("cr", "Thoughts", ALWAYS))
    second = pathway_of(step("cr", "Thoughts", ALWAYS), step("pe", "Understanding", ALWAYS))

    found = asked(Told(first), second)

    assert (found.next_before, found.next_after) == ("pe", "cr")
    assert found.outcomes == (Outcome.NEXT_CHANGES,)


def test_the_core_count_changes_where_a_step_becomes_optional():
    found = asked(Told(two(ALWAYS)), two(ALWAYS, requirement="could"))

    assert (found.core_before, found.core_after) == (2, 1)
    assert Outcome.CORE_CHANGES in found.outcomes


def test_a_patient_with_high_scores_would_be_stuck_where_only_scores_open_a_core_step():
    found = asked(Told(two(AFTER_PE)), two({"kind": "all", "of": [AFTER_PE, BELOW_TEN_TWICE]}))

    [stuck] = found.stuck
    assert (stuck.step, stuck.title) == ("cr", "Thoughts")
    assert stuck.witness == "PHQ-9 is never below 10 2 times running."


def test_whoever_has_it_open_is_not_stuck():
    telling = Told(two(AFTER_PE)).done("pe", at(2))

    assert asked(telling, two(BELOW_TEN_TWICE)).stuck == ()


def test_what_somebody_did_in_a_session_does_not_meet_a_rule_that_asks_for_it_online():
    online = two({"kind": "step-completed", "step": "pe", "where": "online"})
    telling = Told(two(RELEASE)).add(f.DoneElsewhere, at(3), step="pe")

    [stuck] = asked(telling, online).stuck

    assert stuck.witness == "Thoughts asks for Understanding online, and they did it elsewhere."
    assert asked(Told(two(RELEASE)).done("pe", at(3)), online).stuck == ()


def test_what_somebody_skipped_does_not_meet_a_rule_that_asks_for_it_to_be_done():
    done = two({"kind": "step-completed", "step": "pe"})
    telling = Told(two(RELEASE)).add(f.Waived, at(3), step="pe", reason=WaiverReason.GOALS_MET)

    [stuck] = asked(telling, done).stuck

    assert stuck.witness == "Thoughts asks for Understanding to be done, and they skipped it."


def test_who_is_stuck_already_is_not_counted_as_stuck_by_the_new_version():
    found = asked(Told(two(BELOW_TEN_TWICE)), two(BELOW_TEN_TWICE, override="allowed"))

    assert found.stuck == () and found.stuck_before


def test_steps_with_other_keys_are_the_same_where_the_plan_says_so():
    renamed = pathway_of(step("start", "Understanding", ALWAYS), step("cr", "Thoughts", {**AFTER_PE, "step": "start"}))
    telling = Told(two(AFTER_PE)).done("pe", at(2))

    assert asked(telling, renamed, MovePlan({"pe": ("start",)})).outcomes == (Outcome.SAME,)


def test_a_step_that_would_be_taken_away_is_the_first_thing_said():
    telling = Told(two(AFTER_PE)).done("pe", at(2))

    found = asked(telling, pathway_of(step("pe", "Understanding", ALWAYS)), MovePlan({"cr": ()}))

    assert found.outcomes[0] is Outcome.LOST


@few
@given(pathways(), courses())
def test_a_pathway_beside_itself_changes_nothing_for_anybody(pathway, facts):
    found = WhatIf(pathway, pathway, MovePlan()).difference(facts, started_at=STARTED, now=ENDS, zone="Europe/London")

    assert set(found.outcomes) <= {Outcome.SAME}


@few
@given(pathways(), pathways(), courses())
def test_asking_changes_nothing_that_is_known(before, after, facts):
    told = [one.model_dump() for one in facts]
    question = WhatIf(before, after, MovePlan())

    first = question.difference(facts, started_at=STARTED, now=ENDS, zone="Europe/London")
    again = question.difference(facts, started_at=STARTED, now=ENDS, zone="Europe/London")

    assert first == again and [one.model_dump() for one in facts] == told


def test_who_has_done_nothing_is_stuck_just_where_the_pathway_has_a_dead_end():
    """Against the second checker: each of its worlds, begun from what is open on the first day."""
    for seed in range(1500):
        raw = brute.random_pathway(seed)
        pathway = Pathway.model_validate(raw)
        course = Told(pathway).course(at(1, 10))
        found = {one.step for one in StuckFrom(pathway).of(course)}
        open_now = frozenset(one.step for one in course.standings if one.opened)
        expected = {
            one.step
            for one in course.standings
            if one.core and not one.satisfied and one.step not in open_now and brute.can_be_stuck(raw, one.step)
        }
        assert found == expected, f"seed {seed}: {found} and not {expected}"


def test_the_starter_pathway_leaves_nobody_stuck():
    telling = Told(STARTER).done("pe", at(2)).scored("phq-9", 17, at(2))

    assert StuckFrom(STARTER).of(telling.course(at(9))) == ()
