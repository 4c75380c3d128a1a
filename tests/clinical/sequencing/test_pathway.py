"""A pathway that cannot work is refused when it is saved, with the place, the problem and the fix."""

from typing import Any

import pytest

from app.clinical.sequencing.pathway import (
    Activity,
    Pathway,
    PathwayRefused,
    canonical_json,
    read,
    rule_hash,
    with_activities,
)
from app.clinical.sequencing.structure import atoms, depth, grows, size, walk
from tests.clinical.sequencing.starter import FIVE, RAW, STARTER, STAYING_WELL, pathway_of, step

ALWAYS = {"kind": "always"}
PE = {"kind": "step-satisfied", "step": "pe"}


def refusal(unlock: Any, **fields: Any) -> str:
    with pytest.raises(PathwayRefused) as refused:
        pathway_of(step("pe", "Starting", ALWAYS), step("ba", "Doing", unlock), **fields)
    assert len(refused.value.mistakes) == 1
    return str(refused.value)


def nested(levels: int) -> dict[str, Any]:
    return PE if levels == 1 else {"kind": "all", "of": [nested(levels - 1)]}


SCORE = {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10}
CHANGE = {"kind": "measure-change", "measure": "gad-7", "change": "improved", "by": 4}


@pytest.mark.parametrize(
    ("unlock", "told"),
    [
        ({"kind": "all", "of": []}, "steps[1].unlock.of: this group is empty. Add a condition, or write always."),
        ({"kind": "any", "of": [PE]}, "steps[1].unlock.of: this group has only one condition in it. "
         "Add another, or write the one by itself."),
        ({"kind": "any", "of": [ALWAYS, {"kind": "step-satisfied", "step": "cbt"}]},
         'steps[1].unlock.of[1].step: "cbt" is not a step. Use one of: pe, ba.'),
        ({"kind": "step-started", "step": "ba"}, 'steps[1].unlock.step: "ba" waits for itself. Name another step.'),
        ({"kind": "time-since", "anchor": {"kind": "step-satisfied", "step": "x"}, "n": 7},
         'steps[1].unlock.anchor.step: "x" is not a step. Use one of: pe, ba.'),
        ({"kind": "appointment-attended", "after": "x"},
         'steps[1].unlock.after: "x" is not a step. Use one of: pe, ba.'),
        ({"kind": "count-of", "k": 4, "of": ["pe", PE, PE]},
         "steps[1].unlock.k: 4 cannot be done of 3. Ask for fewer, or add to the list."),
        ({**SCORE, "value": 28}, "steps[1].unlock.value: PHQ-9 cannot be 28. Use 0 to 27."),
        ({**SCORE, "measure": "gad-7", "value": -1}, "steps[1].unlock.value: GAD-7 cannot be -1. Use 0 to 21."),
        ({**CHANGE, "by": 22}, "steps[1].unlock.by: GAD-7 cannot change by 22. Use 1 to 21."),
        ({**SCORE, "measure": "cgi"}, 'steps[1].unlock.measure: "cgi" is not a measure. Use one of: phq-9, gad-7.'),
        ({**SCORE, "which": "each-of-last"},
         "steps[1].unlock.last: last goes with each-of-last, and with nothing else. Give both or neither."),
        ({**SCORE, "gap_days": 7}, "steps[1].unlock.gap_days: gap_days goes with each-of-last. Take it out."),
        ({**SCORE, "which": "baseline", "max_age_days": 14},
         "steps[1].unlock.max_age_days: a baseline does not grow stale. Take max_age_days out."),
        (nested(5), "steps[1].unlock: this rule is 5 levels deep. Use at most 4."),
        ({"kind": "all", "of": [PE] * 64}, "steps[1].unlock: this rule has 65 parts. Use at most 64."),
        ({"kind": "step-satisfied"}, 'steps[1].unlock.step: "step" is missing. Add it.'),
        ({**PE, "until": "2026-06-01"},
         'steps[1].unlock.until: "until" is not known here. Take it out, or check its spelling.'),
        ({"step": "pe"}, "steps[1].unlock.kind: this has no kind. Write kind: and which condition it is."),
        ({"kind": "released-by", "roles": []}, "steps[1].unlock.roles: this list is empty. Name at least one."),
        ({"kind": "released-by", "roles": ["practitioner"], "then": "open"},
         "steps[1].unlock.then_after_days: then and then_after_days go together. Give both or neither."),
        ({"kind": "released-by", "roles": ["practitioner"], "then": "escalate", "then_after_days": 3},
         "steps[1].unlock.escalate_to: escalate_to goes with then: escalate. Give both or neither."),
        ({"kind": "entries-logged", "entry": "mood", "at_least": 2, "distinct_days": 3},
         "steps[1].unlock.distinct_days: more days are asked for than entries. Ask for as many entries as days."),
        ({"kind": "entries-logged", "entry": "mood", "at_least": 3, "distinct_days": 3, "within_days": 2},
         "steps[1].unlock.within_days: more days are asked for than the window has. Widen the window."),
        ({"kind": "time-since", "anchor": PE, "n": 7, "opens_at": "00:00"},
         "steps[1].unlock.opens_at: steps do not open at midnight, nor at a time with a zone. "
         "Write a time such as 06:00."),
        ({"kind": "problem-recorded", "any_of": ["anxiety", "anxiety"]},
         'steps[1].unlock.any_of[1]: "anxiety" is there twice. Take one of them out.'),
        ({"kind": "not-before", "date": "2026-02-31"},
         "steps[1].unlock.date: this cannot be used: there is no such day. Write a date, like 2026-06-01."),
        ({"kind": "time-since", "anchor": PE, "n": 0},
         "steps[1].unlock.n: this cannot be used: input should be greater than or equal to 1. Change it."),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_work_is_refused_with_its_path_the_problem_and_the_fix(unlock: Any, told: str):
    assert refusal(unlock) == told


def test_an_unknown_kind_is_refused_and_the_known_ones_are_named():
    told = refusal({"kind": "any", "of": [PE, {"kind": "not", "of": [PE]}]})

    assert told.startswith(
        'steps[1].unlock.of[1].kind: "not" is not a kind of condition known here. Use one of: all, any'
    )


def test_every_mistake_is_told_at_once():
    rule = {"kind": "all", "of": [{"kind": "step-satisfied", "step": "x"}, {"kind": "step-satisfied", "step": "ba"}]}

    with pytest.raises(PathwayRefused) as refused:
        pathway_of(step("pe", "One", ALWAYS), step("pe", "Two", ALWAYS), step("ba", "Doing", rule))

    assert [mistake.path for mistake in refused.value.mistakes] == [
        "steps[1].key",
        "steps[2].unlock.of[0].step",
        "steps[2].unlock.of[1].step",
    ]


def test_a_rule_may_not_name_a_retired_step():
    with pytest.raises(PathwayRefused, match='"pe" is retired'):
        pathway_of(step("pe", "Starting", ALWAYS, retired=True), step("ba", "Doing", PE))


def test_relevance_is_checked_as_the_unlock_rule_is():
    with pytest.raises(PathwayRefused, match=r"steps\[0\]\.relevance\.step"):
        pathway_of(step("pe", "Starting", ALWAYS, relevance={"kind": "step-satisfied", "step": "x"}))


def test_a_step_may_wait_for_the_patient_to_choose_it():
    asked = {"kind": "patient-chose", "step": "ba"}

    assert pathway_of(step("ba", "Doing", asked)).by_key["ba"].unlock.kind == "patient-chose"


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ({"steps": ["pe", "x"], "exactly": 1}, '"x" is not a step'),
        ({"steps": ["pe", "ba"], "exactly": 2}, "choosing 2 of 2 is no choice"),
        ({"steps": ["pe", "ba"]}, "a choice needs one number"),
        ({"steps": ["pe", "ba"], "exactly": 1, "at_most": 1}, "a choice needs one number"),
    ],
)
def test_a_choice_that_cannot_be_made_is_refused(group: dict[str, Any], told: str):
    assert told in refusal(ALWAYS, choice_groups=[{"key": "focus", "title": "Choose", **group}])


def test_a_step_is_in_one_choice_only():
    groups = [{"key": key, "title": "Choose", "steps": ["pe", "ba"], "exactly": 1} for key in ("one", "two")]

    with pytest.raises(PathwayRefused, match='"pe" is in the choice "one" already'):
        pathway_of(step("pe", "Starting", ALWAYS), step("ba", "Doing", ALWAYS), choice_groups=groups)


def test_the_activities_of_a_module_must_be_able_to_complete_the_step():
    some = {"kind": "some-activities", "at_least": 2, "of": ["part-1", "part-2"]}
    doing = pathway_of(step("ba", "Doing", ALWAYS, completion=some)).by_key["ba"]
    five = [Activity(**part) for part in FIVE]

    assert with_activities(doing, five).activities == tuple(five)
    with pytest.raises(PathwayRefused, match='"part-2" is not an activity of this step'):
        with_activities(doing, five[:1])
    any_nine = pathway_of(step("ba", "Doing", ALWAYS, completion={**some, "of": [], "at_least": 9})).by_key["ba"]
    with pytest.raises(PathwayRefused, match="9 cannot be done of 5"):
        with_activities(any_nine, five)


def test_a_pathway_made_in_code_is_refused_as_one_that_was_read():
    with pytest.raises(ValueError, match='"cbt" is not a step'):
        Pathway.model_validate({**RAW, "steps": [step("pe", "Starting", {**PE, "step": "cbt"})]})


def test_the_same_rule_has_the_same_hash_however_it_was_written():
    written = {"of": ["ba", {"step": "cr", "kind": "step-satisfied"}], "k": 1, "kind": "count-of"}
    short, long = (
        pathway_of(step("ba", "B", ALWAYS), step("cr", "C", ALWAYS), step("rp", "R", rule)).by_key["rp"].unlock
        for rule in (written, {**written, "counting": "done", "of": ["ba", "cr"]})
    )

    assert rule_hash(short) == rule_hash(long)
    assert canonical_json(short).startswith('{"counting":"done","k":1,"kind":"count-of","of":[{')
    assert rule_hash(short) != rule_hash(PE_RULE)


PE_RULE = STARTER.by_key["ba"].unlock


def test_the_starter_rule_for_staying_well_is_within_the_limits():
    rule = STARTER.by_key["rp"].unlock

    assert (depth(rule), size(rule), len(atoms(rule))) == (4, 12, 8)
    assert not grows(rule)
    assert [path for path, _ in walk(rule)][-1] == "unlock.of[2]"
    assert STAYING_WELL["kind"] == "any"


def test_the_index_says_which_steps_a_fact_could_open():
    assert STARTER.affected_by[("step", "pe")] == ("ba", "cr", "ps", "relaxation", "exercise", "worry", "rp")
    assert STARTER.affected_by[("measure", "phq-9")] == ("rp",)
    assert STARTER.affected_by[("technique", "relaxation")] == ("fears",)


def test_reading_what_is_not_a_pathway_says_what_is_missing():
    with pytest.raises(PathwayRefused, match='version: "version" is missing'):
        read({key: value for key, value in RAW.items() if key != "version"})
