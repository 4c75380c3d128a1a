"""When a rule will be true if nothing happens but time passing."""

from datetime import datetime

from app.clinical.sequencing import rules
from app.clinical.sequencing.evaluate import View, counted, due_at, truth
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.rules import Rule


def opens_at(rule: Rule, view: View) -> datetime | None:
    """The instant at which time alone makes the rule true; `view.now` if it is true, None if it never will be.

    The latest over All, the earliest over Any, the k-th over CountOf. What is true now is taken to stay true.
    """
    if truth(rule, view) is Truth.TRUE:
        return view.now
    match rule:
        case rules.AllOf():
            moments = [opens_at(child, view) for child in rule.of]
            known = [moment for moment in moments if moment is not None]
            return max(known) if len(known) == len(moments) else None
        case rules.AnyOf():
            return min((moment for child in rule.of if (moment := opens_at(child, view))), default=None)
        case rules.CountOf():
            children = counted(rule, view)
            soonest = sorted(moment for child in children if (moment := opens_at(child, view)))
            k = min(rule.k, len(children))
            return soonest[k - 1] if len(soonest) >= k else None
        case rules.TimeSince() | rules.NotBefore() | rules.ReleasedBy() | rules.WorkReviewed():
            return due_at(rule, view)
    return None
