"""No file and no function is longer than a person can keep in mind, and every room's name is of the subject."""

from collections.abc import Iterator
from pathlib import Path

from tests.house.files import HOUSE, functions, python

FILE_LINES = 400
FUNCTION_LINES = 50
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "service", "base", "common", "misc"}


def too_long(root: Path) -> Iterator[str]:
    for where, tree in python(root):
        lines = len((root / where).read_text("utf-8").splitlines())
        if lines > FILE_LINES:
            yield f"{where} has {lines} lines"
        for function in functions(tree):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{where}:{function.lineno} {function.name} has {length} lines"


def named_for_nothing(root: Path) -> list[str]:
    return [where for where, _ in python(root) if EMPTY_NAMES & set(Path(where).stem.split("_"))]


def test_every_file_and_function_is_short_enough():
    assert list(too_long(HOUSE)) == []


def test_every_file_is_named_for_its_subject():
    assert named_for_nothing(HOUSE) == []


def test_a_long_file_is_found(plant):
    found = too_long(plant("app/weather/pages.py", "a = 1\n" * 401))

    assert [fault for fault in found if "weather" in fault] == ["app/weather/pages.py has 401 lines"]


def test_a_long_function_is_found(plant):
    found = too_long(plant("app/weather/queries.py", "class Weather:\n def rate(self):\n" + "  a = 1\n" * 50))

    assert [fault for fault in found if "weather" in fault] == ["app/weather/queries.py:2 rate has 51 lines"]


def test_a_file_named_for_nothing_is_found(plant):
    assert named_for_nothing(plant("app/weather/weather_helpers.py", "")) == ["app/weather/weather_helpers.py"]
