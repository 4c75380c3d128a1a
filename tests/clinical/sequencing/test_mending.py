"""A draft is read as far as it can be, so that one unfinished step keeps nothing else from being tried."""

from app.clinical.sequencing.mending import readable
from tests.clinical.sequencing.starter import RAW, step


def with_steps(*more, **fields):
    return {**RAW, "steps": [*RAW["steps"], *more], **fields}


UNFINISHED = step("new", "New", {"kind": "all", "of": []})
AFTER_NOTHING = step("odd", "Odd", {"kind": "step-satisfied", "step": "nowhere"})


def test_what_is_whole_is_read_as_it_is():
    assert readable(RAW).opened == frozenset()


def test_unfinished_steps_are_taken_as_open_whatever_else_they_hid():
    found = readable(with_steps(UNFINISHED, AFTER_NOTHING), "rp")

    assert found.pathway and found.opened == {"new", "odd"}
    assert found.pathway.by_key["rp"].unlock.kind == "any" and found.pathway.by_key["odd"].unlock.kind == "always"


def test_the_step_that_is_tried_is_never_taken_as_another():
    assert readable(with_steps(UNFINISHED), "new").pathway is None


def test_what_is_wrong_around_the_steps_is_put_aside():
    whole = {"title": "", "sessions": 0, "choice_groups": [{"key": "x", "title": "X", "steps": [], "exactly": 1}]}

    assert readable(with_steps(UNFINISHED, **whole), "rp").opened == {"new"}
    assert readable({"key": "a", "steps": []}).pathway is None
