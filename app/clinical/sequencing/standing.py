"""Where a patient stands with each step: the one result that pages, the API, the audit and replay all use."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.clinical.local_time import local_day
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact, Mode
from app.clinical.sequencing.frontier import Awaited, Unmet
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.pathway import Activity, ChoiceGroup, Override, Requirement
from app.clinical.sequencing.rules import ReleasedBy, Rule, WorkReviewed
from app.clinical.sequencing.seen import Opening, Seen
from app.clinical.sequencing.structure import atoms


class State(StrEnum):
    """The nearest FHIR Task statuses: requested, requested, requested, ready, in-progress, completed, cancelled
    with a reason, on-hold."""

    NOT_SUGGESTED = "not-suggested"
    LOCKED = "locked"
    WAITING = "waiting"
    AVAILABLE = "available"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    WAIVED = "waived"
    ON_HOLD = "on-hold"


class FlagKind(StrEnum):
    """What staff should know of an open step."""

    OPENED_IN_ERROR = "opened-in-error"
    NO_LONGER_MET = "no-longer-met"
    UNDO_CAME_TOO_LATE = "undo-came-too-late"


@dataclass(frozen=True, slots=True)
class Flag:
    """A remark on an open step, and the fact it comes from, if one."""

    kind: FlagKind
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class PartDone:
    """An activity that was done, or (None) the step as a whole: where, on which local day, and recorded by whom."""

    activity: str | None
    title: str
    mode: Mode
    on: date
    at: datetime
    by: str
    fact: str


def opened_by_hand(step: str, cause: Fact | None) -> bool:
    """Whether a step opened by an act about itself, whatever its rule said."""
    if isinstance(cause, f.CarriedOver):
        return step in cause.opened
    return isinstance(cause, f.OverrideOpened | f.StepAdded | f.DoneElsewhere) and cause.step == step


@dataclass(frozen=True, slots=True)
class Standing:
    """One step for one patient at one moment.

    `since` and `cause` (the id of a fact, `time`, or `start`) are of the opening, None while it never opened; `origin`
    is what opened it first, whatever has kept it open since.
    `truth` is what the rule says now; a step that opened stays open whatever it says. `unmet`, `who_can_act`
    and `earliest_at` are of a step that is not open. `needed` parts make it done.
    """

    step: str
    title: str
    module: str | None
    state: State
    truth: Truth
    since: datetime | None
    cause: str | None
    cause_fact: Fact | None
    origin: str | None
    origin_fact: Fact | None
    pathway_version: int
    rule_hash: str
    rule: Rule
    unmet: tuple[Unmet, ...]
    who_can_act: frozenset[str]
    earliest_at: datetime | None
    awaited: tuple[Awaited, ...]
    requirement: Requirement
    override: Override
    relevance: Truth | None
    suggested: bool
    completed_at: datetime | None
    mode: Mode | None
    done: tuple[PartDone, ...]
    left: tuple[Activity, ...]
    needed: int
    choice: ChoiceGroup | None
    asked: f.PatientChose | None
    declined: f.Declined | None
    added: f.StepAdded | None
    hold: f.Held | None
    waiver: f.Waived | None
    changed: f.RequirementChanged | None
    flags: tuple[Flag, ...]
    now: datetime
    seen: Seen = field(repr=False, compare=False)

    @property
    def opened(self) -> bool:
        """Whether the step ever opened; a hold pauses it and does not undo this."""
        return self.since is not None

    @property
    def satisfied(self) -> bool:
        """Whether it was done anywhere or waived."""
        return self.completed_at is not None or self.waiver is not None

    @property
    def core(self) -> bool:
        return self.requirement is not Requirement.COULD

    @property
    def earliest_on(self) -> date | None:
        """The local day it opens, when only time is missing."""
        return local_day(self.earliest_at, self.seen.zone) if self.earliest_at else None

    @property
    def done_count(self) -> int:
        """How many of the `needed` parts are done."""
        if self.completed_at is not None:
            return self.needed
        return min(self.needed, sum(part.activity is not None for part in self.done))

    @property
    def releasable_by(self) -> frozenset[str]:
        """The roles its rule lets release it; none when it does not wait for a release."""
        return frozenset().union(*(atom.may_act for atom in atoms(self.rule) if isinstance(atom, ReleasedBy)))

    @property
    def awaits_review_of(self) -> frozenset[str]:
        """The steps whose work must be looked at before it opens."""
        return frozenset(each.atom.step for each in self.unmet if isinstance(each.atom, WorkReviewed))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The core steps of this patient, in order, however each was covered."""

    core: tuple[Standing, ...]

    @property
    def done(self) -> tuple[Standing, ...]:
        return tuple(each for each in self.core if each.completed_at is not None)

    @property
    def agreed_to_skip(self) -> tuple[Standing, ...]:
        return tuple(each for each in self.core if each.completed_at is None and each.waiver is not None)

    @property
    def outstanding(self) -> tuple[Standing, ...]:
        return tuple(each for each in self.core if not each.satisfied)


@dataclass(frozen=True, slots=True)
class Course:
    """All of a patient's steps in their order, with what opened when."""

    pathway_version: int
    standings: tuple[Standing, ...]
    openings: tuple[Opening, ...]
    next_due_at: datetime | None

    def __getitem__(self, step: str) -> Standing:
        """The standing of a step. Raises `KeyError` for a step this patient does not have."""
        found = next((each for each in self.standings if each.step == step), None)
        if found is None:
            raise KeyError(step)
        return found

    def __contains__(self, step: object) -> bool:
        return any(each.step == step for each in self.standings)

    @property
    def coverage(self) -> Coverage:
        return Coverage(tuple(each for each in self.standings if each.core))
