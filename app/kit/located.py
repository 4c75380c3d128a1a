"""YAML that remembers its lines, so that a mistake in it can be named by file, line and fix.

The syntax is YAML 1.2 with plain data only (https://yaml.org/spec/1.2.2/, core schema and dates).
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Loc = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in a file: where it is, what is wrong, and what would put it right. Lines count from 1."""

    file: str
    line: int
    problem: str
    fix: str = ""
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}: {kind}{self.problem}.{' ' + self.fix if self.fix else ''}"


class Unreadable(Exception):
    """A file that cannot be used, with every fault found in it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True)
class Located:
    """What a file says, and the line each part of it stands on."""

    file: str
    value: Any
    lines: Mapping[Loc, int] = field(repr=False)

    def line_of(self, loc: Loc) -> int:
        """The line of the deepest part of `loc` that is in the file; parts that are not there are passed over."""
        at: Loc = ()
        for part in loc:
            if (*at, part) in self.lines:
                at = (*at, part)
        return self.lines.get(at, 1)

    def fault(self, loc: Loc, problem: str, fix: str = "", *, warning: bool = False) -> Fault:
        """A fault at the line of `loc`."""
        return Fault(self.file, self.line_of(loc), problem, fix, warning)


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A sentence that offers the nearest of the known words, or lists them all when none is near."""
    choices = list(dict.fromkeys(known))
    near = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Use one of: {', '.join(choices)}." if choices else ""


def load(path: Path, *, shown_as: str | None = None) -> Located:
    """Read a YAML file. Raises `Unreadable` for what is not plain YAML 1.2, and for a key given twice."""
    return loads(text_of(path, shown_as=shown_as), file=shown_as or str(path))


def load_front_matter(path: Path, *, shown_as: str | None = None) -> tuple[Located, str, int]:
    """The YAML between two `---` lines at the top of a file, the text after it, and that text's first line."""
    file = shown_as or str(path)
    lines = text_of(path, shown_as=file).split("\n")
    closing = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if lines[0].rstrip() != "---" or closing is None:
        raise Unreadable([Fault(file, 1, "the front matter is missing", "Begin with --- and end it with ---.")])
    # The blank first line keeps the line numbers those of the file.
    located = loads("\n".join(["", *lines[1:closing]]), file=file)
    return located, "\n".join(lines[closing + 1 :]), closing + 2


def text_of(path: Path, *, shown_as: str | None = None) -> str:
    """The text of a UTF-8 file with line feeds. Raises `Unreadable` when it is not there or not UTF-8."""
    file = shown_as or str(path)
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise Unreadable([Fault(file, 1, "the file is missing", "Write it.")]) from None
    except UnicodeDecodeError as broken:
        line = broken.object[: broken.start].count(b"\n") + 1
        raise Unreadable([Fault(file, line, "the text is not UTF-8", "Save the file as UTF-8.")]) from None


@lru_cache(maxsize=2048)
def loads(text: str, *, file: str) -> Located:
    """Read YAML from text, as `load` does from a file. The same text gives the same value: it must not be changed."""
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as broken:
        raise Unreadable([_syntax_fault(file, broken)]) from None
    except YAMLError as broken:
        raise Unreadable([Fault(file, 1, _first_line(str(broken)), "Take it out.")]) from None
    if root is None:
        return Located(file, {}, {(): 1})
    building = _Building(file, yaml)
    value = building.value_of(root, ())
    if building.faults:
        raise Unreadable(building.faults)
    return Located(file, value, building.lines)


def _first_line(message: str) -> str:
    return (message.strip() or "this is not YAML").splitlines()[0].rstrip(".")


def _syntax_fault(file: str, broken: MarkedYAMLError) -> Fault:
    mark = broken.problem_mark or broken.context_mark
    if isinstance(broken, ComposerError):
        fix = "Leave out --- and the names after * that nothing has."
        return Fault(file, mark.line + 1 if mark else 1, "this is not one plain document", fix)
    problem = _first_line(str(broken.problem or broken.context or ""))
    fix = "Check the indent, and put text with a colon or a # in it in quotes."
    return Fault(file, mark.line + 1 if mark else 1, problem, fix)


class _Building:
    def __init__(self, file: str, yaml: YAML) -> None:
        self.file = file
        self.lines: dict[Loc, int] = {}
        self.faults: list[Fault] = []
        self._yaml = yaml
        self._seen: set[int] = set()

    def value_of(self, node: Node, at: Loc) -> Any:
        self.lines.setdefault(at, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._fault(node, "this part is used again with *", "Write it out each time.")
            return None
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, at)
        if isinstance(node, SequenceNode):
            return [self.value_of(item, (*at, place)) for place, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, at: Loc) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str):
                self._fault(key_node, "a field name must be text", "Put it in quotes.")
            elif key in found:
                self._fault(key_node, f'field "{key}" is there twice', "Take one of them out.")
            else:
                self.lines[(*at, key)] = key_node.start_mark.line + 1
                found[key] = self.value_of(value_node, (*at, key))
        return found

    def _scalar(self, node: Node) -> Any:
        try:
            return self._yaml.constructor.construct_object(node)
        except (YAMLError, ValueError):
            self._fault(node, f'"{node.value}" is not plain data', "Check the date or number, or use quotes.")
            return None

    def _fault(self, node: Node, problem: str, fix: str) -> None:
        self.faults.append(Fault(self.file, node.start_mark.line + 1, problem, fix))
