"""What a check of a pathway found: where, what is wrong in plain words, and what would put it right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.references import Loc, dotted


class Severity(StrEnum):
    """What a finding stands in the way of, the gravest first."""

    REFUSE = "refuse"
    SIGN = "sign"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `check` is the number of the check, `witness` the course of a patient that shows it."""

    check: int
    code: str
    severity: Severity
    step: str | None
    path: str
    problem: str
    fix: str
    witness: str = ""

    @property
    def key(self) -> str:
        """What stays the same for as long as the finding is the same: a signed reason is kept by it."""
        return f"{self.check}:{self.code}:{self.step or self.path}"


@dataclass(frozen=True, slots=True)
class Service:
    """What the checks need to know of the service: active people by role, and the roles that may act on a step."""

    holders: Mapping[str, int] = field(default_factory=dict)
    may_act: frozenset[str] = frozenset({"practitioner", "supervisor", "clinical-lead"})


def place(pathway: Pathway, step: str, path: str = "unlock") -> str:
    """Where a rule stands in the pathway's file: `steps[3].unlock.of[1]`."""
    number = [each.key for each in pathway.steps].index(step)
    at: Loc = ("steps", number)
    return f"{dotted(at)}.{path}"


def titles(pathway: Pathway, keys: object) -> str:
    """The steps of these keys by title, in the pathway's order, as a list in a sentence."""
    wanted = set(keys)  # type: ignore[call-overload]
    named = [step.title for step in pathway.steps if step.key in wanted]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
