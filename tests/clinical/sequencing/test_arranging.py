"""The steps of a pathway, their order, the choices between them: edited as plain data, told apart in words."""

from copy import deepcopy

import pytest

from app.clinical.sequencing import arranging, differences, pathway
from app.clinical.sequencing.editing import CannotEdit
from app.clinical.sequencing.step import Step

BODY = {
    "key": "low",
    "title": "Low mood",
    "version": 1,
    "programme_days": 77,
    "sessions": 11,
    "steps": [{"key": key, "title": key.upper(), "unlock": {"kind": "always"}} for key in ("a", "b", "c")],
}


def keys(body):
    return [each["key"] for each in body["steps"]]


def test_a_new_step_has_a_key_of_its_own_and_is_open_to_nobody():
    body = arranging.add_step(arranging.add_step(BODY, title="Sleeping better"), title="Sleeping better!")

    assert keys(body)[3:] == ["sleeping-better", "sleeping-better-2"]
    with pytest.raises(pathway.PathwayRefused, match="this group is empty"):
        pathway.read(body)


def test_a_step_moves_in_the_order_and_keeps_its_key():
    assert keys(arranging.move_step(BODY, "c", -1)) == ["a", "c", "b"]
    assert keys(arranging.move_step(BODY, "a", 1)) == ["b", "a", "c"]


def test_nothing_that_is_given_is_changed():
    before = deepcopy(BODY)

    for edit in (
        lambda: arranging.add_step(BODY, title="New"),
        lambda: arranging.move_step(BODY, "a", 1),
        lambda: arranging.retire_step(BODY, "a"),
        lambda: arranging.with_step(BODY, "a", title="Other"),
        lambda: arranging.add_choice(BODY, title="One of two"),
    ):
        edit()
        assert before == BODY


def test_a_step_is_retired_and_brought_back():
    retired = arranging.retire_step(BODY, "b")

    assert arranging.step(retired, "b")["retired"] is True
    assert arranging.bring_back_step(retired, "b") == BODY


def test_a_step_that_was_never_published_can_be_taken_out_and_one_that_was_is_retired():
    body = with_choice(BODY, "a", "c")

    left = arranging.remove_step(body, "c", published={"a"})

    assert keys(left) == ["a", "b"] and left["choice_groups"][0]["steps"] == ["a"]
    with pytest.raises(CannotEdit, match="A was published, and somebody may have begun it"):
        arranging.remove_step(body, "a", published={"a"})
    with pytest.raises(CannotEdit, match="at least one step"):
        arranging.remove_step({**BODY, "steps": BODY["steps"][:1]}, "a", published=())


def test_the_rule_of_a_retired_step_is_no_fault_and_opens_it_to_nobody_who_comes_back():
    gone = {"kind": "all", "of": [{"kind": "step-satisfied", "step": "c"}]}
    for rule in ({"kind": "all", "of": []}, {"kind": "unless"}, gone):
        body = arranging.retire_step(arranging.with_step(BODY, "b", unlock=rule), "b")
        body = arranging.retire_step(body, "c")

        assert pathway.read(body).by_key["b"].retired
        with pytest.raises(pathway.PathwayRefused):
            pathway.read(arranging.bring_back_step(body, "b"))


def with_choice(body, *steps):
    made = arranging.add_choice(body, title="Which first?")
    return arranging.change_choice(made, "which-first", title="Which first?", steps=steps, how="exactly", n=1)


def test_a_choice_is_between_steps_that_are_in_no_other_and_the_author_picks_them():
    fresh = arranging.add_choice(BODY, title="Which first?")

    assert fresh["choice_groups"] == [{"key": "which-first", "title": "Which first?", "steps": [], "exactly": 1}]
    body = with_choice(BODY, "a", "b")
    with pytest.raises(CannotEdit, match="two steps that are in no other choice"):
        arranging.add_choice(body, title="Another")
    assert pathway.read(body).choice_groups[0].n == 1
    assert arranging.remove_choice(body, "which-first")["choice_groups"] == []


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda: arranging.add_step(BODY, title=" "), "Give the step a title"),
        (lambda: arranging.move_step(BODY, "a", -1), "first already"),
        (lambda: arranging.move_step(BODY, "c", 1), "last already"),
        (lambda: arranging.with_step(BODY, "z", title="Z"), "no longer there"),
        (lambda: arranging.add_choice(BODY, title=""), "Give the choice a title"),
    ],
)
def test_what_makes_no_sense_is_refused_with_words(edit, words):
    with pytest.raises(CannotEdit, match=words):
        edit()


def test_differences_are_told_in_sentences():
    after = arranging.with_step(BODY, "a", title="Alpha", requirement="could")
    after = arranging.move_step(arranging.retire_step(arranging.add_step(after, title="New"), "b"), "c", -1)
    after |= {"programme_days": 84}

    assert differences.between(BODY, after) == (
        "New is new.",
        "A is called Alpha.",
        "Alpha is optional, was core.",
        "B is retired.",
        "The steps stand in another order.",
        "It is planned for 84 days, was 77.",
    )
    assert differences.between(BODY, BODY) == ()


ELSE = {
    "title": "Other", "retired": True, "unlock": "c", "relevance": {"kind": "always"}, "requirement": "must",
    "override": "prohibited", "completion": {"kind": "some-activities", "at_least": 1}, "module": "other",
    "activities": [{"key": "one", "title": "One"}], "techniques": ["breathing"], "tags": ["coping"],
}  # fmt: skip


@pytest.mark.parametrize("part", sorted(set(Step.model_fields) - {"key"}))
def test_nothing_of_a_step_is_different_without_being_told(part):
    after = arranging.with_step(BODY, "b", **{part: ELSE[part]})

    assert len(differences.between(BODY, after)) == 1


def test_what_is_told_of_a_choice_says_what_it_was():
    body = with_choice(BODY, "a", "b")
    other = arranging.change_choice(body, "which-first", title="Which first?", steps=["a", "c"], how="at_most", n=1)

    assert differences.between(body, other) == (
        "The choice “Which first?”, at most 1 of A and C; was “Which first?”, exactly 1 of A and B.",
    )
