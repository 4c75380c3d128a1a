"""What staff and patients may send about a course, and the sentence for each mistake."""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.pathway import Requirement
from app.kit.forms import PageForm, on_field

Note = Annotated[str, Field(max_length=2000)]
Told = Annotated[str, Field(max_length=1000)]
Reason = Annotated[str, Field(min_length=3, max_length=2000)]
TOO_LONG = "Shorten this to 2,000 letters"
TOLD = {"told": "Shorten what you tell them to 1,000 letters"}
REASON = {"reason.string_too_long": TOO_LONG}
AGAIN = {"decision_id": "Reload the page and try again"}


class DecisionForm(PageForm):
    """What every decision's form carries: the id its row will get, so that sending it twice decides once."""

    problems: ClassVar = AGAIN
    decision_id: UUID | None = None


class ReleaseForm(DecisionForm):
    problems: ClassVar = AGAIN | TOLD
    told: Told = ""


class DeclineForm(DecisionForm):
    problems: ClassVar = AGAIN | {
        "told": "Write why not now, in words they will read, up to 1,000 letters",
    }
    told: Annotated[str, Field(min_length=3, max_length=1000)]


class OverrideForm(DecisionForm):
    problems: ClassVar = AGAIN | TOLD | {"reason": "Say why this step opens although its rule is not met"} | REASON
    reason: Reason
    told: Told = ""


class WaiveForm(DecisionForm):
    problems: ClassVar = AGAIN | {
        "reason": "Choose why this step is not needed",
        "note": TOO_LONG,
        "on": "Enter the day you agreed it, like 12 5 2026",
    }
    reason: WaiverReason
    note: Note = ""
    on: date | None = None

    @model_validator(mode="after")
    def judgement_is_explained(self) -> Self:
        if self.reason is WaiverReason.CLINICAL_JUDGEMENT and not self.note:
            raise on_field("note", "Write a note: clinical judgement has to be explained")
        return self


class DoneForm(DecisionForm):
    problems: ClassVar = AGAIN | {
        "what": "Choose what was done",
        "mode": "Choose where it was done",
        "on": "Enter the day it was done, like 12 5 2026",
        "note": TOO_LONG,
        "homework": "Shorten the homework to 1,000 letters",
        "due_on": "Enter the day it is for, like 19 5 2026",
    }
    lists: ClassVar = frozenset({"activities"})
    what: Literal["step", "activities"]
    activities: list[str] = Field(default_factory=list)
    mode: Literal[Mode.IN_CLINIC, Mode.ELSEWHERE] = Mode.IN_CLINIC
    on: date | None = None
    note: Note = ""
    homework: Annotated[str, Field(max_length=1000)] = ""
    due_on: date | None = None

    @model_validator(mode="after")
    def activities_are_named(self) -> Self:
        if self.what == "activities" and not self.activities:
            raise on_field("activities", "Choose which activities were done")
        return self


class TechniqueForm(DecisionForm):
    problems: ClassVar = {**DoneForm.problems, "technique": "Choose the technique you practised"}
    technique: Annotated[str, Field(min_length=1, max_length=60)]
    mode: Literal[Mode.IN_CLINIC, Mode.ELSEWHERE] = Mode.IN_CLINIC
    on: date | None = None
    note: Note = ""
    homework: Annotated[str, Field(max_length=1000)] = ""
    due_on: date | None = None


class AddForm(DecisionForm):
    problems: ClassVar = (
        AGAIN
        | TOLD
        | {
            "what": "Choose a step from the library, or an activity of your own",
            "title": "Give the activity a name of up to 120 letters",
            "technique": "Choose one of the techniques",
        }
    )
    what: Annotated[str, Field(min_length=1, max_length=60)]
    title: Annotated[str, Field(max_length=120)] = ""
    technique: Annotated[str | None, Field(max_length=60)] = None
    told: Told = ""

    @model_validator(mode="after")
    def an_activity_has_a_name(self) -> Self:
        if self.what == "own" and not self.title:
            raise on_field("title", "Give the activity a name")
        return self


class HoldForm(DecisionForm):
    problems: ClassVar = (
        AGAIN
        | TOLD
        | {
            "reason": "Say why this step is paused",
            "reason.string_too_long": TOO_LONG,
            "review_on": "Enter the day you will look at this again, like 26 5 2026",
        }
    )
    reason: Reason
    review_on: date
    told: Told = ""


class RequirementForm(DecisionForm):
    problems: ClassVar = AGAIN | {"requirement": "Choose core or optional", "reason": "Say why"} | REASON
    requirement: Literal[Requirement.MUST_UNLESS_DOCUMENTED, Requirement.COULD]
    reason: Reason


class CorrectForm(PageForm):
    problems: ClassVar = {"reason": "Say what was entered wrongly"} | REASON
    reason: Reason


class FeedbackForm(PageForm):
    problems: ClassVar = {
        "answer": "Reload the page and try again",
        "feedback_id": "Reload the page and try again",
        "words": "Write something for them to read, up to 2,000 letters, or press Looked at",
    }
    answer: UUID
    feedback_id: UUID | None = None
    words: Note = ""
    sends: Literal["yes"] | None = None

    @model_validator(mode="after")
    def something_is_sent(self) -> Self:
        if self.sends and not self.words:
            raise on_field("words", "Write something for them to read, or press Looked at")
        return self


class MoveForm(DecisionForm):
    before: Annotated[str | None, Field(max_length=60)] = None


class CloseIncidentForm(PageForm):
    problems: ClassVar = {"words": "Say what it was and what was done, up to 2,000 letters"}
    words: Annotated[str, Field(min_length=1, max_length=2000)]
