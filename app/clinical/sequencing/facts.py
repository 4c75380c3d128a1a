"""What can be known of a patient's course: a closed set of dated facts, among them the decisions of staff."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from app.clinical.fields import Key, Value, Words, mistake
from app.clinical.sequencing.measures import MeasureKey
from app.clinical.sequencing.pathway import Activity, Requirement
from app.clinical.sequencing.rules import EntryKind


class Mode(StrEnum):
    """Where something was done."""

    ONLINE = "online"
    IN_CLINIC = "in-clinic"
    ELSEWHERE = "elsewhere"
    MIXED = "mixed"


DonePlace = Literal[Mode.ONLINE, Mode.IN_CLINIC, Mode.ELSEWHERE]
FactId = Annotated[str, BeforeValidator(str)]


class _Fact(Value):
    """`effective_at` is when it happened, `recorded_at` when we knew; `seq` orders what was recorded together.

    `by` is the name shown in texts, of whoever did or decided it.
    """

    id: FactId
    effective_at: AwareDatetime
    recorded_at: AwareDatetime
    seq: int = 0
    by: str = ""


class StepOpened(_Fact):
    """The patient opened the step: it is under way from here."""

    kind: Literal["step-opened"] = "step-opened"
    step: Key


class ActivityDone(_Fact):
    """An activity of a step was done. For a step with no activities, `activity` is the step's own key."""

    kind: Literal["activity-done"] = "activity-done"
    step: Key
    activity: Key
    mode: DonePlace = Mode.ONLINE


class TechniquePractised(_Fact):
    """A technique was practised once, in any module, session or homework."""

    kind: Literal["technique-practised"] = "technique-practised"
    technique: Key
    mode: DonePlace = Mode.ONLINE


class EntryLogged(_Fact):
    """One valid entry, for a local day."""

    kind: Literal["entry-logged"] = "entry-logged"
    entry: EntryKind
    on: date


class MeasureTaken(_Fact):
    """A questionnaire was answered. No total when its scoring rule gives none: a score of 0 is a score."""

    kind: Literal["measure-taken"] = "measure-taken"
    measure: MeasureKey
    total: int | None


class ProblemAssessed(_Fact):
    """Somebody assessed whether the patient has a problem."""

    kind: Literal["problem-assessed"] = "problem-assessed"
    problem: Key
    status: Literal["active", "resolved", "absent"]


class GoalSet(_Fact):
    """A goal was agreed, changed, or (not `active`) reached or let go. `title` is the patient's own words."""

    kind: Literal["goal-set"] = "goal-set"
    goal: FactId
    title: Words
    tags: tuple[Key, ...] = ()
    active: bool = True


class AppointmentRecorded(_Fact):
    """What is known of one session. Still `booked` after its end means that no outcome was recorded."""

    kind: Literal["appointment-recorded"] = "appointment-recorded"
    appointment: FactId
    type: Key = "session"
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    status: Literal["booked", "attended", "did-not-attend", "cancelled"]


class PatientChose(_Fact):
    """The patient asked to work on a step."""

    kind: Literal["patient-chose"] = "patient-chose"
    step: Key


class ChoiceWithdrawn(_Fact):
    """The patient no longer asks for a step."""

    kind: Literal["choice-withdrawn"] = "choice-withdrawn"
    step: Key


class PracticeWithdrawn(_Fact):
    """The practice that was said to have happened at `effective_at` did not happen."""

    kind: Literal["practice-withdrawn"] = "practice-withdrawn"
    technique: Key


class ZoneChanged(_Fact):
    """The patient's days are counted in another zone from here; what is open already stays as it is."""

    kind: Literal["zone-changed"] = "zone-changed"
    zone: str


class _Decision(_Fact):
    """An act of staff. `role` is the role it was done in; `note` is for staff, `told` is read by the patient."""

    role: Key
    note: str = ""
    told: str = ""


class Released(_Decision):
    """A step whose rule waits on staff was released."""

    kind: Literal["released"] = "released"
    step: Key


class OverrideOpened(_Decision):
    """A step was opened though its rule is not met."""

    kind: Literal["override-opened"] = "override-opened"
    step: Key
    reason: str = ""


class WaiverReason(StrEnum):
    """Why a step is not needed. All of these succeed; what could not be done stays outstanding and has no code here."""

    NOT_RELEVANT = "not-relevant"
    GOALS_MET = "goals-met"
    COVERED_ELSEWHERE = "covered-elsewhere"
    PATIENT_PREFERS_NOT = "patient-prefers-not"
    TIMING = "timing"
    ACCESSIBILITY = "accessibility"
    CLINICAL_JUDGEMENT = "clinical-judgement"


class Declined(_Decision):
    """The patient asked for a step, and staff said not now, in words for the patient. They may ask again."""

    kind: Literal["declined"] = "declined"
    step: Key


class Waived(_Decision):
    """Patient and practitioner agreed to skip a step: it satisfies, and is not done.

    `stands_on` is the waiver that was agreed, where a move has brought it along to another step.
    """

    kind: Literal["waived"] = "waived"
    step: Key
    reason: WaiverReason
    stands_on: str | None = None


class DoneElsewhere(_Decision):
    """Work done away from the screen: a whole step, some activities of it, or a technique by itself."""

    kind: Literal["done-elsewhere"] = "done-elsewhere"
    step: Key | None = None
    activities: tuple[Key, ...] = ()
    technique: Key | None = None
    mode: Literal[Mode.IN_CLINIC, Mode.ELSEWHERE] = Mode.IN_CLINIC
    session: str | None = None
    homework: str = ""

    @model_validator(mode="after")
    def _names_the_work(self) -> "DoneElsewhere":
        if self.step is None and self.technique is None:
            raise mistake("this names no work", "Give a step or a technique.", "step")
        if self.activities and self.step is None:
            raise mistake("activities need their step", "Give the step.", "step")
        return self


class CountsAs(Value):
    """Which step, or activities of it, an added step stands for once it is done."""

    step: Key
    activities: tuple[Key, ...] = ()


class StepAdded(_Decision):
    """A step was added for this patient: from the library (`module`), or a free activity."""

    kind: Literal["step-added"] = "step-added"
    step: Key
    title: Words
    module: Key | None = None
    activities: tuple[Activity, ...] = ()
    techniques: tuple[Key, ...] = ()
    counts_as: CountsAs | None = None
    before: Key | None = None


class Moved(_Decision):
    """A step was put before another in this patient's order, or last."""

    kind: Literal["moved"] = "moved"
    step: Key
    before: Key | None = None


class RequirementChanged(_Decision):
    """A step became core or optional for this patient."""

    kind: Literal["requirement-changed"] = "requirement-changed"
    step: Key
    requirement: Requirement
    reason: Words


class Held(_Decision):
    """A step was paused until staff take it up again; nothing the patient wrote is hidden."""

    kind: Literal["held"] = "held"
    step: Key
    reason: Words
    review_on: date


class Resumed(_Decision):
    """A hold was lifted."""

    kind: Literal["resumed"] = "resumed"
    step: Key


class Reviewed(_Decision):
    """Somebody looked at the patient's work on a step."""

    kind: Literal["reviewed"] = "reviewed"
    step: Key


class Corrected(_Decision):
    """A fact had been entered in error. What it opened stays open, and is flagged."""

    kind: Literal["corrected"] = "corrected"
    supersedes: FactId
    reason: Words


class Undone(_Decision):
    """A decision was taken back at once, before anything came of it."""

    kind: Literal["undone"] = "undone"
    supersedes: FactId


class CarriedDone(Value):
    """When and where a step had been done before its patient was moved.

    `of` is what that stands on, as ids of facts: it holds while of each group at least one has not been taken back.
    """

    at: AwareDatetime
    mode: Mode
    of: tuple[tuple[str, ...], ...] = ()


class CarriedSkip(Value):
    """When, why and with whom a step had been skipped before its patient was moved; `of` is the waiver it stands on."""

    at: AwareDatetime
    reason: WaiverReason
    by: str = ""
    of: str | None = None


class CarriedOver(_Decision):
    """The patient was moved to this version of the pathway. What was open before stays open, from when it was.

    `back` where an earlier move was taken back by it. `to_version` is not known of moves that were recorded without.

    `becomes` names, for each step of the version before that has another key here, what it is now. `done` and
    `skipped` are what the version before said of steps for which this one, from the same facts, would not. `optional`
    are core steps of this version that are not asked of this patient.

    `causes` are what opened the steps in `opened`, `flagged` those of them that had been opened in error. `known` is
    the place in the order of facts of the last one that was looked at: what one after it opens is opened.
    """

    kind: Literal["carried-over"] = "carried-over"
    from_version: int
    to_version: int | None = None
    back: bool = False
    opened: dict[Key, AwareDatetime]
    becomes: dict[Key, tuple[Key, ...]] = Field(default_factory=dict)
    done: dict[Key, CarriedDone] = Field(default_factory=dict)
    skipped: dict[Key, CarriedSkip] = Field(default_factory=dict)
    optional: tuple[Key, ...] = ()
    causes: dict[Key, str] = Field(default_factory=dict)
    flagged: tuple[Key, ...] = ()
    known: int | None = None


Decision = (
    Released
    | OverrideOpened
    | Declined
    | Waived
    | DoneElsewhere
    | StepAdded
    | Moved
    | RequirementChanged
    | Held
    | Resumed
    | Reviewed
    | Corrected
    | Undone
    | CarriedOver
)
Fact = (
    StepOpened
    | ActivityDone
    | TechniquePractised
    | EntryLogged
    | MeasureTaken
    | ProblemAssessed
    | GoalSet
    | AppointmentRecorded
    | PatientChose
    | ChoiceWithdrawn
    | PracticeWithdrawn
    | ZoneChanged
    | Decision
)
AnyFact = Annotated[Fact, Field(discriminator="kind")]
FACTS: dict[str, type[Fact]] = {fact.model_fields["kind"].default: fact for fact in get_args(Fact)}
