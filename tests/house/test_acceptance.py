"""Every case of what sequencing must do names tests, and each of them exists."""

import re

from tests.house.files import HOUSE
from tests.house.test_hazards import _test_exists

CASE = re.compile(r"^\| (\d+) [^|]+\|([^|]+)\|$", re.MULTILINE)


def cases() -> list[tuple[int, list[str]]]:
    """Each case's number and the tests it names."""
    text = (HOUSE / "docs/sequencing-acceptance.md").read_text("utf-8")
    return [(int(number), re.findall(r"`([^`]+)`", named)) for number, named in CASE.findall(text)]


def test_every_case_of_sequencing_names_tests_that_exist():
    assert [number for number, _ in cases()] == list(range(1, 16))
    missing = [name for _, named in cases() for name in named if not _test_exists(name)]
    assert missing == [] and all(named for _, named in cases())


def test_a_test_that_does_not_exist_is_missed():
    assert not _test_exists("tests/pathways/test_moves.py::test_nothing_of_the_kind")
