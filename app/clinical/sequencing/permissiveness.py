"""Whether a new version of a pathway opens each step for more patients than the present one, or for fewer (check 10).

Rules are positive, so whom a step opens for is a set of rows of true conditions: the two sets are compared, as policy
analysis compares two sets of policies (Cutler et al. 2024, Cedar).
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import product
from typing import Any

from app.clinical.sequencing import rules
from app.clinical.sequencing.findings import Finding, Severity, place
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.rules import Condition, Rule
from app.clinical.sequencing.structure import atoms
from app.clinical.sequencing.worlds import Score, possible

MOST = 12


class Compared(StrEnum):
    """How many patients a rule is true of, beside another rule."""

    EQUAL = "equal"
    MORE = "more"
    FEWER = "fewer"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def compare(new: Rule, old: Rule) -> Compared:
    """Whom the new rule is true of, beside the old; UNKNOWN where that cannot be counted.

    That is so where they have more than 12 conditions between them, or ask for scores taken otherwise far apart.
    """
    new, old = _plain(new), _plain(old)
    found = tuple(dict.fromkeys((*atoms(new), *atoms(old))))
    if len(found) > MOST or _gaps(new) != _gaps(old):
        return Compared.UNKNOWN
    more = fewer = False
    for row in rows(found):
        now, before = _true(new, row), _true(old, row)
        more, fewer = more or (now and not before), fewer or (before and not now)
    if more and fewer:
        return Compared.DIFFERENT
    return Compared.MORE if more else Compared.FEWER if fewer else Compared.EQUAL


def _plain(rule: Rule) -> Rule:
    """The rule as far as it decides whom it opens for: not when staff are reminded, but how old a score may be."""
    match rule:
        case rules.AllOf() | rules.AnyOf() | rules.CountOf():
            return rule.model_copy(update={"of": tuple(_plain(child) for child in rule.of)})
        case rules.ReleasedBy() | rules.WorkReviewed():
            if rule.then == "open":
                return rule.model_copy(update={"remind_after_days": None})
            same = {"roles": tuple(sorted(rule.may_act)), "escalate_to": None, "then": None, "then_after_days": None}
            return rule.model_copy(update={**same, "remind_after_days": None})
        case rules.MeasureScore() | rules.MeasureChange() if rule.max_age_days is not None:
            fresh = rules.MeasureCompleted(measure=rule.measure, within_days=rule.max_age_days)
            return rules.AllOf(of=(rule.model_copy(update={"max_age_days": None}), fresh))
    return rule


def _gaps(rule: Rule) -> set[tuple[object, ...]]:
    scores = (atom for atom in atoms(rule) if isinstance(atom, rules.MeasureScore) and atom.last)
    return {(atom.measure, atom.last, atom.gap_days) for atom in scores}


def rows(found: tuple[Condition, ...]) -> Iterator[frozenset[Condition]]:
    """Every set of conditions that may be true together."""
    scores = [atom for atom in found if isinstance(atom, Score)]
    measures = dict.fromkeys(atom.measure for atom in scores)
    each: list[list[frozenset[Condition]]] = [
        list(possible(frozenset(atom for atom in scores if atom.measure == measure))) for measure in measures
    ]
    each += [[frozenset(), frozenset({atom})] for atom in found if not isinstance(atom, Score)]
    brings = {atom: frozenset(other for other in found if _brings(atom, other)) for atom in found}
    for parts in product(*each):
        row = frozenset(atom for part in parts for atom in part)
        if all(brings[atom] <= row for atom in row):
            yield row


# The fields of a condition in which more asks for more, and those in which less does; without one, for least.
_ASKS_FOR_MORE = frozenset({"times", "at_least", "distinct_days", "n", "opens_at", "date", "then_after_days"})
_WINDOWS = frozenset({"within_days"})


def _brings(atom: Condition, other: Condition) -> bool:
    """Whether the other is true wherever the one is: seven days have passed where nine have."""
    if isinstance(atom, rules.StepCompleted) and isinstance(other, rules.StepSatisfied | rules.StepStarted):
        # A step that was done is satisfied and was started.
        return atom.step == other.step
    if type(atom) is not type(other) or isinstance(atom, Score):
        return False
    fields = type(atom).model_fields
    return all(_asks_for_no_less(name, getattr(atom, name), getattr(other, name)) for name in fields)


def _asks_for_no_less(name: str, one: Any, other: Any) -> bool:
    if one == other or (name == "where" and other == "any"):
        return True
    if name in _WINDOWS:
        return other is None or (one is not None and one < other)
    return name in _ASKS_FOR_MORE and one is not None and other is not None and one > other


def _true(rule: Rule, row: frozenset[Condition]) -> bool:
    match rule:
        case rules.Always():
            return True
        case rules.AllOf():
            return all(_true(child, row) for child in rule.of)
        case rules.AnyOf():
            return any(_true(child, row) for child in rule.of)
        case rules.CountOf():
            return sum(_true(child, row) for child in rule.of) >= rule.k
    return rule in row


WORDS = {
    Compared.MORE: ("opens-for-more", "opens for more patients than in the version in use", ""),
    Compared.FEWER: (
        "opens-for-fewer",
        "opens for fewer patients than in the version in use",
        "Look at who would have stayed closed. Nobody who has it open loses it.",
    ),
    Compared.DIFFERENT: (
        "opens-for-others",
        "opens for some patients for whom it did not, and no longer for some for whom it did",
        "Look at both explanations side by side.",
    ),
    Compared.UNKNOWN: (
        "not-to-be-compared",
        f"has more than {MOST} conditions in its two versions, or asks for scores at other distances: not counted",
        "Read both explanations side by side.",
    ),
}


def check(pathway: Pathway, current: Pathway) -> Iterator[Finding]:
    """Each step whose rule opens it for others than the version in use, and steps that came or went."""
    for step in pathway.steps:
        at = place(pathway, step.key)
        before = current.by_key.get(step.key)
        if before is None:
            problem = f"{step.title} is new. Nobody on the version in use has it unless they are moved."
            yield Finding(10, "step-added", Severity.WARN, step.key, at, problem, "")
        elif (found := compare(step.unlock, before.unlock)) is not Compared.EQUAL:
            code, words, fix = WORDS[found]
            yield Finding(10, code, Severity.WARN, step.key, at, f"{step.title} {words}.", fix)
    for step in current.steps:
        if step.key not in pathway.by_key:
            problem = f"{step.title} is no longer in the pathway."
            fix = "Retire it instead, so that whoever began it can finish."
            yield Finding(10, "step-removed", Severity.WARN, step.key, "steps", problem, fix)
