"""Every hazard in the log has a control that exists and a test that exists, and its class is worked out rightly."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import HOUSE, python

LOG = "docs/clinical-safety.md"
HAZARD = re.compile(r"^## (H\d\d) .+$", re.MULTILINE)
NAMED = re.compile(r"^- (Rule|Test): `([^`]+)`$", re.MULTILINE)
RISK = re.compile(r"S (\d), L (\d),\s+class\s(\d);\s+with\s+the\s+controls L (\d),\s+class (\d)")
# From this class on, what software leaves open is somebody's to do.
UNDESIRED = 3
DUTY = "The service’s part: "
CLASSES = (
    (1, 1, 2, 2, 3),
    (1, 2, 2, 3, 4),
    (2, 2, 3, 3, 4),
    (2, 3, 3, 4, 5),
    (3, 4, 4, 5, 5),
)


def hazards(root: Path) -> Iterator[tuple[str, str]]:
    """Each hazard's number and text."""
    parts = HAZARD.split((root / LOG).read_text("utf-8"))[1:]
    yield from zip(parts[::2], parts[1::2], strict=True)


def faults(root: Path) -> Iterator[str]:
    numbers = [number for number, _ in hazards(root)]
    if numbers != [f"H{n:02d}" for n in range(1, len(numbers) + 1)]:
        yield f"hazards are not numbered one after the other: {', '.join(numbers)}"
    for number, text in hazards(root):
        named = NAMED.findall(text)
        yield from (f"{number} names no {kind.lower()}" for kind in ("Rule", "Test") if kind not in dict(named))
        for kind, name in named:
            if not (_rule_exists(root, name) if kind == "Rule" else _test_exists(name)):
                yield f"{number}: {name} does not exist"
        yield from (f"{number}: {wrong}" for wrong in _risk(text))
        if (said := RISK.search(text)) and int(said[5]) >= UNDESIRED and DUTY not in text:
            yield f"{number} stays at class {said[5]} and says nothing of the service’s part"


def _rule_exists(root: Path, name: str) -> bool:
    module, _, rule = name.rpartition(".")
    return any(rule in _names(tree) for _, tree in python(root, module.replace(".", "/") + ".py"))


def _test_exists(name: str) -> bool:
    file, _, test = name.partition("::")
    return test.startswith("test_") and any(test in _names(tree) for _, tree in python(HOUSE, file))


def _names(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}


def _risk(text: str) -> Iterator[str]:
    said = RISK.search(text)
    if said is None:
        yield "no severity, likelihood and class, before and after"
        return
    severity, before, its, after, then = map(int, said.groups())
    for likelihood, told in ((before, its), (after, then)):
        right = CLASSES[severity - 1][likelihood - 1]
        if told != right:
            yield f"severity {severity} and likelihood {likelihood} are class {right}, not {told}"


def test_every_hazard_names_a_rule_and_a_test_that_exist():
    assert len(list(hazards(HOUSE))) >= 20
    assert list(faults(HOUSE)) == []


HELD = """
## H{0:02d} A weather is lost

S 2, L 2, class 2; with the controls L 1, class 1.

- Rule: `app.kit.audit.entries_to_write`
- Test: `tests/house/test_hazards.py::test_a_hazard_that_is_whole_is_let_be`
"""


def planted(plant, text: str) -> list[str]:
    return list(faults(plant(LOG, text.format(1 + len(list(hazards(HOUSE)))))))


def test_a_hazard_that_is_whole_is_let_be(plant):
    assert planted(plant, HELD) == list(faults(HOUSE))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("- Rule: `app.kit.audit.entries_to_write`\n", "", "names no rule"),
        ("- Test: ", "- Tried: ", "names no test"),
        ("app.kit.audit.entries_to_write", "app.kit.audit.wrote", "app.kit.audit.wrote does not exist"),
        ("app.kit.audit.entries_to_write", "app.kit.audited.write", "app.kit.audited.write does not exist"),
        ("_is_let_be", "_is_let_go", "_is_let_go does not exist"),
        ("test_hazards.py::test_a", "test_hazards.py::a", "does not exist"),
        ("class 2;", "class 1;", "severity 2 and likelihood 2 are class 2, not 1"),
        ("S 2, L 2, class 2; ", "", "no severity"),
        ("L 1, class 1", "L 3, class 3", "stays at class 3 and says nothing of the service’s part"),
        ("## H{0:02d}", "## H99", "not numbered"),
    ],
)
def test_a_hazard_that_lacks_a_part_is_found(plant, right, wrong, said):
    assert right in HELD
    assert any(said in fault for fault in planted(plant, HELD.replace(right, wrong)))
