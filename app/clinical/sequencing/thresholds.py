"""Conditions on scores that contradict each other, are always met, or add nothing beside another (check 6).

A measure has few totals, so every pair of a first and a newest answer is counted through; no solver is needed. The
words are those of policy analysis: contradictory, vacuous, redundant, shadowed (Cutler et al. 2024, Cedar).
"""

from collections.abc import Iterator

from app.clinical.sequencing import rules
from app.clinical.sequencing.findings import Finding, Severity, place
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.reach import World, holds
from app.clinical.sequencing.rules import Condition, Rule
from app.clinical.sequencing.step import Step
from app.clinical.sequencing.structure import atoms, children, walk
from app.clinical.sequencing.worlds import Score, kindest, possible


def check(pathway: Pathway) -> Iterator[Finding]:
    """What in each rule can never be met, is always met once measured, or makes no difference."""
    every = frozenset(step.key for step in pathway.steps)
    for step in pathway.steps:
        if step.retired:
            continue
        for path, node in walk(step.unlock):
            yield from _contradictory(pathway, step, path, node, every)
            yield from _vacuous(pathway, step, path, node)
            yield from _superfluous(pathway, step, path, node)


def _contradictory(pathway: Pathway, step: Step, path: str, node: Rule, every: frozenset[str]) -> Iterator[Finding]:
    if _possible(node, every) or any(not _possible(child, every) for child in children(node)):
        return
    problem = f"What {step.title} asks for here can never all be true of one patient."
    fix = "Take one of the conditions out, or change its number."
    yield Finding(6, "contradictory", Severity.REFUSE, step.key, place(pathway, step.key, path), problem, fix)


def _possible(node: Rule, every: frozenset[str]) -> bool:
    return any(holds(node, every, World(world.__contains__)) for world in kindest(node))


def _vacuous(pathway: Pathway, step: Step, path: str, node: Rule) -> Iterator[Finding]:
    if not _always(node) or any(_always(child) for child in children(node)):
        return
    problem = f"A condition of {step.title} is met by every score there is, once the questionnaire was answered."
    fix = "Ask only that the questionnaire was answered, or change the number."
    yield Finding(6, "vacuous", Severity.WARN, step.key, place(pathway, step.key, path), problem, fix)


def _always(node: Rule) -> bool:
    sets = _worlds(node)
    return sets is not None and all(_true(node, world) for world in sets)


def _superfluous(pathway: Pathway, step: Step, path: str, node: Rule) -> Iterator[Finding]:
    if not isinstance(node, rules.AllOf | rules.AnyOf):
        return
    scored = [(at, child) for at, child in enumerate(node.of) if _worlds(child) is not None]
    for at, child in scored:
        for other_at, other in scored:
            if at != other_at and _implies(child, other) and not (_implies(other, child) and at < other_at):
                yield _adds_nothing(pathway, step, path, node, at if isinstance(node, rules.AnyOf) else other_at)


def _adds_nothing(pathway: Pathway, step: Step, path: str, node: Rule, at: int) -> Finding:
    code, beside = ("shadowed", "another way here") if isinstance(node, rules.AnyOf) else ("redundant", "another")
    problem = f"A condition of {step.title} makes no difference: {beside} decides whenever it would."
    where = place(pathway, step.key, f"{path}.of[{at}]")
    return Finding(6, code, Severity.WARN, step.key, where, problem, "Take it out, or change its number.")


def _implies(node: Rule, other: Rule) -> bool:
    """Whether every set of answers that makes one rule true makes the other true as well."""
    sets = _worlds(rules.AllOf(of=(node, other)))
    return sets is not None and all(_true(other, world) for world in sets if _true(node, world))


def _worlds(node: Rule) -> frozenset[frozenset[Condition]] | None:
    """Every set of answers a rule can meet; None where it asks for more than scores of one measure."""
    found = tuple(dict.fromkeys(atoms(node)))
    scores = tuple(atom for atom in found if isinstance(atom, Score))
    if len(scores) != len(found) or len({atom.measure for atom in scores}) != 1:
        return None
    return possible(frozenset(scores))


def _true(node: Rule, world: frozenset[Condition]) -> bool:
    return holds(node, frozenset(), World(world.__contains__))
