"""Edits of a pathway around its rules, as plain data: its steps and their order, choices between them, its length.

Every edit hands back a new pathway and leaves what it was given as it was. A step's key is made once, from its first
title, and stays whatever is changed later: everything that refers to a step refers to its key.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from typing import Any

from app.clinical.sequencing.editing import CannotEdit, Node

Body = dict[str, Any]
GONE = "This step is no longer there. Look at the steps again."


def steps(body: Mapping[str, Any]) -> list[Node]:
    """The steps as they are written, in order; what is no step is left out."""
    found = body.get("steps")
    return [step for step in found if isinstance(step, dict)] if isinstance(found, list) else []


def choices(body: Mapping[str, Any]) -> list[Node]:
    """The choice groups as they are written, in order."""
    found = body.get("choice_groups")
    return [group for group in found if isinstance(group, dict)] if isinstance(found, list | tuple) else []


def step(body: Mapping[str, Any], key: str) -> Node:
    """One step as it is written. Raises `CannotEdit` where there is none with the key."""
    found = next((each for each in steps(body) if each.get("key") == key), None)
    if found is None:
        raise CannotEdit(GONE)
    return found


def title(step: Mapping[str, Any]) -> str:
    """What a step is called, by its key while it has no title."""
    return str(step.get("title") or "") or str(step.get("key", "")).replace("-", " ").capitalize()


def with_step(body: Body, key: str, **fields: Any) -> Body:
    """The pathway with some fields of a step changed; None takes a field out."""
    step(body, key)
    changed = [_changed(each, fields) if each.get("key") == key else each for each in steps(body)]
    return deepcopy(body) | {"steps": deepcopy(changed)}


def _changed(node: Node, fields: Mapping[str, Any]) -> Node:
    return {name: value for name, value in {**node, **fields}.items() if value is not None}


def add_step(body: Body, *, title: str, module: str | None = None) -> Body:
    """A new step at the end, optional and open to nobody until its rule is written."""
    if not title.strip():
        raise CannotEdit("Give the step a title.")
    taken = {str(each.get("key")) for each in steps(body)}
    fresh: Node = {"key": _key(title, taken), "title": title.strip(), "requirement": "could"}
    if module:
        fresh["module"] = module
    fresh["unlock"] = {"kind": "all", "of": []}
    return deepcopy(body) | {"steps": [*deepcopy(steps(body)), fresh]}


def move_step(body: Body, key: str, by: int) -> Body:
    """A step so many places down the order, or up it where `by` is less than nothing."""
    order = deepcopy(steps(body))
    place = order.index(step({"steps": order}, key))
    if not 0 <= place + by < len(order):
        raise CannotEdit("This step is the first already." if by < 0 else "This step is the last already.")
    order.insert(place + by, order.pop(place))
    return deepcopy(body) | {"steps": order}


def remove_step(body: Body, key: str, *, published: Collection[str]) -> Body:
    """Take out a step that was never published, of every choice too. One that was is retired instead."""
    name = title(step(body, key))
    if key in published:
        raise CannotEdit(f"{name} was published, and somebody may have begun it. Retire it instead.")
    if len(steps(body)) == 1:
        raise CannotEdit("A pathway has at least one step.")
    left = [each for each in steps(body) if each.get("key") != key]
    groups = [{**each, "steps": [one for one in each.get("steps", ()) if one != key]} for each in choices(body)]
    return deepcopy(body) | {"steps": deepcopy(left), "choice_groups": deepcopy(groups)}


def retire_step(body: Body, key: str) -> Body:
    """Nobody new reaches the step from here; whoever opened it keeps it. What was published is never taken out."""
    return with_step(body, key, retired=True)


def bring_back_step(body: Body, key: str) -> Body:
    """The step is reached again by its rule."""
    return with_step(body, key, retired=None)


def add_choice(body: Body, *, title: str) -> Body:
    """A new choice of one, between steps that are still to be chosen."""
    if not title.strip():
        raise CannotEdit("Give the choice a title.")
    taken = {key for group in choices(body) for key in group.get("steps", ())}
    free = [each["key"] for each in steps(body) if each.get("key") not in taken and not each.get("retired")]
    if len(free) < 2:
        raise CannotEdit("A choice needs two steps that are in no other choice.")
    keys = {str(group.get("key")) for group in choices(body)}
    fresh = {"key": _key(title, keys), "title": title.strip(), "steps": [], "exactly": 1}
    return deepcopy(body) | {"choice_groups": [*deepcopy(choices(body)), fresh]}


def change_choice(body: Body, key: str, *, title: str, steps: Iterable[str], how: str, n: Any) -> Body:
    """A choice with another title, other steps, and so many of them, exactly or at most."""
    fresh = {"key": key, "title": title, "steps": list(steps), how: n}
    groups = [fresh if group.get("key") == key else group for group in choices(body)]
    return deepcopy(body) | {"choice_groups": deepcopy(groups)}


def remove_choice(body: Body, key: str) -> Body:
    """The steps of a choice stand by themselves again."""
    return deepcopy(body) | {"choice_groups": [deepcopy(g) for g in choices(body) if g.get("key") != key]}


def _key(title: str, taken: set[str]) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:50].strip("-") or "step"
    number = next(n for n in range(1, len(taken) + 2) if (stem if n == 1 else f"{stem}-{n}") not in taken)
    return stem if number == 1 else f"{stem}-{number}"
