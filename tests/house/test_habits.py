"""Habits no import contract and no linter can see: who commits, how SQL is put together, what the core may call."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import HOUSE, called, nodes, python

IMPURE = {"now", "utcnow", "today", "uuid1", "uuid4", "open", "print", "input"}
# Built from pieces, so that this file is not the first it finds.
MACHINE = re.compile(r"(?<![\w.{/-])/(?:" + "|".join(("home", "work", "Users", "root")) + r")/\w")
REGISTRY = re.compile(
    "|".join(("pypi" + r"\.org", "python" + "hosted", r"npmjs\." + "org", "arti" + "factory", "--index" + "-url="))
)


def commits(root: Path) -> list[str]:
    """Commits and rollbacks outside `kit`."""
    return [
        f"{where}:{node.lineno} calls {called(node)}"
        for where, tree in python(root)
        for node in nodes(tree)
        if not where.startswith("app/kit/") and called(node) in ("commit", "rollback")
    ]


def sewn_sql(root: Path) -> Iterator[str]:
    """SQL whose text is put together from values."""
    for where, tree in python(root):
        for node in nodes(tree):
            if called(node) not in ("text", "exec_driver_sql"):
                continue
            sql = node.args[0] if isinstance(node, ast.Call) and node.args else None
            if isinstance(sql, ast.JoinedStr | ast.BinOp) or called(sql) in ("format", "join", "replace"):
                yield f"{where}:{sql.lineno} puts SQL together"


def impure(root: Path) -> list[str]:
    """Calls in the clinical core whose answer depends on more than what they are given."""
    return [
        f"{where}:{node.lineno} calls {called(node)}"
        for where, tree in python(root, "app/clinical/**/*.py")
        for node in nodes(tree)
        if called(node) in IMPURE
    ]


def tracked() -> list[Path]:
    """The files that are kept, or those that would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return [HOUSE / name for name in listed.splitlines() if (HOUSE / name).is_file()]


def tied_to_a_machine(path: Path) -> list[str]:
    """Lines that only make sense on one machine, or that name where packages come from."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return []
    lines = enumerate(text.splitlines(), start=1)
    return [f"{path}:{n} {line.strip()[:80]}" for n, line in lines if MACHINE.search(line) or REGISTRY.search(line)]


def test_nothing_outside_the_kit_commits():
    assert commits(HOUSE) == []


def test_no_sql_is_put_together_from_values():
    assert list(sewn_sql(HOUSE)) == []


def test_the_core_answers_from_what_it_is_given():
    assert impure(HOUSE) == []


def test_nothing_kept_is_tied_to_a_machine():
    if not tracked():
        pytest.skip("not a git checkout")
    assert [line for path in tracked() for line in tied_to_a_machine(path)] == []


@pytest.mark.parametrize("line", ["work.session.commit()", "session.rollback()"])
def test_a_commit_in_a_room_is_found(plant, line):
    assert commits(plant("app/weather/actions.py", f"def rate(work):\n    {line}\n")) == [
        f"app/weather/actions.py:2 calls {line.split('.')[-1][:-2]}"
    ]


@pytest.mark.parametrize(
    "sql",
    [
        'sa.text(f"select {column}")',
        'sa.text("select " + column)',
        'text("select {}".format(column))',
        'connection.exec_driver_sql(f"drop table {name}")',
    ],
)
def test_sql_put_together_from_values_is_found(plant, sql):
    assert list(sewn_sql(plant("app/weather/queries.py", sql))) == ["app/weather/queries.py:1 puts SQL together"]


@pytest.mark.parametrize("line", ["datetime.now(UTC)", "date.today()", "uuid4()", "open('x')"])
def test_an_impure_call_in_the_core_is_found(plant, line):
    assert impure(plant("app/clinical/weathers.py", f"def weather():\n    return {line}\n"))


@pytest.mark.parametrize(
    "line",
    ["PATH = '/ho" + "me/robin/braid'", "cd /wo" + "rk/main", "https://py" + "pi.org/simple", "--index" + "-url=x"],
)
def test_a_line_tied_to_a_machine_is_found(tmp_path, line):
    (tmp_path / "notes.md").write_text(f"one\n{line}\n")

    assert len(tied_to_a_machine(tmp_path / "notes.md")) == 1


@pytest.mark.parametrize("line", ["/my/homework/{homework_id}", "see /home", "https://example.org/work/a", "./work/x"])
def test_a_line_that_only_looks_tied_is_let_be(tmp_path, line):
    (tmp_path / "notes.md").write_text(line)

    assert tied_to_a_machine(tmp_path / "notes.md") == []
