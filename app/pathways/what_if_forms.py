"""What somebody sends who asks what a draft or version would do, or plans to move patients to it."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from app.clinical.sequencing.moving import MovePlan, NewCore
from app.kit.forms import PageForm, PostedForm

NOTHING = "-"
POLICIES = (
    (NewCore.NEW_ENROLMENTS_ONLY.value, "Nobody who is under way", "For them it is optional."),
    (NewCore.IF_NOT_YET_PAST.value, "Whoever has not begun anything after it", ""),
    (NewCore.ALL.value, "Everybody whose course is not finished", ""),
)


class AskForm(PageForm):
    lists: ClassVar = frozenset({"from_ids"})
    problems: ClassVar = {
        "from_ids": "Choose at least one version whose patients are to be looked at",
        "new_core": "Choose of whom a new core step is asked",
        "what_if_id": "Reload the page and try again",
    }
    from_ids: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    new_core: NewCore = NewCore.NEW_ENROLMENTS_ONLY
    what_if_id: UUID


class MoveForm(PageForm):
    lists: ClassVar = frozenset({"leave_out"})
    problems: ClassVar = {
        "due_on": "Give the day of the move, such as 4 5 2026",
        "note": "Say why, in up to 2,000 letters: it stands in the plan and is signed with it",
        "plan_id": "Reload the page and try again",
    }
    due_on: date
    leave_out: list[str] = Field(default_factory=list)
    note: Annotated[str, Field(min_length=1, max_length=2000)]
    plan_id: UUID


def read_plan(posted: PostedForm, old_steps: Iterable[str], new_core: NewCore) -> MovePlan:
    """What each step becomes, as it was ticked; a step for which nothing was ticked keeps its key."""
    becomes: dict[str, tuple[str, ...]] = {}
    for old in old_steps:
        chosen = [one for one in posted.every(f"becomes.{old}") if one]
        if NOTHING in chosen:
            becomes[old] = ()
        elif chosen and chosen != [old]:
            becomes[old] = tuple(one[:60] for one in chosen)
    return MovePlan(becomes, new_core)
