"""The earliest day each step can open, for a patient who does everything on the day it opens (check 8)."""

from collections.abc import Iterator, Mapping
from math import inf

from app.clinical.sequencing import rules
from app.clinical.sequencing.findings import Finding, Severity, place
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.rules import Rule

HOURS_OF_DAY = 24


def earliest(pathway: Pathway) -> dict[str, int | None]:
    """The day of the programme, from 0, on which each step can open at the earliest; None for one that cannot.

    The least solution, found by going over the steps until nothing gets earlier: waits are never negative, so steps
    that wait on each other in a ring are no harm (as in Dijkstra 1959). A date of the calendar is taken to have come.
    """
    found: dict[str, float] = {step.key: inf for step in pathway.steps}
    for _ in pathway.steps:
        now = {step.key: inf if step.retired else _day(step.unlock, found) for step in pathway.steps}
        if now == found:
            break
        found = now
    return {key: None if day == inf else int(day) for key, day in found.items()}


def _day(rule: Rule, found: Mapping[str, float]) -> float:
    match rule:
        case rules.AllOf():
            return max(_day(child, found) for child in rule.of)
        case rules.AnyOf():
            return min(_day(child, found) for child in rule.of)
        case rules.CountOf():
            return sorted(_day(child, found) for child in rule.of)[rule.k - 1]
        case rules.TimeSince():
            wait = rule.n if rule.unit == "days" else rule.n // HOURS_OF_DAY
            return _from(rule.anchor, found) + wait
    return _from(rule, found)


def _from(atom: object, found: Mapping[str, float]) -> float:
    match atom:
        case rules.StepSatisfied() | rules.StepCompleted() | rules.StepStarted() | rules.WorkReviewed():
            return found[atom.step]
        case rules.AppointmentAttended():
            return found[atom.after] if atom.after else 0
        case rules.EntriesLogged():
            return atom.distinct_days - 1
        case rules.MeasureScore():
            return (atom.last - 1) * (atom.gap_days or 0) if atom.last else 0
    return 0


def check(pathway: Pathway) -> Iterator[Finding]:
    """The core steps that cannot open within the programme's length."""
    days = earliest(pathway)
    for step in pathway.steps:
        day = days[step.key]
        if step.core and day is not None and day > pathway.programme_days:
            problem = (
                f"{step.title} can open on day {day} at the earliest, and the programme is {pathway.programme_days}"
            )
            fix = "Shorten a wait, or make the programme longer."
            at = place(pathway, step.key)
            yield Finding(8, "too-late", Severity.WARN, step.key, at, f"{problem} days long.", fix)
