"""What must hold between the parts of a pathway, and how each mistake is told to the author of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.step import ChoiceGroup, Step
from app.clinical.sequencing.structure import MAX_DEPTH, MAX_NODES, depth, size, steps_named

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a pathway: where, what is wrong, and what would put it right."""

    at: Loc
    problem: str
    fix: str

    @property
    def path(self) -> str:
        """Where it is, in the words of the file: `steps[3].unlock.of[1].step`."""
        return dotted(self.at)

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}. {self.fix}".strip()


def dotted(loc: Loc) -> str:
    """A place in nested data as one word."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")


def mistakes(steps: Sequence[Step], choice_groups: Sequence[ChoiceGroup]) -> tuple[Mistake, ...]:
    """Everything wrong between the parts of a pathway whose parts are each well formed."""
    return (
        *_repeated("step", ("steps",), [step.key for step in steps]),
        *_repeated("choice group", ("choice_groups",), [group.key for group in choice_groups]),
        *(found for place, step in enumerate(steps) for found in _in_step(steps, place, step)),
        *_in_choices(steps, choice_groups),
    )


def _repeated(what: str, at: Loc, keys: list[str]) -> Iterator[Mistake]:
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield Mistake((*at, place, "key"), f'{what} "{key}" is there twice', "Give one another key.")


def _in_step(steps: Sequence[Step], place: int, step: Step) -> Iterator[Mistake]:
    for name, rule in (("unlock", step.unlock), ("relevance", step.relevance)):
        # By the rule of a retired step nobody comes to it any more: it may name what is no longer there.
        if rule is not None and not step.retired:
            yield from _in_rule(steps, step, rule, ("steps", place, name))
    yield from _repeated("activity", ("steps", place, "activities"), [part.key for part in step.activities])
    if step.activities:
        yield from completion_mistakes(step, ("steps", place))


def completion_mistakes(step: Step, at: Loc) -> tuple[Mistake, ...]:
    """Why the completion rule of a step with its activities could never be met, if it could not."""
    rule, at = step.completion, (*at, "completion")
    if rule.kind == "every-activity":
        return ()
    keys = [part.key for part in step.parts]
    strangers = [key for key in rule.of if key not in keys]
    if strangers:
        return tuple(
            Mistake((*at, "of", rule.of.index(key)), f'"{key}" is not an activity of this step', _one_of(keys))
            for key in strangers
        )
    available = len(rule.of or keys)
    if rule.at_least > available:
        problem = f"{rule.at_least} cannot be done of {available}"
        return (Mistake((*at, "at_least"), problem, "Ask for fewer, or add activities."),)
    return ()


def _in_rule(steps: Sequence[Step], step: Step, rule: Rule, at: Loc) -> Iterator[Mistake]:
    if depth(rule) > MAX_DEPTH:
        yield Mistake(at, f"this rule is {depth(rule)} levels deep", f"Use at most {MAX_DEPTH}.")
    if size(rule) > MAX_NODES:
        yield Mistake(at, f"this rule has {size(rule)} parts", f"Use at most {MAX_NODES}.")
    for path, key, itself in steps_named(rule):
        where = (*at, *_parts(path))
        named = next((other for other in steps if other.key == key), None)
        if named is None:
            yield Mistake(where, f'"{key}" is not a step', _one_of([other.key for other in steps]))
        elif key == step.key and not itself:
            yield Mistake(where, f'"{key}" waits for itself', "Name another step.")
        elif named.retired:
            yield Mistake(where, f'"{key}" is retired', "Name a step that patients can still reach.")


def _in_choices(steps: Sequence[Step], choice_groups: Sequence[ChoiceGroup]) -> Iterator[Mistake]:
    keys = [step.key for step in steps]
    taken: dict[str, str] = {}
    for place, group in enumerate(choice_groups):
        for below, key in enumerate(group.steps):
            at: Loc = ("choice_groups", place, "steps", below)
            if key not in keys:
                yield Mistake(at, f'"{key}" is not a step', _one_of(keys))
            elif key in taken:
                yield Mistake(at, f'"{key}" is in the choice "{taken[key]}" already', "Take it out of one.")
            taken.setdefault(key, group.key)


def _one_of(keys: list[str]) -> str:
    return f"Use one of: {', '.join(keys)}." if keys else ""


def _parts(path: str) -> Loc:
    return tuple(int(part) if part.isdigit() else part for part in re.findall(r"\w+", path))


def plain(kind: str, loc: Loc, message: str, context: Mapping[str, Any]) -> Mistake:
    """What the reader of plain data refused, as a mistake: its path without the tags of the unions it went through."""
    at = _untagged(loc)
    match kind:
        case "mistake":
            return Mistake((*at, *context["at"]), context["problem"], context["fix"])
        case "union_tag_invalid":
            known = re.findall(r"'([^']*)'", context["expected_tags"])
            return Mistake((*at, "kind"), f'"{context["tag"]}" is not a kind of condition known here', _one_of(known))
        case "union_tag_not_found":
            return Mistake((*at, "kind"), "this has no kind", "Write kind: and which condition it is.")
        case "extra_forbidden":
            return Mistake(at, f'"{at[-1]}" is not known here', "Take it out, or check its spelling.")
        case "missing":
            return Mistake(at, f'"{at[-1]}" is missing', "Add it.")
        case "date_parsing" | "date_from_datetime_parsing":
            return Mistake(at, "this cannot be used: there is no such day", "Write a date, like 2026-06-01.")
    return Mistake(at, f"this cannot be used: {message[:1].lower()}{message[1:]}", "Change it.")


_UNIONS = ("unlock", "relevance", "anchor", "completion")


def _untagged(loc: Loc) -> Loc:
    """A tag follows the name of a union field, or the place of a rule in a list of rules."""
    kept: list[str | int] = []
    for place, part in enumerate(loc):
        before = loc[place - 1] if place else None
        in_rules = isinstance(before, int) and place > 1 and loc[place - 2] == "of"
        if isinstance(part, str) and (before in _UNIONS or in_rules):
            continue
        kept.append(part)
    return tuple(kept)
