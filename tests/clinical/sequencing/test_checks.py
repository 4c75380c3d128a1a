"""What is proved of a pathway before it is published, and how it is told to whoever wrote it."""

from pathlib import Path

import pytest

from app.clinical.sequencing import checks, timing
from app.clinical.sequencing.findings import Service, Severity
from app.programme import content
from tests.clinical.sequencing.starter import (
    BELOW_TEN_TWICE,
    IMPROVED,
    PE_DONE,
    RAW,
    RELEASE,
    STARTER,
    pathway_of,
    step,
)

STAFFED = Service({"practitioner": 2, "supervisor": 1, "clinical-lead": 1})
ALWAYS = {"kind": "always"}
FIRST = step("pe", "Understanding low mood", ALWAYS)


def below(value, **more):
    return {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": value, **more}


def at_least(value, **more):
    return below(value, **more) | {"comparison": "at-least"}


def all_of(*rules):
    return {"kind": "all", "of": list(rules)}


def any_of(*rules):
    return {"kind": "any", "of": list(rules)}


def done(key, **more):
    return {"kind": "step-satisfied", "step": key, **more}


def found(*steps, service=STAFFED, current=None, **fields):
    return checks.check(pathway_of(FIRST, *steps, **fields), service, current=current)


def told(*steps, **how):
    """Each finding as its code, by the step it is about."""
    return {(one.step, one.code) for one in found(*steps, **how)}


@pytest.fixture(scope="module")
def library():
    return content.read_library(Path("modules_content"))


def test_the_default_pathway_has_nothing_to_fix_or_to_sign(library):
    assert checks.check(library.pathways["as-it-should-be"], STAFFED) == ()
    assert checks.check(STARTER, STAFFED) == ()


def test_the_old_fixed_order_is_found_out_without_being_told(library):
    old = checks.check(library.pathways["as-it-was"], STAFFED)

    about = {one.code: one for one in old if one.step == "staying-well"}
    assert set(about) == {"staff-cannot-open", "stranded-by-skip", "stranded-by-clinic"}
    assert about["staff-cannot-open"].problem.startswith("No member of staff can open Staying well")
    assert about["stranded-by-skip"].problem == "A waiver cannot meet what Staying well asks for."
    assert about["stranded-by-clinic"].problem.startswith("Clinic work cannot meet what Staying well asks for.")
    assert about["stranded-by-clinic"].path == "steps[4].unlock.of[0]"
    assert {one.severity for one in old} == {Severity.SIGN}


def test_the_mixed_pathway_needs_one_signature(library):
    assert [(one.step, one.code) for one in checks.check(library.pathways["mixed"], STAFFED)] == [
        ("relaxing", "stranded-by-skip")
    ]


def test_steps_that_wait_for_each_other_are_named_together_and_those_behind_them_apart():
    steps = [step("a", "A", done("b")), step("b", "B", done("a")), step("c", "C", done("a"))]

    assert told(*steps) >= {("a", "wait-on-each-other"), ("b", "wait-on-each-other"), ("c", "never-opens")}
    ring = next(one for one in found(*steps) if one.code == "wait-on-each-other")
    assert ring.problem == "A and B wait for each other, so none of them ever opens."
    assert ring.severity is Severity.REFUSE


def test_a_ring_that_something_else_breaks_is_no_fault():
    timed = {"kind": "time-since", "anchor": {"kind": "programme-start"}, "n": 14}

    assert told(step("a", "A", any_of(done("b"), timed)), step("b", "B", done("a"))) == set()


def test_scores_that_change_over_time_may_open_one_step_low_and_the_next_high():
    low = step("low", "Low", below(5), requirement="could")
    high = step("high", "High", all_of(done("low"), at_least(20)), requirement="could")

    assert told(low, high) == set()


def test_a_patient_who_would_get_stuck_is_told_by_their_scores():
    dead_end = next(one for one in found(step("rp", "Staying well", any_of(below(5), at_least(15)))))

    assert (dead_end.code, dead_end.severity) == ("dead-end", Severity.SIGN)
    assert dead_end.witness == "PHQ-9 stays at 5 or more, and PHQ-9 stays below 15."
    assert ("rp", "needs-answers") in told(step("rp", "Staying well", any_of(below(5), at_least(5))))


def test_a_core_step_that_only_getting_better_opens_is_refused():
    assert ("rp", "only-by-getting-better") in told(step("rp", "Staying well", all_of(BELOW_TEN_TWICE, IMPROVED)))
    assert told(step("rp", "Staying well", any_of(all_of(BELOW_TEN_TWICE, IMPROVED), RELEASE))) == {
        ("rp", "depends-on-staff"),
    }


def test_help_for_coping_is_open_from_the_start():
    locked = step("calm", "Calming down", PE_DONE, tags=["coping"], override="prohibited", requirement="could")

    assert {("calm", "help-locked"), ("calm", "help-prohibited")} <= told(locked)
    assert told(step("calm", "Calming down", ALWAYS, tags=["coping"], requirement="could")) == set()


def test_a_release_by_a_role_nobody_has_here_is_refused_and_passes_where_somebody_does():
    rule = {**RELEASE, "roles": ["supervisor"], "escalate_to": "supervisor"}
    waits = step("rp", "Staying well", any_of(PE_DONE, rule))

    nobody = Service({"practitioner": 2})
    [refused] = [one for one in found(waits, service=nobody) if one.severity is Severity.REFUSE]
    assert (refused.code, refused.path) == ("nobody-holds", "steps[1].unlock.of[1]")
    assert refused.problem == ("Nobody in your service is a supervisor, and Staying well waits to be released by one.")
    assert told(waits) == set()


def test_a_wait_on_staff_without_a_reminder_and_cover_is_refused_where_a_core_step_depends_on_it():
    alone = {"kind": "released-by", "roles": ["practitioner"]}

    only, beside = step("rp", "Staying well", alone), step("rp", "Staying well", any_of(PE_DONE, alone))
    [refused] = [one for one in found(only) if one.code == "no-cover"]
    assert refused.severity is Severity.REFUSE
    [warned] = [one for one in found(beside) if one.code == "no-cover"]
    assert warned.severity is Severity.WARN


def test_another_weakness_of_the_rule_makes_a_missing_cover_no_less_grave():
    alone = {"kind": "released-by", "roles": ["practitioner"]}
    never = step("never", "Never", all_of(below(5), at_least(10)))

    for rule in (all_of(below(10), alone), any_of(all_of(below(10), alone), below(5))):
        [refused] = [one for one in found(step("rp", "Staying well", rule)) if one.code == "no-cover"]
        assert refused.severity is Severity.REFUSE
    behind = step("rp", "Staying well", all_of({"kind": "step-satisfied", "step": "never"}, alone))
    assert Severity.REFUSE in {one.severity for one in found(never, behind) if one.code == "no-cover"}


def test_scores_that_cannot_both_be_are_contradictory_and_those_of_two_moments_are_not():
    assert ("a", "contradictory") in told(step("a", "A", any_of(PE_DONE, all_of(below(5), at_least(10)))))
    both = all_of(below(10, which="baseline"), at_least(10))
    assert told(step("a", "A", any_of(PE_DONE, both))) == set()


def test_a_condition_that_every_score_meets_or_another_covers_is_told():
    assert ("a", "vacuous") in told(step("a", "A", any_of(PE_DONE, at_least(0))))
    assert ("a", "redundant") in told(step("a", "A", any_of(PE_DONE, all_of(below(5), below(10)))))
    [shadowed] = [one for one in found(step("a", "A", any_of(PE_DONE, below(5), below(10)))) if one.code == "shadowed"]
    assert shadowed.path == "steps[1].unlock.of[1]"


def test_waits_are_added_up_to_the_earliest_day_and_held_against_the_length_of_the_programme():
    week = {"kind": "time-since", "anchor": done("pe"), "n": 7}
    month = {"kind": "time-since", "anchor": done("a"), "n": 80}
    twice = below(10, which="each-of-last", last=3, gap_days=40)
    steps = [step("a", "A", week), step("b", "B", any_of(month, all_of(done("a"), twice)))]

    assert timing.earliest(pathway_of(FIRST, *steps)) == {"pe": 0, "a": 7, "b": 80}
    late = next(one for one in found(*steps) if one.code == "too-late")
    assert late.problem == "B can open on day 80 at the earliest, and the programme is 77 days long."


def test_a_new_version_is_told_apart_step_by_step_from_the_one_in_use():
    now = pathway_of(
        FIRST, step("a", "A", any_of(PE_DONE, below(10))), step("gone", "Gone", ALWAYS, requirement="could")
    )
    new = [step("a", "A", all_of(PE_DONE, below(10))), step("new", "New", ALWAYS, requirement="could")]

    assert {("a", "opens-for-fewer"), ("new", "step-added"), ("gone", "step-removed")} <= told(*new, current=now)
    assert ("a", "opens-for-more") in told(step("a", "A", any_of(PE_DONE, below(15))), current=now)
    assert ("a", "opens-for-others") in told(step("a", "A", below(15)), current=now)
    same = step("a", "A", any_of(below(10), PE_DONE))
    assert not {code for key, code in told(same, current=now) if key == "a"}


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        (done("old"), "steps[2].unlock.step", "retired"),
        ({"kind": "count-of", "k": 4, "of": ["pe", "old2", "old3"]}, "steps[2].unlock.k", "4 cannot be done of 3"),
        (at_least(28), "steps[2].unlock.value", "PHQ-9 cannot be 28"),
        (all_of(), "steps[2].unlock.of", "empty"),
        ({"kind": "moon-phase"}, "steps[2].unlock.kind", "not a kind"),
    ],
)
def test_a_draft_that_is_not_well_formed_is_refused_with_where_why_and_what_to_do(rule, path, words):
    raw = {**RAW, "steps": [FIRST, step("old", "Old", ALWAYS, retired=True), step("x", "X", rule)]}

    pathway, mistakes = checks.read_and_check(raw, STAFFED)

    assert pathway is None
    assert [one.check for one in mistakes] == [1] * len(mistakes)
    one = next(one for one in mistakes if one.path == path)
    assert words in one.problem
    assert one.fix


def test_the_gravest_comes_first_and_each_keeps_its_key():
    steps = [step("a", "A", done("b")), step("b", "B", done("a")),
             step("c", "C", {"kind": "step-completed", "step": "pe", "where": "online"})]  # fmt: skip

    ranks = [one.severity for one in found(*steps)]
    assert ranks == sorted(ranks, key=list(Severity).index)
    keys = [one.key for one in found(*steps)]
    assert len(keys) == len(set(keys))
    assert keys == [one.key for one in found(*steps)]
