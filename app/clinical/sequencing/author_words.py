"""What keeps a draft from being read, as somebody reads it who writes it in the editor: by titles, and no field names.

In a file, where the fields stand, each mistake is told by its own words and its path.
"""

import re
from collections.abc import Iterable, Mapping

from app.clinical.sequencing import arranging, editing, sentences
from app.clinical.sequencing.arranging import Body
from app.clinical.sequencing.references import Mistake

_FIELDS = {
    "title": ("The title is missing", "Give it a title of up to 120 letters."),
    "programme_days": ("The days are not a number from 1 to 730", "Write them under Length."),
    "sessions": ("The sessions are not a number from 1 to 100", "Write them under Length."),
    "exactly": ("How many are chosen is not a number of at least 1", "Write it under Choices."),
    "at_most": ("How many are chosen is not a number of at least 1", "Write it under Choices."),
    "at_least": ("How many activities count is not a number of at least 1", "Write it under What counts as done."),
    "kind": ("A part of the rule is of no kind known here", "Remove it, and add a condition."),
}
_SAID = (
    (r'"(.+)" is not a step', "“{0}” is no step of this pathway", "Choose another step."),
    (r'"(.+)" waits for itself', "{0} waits for itself", "Choose another step."),
    (r'"(.+)" is retired', "It names {0}, which is retired: nobody new reaches it", "Choose another step."),
    (r"this group is empty", "There is nothing in it yet", "Add a condition, or let it be open from the start."),
    (r"this group has only one condition in it", "There is only one condition in it", "Add another, or move it out."),
    (r"(\d+) cannot be done of (\d+)", "It asks for {0} of {1}", "Ask for fewer, or add to them."),
    (r"choosing (\d+) of (\d+) is no choice", "To choose {0} of {1} is no choice", "Ask for fewer, or tick more."),
    (r"this list is empty", "Nothing is chosen in it yet", "Choose at least two."),
    (r'"(.+)" is not an activity of this step', "What counts as done names an activity it has not", "Tick others."),
    (r'"(.+)" is in the choice "(.+)" already', "{0} is in two choices", "Take it out of one."),
    (r'(?:step|choice group|activity) "(.+)" is there twice', "{0} is there twice", "Take one of them out."),
    (r'there is no module "(.+)"', "The library has no module “{0}”", ""),
    (r'there is no technique "(.+)"', "The library has no technique “{0}”", ""),
    (r'there is no measure "(.+)"', "The library has no questionnaire “{0}”", ""),
)


def for_author(found: Mistake, body: Body) -> str:
    """What is wrong and what mends it, in two sentences."""
    titles = {str(each.get("key")): arranging.title(each) for each in arranging.steps(body)}
    problem, fix = _of_blank(found, body) or _told(found, titles)
    return f"{problem[:1].upper()}{problem[1:]}. {fix}".strip()


def _of_blank(found: Mistake, body: Body) -> tuple[str, str] | None:
    """What the blank of a rule says that was filled in wrongly, such as the range of its number."""
    if not found.problem.startswith("this cannot be used") or found.at[:1] != ("steps",) or len(found.at) < 4:
        return None
    place, part = found.at[1:3]
    step = arranging.steps(body)[place] if isinstance(place, int) else {}
    blank = sentences.blank_at(editing.whole(step.get(str(part))), found.at[2:])
    return (blank.problem, "") if blank else None


def _told(found: Mistake, titles: Mapping[str, str]) -> tuple[str, str]:
    for pattern, problem, fix in _SAID:
        if match := re.fullmatch(pattern, found.problem):
            return problem.format(*_titled(match.groups(), titles)), fix or found.fix
    named = str(found.at[-1]) if found.at else ""
    if named in _FIELDS and (found.problem.startswith("this cannot be used") or found.problem.endswith("is missing")):
        return _FIELDS[named]
    if found.problem.startswith("this cannot be used"):
        return "Something in it cannot be used", "Look at what was written there."
    return found.problem, found.fix


def _titled(keys: Iterable[str], titles: Mapping[str, str]) -> list[str]:
    return [titles.get(key, key) for key in keys]
