"""Outcomes of treatment: the named edges, and every possible pair of scores against counts worked out apart."""

from collections import Counter
from itertools import product

import pytest

from app.clinical import outcomes
from app.clinical.outcomes import Change, Course, Disagreement, Outcome


def depression(first: int, last: int) -> Course:
    return Course(first, last, caseness=10, threshold=6)


def anxiety(first: int, last: int) -> Course:
    return Course(first, last, caseness=8, threshold=4)


def outcome_of(phq_first: int, phq_last: int, gad_first: int, gad_last: int, **kwargs: Disagreement) -> Outcome:
    return outcomes.outcome(depression(phq_first, phq_last), anxiety(gad_first, gad_last), **kwargs)


@pytest.fixture(scope="module")
def counts() -> Counter[Outcome]:
    phq = [depression(*pair) for pair in product(range(28), repeat=2)]
    gad = [anxiety(*pair) for pair in product(range(22), repeat=2)]
    return Counter(outcomes.outcome(low_mood, worry) for low_mood in phq for worry in gad)


def test_every_pair_of_scores_has_the_outcome_it_should(counts):
    def number(holds):
        return sum(many for outcome, many in counts.items() if holds(outcome))

    assert counts.total() == 379_456
    assert number(lambda outcome: outcome.case_at_start) == 330_176
    assert number(lambda outcome: outcome.recovered) == 42_880
    assert number(lambda outcome: outcome.improved) == 126_727
    assert number(lambda outcome: outcome.deteriorated) == 126_727
    assert number(lambda outcome: outcome.no_reliable_change) == 126_002
    assert number(lambda outcome: outcome.reliably_recovered) == 38_730
    assert number(lambda outcome: outcome.recovered and not outcome.improved) == 4_150
    assert number(lambda outcome: outcome.recovered and outcome.deteriorated) == 210
    assert number(lambda outcome: outcome.improved and outcome.deteriorated) == 0


def test_no_reliable_change_is_small_changes_and_changes_that_disagree():
    phq = Counter(depression(*pair).change for pair in product(range(28), repeat=2))
    gad = Counter(anxiety(*pair).change for pair in product(range(22), repeat=2))

    better_and_worse = phq[Change.IMPROVED] * gad[Change.DETERIORATED] + phq[Change.DETERIORATED] * gad[Change.IMPROVED]

    assert phq[Change.NONE] * gad[Change.NONE] == 39_476
    assert better_and_worse == 86_526


def test_a_case_on_depression_alone_that_ends_below_both_cut_offs_is_a_reliable_recovery():
    outcome = outcome_of(10, 4, 7, 7)

    assert outcome.recovered
    assert outcome.reliably_recovered


def test_crossing_the_cut_off_by_one_point_is_a_recovery_but_not_a_reliable_one():
    outcome = outcome_of(10, 9, 0, 0)

    assert outcome.recovered
    assert not outcome.reliably_recovered
    assert outcome.no_reliable_change


def test_someone_who_was_no_case_can_improve_but_not_recover():
    outcome = outcome_of(9, 3, 7, 7)

    assert not outcome.case_at_start
    assert not outcome.recovered
    assert outcome.improved


def test_better_on_depression_and_worse_on_anxiety_is_no_reliable_change():
    outcome = outcome_of(10, 4, 8, 12)

    assert outcome.no_reliable_change
    assert not outcome.recovered


def test_a_service_may_count_measures_that_disagree_as_both():
    outcome = outcome_of(10, 4, 8, 12, disagreement=Disagreement.BOTH)

    assert outcome.improved
    assert outcome.deteriorated
    assert not outcome.no_reliable_change


def test_recovery_on_one_measure_can_come_with_reliable_worsening_on_the_other():
    outcome = outcome_of(0, 9, 8, 7)

    assert outcome.recovered
    assert outcome.deteriorated
    assert not outcome.reliably_recovered


@pytest.mark.parametrize(
    ("scores", "case"), [((10, 0), True), ((0, 8), True), ((9, 7), False), ((9, 8), True), ((10, 7), True)]
)
def test_reaching_either_cut_off_is_a_case(scores, case):
    phq, gad = scores

    assert outcome_of(phq, phq, gad, gad).case_at_start is case


def test_a_person_still_at_the_cut_off_of_either_measure_has_not_recovered():
    assert not outcome_of(20, 10, 15, 0).recovered
    assert not outcome_of(20, 0, 15, 8).recovered
    assert outcome_of(20, 9, 15, 7).recovered


@pytest.mark.parametrize(
    ("first", "last", "change"),
    [
        (15, 9, Change.IMPROVED),
        (15, 10, Change.NONE),
        (10, 10, Change.NONE),
        (10, 15, Change.NONE),
        (9, 15, Change.DETERIORATED),
    ],
)
def test_a_change_is_reliable_from_the_threshold_on(first, last, change):
    assert outcomes.reliable_change(first, last, threshold=6) is change


@pytest.mark.parametrize(
    ("scores", "worsened"),
    [
        ([], False),
        ([20], False),
        ([10, 16], True),
        ([10, 15], False),
        ([14, 8, 14], True),
        ([14, 8, 13], False),
        ([14, 8, 14, 9], False),
        ([20, 14, 8], False),
    ],
    ids=[
        "no score",
        "one score",
        "a rise from the first",
        "a rise within the error",
        "a rise from the best",
        "a rise from the best within the error",
        "a rise that has passed",
        "a fall",
    ],
)
def test_worsening_is_a_reliable_rise_from_the_first_or_the_best_score(scores, worsened):
    assert outcomes.worsened(scores, threshold=6) is worsened


@pytest.mark.parametrize(("attended", "finished"), [(0, False), (1, False), (2, True), (12, True)])
def test_a_course_is_finished_with_two_attended_contacts(attended, finished):
    assert outcomes.finished_course(attended) is finished
