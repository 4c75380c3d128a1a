"""When a rule will be true if nothing happens but time passing."""

from datetime import datetime

from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import View, counted, due_at, truth
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.step import Step

# Conditions that time alone may make true.
CLOCKS = (rules.TimeSince, rules.NotBefore, rules.ReleasedBy, rules.WorkReviewed)


def may_open_by_time(step: Step, view: View) -> bool:
    """Whether its rule would be true had all its clocks run out: soon answered, and mostly no."""
    return truth(step.unlock, View(view.seen, view.now, view.step, (*view.granting, *step.clocks))) is Truth.TRUE


def opens_at(rule: Rule, view: View) -> datetime | None:
    """The instant at which time alone makes the rule true; `view.now` if it is true, None if it never will be.

    The latest over All, the earliest over Any, the k-th over CountOf. What is true now is taken to stay true.
    """
    match rule:
        case rules.AllOf():
            latest = view.now
            for child in rule.of:
                moment = opens_at(child, view)
                if moment is None:
                    return None
                latest = max(latest, moment)
            return latest
        case rules.AnyOf():
            return min((moment for child in rule.of if (moment := opens_at(child, view))), default=None)
        case rules.CountOf():
            children = counted(rule, view)
            soonest = sorted(moment for child in children if (moment := opens_at(child, view)))
            k = min(rule.k, len(children))
            # Of nothing that is left to count, nothing is asked.
            return view.now if k == 0 else soonest[k - 1] if len(soonest) >= k else None
    if truth(rule, view) is Truth.TRUE:
        return view.now
    return due_at(rule, view) if isinstance(rule, CLOCKS) else None
