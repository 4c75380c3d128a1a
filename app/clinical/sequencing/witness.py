"""A course in which some conditions are never met, in words."""

from collections.abc import Iterable

from app.clinical.sequencing import rules
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.rules import Condition


def never(missing: Iterable[Condition]) -> str:
    """What goes on for good in the course of a patient who never meets these conditions, as one sentence."""
    told = list(dict.fromkeys(_never(atom) for atom in missing))
    said = told[0] if len(told) == 1 else f"{', '.join(told[:-1])}, and {told[-1]}" if told else ""
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _never(atom: Condition) -> str:
    match atom:
        case rules.MeasureScore():
            return _score(atom)
        case rules.MeasureChange():
            name, way = MEASURES[atom.measure].name, "fall" if atom.change == "improved" else "rise"
            start = "from the first answer" if atom.from_ == "baseline" else "from one answer to the next"
            return f"{name} does not {way} by {atom.by} {start}"
        case rules.MeasureCompleted():
            return f"{MEASURES[atom.measure].name} is not answered {atom.times} times" if atom.times > 1 else (
                f"{MEASURES[atom.measure].name} is never answered")  # fmt: skip
        case rules.ProblemRecorded():
            return f"{' or '.join(atom.any_of)} is not recorded as a problem"
        case rules.GoalRecorded():
            return f"no goal is about {' or '.join(atom.any_of)}"
        case rules.WorkReviewed():
            return "nobody looks at the worksheet"
    return "nobody releases it"


def _score(atom: rules.MeasureScore) -> str:
    name, below = MEASURES[atom.measure].name, atom.comparison == "below"
    limit = f"{atom.value} or more" if below else f"below {atom.value}"
    if atom.which == "baseline":
        return f"the first {name} is {limit}"
    if atom.last:
        asked = f"below {atom.value}" if below else f"{atom.value} or more"
        return f"{name} is never {asked} {atom.last} times running"
    return f"{name} stays {'at ' if below else ''}{limit}"
