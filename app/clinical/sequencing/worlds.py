"""Which outside conditions can be true together: worked out by counting through every score a measure can have.

Conditions about one measure look at its first answer, the one before the newest, and the newest. All else that is
outside is independent: a problem is recorded or not, whatever the scores.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

from app.clinical.sequencing import rules
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.reach import OUTSIDE, STAFF
from app.clinical.sequencing.rules import Condition, Rule
from app.clinical.sequencing.structure import atoms

Score = rules.MeasureScore | rules.MeasureChange
Met = frozenset[Condition]


def outside_of(found: Iterable[Rule]) -> list[Condition]:
    """The outside conditions in some rules, each once, in the order written."""
    return list(dict.fromkeys(atom for rule in found for atom in atoms(rule) if isinstance(atom, OUTSIDE)))


def answered(pathway: Pathway) -> Iterator[Met]:
    """The hardest worlds in which everything is answered: whatever else a world makes true, one of these does less.

    Rules only gain from what is true, so what holds in all of these holds in every answered world.
    """
    found = outside_of(step.unlock for step in pathway.steps)
    given = frozenset(atom for atom in found if isinstance(atom, (rules.MeasureCompleted, *STAFF)))
    for chosen in _together(found, fewest=True):
        yield given | chosen


def kindest(rule: Rule) -> Iterator[Met]:
    """The worlds that make as much of one rule true as can be true at once."""
    found = outside_of([rule])
    free = frozenset(atom for atom in found if not isinstance(atom, Score))
    for chosen in _together(found, fewest=False):
        yield free | chosen


def _together(found: Iterable[Condition], *, fewest: bool) -> Iterator[Met]:
    scores = [atom for atom in found if isinstance(atom, Score)]
    measures = dict.fromkeys(atom.measure for atom in scores)
    each = [
        _extreme(possible(frozenset(atom for atom in scores if atom.measure == measure)), fewest=fewest)
        for measure in measures
    ]
    for combination in product(*each):
        yield frozenset(atom for part in combination for atom in part)


def _extreme(sets: frozenset[Met], *, fewest: bool) -> list[Met]:
    return [one for one in sets if not any(other < one if fewest else other > one for other in sets)]


@lru_cache(maxsize=1024)
def possible(scores: frozenset[Score]) -> frozenset[Met]:
    """Every set of these conditions on one measure that some answers make true, and none of the others with it."""
    if not scores:
        return frozenset({frozenset()})
    changes = [atom for atom in scores if isinstance(atom, rules.MeasureChange)]
    latest = _totals(scores, whole=bool(changes))
    previous = _totals(scores, whole=any(atom.from_ == "previous" for atom in changes))
    baseline = _totals(scores, whole=any(atom.from_ == "baseline" for atom in changes))
    return frozenset(
        frozenset(atom for atom in scores if _meets(atom, first, before, newest))
        for first in (baseline if any(_looks_at_first(atom) for atom in scores) else baseline[:1])
        for before in (previous if any(_looks_back(atom) for atom in scores) else previous[:1])
        for newest in latest
    )


def _totals(scores: Iterable[Score], *, whole: bool) -> list[int]:
    """Every total, or where only its place among the thresholds matters, one on each side of each of them."""
    measure = MEASURES[next(iter(scores)).measure]
    if whole:
        return list(range(measure.low, measure.high + 1))
    values = [atom.value for atom in scores if isinstance(atom, rules.MeasureScore)]
    sides = {measure.low, *values, *(value - 1 for value in values)}
    return sorted(total for total in sides if measure.low <= total <= measure.high)


def _looks_back(atom: Score) -> bool:
    if isinstance(atom, rules.MeasureChange):
        return atom.from_ == "previous"
    return atom.which == "each-of-last"


def _looks_at_first(atom: Score) -> bool:
    return atom.from_ == "baseline" if isinstance(atom, rules.MeasureChange) else atom.which == "baseline"


def _meets(atom: Score, baseline: int, previous: int, latest: int) -> bool:
    if isinstance(atom, rules.MeasureChange):
        start = baseline if atom.from_ == "baseline" else previous
        return (start - latest if atom.change == "improved" else latest - start) >= atom.by
    asked = {"baseline": [baseline], "latest": [latest], "each-of-last": [previous, latest]}[atom.which]
    return all(_within(atom, one) for one in asked)


def _within(atom: rules.MeasureScore, total: int) -> bool:
    return total < atom.value if atom.comparison == "below" else total >= atom.value
