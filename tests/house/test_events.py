"""Every event of the record is in the glossary, in the style `subject.past-tense`, with no words of anybody's in it."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import get_args

import pytest

from app.clinical.sequencing import facts
from tests.house.files import HOUSE, called, functions, nodes, python, text_of

STYLE = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z*]+(-[a-z]+)*$")
# What somebody wrote, or who they are: none of it belongs in a log that is read for other reasons.
PRIVATE = {"words", "note", "told", "text", "values", "answers", "total", "email", "name", "nhs_number", "born_on"}


def calls(root: Path) -> Iterator[tuple[str, ast.Call, set[str]]]:
    """Every call that puts an entry in the record, where it is, and the parameters of its function."""
    for where, tree in python(root):
        imported = {
            a.asname or a.name for n in nodes(tree) if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names
        }
        for function in functions(tree):
            takes = {a.arg for a in function.args.args + function.args.kwonlyargs}
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and node.args and _records(node, imported):
                    yield f"{where}:{node.lineno}", node, takes


def _records(call: ast.Call, imported: set[str]) -> bool:
    # `queries.record(work, patient)` reads one: its `record` is a module's and not a work's.
    of = getattr(call.func, "value", None)
    return called(call) in ("record", "record_look") and getattr(of, "id", of) not in imported and of is not None


def events(root: Path) -> Iterator[tuple[str, str]]:
    """Each event and where it is recorded; a part that is put together is a star."""
    for where, call, takes in calls(root):
        event = call.args[0]
        if isinstance(event, ast.JoinedStr):
            yield "".join(text_of(part) or "*" for part in event.values), where
        elif text_of(event):
            yield text_of(event) or "", where
        elif not (isinstance(event, ast.Name) and event.id == "event" and "event" in takes):
            yield "?", where
    for where, tree in python(root, "app/*/*actions.py"):
        for node in nodes(tree):
            for keyword in node.keywords if isinstance(node, ast.Call) else []:
                if keyword.arg == "event":
                    yield text_of(keyword.value) or "?", f"{where}:{node.lineno}"


def glossary(root: Path) -> set[str]:
    text = (root / "docs" / "audit-events.md").read_text("utf-8")
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def faults(root: Path) -> Iterator[str]:
    known, recorded = glossary(root), list(events(root))
    for event, where in recorded:
        if not STYLE.match(event):
            yield f"{where}: “{event}” is not written as subject.past-tense"
        elif not any(fnmatch(one, event) for one in known):
            yield f"{where}: “{event}” is not in docs/audit-events.md"
    for event in known:
        if not any(fnmatch(event, one) for one, _ in recorded):
            yield f"docs/audit-events.md: nothing records “{event}”"


def telling(root: Path) -> list[str]:
    return [
        f"{where}: {keyword.arg} may hold what somebody wrote"
        for where, call, _ in calls(root)
        for keyword in call.keywords
        if keyword.arg in PRIVATE and called(keyword.value) != "bool"
    ]


def test_every_event_is_in_the_glossary_and_the_glossary_has_no_other():
    assert list(faults(HOUSE)) == []


def test_every_kind_of_decision_is_in_the_glossary():
    kinds = {kind.model_fields["kind"].default for kind in get_args(facts.Decision)}

    assert {f"decision.{kind}" for kind in kinds} == {
        event for event in glossary(HOUSE) if event.startswith("decision.")
    }


def test_no_entry_carries_what_somebody_wrote():
    assert telling(HOUSE) == []


@pytest.mark.parametrize(
    "line",
    [
        'work.record("weather.rated")',
        'work.record(f"weather.{what}")',
        'work.record("weatherRated")',
        "work.record(what)",
    ],
)
def test_an_event_that_is_not_in_the_glossary_is_found(plant, line):
    found = faults(plant("app/weather/actions.py", f"def rate(work, what):\n    {line}\n"))

    assert [fault[:25] for fault in found if "weather" in fault] == ["app/weather/actions.py:2:"]


def test_an_event_handed_on_by_name_is_found(plant):
    found = faults(plant("app/weather/actions.py", 'def rate(work): _rate(work, event="weather.rated")\n'))

    assert any("weather.rated" in fault for fault in found)


def test_a_row_of_the_glossary_that_nothing_records_is_found(plant):
    found = faults(plant("docs/audit-events.md", "\n| `weather.rated` | Somebody rated their weather. |\n"))

    assert "docs/audit-events.md: nothing records “weather.rated”" in found


def test_an_entry_with_somebodys_words_is_found(plant):
    assert telling(
        plant("app/weather/actions.py", 'def rate(work, words):\n    work.record("weather.rated", note=words)\n')
    )
