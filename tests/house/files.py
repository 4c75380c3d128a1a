"""The files of the house, read once each: what the checks in this folder look at."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]


def python(root: Path, *globs: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file that matches, as its path below the root and its syntax tree."""
    for glob in globs or ("app/**/*.py",):
        for path in sorted(root.glob(glob)):
            yield path.relative_to(root).as_posix(), _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of a file, walked once however many checks look at it."""
    return tuple(ast.walk(tree))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, methods and inner ones too."""
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def called(node: ast.AST) -> str:
    """The last word of what a call calls: `work.record(...)` calls `record`."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def text_of(node: ast.AST | None) -> str | None:
    """A constant string, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
