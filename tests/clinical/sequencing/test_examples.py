"""Six example patients: what they did follows from the pathway, and a rule answers for each of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from app.clinical.sequencing import pathway as pathways
from app.clinical.sequencing.examples import evaluate
from app.clinical.sequencing.standing import State
from tests.clinical.sequencing.starter import pathway_of
from tests.clinical.sequencing.starter import step as titled
from tests.clinical.sequencing.strategies import conditions

NOW = datetime(2026, 5, 12, 9, tzinfo=UTC)
RULE = {
    "kind": "any",
    "of": [
        {"kind": "all", "of": [{"kind": "step-satisfied", "step": "a"},
                               {"kind": "count-of", "k": 2, "of": ["b", "c", "d"], "counting": "done"}]},
        {"kind": "all", "of": [
            {"kind": "measure-score", "measure": "phq-9", "which": "each-of-last", "last": 2, "gap_days": 7,
             "comparison": "below", "value": 10},
            {"kind": "measure-change", "measure": "phq-9", "from": "baseline", "change": "improved", "by": 6}]},
        {"kind": "released-by", "roles": ["practitioner"], "remind_after_days": 3},
    ],
}  # fmt: skip


def step(key, *, unlock, **fields):
    return titled(key, key.upper(), unlock, **fields)


def of(rule, **changes):
    steps = [step(key, unlock={"kind": "always"}, **changes) for key in "abcd"]
    return pathway_of(*steps, step("z", unlock=rule))


def table(pathway, key="z"):
    return {each.name: (each.state, each.because) for each in evaluate(pathway, key, now=NOW)}


def test_the_starter_rule_answers_for_each_of_the_six():
    assert table(of(RULE)) == {
        "Ann": (State.LOCKED, "1 of 2 done; PHQ-9 12, asked below 10"),
        "Bel": (State.AVAILABLE, "PHQ-9 of 8"),
        "Cam": (State.LOCKED, "0 of 2 done; scores 4 days apart, 7 asked"),
        "Dee": (State.WAITING, "PHQ-9 never measured; 0 of 2 done"),
        "Eli": (State.AVAILABLE, "D done"),
        "Fay": (State.AVAILABLE, "Released by Robin Hale"),
    }


def test_a_number_changes_the_answer_and_not_the_example():
    shorter = {"kind": "any", "of": [*RULE["of"][:1], {**RULE["of"][1], "of": [
        {**RULE["of"][1]["of"][0], "gap_days": 4}, RULE["of"][1]["of"][1]]}, RULE["of"][2]]}  # fmt: skip
    before, after = evaluate(of(RULE), "z", now=NOW), evaluate(of(shorter), "z", now=NOW)

    assert [one.told for one in before] == [one.told for one in after]
    assert [one.name for one, two in zip(before, after, strict=True) if one.state != two.state] == ["Cam"]


def test_where_nobody_may_skip_eli_works_in_the_clinic():
    (eli,) = [one for one in evaluate(of(RULE, requirement="must"), "z", now=NOW) if one.name == "Eli"]

    assert eli.told == "3 steps done in the clinic"


def test_where_nobody_releases_fay_did_every_step():
    every = {"kind": "all", "of": [{"kind": "step-completed", "step": key} for key in "abcd"]}
    (fay,) = [one for one in evaluate(of(every), "z", now=NOW) if one.name == "Fay"]

    assert (fay.told, fay.state) == ("every step before it done", State.AVAILABLE)


def test_both_explanations_come_with_each():
    ann = evaluate(of(RULE), "z", now=NOW)[0]

    assert ann.patient.headline == "Opens when one of these happens:"
    assert ann.staff.headline == "Locked."
    assert not any("PHQ" in line.words for line in ann.patient.lines)


def test_a_pathway_of_one_step_has_its_examples_too():
    alone = pathway_of(step("z", unlock={"kind": "always"}))

    assert set(table(alone).values()) == {(State.AVAILABLE, "Open from the start")}


@settings(max_examples=60)
@given(conditions)
def test_every_condition_leaves_every_example_somewhere_with_a_reason(condition):
    steps = [step(key, unlock={"kind": "always"}) for key in "abcd"]
    for each in evaluate(pathway_of(*steps, step("z", unlock=condition)), "z", now=NOW):
        assert each.because and each.told and each.patient.headline and each.staff.headline


@pytest.mark.parametrize("key", ["as-it-should-be", "as-it-was", "mixed"])
def test_every_step_of_the_library_can_be_tried(key, library):
    pathway: pathways.Pathway = library.pathways[key]

    for each in pathway.steps:
        assert len(evaluate(pathway, each.key, now=NOW)) == 6
