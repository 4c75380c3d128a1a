"""Edits of one rule while it is being written: plain data, which may not be finished yet.

A place in a rule is the way to it through its groups: `(1, 0)` is the first line of the second. Every edit hands back
a new rule and where its subject is now; what it was given stays as it was, so whoever keeps that can undo.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from app.clinical.sequencing.structure import MAX_DEPTH, MAX_NODES

Node = dict[str, Any]
Place = tuple[int, ...]

GROUPS = ("all", "any", "count-of")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class CannotEdit(Exception):
    """An edit that would not make sense, with the reason in words for the author."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Edited:
    """A rule after one edit, and where the line it was about is, or the line now in its place."""

    rule: Node
    at: Place


@dataclass(frozen=True, slots=True)
class Moves:
    """Which ways a line can go."""

    up: bool
    down: bool
    inwards: bool
    out: bool


def whole(rule: object) -> Node:
    """The rule with nothing abbreviated: a bare key in a list of steps is that step done or waived."""
    if isinstance(rule, str):
        return {"kind": "step-satisfied", "step": rule}
    if not isinstance(rule, Mapping):
        return {"kind": "all", "of": []} if rule is None else {"kind": str(rule)[:60]}
    node = deepcopy(dict(rule))
    if is_group(node):
        of = node.get("of")
        node["of"] = [whole(child) for child in of] if isinstance(of, list | tuple) else []
    return node


def is_group(node: Mapping[str, Any]) -> bool:
    return node.get("kind") in GROUPS


def lines(rule: Node, place: Place = ()) -> Iterator[tuple[Place, Node]]:
    """Every part of a rule with its place, as it is read: a group before what is in it."""
    yield place, rule
    if is_group(rule):
        for number, child in enumerate(rule["of"]):
            yield from lines(child, (*place, number))


def at(rule: Node, place: Place) -> Node:
    """The part at a place. Raises `CannotEdit` where there is none: the rule has changed since it was shown."""
    node = rule
    for number in place:
        if not is_group(node) or not 0 <= number < len(node["of"]):
            raise CannotEdit("This line is no longer there. Look at the rule again.")
        node = node["of"][number]
    return node


def written(place: Place, root: str = "unlock") -> str:
    """A place as findings and forms name it: `unlock.of[1].of[0]`."""
    return root + "".join(f".of[{number}]" for number in place)


def read_place(words: str) -> Place:
    """A place back from its name, whatever it begins with. Raises `CannotEdit` for what is none."""
    if not re.fullmatch(r"[a-z]+(\.of\[\d{1,3}\])*", words):
        raise CannotEdit("This line is no longer there. Look at the rule again.")
    return tuple(int(number) for number in re.findall(r"\[(\d+)\]", words))


def number(place: Place) -> str:
    """A place as people read it: 2.1."""
    return ".".join(str(each + 1) for each in place)


def moves(rule: Node, place: Place) -> Moves:
    """Which ways the line at a place can go."""
    if not place:
        return Moves(False, False, False, False)
    at(rule, place)
    siblings = at(rule, place[:-1])["of"]
    last = place[-1]
    inwards = last > 0 and is_group(siblings[last - 1])
    return Moves(last > 0, last < len(siblings) - 1, inwards, len(place) > 1)


def add(rule: Node, into: Place, node: Node) -> Edited:
    """Put a condition or a group at the end of a group. A rule of one condition becomes a group of two."""
    made, group = _copied(rule, into)
    if not is_group(group):
        if into:
            raise CannotEdit("Conditions can be added to a group only.")
        # What is always open and what waits for something cannot both be meant: the newer wish is.
        made = group = {"kind": "all", "of": [] if group.get("kind") == "always" else [group]}
    if node.get("kind") == "always" and not into and not group["of"]:
        return Edited(dict(node), ())
    group["of"].append(deepcopy(node))
    return _within_limits(Edited(made, (*into, len(group["of"]) - 1)))


def change(rule: Node, place: Place, node: Node) -> Edited:
    """Put another condition, or the same with other values, in the place of one. A group keeps what is in it."""
    made, old = _copied(rule, place)
    fresh = deepcopy(node)
    if is_group(fresh) and "of" not in fresh:
        fresh["of"] = old["of"] if is_group(old) else []
    if not place:
        return _within_limits(Edited(fresh, place))
    at(made, place[:-1])["of"][place[-1]] = fresh
    return _within_limits(Edited(made, place))


def change_kind(rule: Node, place: Place, kind: str, *, k: int = 2) -> Edited:
    """Ask for all of a group, any of it, or at least `k`; the number is never more than what is there."""
    group = at(rule, place)
    if not is_group(group) or kind not in GROUPS:
        raise CannotEdit("Only a group can be all, any, or at least so many.")
    fresh: Node = {"kind": kind, "of": group["of"]}
    if kind == "count-of":
        fresh |= {"k": group.get("k", max(1, min(k, len(group["of"])))), "counting": group.get("counting", "done")}
    return change(rule, place, fresh)


def move_up(rule: Node, place: Place) -> Edited:
    """Before the line above it, in the same group."""
    if not moves(rule, place).up:
        raise CannotEdit("This line is the first of its group.")
    return _exchanged(rule, place, place[-1] - 1)


def move_down(rule: Node, place: Place) -> Edited:
    """After the line below it, in the same group."""
    if not moves(rule, place).down:
        raise CannotEdit("This line is the last of its group.")
    return _exchanged(rule, place, place[-1] + 1)


def move_in(rule: Node, place: Place) -> Edited:
    """To the end of the group above it."""
    if not moves(rule, place).inwards:
        raise CannotEdit("There is no group directly above this line to move it into.")
    made, parent = _copied(rule, place[:-1])
    node = parent["of"].pop(place[-1])
    above = parent["of"][place[-1] - 1]
    above["of"].append(node)
    return _within_limits(Edited(made, (*place[:-1], place[-1] - 1, len(above["of"]) - 1)))


def move_out(rule: Node, place: Place) -> Edited:
    """Out of its group, to just after it."""
    if not moves(rule, place).out:
        raise CannotEdit("This line is in no group that it could leave.")
    made, parent = _copied(rule, place[:-1])
    node = parent["of"].pop(place[-1])
    there = (*place[:-2], place[-2] + 1)
    at(made, there[:-1])["of"].insert(there[-1], node)
    return Edited(made, there)


def remove(rule: Node, place: Place) -> Edited:
    """Take a line away, a group with all that is in it. `at` is the line after it, or the one before, or its group."""
    if not place:
        return Edited({"kind": "all", "of": []}, ())
    made, parent = _copied(rule, place[:-1])
    at(rule, place)
    parent["of"].pop(place[-1])
    left = len(parent["of"])
    return Edited(made, (*place[:-1], min(place[-1], left - 1)) if left else place[:-1])


MOVES = {"up": move_up, "down": move_down, "in": move_in, "out": move_out, "remove": remove}


def name_of(rule: Node, place: Place) -> str:
    """What a line is called: condition 1.2, group 2, or the rule."""
    if not place:
        return "the rule"
    return f"{'group' if is_group(at(rule, place)) else 'condition'} {number(place)}"


def said(rule: Node, place: Place) -> str:
    """Where a line is now, for somebody who cannot see it: condition 1.2, now second of two in group 1."""
    if not place:
        return "the rule"
    siblings = len(at(rule, place[:-1])["of"])
    inside = f"group {number(place[:-1])}" if len(place) > 1 else "the rule"
    nth = _ORDINALS[place[-1]] if place[-1] < len(_ORDINALS) else f"number {place[-1] + 1}"
    count = _NUMBERS[siblings - 1] if siblings <= len(_NUMBERS) else str(siblings)
    return f"{name_of(rule, place)}, now {nth} of {count} in {inside}"


def depth(rule: Node) -> int:
    """How many levels a rule has."""
    return 1 + max((depth(child) for child in rule["of"]), default=0) if is_group(rule) else 1


def _copied(rule: Node, place: Place) -> tuple[Node, Node]:
    made = deepcopy(rule)
    return made, at(made, place)


def _exchanged(rule: Node, place: Place, other: int) -> Edited:
    made, parent = _copied(rule, place[:-1])
    of = parent["of"]
    of[place[-1]], of[other] = of[other], of[place[-1]]
    return Edited(made, (*place[:-1], other))


def _within_limits(edited: Edited) -> Edited:
    if depth(edited.rule) > MAX_DEPTH:
        raise CannotEdit(f"That would nest {MAX_DEPTH + 1} levels deep. A rule has at most {MAX_DEPTH}.")
    if sum(1 for _ in lines(edited.rule)) > MAX_NODES:
        raise CannotEdit(f"A rule has at most {MAX_NODES} parts. Take something out first.")
    return edited
