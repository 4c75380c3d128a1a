"""Steps that nobody reaches, steps that wait on each other, and patients who would get stuck (checks 2, 3 and 4)."""

from collections.abc import Iterable, Iterator

from app.clinical.sequencing import rules
from app.clinical.sequencing.findings import Finding, Severity, place, titles
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.reach import OUTSIDE, STAFF, World, everything, frontier, holds, reached
from app.clinical.sequencing.rules import Condition
from app.clinical.sequencing.step import Step
from app.clinical.sequencing.structure import atoms, steps_named
from app.clinical.sequencing.witness import never
from app.clinical.sequencing.worlds import answered, kindest


def can_open(pathway: Pathway) -> frozenset[str]:
    """The steps that some patient can come to, scores changing over time as they may: each step picks its own facts."""
    return frontier(pathway, lambda rule, found: any(
        holds(rule, found, World(world.__contains__)) for world in kindest(rule)
    ))  # fmt: skip


def check(pathway: Pathway) -> Iterator[Finding]:
    """What can never open, and which core steps a patient may never come to."""
    found = can_open(pathway)
    shut = [step for step in pathway.steps if step.key not in found and not step.retired]
    yield from _shut(pathway, shut)
    yield from _stuck(pathway, {step.key for step in shut})


def _shut(pathway: Pathway, shut: list[Step]) -> Iterator[Finding]:
    rings = _rings({step.key: _needs(step) & {each.key for each in shut} for step in shut})
    for step in shut:
        ring = next((ring for ring in rings if step.key in ring), frozenset())
        if ring:
            around = titles(pathway, ring)
            problem = f"{around} wait for each other, so none of them ever opens"
            fix = f"Let one of them open without the others, for example {step.title} from the start."
            yield _about(pathway, 3, "wait-on-each-other", Severity.REFUSE, step, problem, fix)
        else:
            behind = _needs(step) & {each.key for each in shut}
            after = f": it waits for {titles(pathway, behind)}, which never opens" if behind else ""
            problem = f"{step.title} can never open, whatever a patient does or answers{after}"
            fix = "Add another way to open it." if behind else "Change what it asks for: no patient can meet all of it."
            yield _about(pathway, 2, "never-opens", Severity.REFUSE, step, problem, fix)


def _stuck(pathway: Pathway, shut: Iterable[str]) -> Iterator[Finding]:
    silent = reached(pathway, World(lambda atom: isinstance(atom, STAFF)))
    hardest = list(answered(pathway))
    for step in pathway.steps:
        if not step.core or step.retired or step.key in shut:
            continue
        world = next((one for one in hardest if step.key not in reached(pathway, World(one.__contains__))), None)
        if world is not None:
            said = smallest_witness(pathway, step, world)
            problem = f"Some patients never come to {step.title}, though they do all that is open to them"
            fix = f"Add a way to open {step.title} that does not depend on how they answer, such as a release."
            yield _about(pathway, 4, "dead-end", Severity.SIGN, step, problem, fix, never(said))
        elif step.key not in silent:
            problem = f"{step.title} depends on questionnaires, the problem list or goals being filled in"
            fix = "Make sure they are asked for, or add a way that needs none of them."
            yield _about(pathway, 4, "needs-answers", Severity.WARN, step, problem, fix)


def smallest_witness(pathway: Pathway, step: Step, world: frozenset[Condition]) -> list[Condition]:
    """The fewest conditions, taken out one after the other, whose never being met keeps a step from opening."""
    found = dict.fromkeys(atom for each in pathway.steps for atom in each.conditions if isinstance(atom, OUTSIDE))
    missing: list[Condition] = [atom for atom in found if atom not in world]
    for atom in list(missing):
        without = [one for one in missing if one is not atom]
        if step.key not in reached(pathway, World(lambda asked, left=without: asked not in left)):  # type: ignore[misc]
            missing = without
    return missing


def _needs(step: Step) -> frozenset[str]:
    return frozenset(key for _, key, _ in steps_named(step.unlock) if key != step.key)


def _rings(needs: dict[str, frozenset[str]]) -> list[frozenset[str]]:
    """The sets of two or more that each need all the others, through each other (strongly connected components)."""
    over = {key: _all_needed(key, needs) for key in needs}
    rings = {frozenset(other for other in over[key] if key in over[other]) for key in needs if key in over[key]}
    return sorted(rings, key=sorted)


def _all_needed(key: str, needs: dict[str, frozenset[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(needs[key])
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(needs[one])
    return found


def _about(
    pathway: Pathway, check: int, code: str, severity: Severity, step: Step, problem: str, fix: str, witness: str = ""
) -> Finding:
    return Finding(check, code, severity, step.key, place(pathway, step.key), f"{problem}.", fix, witness)


def only_by_getting_better(pathway: Pathway) -> Iterator[Step]:
    """The core steps that somebody who does not get better never comes to, whatever else happens."""
    without = reached(pathway, World(lambda atom: not _better(atom)))
    with_all = reached(pathway, World(everything))
    for step in pathway.steps:
        if step.core and step.key in with_all - without and any(_better(atom) for atom in atoms(step.unlock)):
            yield step


def _better(atom: Condition) -> bool:
    if isinstance(atom, rules.MeasureScore):
        return atom.comparison == "below"
    return isinstance(atom, rules.MeasureChange) and atom.change == "improved"
