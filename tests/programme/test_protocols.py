"""Protocols of momentary assessment are content: what is shipped is sound, mistakes are told by line and fix."""

from pathlib import Path

import pytest

from app.programme.content import check_content, read_library
from tests.programme.small_library import lay_out

SHIPPED = Path("modules_content/protocols/trial-seven.yaml")


@pytest.fixture
def root(tmp_path):
    made = lay_out(tmp_path)
    (made / "protocols").mkdir(exist_ok=True)
    return made


def test_the_seven_things_are_asked_and_sleep_in_the_morning_alone(library):
    seven = library.protocols["trial-seven"]

    names = [item.short for item in seven.items]
    assert names == ["Sleep", "Mood", "Worry", "Self-esteem", "Activities done", "Enjoyment", "Social contact"]
    assert [len(seven.asked_in(window.key)) for window in seven.windows] == [7, 6, 6]
    assert not seven.is_signed_off


def test_a_protocol_is_added_without_code(root):
    (root / "protocols" / "mine.yaml").write_text(SHIPPED.read_text().replace("key: trial-seven", "key: mine"))

    assert check_content(root) == []
    assert read_library(root).protocols["mine"].days == 7


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("days: 7", "dayz: 7", 'protocols/mine.yaml:5: field "dayz" is not known. Did you mean "days"?'),
        ('from: "08:30"', 'from: "03:30"', 'protocols/mine.yaml:9: window "morning" asks before 05:00. Let it begin'),
        ("windows: [morning]", "windows: [dawn]", 'protocols/mine.yaml:19: there is no window "dawn". Use one of:'),
        ("late: accept-as-late", "late: maybe", 'protocols/mine.yaml:7: "maybe" is not a value of "late"'),
        ("key: trial-seven", "key: other", 'protocols/mine.yaml:1: key "other" is not the name it is found under'),
    ],
)
def test_a_mistake_is_told_by_file_line_and_fix(root, before, after, fault):
    text = SHIPPED.read_text().replace("key: trial-seven", "key: mine").replace("key: trial-seven", after)
    if before == "key: trial-seven":
        before = "key: mine"
    (root / "protocols" / "mine.yaml").write_text(text.replace(before, after, 1))

    assert [str(one)[: len(fault)] for one in check_content(root)] == [fault]
