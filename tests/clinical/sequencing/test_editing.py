"""A rule is edited line by line: what moves, what stays, and what is refused with words."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.sequencing import editing, sentences
from app.clinical.sequencing.editing import CannotEdit
from app.clinical.sequencing.structure import MAX_DEPTH, MAX_NODES
from tests.clinical.sequencing.strategies import conditions
from tests.clinical.sequencing.test_sentences import KNOWN, TODAY

A, B, C, D = ({"kind": "step-satisfied", "step": key} for key in "abcd")


def all_of(*of):
    return {"kind": "all", "of": list(of)}


def any_of(*of):
    return {"kind": "any", "of": list(of)}


RULE = any_of(all_of(A, B), C, D)

groups = st.recursive(
    conditions.filter(lambda node: node["kind"] != "always"),
    lambda below: st.one_of(
        st.lists(below, min_size=1, max_size=3).map(lambda of: all_of(*of)),
        st.lists(below, min_size=2, max_size=3).map(lambda of: any_of(*of)),
        st.lists(below, min_size=2, max_size=3).map(lambda of: {"kind": "count-of", "k": 1, "of": of}),
    ),
    max_leaves=8,
)


@st.composite
def rule_and_place(draw):
    rule = editing.whole(all_of(*draw(st.lists(groups, min_size=1, max_size=3))))
    places = [place for place, _ in editing.lines(rule) if place]
    return rule, draw(st.sampled_from(places))


def test_a_line_moves_among_its_neighbours_and_says_where_it_is():
    edited = editing.move_up(RULE, (0, 1))

    assert edited.rule == any_of(all_of(B, A), C, D)
    assert editing.said(edited.rule, edited.at) == "condition 1.1, now first of two in group 1"


def test_a_line_moves_into_the_group_above_it_and_out_again():
    inside = editing.move_in(RULE, (1,))

    assert inside.rule == any_of(all_of(A, B, C), D)
    assert inside.at == (0, 2)
    assert editing.move_out(inside.rule, inside.at) == editing.Edited(RULE, (1,))


@pytest.mark.parametrize(
    ("move", "place", "words"),
    [
        (editing.move_up, (0,), "This line is the first of its group."),
        (editing.move_down, (2,), "This line is the last of its group."),
        (editing.move_in, (2,), "There is no group directly above this line to move it into."),
        (editing.move_in, (0,), "There is no group directly above this line to move it into."),
        (editing.move_out, (1,), "This line is in no group that it could leave."),
        (editing.remove, (7,), "This line is no longer there. Look at the rule again."),
        (editing.move_up, (1, 0), "This line is no longer there. Look at the rule again."),
    ],
)
def test_a_move_that_leads_nowhere_is_refused_with_words(move, place, words):
    with pytest.raises(CannotEdit, match=words):
        move(RULE, place)


def test_a_condition_added_to_a_rule_of_one_makes_a_group_of_both():
    assert editing.add(A, (), B) == editing.Edited(all_of(A, B), (1,))


def test_what_is_added_to_open_from_the_start_takes_its_place():
    assert editing.add({"kind": "always"}, (), B).rule == all_of(B)


def test_open_from_the_start_added_to_an_empty_rule_is_the_rule():
    assert editing.add(all_of(), (), {"kind": "always"}).rule == {"kind": "always"}


def test_a_group_changes_what_it_asks_and_keeps_what_is_in_it():
    counted = editing.change_kind(RULE, (), "count-of").rule

    assert (counted["k"], counted["counting"], counted["of"]) == (2, "done", RULE["of"])
    assert editing.change_kind(counted, (), "any").rule == RULE


def test_removing_a_line_leads_to_the_one_that_follows():
    assert editing.remove(RULE, (1,)) == editing.Edited(any_of(all_of(A, B), D), (1,))
    assert editing.remove(RULE, (2,)).at == (1,)
    assert editing.remove(any_of(all_of(A), C), (0, 0)).at == (0,)


def test_a_bare_key_in_a_list_of_steps_is_that_step_done_or_waived():
    assert editing.whole({"kind": "count-of", "k": 1, "of": ["a", "b"]})["of"] == [A, B]


def test_no_rule_is_deeper_than_four_levels():
    deep = all_of(all_of(all_of(A)))

    with pytest.raises(CannotEdit, match="at most 4"):
        editing.add(deep, (0, 0), all_of(B))


def test_no_rule_has_more_than_64_parts():
    full = all_of(*[A] * (MAX_NODES - 1))

    with pytest.raises(CannotEdit, match="at most 64 parts"):
        editing.add(full, (), B)


@pytest.mark.parametrize("words", ["", "unlock.of[x]", "unlock.of[1]of[2]", "unlock.of[9999]", "unlock.of[0].step"])
def test_what_is_no_place_is_refused(words):
    with pytest.raises(CannotEdit):
        editing.read_place(words)


@given(rule_and_place())
def test_in_then_out_is_where_it_was(drawn):
    rule, place = drawn
    if not editing.moves(rule, place).inwards:
        return
    try:
        inside = editing.move_in(rule, place)
    except CannotEdit:
        return

    assert editing.move_out(inside.rule, inside.at) == editing.Edited(rule, place)


@given(rule_and_place())
def test_up_then_down_is_where_it_was(drawn):
    rule, place = drawn
    if not editing.moves(rule, place).up:
        return

    above = editing.move_up(rule, place)

    assert editing.move_down(above.rule, above.at) == editing.Edited(rule, place)


@given(rule_and_place())
def test_a_place_is_read_back_from_its_name(drawn):
    rule, place = drawn

    assert editing.read_place(editing.written(place)) == place
    assert editing.at(rule, place) in [node for _, node in editing.lines(rule)]


EDITS = st.sampled_from(["up", "down", "in", "out", "remove", "all", "any", "count-of", "add", "group"])
KINDS = st.sampled_from([kind for kind, _ in sentences.kinds(KNOWN)])


@given(st.lists(st.tuples(EDITS, st.integers(0, 63), KINDS), max_size=12))
def test_any_edits_leave_a_rule_that_holds_or_say_why_it_does_not(edits):
    rule = all_of(A, any_of(B, C))
    for edit, nth, kind in edits:
        places = [place for place, _ in editing.lines(rule)]
        before, place = deepcopy(rule), places[nth % len(places)]
        try:
            edited = _edit(rule, place, edit, kind)
        except CannotEdit as refused:
            assert refused.words.endswith((".", "?"))
            continue
        assert rule == before
        rule = edited.rule
        editing.at(rule, edited.at)

    assert editing.depth(rule) <= MAX_DEPTH
    assert sum(1 for _ in editing.lines(rule)) <= MAX_NODES
    told = sentences.mistakes(rule, KNOWN)
    assert (not told) == _holds(rule)
    assert all(mistake.problem and mistake.path.startswith("unlock") for mistake in told)


def _edit(rule, place, edit, kind):
    if edit in editing.MOVES:
        return editing.MOVES[edit](rule, place)
    if edit in editing.GROUPS:
        return editing.change_kind(rule, place, edit)
    return editing.add(rule, place, sentences.new("all" if edit == "group" else kind, KNOWN, TODAY))


def _holds(rule):
    try:
        sentences.as_rule(rule)
    except ValueError:
        return False
    return True
