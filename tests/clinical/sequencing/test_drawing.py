"""A pathway as a drawing: layers, arrows, and no line that crosses a word."""

from itertools import pairwise

import pytest
from hypothesis import given, settings

from app.clinical.sequencing import drawing
from app.clinical.sequencing.drawing import NARROW, WIDE
from tests.clinical.sequencing.starter import pathway_of
from tests.clinical.sequencing.starter import step as titled
from tests.clinical.sequencing.strategies import pathways

ALWAYS = {"kind": "always"}


def step(key, *, unlock, **fields):
    return titled(key, key.upper(), unlock, **fields)


def done(key):
    return {"kind": "step-satisfied", "step": key}


def test_steps_stand_in_layers_by_what_must_come_before_them():
    pathway = pathway_of(
        step("a", unlock=ALWAYS),
        step("b", unlock=done("a")),
        step("c", unlock=done("a")),
        step("d", unlock={"kind": "any", "of": [{"kind": "all", "of": [done("a"), done("b")]},
                                                {"kind": "released-by", "roles": ["practitioner"]}]}),
    )  # fmt: skip

    assert drawing.layers(pathway) == {"a": 0, "b": 1, "c": 1, "d": 2}


def test_steps_that_wait_on_each_other_come_last():
    pathway = pathway_of(step("a", unlock=ALWAYS), step("b", unlock=done("c")), step("c", unlock=done("b")))

    assert drawing.layers(pathway) == {"a": 0, "b": 1, "c": 1}


def test_the_list_says_what_the_drawing_shows():
    pathway = pathway_of(
        step("a", unlock=ALWAYS),
        step("b", unlock={"kind": "count-of", "k": 1, "of": ["a", "c"]}),
        step("c", unlock={"kind": "time-since", "n": 7, "anchor": done("a")}),
    )
    told = {one.key: one for one in drawing.told(pathway)}

    assert told["a"].needed_by == ("B", "C")
    assert told["b"].opens == "1 of these done: A, C."
    assert told["c"].opens == "7 days after A done or waived."
    assert {(arrow.start, arrow.end) for arrow in drawing.draw(pathway).arrows} == {("a", "b"), ("c", "b"), ("a", "c")}


def test_a_retired_step_is_not_drawn():
    pathway = pathway_of(step("a", unlock=ALWAYS), step("b", unlock=ALWAYS, retired=True))

    assert [box.key for box in drawing.draw(pathway).boxes] == ["a"]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@settings(max_examples=60)
@given(pathway=pathways())
def test_no_line_crosses_a_box_and_no_box_another(width, pathway):
    holds(drawing.draw(pathway, width), width)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("key", ["as-it-should-be", "as-it-was", "mixed"])
def test_the_pathways_of_the_library_fit(width, key, library):
    holds(drawing.draw(library.pathways[key], width), width)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_long_chain_is_drawn_one_under_another(width):
    keys = "abcdefgh"
    steps = [
        step(key, unlock=done(before) if before else ALWAYS) for before, key in zip(["", *keys], keys, strict=False)
    ]

    drawn = drawing.draw(pathway_of(*steps), width)

    holds(drawn, width)
    assert len({box.x for box in drawn.boxes}) == 1


def holds(drawn, width):
    assert drawn.width <= width
    for box in drawn.boxes:
        assert box.x >= 0 and box.x + box.width <= drawn.width and box.y + box.height <= drawn.height
        assert all(box.y < y < box.y + box.height for y, _ in (*box.title, *box.words))
        assert all(7.4 * len(line) <= box.width for _, line in (*box.title, *box.words) if " " in line)
        for other in drawn.boxes:
            apart = (
                box.x + box.width <= other.x
                or other.x + other.width <= box.x
                or box.y + box.height <= other.y
                or other.y + other.height <= box.y
            )
            assert other is box or apart
        for arrow in drawn.arrows:
            for (x1, y1), (x2, y2) in pairwise(arrow.corners):
                across = min(x1, x2) < box.x + box.width - 0.01 and max(x1, x2) > box.x + 0.01
                along = min(y1, y2) < box.y + box.height - 0.01 and max(y1, y2) > box.y + 0.01
                assert not (across and along), (arrow, box)
