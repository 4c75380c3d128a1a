"""Worksheets: how the answers to an exercise are read, ordered and told back in words."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from app.clinical import answers, fields
from app.clinical.answer_words import shortened, words
from app.clinical.containers import WORKSHEET, Form, Ladder, Log, Tree, WeeklyPlan, Worksheet
from app.clinical.fields import AnyField

__all__ = ["WORKSHEET", "Form", "Ladder", "Log", "Tree", "Values", "WeeklyPlan", "Worksheet", "words"]

Values = Mapping[str, JsonValue]


def read(worksheet: Worksheet, posted: answers.Posted) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """What was posted, as typed answers, and a sentence for each field that cannot be kept as it is.

    A field without an answer is left out of the answers. A tree gives `path` (a list of node and choice),
    `action` when its end was reached, and the fields met on the way; each node is posted as the place of
    the chosen option, counted from 0, or as its label. Never raises: names it does not know are ignored.
    """
    if isinstance(worksheet, Tree):
        return _read_tree(worksheet, posted)
    values: dict[str, JsonValue] = {}
    problems: dict[str, str] = {}
    for field in worksheet.entry_fields:
        _read_into(field, posted, values, problems)
    return values, problems


def _read_into(field: AnyField, posted: answers.Posted, values: dict[str, JsonValue], problems: dict[str, str]) -> None:
    try:
        value = answers.read_answer(field, posted)
    except answers.Mistake as mistaken:
        problems[field.key] = str(mistaken)
        return
    if value is not None:
        values[field.key] = value


def _read_tree(tree: Tree, posted: answers.Posted) -> tuple[dict[str, JsonValue], dict[str, str]]:
    path: list[JsonValue] = []
    values: dict[str, JsonValue] = {"path": path}
    problems: dict[str, str] = {}
    key: str | None = tree.start
    while key is not None:
        node = tree.node(key)
        if node.field:
            _read_into(node.field, posted, values, problems)
        choice = node.choice(next(iter(answers.strings(posted, node.key)), ""))
        if choice is None:
            problems[node.key] = f"Choose an answer to “{node.question}”."
            break
        path.append({"node": node.key, "choice": choice.label})
        if choice.action is not None:
            values["action"] = choice.action
        key = choice.to
    return values, problems


def is_empty(values: Values) -> bool:
    """Whether nothing at all was answered. Zero is an answer."""
    return all(value is None or value == "" or value == [] or value == {} for value in values.values())


def in_words(worksheet: Worksheet, values: Values) -> tuple[tuple[str, str], ...]:
    """Each answered question with its answer in words, in the order asked; for review pages and exports."""
    told = [(f.label, words(f, values[f.key])) for f in worksheet.entry_fields if f.key in values]
    if isinstance(worksheet, Tree):
        told = [*_path_in_words(worksheet, values.get("path")), *told]
        if action := values.get("action"):
            told.append(("What to do", str(action)))
    return tuple(told)


def _path_in_words(tree: Tree, path: JsonValue) -> Iterator[tuple[str, str]]:
    questions = {node.key: node.question for node in tree.nodes}
    for step in path if isinstance(path, list) else []:
        if isinstance(step, dict) and step.get("node") in questions:
            yield questions[str(step["node"])], str(step.get("choice", ""))


def summary_line(worksheet: Worksheet, values: Values) -> str:
    """One line that tells an entry from the others in a list, 120 characters at most."""
    if isinstance(worksheet, Tree) and values.get("action"):
        return shortened(str(values["action"]), 120)
    told = [_in_short(f, values[f.key]) for f in worksheet.entry_fields if f.key in values]
    if isinstance(worksheet, WeeklyPlan) and {"day", "part"} <= values.keys():
        told = [f"{told[0]} {told[1].lower()}", *told[2:]]
    return shortened(". ".join(text for text in told[:4] if text), 120)


def _in_short(field: AnyField, value: JsonValue) -> str:
    text = shortened(" ".join(words(field, value).split()), 60).rstrip(".")
    if isinstance(field, fields.Scale | fields.Number | fields.Duration):
        return f"{field.label.rstrip(' ?.:')}: {text}"
    return text


def rung(ladder: Ladder, values: Values) -> tuple[bool, float]:
    """A sort key that puts the lowest rating first and the steps not yet rated last."""
    rating = values.get(ladder.order_by)
    rated = isinstance(rating, int | float) and not isinstance(rating, bool)
    return (not rated, float(rating) if isinstance(rating, int | float) and rated else 0.0)


def in_order(ladder: Ladder, entries: Sequence[Values]) -> list[Values]:
    """The steps of a ladder from the lowest rating to the highest; equal ones keep their order."""
    return sorted(entries, key=lambda values: rung(ladder, values))
