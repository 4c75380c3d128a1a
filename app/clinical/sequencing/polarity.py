"""That help is never withheld: coping steps are always open, and getting worse closes nothing (check 9)."""

from collections.abc import Iterator

from app.clinical.sequencing import rules
from app.clinical.sequencing.dead_ends import only_by_getting_better
from app.clinical.sequencing.findings import Finding, Severity, place
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.step import Override

HELP = frozenset({"coping", "safety"})


def check(pathway: Pathway) -> Iterator[Finding]:
    """Coping steps that are not always open, and core steps that only getting better opens."""
    for step in pathway.steps:
        if step.retired or not HELP & set(step.tags):
            continue
        if not isinstance(step.unlock, rules.Always):
            at = place(pathway, step.key)
            problem = f"{step.title} is help for coping and is not open from the start."
            yield Finding(9, "help-locked", Severity.REFUSE, step.key, at, problem, "Let it be open from the start.")
        if step.override is Override.PROHIBITED:
            at = place(pathway, step.key, "override")
            problem = f"{step.title} is help for coping, and staff may not open it early."
            yield Finding(9, "help-prohibited", Severity.REFUSE, step.key, at, problem, "Allow opening it early.")
    for step in only_by_getting_better(pathway):
        problem = (
            f"{step.title} opens only for a patient whose scores fall. Whoever does not get better never comes to it."
        )
        fix = "Add another way to open it, such as other steps or a release."
        yield Finding(9, "only-by-getting-better", Severity.REFUSE, step.key, place(pathway, step.key), problem, fix)
