"""Whether skipping a step, or doing its work in the room, would strand what comes after it (check 7)."""

from collections.abc import Iterator

from app.clinical.sequencing import rules
from app.clinical.sequencing.findings import Finding, Severity, place, titles
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.reach import World, everything, reached
from app.clinical.sequencing.step import Step
from app.clinical.sequencing.structure import walk


def check(pathway: Pathway) -> Iterator[Finding]:
    """The steps that would not open if all others were skipped, or if all their work was done in the room."""
    every = reached(pathway, World(everything))
    in_room = reached(pathway, World(everything, online=False))
    for step in pathway.steps:
        if step.retired or step.key not in every:
            continue
        if not _after_skipping(pathway, step):
            yield _stranded(pathway, step, "A waiver", "skip", "Let it count when the step was done or waived.")
        if step.key not in in_room:
            yield _stranded(pathway, step, "Clinic work", "clinic", "Let it count wherever the work was done.")


def _after_skipping(pathway: Pathway, step: Step) -> bool:
    """Whether the step opens where every other step was skipped and none was done."""
    others = frozenset(other.key for other in pathway.steps if other.key != step.key)
    return step.key in reached(pathway, World(everything, skipped=others))


def _stranded(pathway: Pathway, step: Step, what: str, code: str, fix: str) -> Finding:
    asked = [(path, atom) for path, atom in walk(step.unlock) if _strict(atom, code)]
    named = {atom.step for _, atom in asked if isinstance(atom, rules.StepCompleted | rules.StepStarted)}
    of = titles(pathway, named) if named else "the step before it"
    online = " It asks for work online." if code == "clinic" else ""
    verb = "are" if len(named) > 1 else "is"
    done = f"{verb} done in a session" if code == "clinic" else f"{verb} skipped"
    return Finding(
        7,
        f"stranded-by-{code}",
        Severity.SIGN,
        step.key,
        place(pathway, step.key, asked[0][0] if asked else "unlock"),
        f"{what} cannot meet what {step.title} asks for.{online}",
        fix,
        f"If {of} {done}, {step.title} stays closed.",
    )


def _strict(atom: object, code: str) -> bool:
    if code == "clinic":
        return isinstance(atom, rules.StepCompleted | rules.TechniquePractised) and atom.where == "online"
    return isinstance(atom, rules.StepCompleted | rules.StepStarted)
