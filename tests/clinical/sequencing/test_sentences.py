"""Every kind of condition is a sentence with blanks, drawn from and read back into the same plain data."""

from datetime import date
from typing import Annotated, Literal, get_args, get_origin

import pytest
from hypothesis import given

from app.clinical.sequencing import editing, rules, sentences
from app.clinical.sequencing.blanks import Blank, Drawn, Known
from tests.clinical.sequencing.strategies import conditions

TODAY = date(2026, 3, 3)
KNOWN = Known(
    "d",
    "Staying well",
    (("a", "Low mood"), ("b", "Doing"), ("c", "Thoughts")),
    techniques=(("breathing", "Breathing"),),
    roles=(("practitioner", "their practitioner"), ("supervisor", "a supervisor")),
)
MODELS = {
    model.model_fields["kind"].default: model
    for model in (*get_args(rules.Group), *get_args(rules.Condition), rules.ProgrammeStart)
}


def field_names(model):
    """The fields an author fills in: not the kind, nor what is in a group, nor a field with one value."""
    for name, field in model.model_fields.items():
        fixed = get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
        if name == "of" or fixed:
            continue
        yield field.alias or name


def blanks(kind):
    return [piece for piece in sentences.SENTENCES[kind] if isinstance(piece, Blank)]


def words(node, problems=None):
    said = sentences.draw(node, "unlock", KNOWN, problems or {})
    return " ".join(
        piece if isinstance(piece, str) else dict(piece.options).get(piece.value, piece.value) for piece in said.pieces
    )


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_has_a_sentence_with_a_blank_for_every_field(kind):
    there = {blank.field.partition(".")[0] for blank in blanks(kind)} - {"kind"}

    assert there == set(field_names(MODELS[kind]))


def test_there_is_no_sentence_for_what_is_not_a_rule():
    assert set(sentences.SENTENCES) == set(MODELS)


def test_every_condition_can_be_added():
    family = {"step-completed", "step-started"}
    conditions = {model.model_fields["kind"].default for model in get_args(rules.Condition)} - family

    assert {kind for kind, _ in sentences.KINDS} == conditions | {"some-steps"}


def test_every_kind_of_anchor_can_be_chosen():
    anchors = {one.model_fields["kind"].default for one in get_args(get_args(rules.Anchor)[0])}
    chosen = next(blank for blank in blanks("time-since") if blank.field == "anchor.kind")

    assert {key for key, _ in chosen.options} == anchors


def test_every_value_of_a_choice_can_be_chosen():
    for kind, model in MODELS.items():
        for blank in blanks(kind):
            field = next((f for n, f in model.model_fields.items() if (f.alias or n) == blank.field), None)
            closed = field and _values(field.annotation)
            if closed and blank.field != "kind":
                assert {key for key, _ in blank.options} - {""} == closed, f"{kind}.{blank.field}"


def _values(annotation):
    found = set()
    for one in (annotation, *get_args(annotation)):
        if get_origin(one) is Literal:
            found |= {value for value in get_args(one) if isinstance(value, str)}
        elif get_origin(one) is Annotated:
            found |= _values(get_args(one)[0])
    return found


@pytest.mark.parametrize("kind", [*sorted({kind for kind, _ in sentences.KINDS} - {"some-steps"}), "all"])
def test_what_is_added_is_valid_as_it_comes(kind):
    node = sentences.new(kind, KNOWN, TODAY)

    assert sentences.mistakes(node, KNOWN) == ()


def test_a_list_of_steps_that_is_added_has_none_chosen_for_its_author():
    node = sentences.new("some-steps", KNOWN, TODAY)

    assert sentences.is_list(node) and node["of"] == []
    assert [found.path for found in sentences.mistakes(node, KNOWN)] == ["unlock.of"]


def test_a_pathway_of_one_step_offers_no_condition_on_another():
    alone = Known("d", "Staying well", ())

    assert {"step-satisfied", "some-steps", "work-reviewed"}.isdisjoint(dict(sentences.kinds(alone)))
    with pytest.raises(editing.CannotEdit):
        sentences.new("step-satisfied", alone, TODAY)


def test_a_score_is_said_as_it_is_in_the_office():
    node = {"kind": "measure-score", "measure": "phq-9", "which": "each-of-last", "last": 2, "gap_days": 7,
            "comparison": "below", "value": 10}  # fmt: skip

    assert words(node) == "PHQ-9 each of the last 2 taken 7 days apart, is below 10 and no more than  days old"


def test_a_list_of_steps_is_one_sentence():
    node = editing.whole({"kind": "count-of", "k": 2, "of": ["a", "b", "c"], "counting": "done"})
    drawn = [piece for piece in sentences.draw(node, "unlock", KNOWN, {}).pieces if isinstance(piece, Drawn)]

    assert "at least 2 of these 3 are done" in words(node)
    assert drawn[-1].values == ("a", "b", "c")


@given(conditions)
def test_what_is_drawn_is_read_back(node):
    node = sentences.filled(editing.whole(node), KNOWN, TODAY)
    posted = posted_from(node)

    assert sentences.read(node, posted, "unlock", KNOWN, TODAY) == node


@given(conditions)
def test_filling_in_what_was_left_out_changes_no_rule(node):
    node = editing.whole(node)
    filled = sentences.filled(node, KNOWN, TODAY)

    assert sentences.as_rule(filled) == sentences._RULE.validate_python(node)


def posted_from(node, name="unlock"):
    said = sentences.draw(node, name, KNOWN, {})
    return {
        piece.name: list(piece.values) if piece.kind == "several" else [piece.value]
        for piece in said.pieces
        if isinstance(piece, Drawn)
    }


def test_asking_for_the_last_two_scores_brings_their_distance():
    node = sentences.new("measure-score", KNOWN, TODAY)

    changed = sentences.read(node, {"unlock.which": ["each-of-last"]}, "unlock", KNOWN, TODAY)

    assert (changed["last"], changed["gap_days"]) == (2, 7)
    back = sentences.read(changed, {"unlock.which": ["latest"]}, "unlock", KNOWN, TODAY)
    assert back == node


def test_turning_to_another_role_brings_who_and_when():
    node = sentences.new("released-by", KNOWN, TODAY)

    changed = sentences.read(node, {"unlock.then": ["escalate"]}, "unlock", KNOWN, TODAY)

    assert (changed["escalate_to"], changed["then_after_days"]) == ("practitioner", 7)
    assert sentences.mistakes(changed, KNOWN) == ()


def test_a_wait_can_be_counted_from_another_event():
    node = sentences.new("time-since", KNOWN, TODAY)

    changed = sentences.read(node, {"unlock.anchor.kind": ["step-satisfied"]}, "unlock", KNOWN, TODAY)

    assert changed["anchor"] == {"kind": "step-satisfied", "step": "a"}
    assert sentences.mistakes(changed, KNOWN) == ()


def test_what_cannot_be_used_stays_as_it_was_typed_with_its_sentence():
    node = sentences.new("measure-score", KNOWN, TODAY)

    changed = sentences.read(node, {"unlock.value": ["ten"]}, "unlock", KNOWN, TODAY)
    (told,) = sentences.mistakes(changed, KNOWN)

    assert changed["value"] == "ten"
    assert (told.path, told.problem) == ("unlock.value", "Write a score that the questionnaire can have")
    said = sentences.draw(changed, "unlock", KNOWN, {told.path: told.problem})
    assert next(p for p in said.pieces if isinstance(p, Drawn) and p.name == "unlock.value").value == "ten"


@pytest.mark.parametrize(
    ("node", "path", "problem"),
    [
        ({"kind": "step-satisfied", "step": "gone"}, "unlock.step",
         "Choose a step of this pathway that patients can still reach"),
        ({"kind": "measure-score", "measure": "phq-9", "comparison": "at-least", "value": 28}, "unlock.value",
         "PHQ-9 cannot be 28"),
        ({"kind": "count-of", "k": 4, "of": ["a", "b", "c"]}, "unlock.k", "4 cannot be done of 3"),
        ({"kind": "all", "of": []}, "unlock.of", "This group is empty"),
        ({"kind": "wish"}, "unlock.kind", '"wish" is not a kind of condition known here'),
        ({"kind": "released-by", "roles": ["nobody"]}, "unlock.roles", "Choose at least one role"),
        ({"kind": "time-since", "n": 3, "anchor": {"kind": "step-satisfied", "step": "x"}}, "unlock.anchor.step",
         "Choose a step of this pathway that patients can still reach"),
        ({"kind": "any", "of": [{"kind": "always"},
                                {"kind": "time-since", "n": 0, "anchor": {"kind": "programme-start"}}]},
         "unlock.of[1].n", "Write how long, as a number from 1 to 1,000"),
    ],
)  # fmt: skip
def test_each_mistake_names_its_blank_and_says_what_to_do(node, path, problem):
    told = {mistake.path: mistake.problem for mistake in sentences.mistakes(editing.whole(node), KNOWN)}

    assert told == {path: problem}


def test_a_choice_that_is_not_offered_is_shown_and_not_replaced():
    said = sentences.draw({"kind": "step-satisfied", "step": "gone"}, "unlock", KNOWN, {})
    step = next(piece for piece in said.pieces if isinstance(piece, Drawn))

    assert step.value == "gone"
    assert ("gone", "gone (cannot be used)") in step.options


def test_a_form_cannot_turn_a_condition_into_a_group_or_an_unknown_kind():
    node = sentences.new("step-satisfied", KNOWN, TODAY)

    for kind in ("all", "wish"):
        assert sentences.read(node, {"unlock.kind": [kind]}, "unlock", KNOWN, TODAY) == node
