"""Whether a new version of a pathway opens each step for more patients than the present one, or for fewer (check 10).

Rules are positive, so whom a step opens for is a set of rows of true conditions: the two sets are compared, as policy
analysis compares two sets of policies (Cutler et al. 2024, Cedar).
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import product

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
    """Whom the new rule is true of, beside the old; UNKNOWN where they have more than 12 conditions between them."""
    found = tuple(dict.fromkeys((*atoms(new), *atoms(old))))
    if len(found) > MOST:
        return Compared.UNKNOWN
    more = fewer = False
    for row in _rows(found):
        now, before = _true(new, row), _true(old, row)
        more, fewer = more or (now and not before), fewer or (before and not now)
    if more and fewer:
        return Compared.DIFFERENT
    return Compared.MORE if more else Compared.FEWER if fewer else Compared.EQUAL


def _rows(found: tuple[Condition, ...]) -> Iterator[frozenset[Condition]]:
    """Every set of conditions that may be true together."""
    scores = [atom for atom in found if isinstance(atom, Score)]
    measures = dict.fromkeys(atom.measure for atom in scores)
    each: list[list[frozenset[Condition]]] = [
        list(possible(tuple(atom for atom in scores if atom.measure == measure))) for measure in measures
    ]
    each += [[frozenset(), frozenset({atom})] for atom in found if not isinstance(atom, Score)]
    for parts in product(*each):
        row = frozenset(atom for part in parts for atom in part)
        if all(_holds_together(atom, row, found) for atom in row):
            yield row


def _holds_together(atom: Condition, row: frozenset[Condition], found: tuple[Condition, ...]) -> bool:
    # A step that was done is satisfied and was started, and one that was done online was done.
    if not isinstance(atom, rules.StepCompleted):
        return True
    wider: list[Condition] = [rules.StepSatisfied(step=atom.step), rules.StepStarted(step=atom.step)]
    if atom.where != "any":
        wider.append(rules.StepCompleted(step=atom.step))
    return all(one in row for one in wider if one in found)


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
        "too-many-to-compare",
        f"has more than {MOST} conditions in its two versions, too many to compare",
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
