"""Every command is in the README, and the README has no command that does not exist."""

import re

from app.cli import COMMANDS
from tests.house.files import HOUSE

ROW = re.compile(r"^\| `braid ([a-z-]+)` \|", re.MULTILINE)


def told(readme: str) -> list[str]:
    return ROW.findall(readme)


def test_the_readme_has_every_command():
    assert sorted(told((HOUSE / "README.md").read_text("utf-8"))) == sorted(COMMANDS)


def test_a_command_that_is_not_there_is_found():
    assert told("| `braid sing` | It sings. |") == ["sing"]
