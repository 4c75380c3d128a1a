"""Everything that can be proved of a pathway before it is published, in one list.

What cannot be proved: that the content suits the patient, that staff act in time, that a number is clinically right.
"""

from collections.abc import Iterator

from app.clinical.sequencing import (
    closures,
    dead_ends,
    permissiveness,
    polarity,
    staff_waits,
    thresholds,
    timing,
)
from app.clinical.sequencing.findings import Finding, Service, Severity
from app.clinical.sequencing.pathway import Pathway, PathwayRefused, read
from app.clinical.sequencing.references import Mistake


def check(pathway: Pathway, service: Service, *, current: Pathway | None = None) -> tuple[Finding, ...]:
    """What the checks find, the gravest first and then in the pathway's order; `current` is the version in use."""
    order = {step.key: number for number, step in enumerate(pathway.steps)}
    found = dict.fromkeys(_found(pathway, service, current))
    ranks = list(Severity)
    return tuple(sorted(found, key=lambda one: (ranks.index(one.severity), order.get(one.step or "", -1), one.check)))


def _found(pathway: Pathway, service: Service, current: Pathway | None) -> Iterator[Finding]:
    yield from dead_ends.check(pathway)
    yield from staff_waits.check(pathway, service)
    yield from thresholds.check(pathway)
    yield from closures.check(pathway)
    yield from timing.check(pathway)
    yield from polarity.check(pathway)
    if current is not None:
        yield from permissiveness.check(pathway, current)


def read_and_check(
    raw: object, service: Service, *, current: Pathway | None = None
) -> tuple[Pathway | None, tuple[Finding, ...]]:
    """A pathway from plain data with what the checks find; None with its mistakes where it is not well formed."""
    try:
        pathway = read(raw)
    except PathwayRefused as refused:
        return None, tuple(_malformed(mistake) for mistake in refused.mistakes)
    return pathway, check(pathway, service, current=current)


def _malformed(mistake: Mistake) -> Finding:
    problem = f"{mistake.problem[:1].upper()}{mistake.problem[1:]}."
    return Finding(1, "not-well-formed", Severity.REFUSE, None, mistake.path, problem, mistake.fix)
