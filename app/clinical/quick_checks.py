"""Quick checks of what was read: a question, two to four answers, and words for each."""

import re
from typing import Annotated

from pydantic import Field

from app.clinical.fields import Value, Words, mistake

_OPTION = re.compile(r"\s*[-*] +\[(?P<mark>[ xX])\] +(?P<label>.*?)(?: +\|\s*(?P<feedback>.*))?")


class CheckOption(Value):
    label: Words
    right: bool
    feedback: Words


class Check(Value):
    """A question on what was read. More than one answer may be right; each has words of its own."""

    question: Words
    options: Annotated[tuple[CheckOption, ...], Field(min_length=2, max_length=4)]


def read_check(body: str) -> Check:
    """A check from its lines: the question, then `- [x] answer | what to say to it` for each answer.

    Raises a validation mistake whose place is ("line", n), n counted from 0 within the body.
    """
    question: list[str] = []
    options: list[CheckOption] = []
    for number, line in enumerate(body.split("\n")):
        option = _OPTION.fullmatch(line.rstrip())
        if option:
            options.append(_check_option(option, number))
        elif line.strip() and options:
            raise mistake(f'"{line.strip()}" is not an answer', "Write - [ ] answer | feedback.", "line", number)
        else:
            question.append(line.strip())
    asked = " ".join(part for part in question if part)
    _refuse_unsound(asked, options)
    return Check(question=asked, options=tuple(options))


def _check_option(option: re.Match[str], number: int) -> CheckOption:
    if not option["label"] or not option["feedback"]:
        raise mistake("an answer of the check says nothing back", "Add feedback after a |.", "line", number)
    return CheckOption(label=option["label"], right=option["mark"] != " ", feedback=option["feedback"])


def _refuse_unsound(question: str, options: list[CheckOption]) -> None:
    if not question:
        raise mistake("the check has no question", "Write it above the answers.", "line", 0)
    if not 2 <= len(options) <= 4:
        raise mistake(f"the check has {len(options)} answers", "Give it 2, 3 or 4.", "line", 0)
    if not any(option.right for option in options):
        raise mistake("no answer of the check is right", "Mark one with [x].", "line", 0)
