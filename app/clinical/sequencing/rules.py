"""The closed vocabulary of unlock rules: what a condition may say. What it means is in evaluate.py."""

from datetime import date, time
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.clinical.fields import Key, Value, mistake
from app.clinical.sequencing.measures import MEASURES, MeasureKey

OPENS_AT = time(6)

T = TypeVar("T")
Where = Literal["any", "online", "in-clinic"]
EntryKind = Literal["mood", "diary", "activity", "thought-record"]
Many = Annotated[int, Field(ge=1, le=1000)]
Days = Annotated[int, Field(ge=1, le=730)]


def _each_once(values: tuple[T, ...]) -> tuple[T, ...]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise mistake(f'"{value}" is there twice', "Take one of them out.", place)
    return values


def _some_children(fewest: int) -> AfterValidator:
    def check(of: tuple[T, ...]) -> tuple[T, ...]:
        if len(of) < fewest:
            raise mistake(
                "this group is empty" if not of else "this group has only one condition in it",
                "Add a condition, or write always." if fewest == 1 else "Add another, or write the one by itself.",
            )
        return of

    return AfterValidator(check)


def _named(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise mistake("this list is empty", "Name at least one.")
    return _each_once(values)


Keys = Annotated[tuple[Key, ...], AfterValidator(_named)]


class Always(Value):
    """Open from the start."""

    kind: Literal["always"] = "always"


class AllOf(Value):
    """True when every child is true."""

    kind: Literal["all"] = "all"
    of: Annotated[tuple["Rule", ...], _some_children(1)]


class AnyOf(Value):
    """True when at least one child is true."""

    kind: Literal["any"] = "any"
    of: Annotated[tuple["Rule", ...], _some_children(2)]


class CountOf(Value):
    """True when at least `k` children are true. A plain step key among the children stands for that step.

    Counting `done`, a step that was waived and not done leaves the list, and `k` is never more than what is
    left; counting `satisfied`, a waiver counts.
    """

    kind: Literal["count-of"] = "count-of"
    k: Many
    of: Annotated[tuple["Rule", ...], _some_children(2)]
    counting: Literal["done", "satisfied"] = "done"

    @field_validator("of", mode="before")
    @classmethod
    def _keys_are_steps(cls, of: Any) -> Any:
        if not isinstance(of, list | tuple):
            return of
        return [{"kind": "step-satisfied", "step": child} if isinstance(child, str) else child for child in of]

    @model_validator(mode="after")
    def _within_reach(self) -> "CountOf":
        if self.k > len(self.of):
            raise mistake(f"{self.k} cannot be done of {len(self.of)}", "Ask for fewer, or add to the list.", "k")
        return self


class StepSatisfied(Value):
    """True when the step was done anywhere, or waived."""

    kind: Literal["step-satisfied"] = "step-satisfied"
    step: Key


class StepCompleted(Value):
    """True when the step was done with evidence from there; a waiver does not count."""

    kind: Literal["step-completed"] = "step-completed"
    step: Key
    where: Where = "any"


class StepStarted(Value):
    """True when the step was opened by the patient, or any of its work was recorded."""

    kind: Literal["step-started"] = "step-started"
    step: Key


class TechniquePractised(Value):
    """True after so many recorded practices of a technique, in any module, session or homework."""

    kind: Literal["technique-practised"] = "technique-practised"
    technique: Key
    times: Many = 1
    where: Where = "any"


class EntriesLogged(Value):
    """True after enough entries on enough different local days, in the last `within_days` days if given."""

    kind: Literal["entries-logged"] = "entries-logged"
    entry: EntryKind
    at_least: Many = 1
    distinct_days: Many = 1
    within_days: Days | None = None

    @model_validator(mode="after")
    def _days_fit(self) -> "EntriesLogged":
        if self.distinct_days > self.at_least:
            raise mistake("more days are asked for than entries", "Ask for as many entries as days.", "distinct_days")
        if self.within_days is not None and self.distinct_days > self.within_days:
            raise mistake("more days are asked for than the window has", "Widen the window.", "within_days")
        return self


class AppointmentAttended(Value):
    """True after so many attended sessions: of one type if given, since `after` was done or waived if given."""

    kind: Literal["appointment-attended"] = "appointment-attended"
    appointment: Key | None = None
    at_least: Many = 1
    after: Key | None = None


class ProgrammeStart(Value):
    """The moment the patient was enrolled; an anchor for time, not a condition."""

    kind: Literal["programme-start"] = "programme-start"


class PatientChose(Value):
    """True when the patient asked to work on the step."""

    kind: Literal["patient-chose"] = "patient-chose"
    step: Key


Anchor = Annotated[
    ProgrammeStart
    | StepSatisfied
    | StepCompleted
    | StepStarted
    | TechniquePractised
    | AppointmentAttended
    | PatientChose,
    Field(discriminator="kind"),
]


class TimeSince(Value):
    """True `n` calendar days after the anchor, at `opens_at` in the patient's zone; hours are elapsed hours."""

    kind: Literal["time-since"] = "time-since"
    anchor: Anchor
    n: Many
    unit: Literal["days", "hours"] = "days"
    opens_at: time = OPENS_AT

    @field_validator("opens_at")
    @classmethod
    def _awake(cls, opens_at: time) -> time:
        if opens_at == time(0) or opens_at.tzinfo is not None:
            raise mistake("steps do not open at midnight, nor at a time with a zone", "Write a time such as 06:00.")
        return opens_at


class NotBefore(Value):
    """True from 06:00 on a local date, in the patient's zone or the service's."""

    kind: Literal["not-before"] = "not-before"
    date: date
    zone: Literal["patient", "service"] = "patient"


class MeasureCompleted(Value):
    """True after so many complete, scorable answers, in the last `within_days` days if given."""

    kind: Literal["measure-completed"] = "measure-completed"
    measure: MeasureKey
    times: Many = 1
    within_days: Days | None = None


class MeasureScore(Value):
    """True when a total is below, or at least, a value.

    `latest` and `baseline` are the newest and the first answer. `each-of-last` walks back from the newest
    until it has met `last` answers at least `gap_days` apart, and asks it of every answer on the way. An
    answer with no total, or a newest answer older than `max_age_days`, leaves it unknown.
    """

    kind: Literal["measure-score"] = "measure-score"
    measure: MeasureKey
    which: Literal["latest", "baseline", "each-of-last"] = "latest"
    last: Annotated[int, Field(ge=2, le=10)] | None = None
    gap_days: Annotated[int, Field(ge=0, le=90)] | None = None
    comparison: Literal["below", "at-least"]
    value: int
    max_age_days: Days | None = None

    @field_validator("value")
    @classmethod
    def _within_range(cls, value: int, info: ValidationInfo) -> int:
        measure = MEASURES.get(info.data.get("measure", ""))
        if measure and not measure.low <= value <= measure.high:
            raise mistake(f"{measure.name} cannot be {value}", f"Use {measure.low} to {measure.high}.")
        return value

    @model_validator(mode="after")
    def _fields_agree(self) -> "MeasureScore":
        if (self.which == "each-of-last") != (self.last is not None):
            raise mistake("last goes with each-of-last, and with nothing else", "Give both or neither.", "last")
        if self.gap_days is not None and self.last is None:
            raise mistake("gap_days goes with each-of-last", "Take it out.", "gap_days")
        if self.which == "baseline" and self.max_age_days is not None:
            raise mistake("a baseline does not grow stale", "Take max_age_days out.", "max_age_days")
        return self


class MeasureChange(Value):
    """True when the newest total is better, or worse, than the first or the one before it by at least `by`.

    A fall is an improvement.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    kind: Literal["measure-change"] = "measure-change"
    measure: MeasureKey
    from_: Literal["baseline", "previous"] = Field(default="baseline", alias="from")
    change: Literal["improved", "worsened"]
    by: int
    max_age_days: Days | None = None

    @field_validator("by")
    @classmethod
    def _within_range(cls, by: int, info: ValidationInfo) -> int:
        measure = MEASURES.get(info.data.get("measure", ""))
        if measure and not 1 <= by <= measure.widest:
            raise mistake(f"{measure.name} cannot change by {by}", f"Use 1 to {measure.widest}.")
        return by


class ProblemRecorded(Value):
    """True when any of the problems is active; unknown while one has not been assessed and none is active."""

    kind: Literal["problem-recorded"] = "problem-recorded"
    any_of: Keys
    status: Literal["active"] = "active"


class GoalRecorded(Value):
    """True when an active goal carries one of the tags; unknown until goals have been set."""

    kind: Literal["goal-recorded"] = "goal-recorded"
    any_of: Keys


class _AwaitsStaff(Value):
    """A condition that waits on people: by role, never by name, with a reminder and somebody to turn to.

    The days count from when staff are all that is missing. Then either somebody in `escalate_to` is asked, who
    may act as well, or, with `then: open`, the condition is met by itself at 06:00 local time.
    """

    roles: Keys
    remind_after_days: Days | None = None
    then_after_days: Days | None = None
    then: Literal["escalate", "open"] | None = None
    escalate_to: Key | None = None

    @model_validator(mode="after")
    def _plan_is_whole(self) -> "_AwaitsStaff":
        if (self.then is None) != (self.then_after_days is None):
            raise mistake("then and then_after_days go together", "Give both or neither.", "then_after_days")
        if (self.then == "escalate") != (self.escalate_to is not None):
            raise mistake("escalate_to goes with then: escalate", "Give both or neither.", "escalate_to")
        return self

    @property
    def may_act(self) -> frozenset[str]:
        """The roles that may act: those named, and the one turned to when they do not."""
        return frozenset(self.roles) | ({self.escalate_to} if self.escalate_to else frozenset())


class ReleasedBy(_AwaitsStaff):
    """True when somebody with one of the roles released the step."""

    kind: Literal["released-by"] = "released-by"


class WorkReviewed(_AwaitsStaff):
    """True when somebody with one of the roles reviewed the patient's work on the step."""

    kind: Literal["work-reviewed"] = "work-reviewed"
    step: Key


Group = AllOf | AnyOf | CountOf
StaffAct = ReleasedBy | WorkReviewed
Condition = (
    Always
    | StepSatisfied
    | StepCompleted
    | StepStarted
    | TechniquePractised
    | EntriesLogged
    | TimeSince
    | NotBefore
    | AppointmentAttended
    | MeasureCompleted
    | MeasureScore
    | MeasureChange
    | ProblemRecorded
    | GoalRecorded
    | PatientChose
    | ReleasedBy
    | WorkReviewed
)
Rule = Annotated[AllOf | AnyOf | CountOf | Condition, Field(discriminator="kind")]
for _group in (AllOf, AnyOf, CountOf):
    _group.model_rebuild()

# Rules a patient must not be able to read back from a text: the sentences never depend on them.
PRIVATE = (MeasureScore, MeasureChange, ProblemRecorded)


# What a patient can bring about, or time, or a session that was going to take place; scores and problems are not.
IN_OWN_HANDS = (
    StepSatisfied,
    StepCompleted,
    StepStarted,
    TechniquePractised,
    EntriesLogged,
    TimeSince,
    NotBefore,
    AppointmentAttended,
    MeasureCompleted,
    GoalRecorded,
    PatientChose,
)
