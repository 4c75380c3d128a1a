"""A pathway: its steps in order, how each opens and counts as done. A value that is refused if it cannot work."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from app.clinical.fields import Key, Value, Words
from app.clinical.schedules import Timing
from app.clinical.sequencing import references
from app.clinical.sequencing.canonical import canonical_json, rule_hash
from app.clinical.sequencing.references import Mistake
from app.clinical.sequencing.step import (
    Activity,
    ChoiceGroup,
    EveryActivity,
    Override,
    Requirement,
    SomeActivities,
    Step,
)
from app.clinical.sequencing.structure import Topic, topics

__all__ = [
    "Activity",
    "ChoiceGroup",
    "EveryActivity",
    "Mistake",
    "Override",
    "Pathway",
    "PathwayRefused",
    "Requirement",
    "SomeActivities",
    "Step",
    "affected_by",
    "canonical_json",
    "read",
    "rule_hash",
    "with_activities",
]


class Pathway(Value):
    """One version of a pathway. `programme_days` and `sessions` are its planned length.

    `measures` says when it asks which questionnaires; one that it does not name is asked when it says itself.
    """

    key: Key
    title: Words
    summary: str = ""
    version: Annotated[int, Field(ge=1)]
    programme_days: Annotated[int, Field(ge=1, le=730)]
    sessions: Annotated[int, Field(ge=1, le=100)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    choice_groups: tuple[ChoiceGroup, ...] = ()
    measures: dict[Key, Timing] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holds_together(self) -> "Pathway":
        if found := references.mistakes(self.steps, self.choice_groups):
            first = found[0]
            context = {"problem": first.problem, "fix": first.fix, "at": first.at, "mistakes": found}
            raise PydanticCustomError("mistake", "{problem}. {fix}", context)
        return self

    @cached_property
    def by_key(self) -> Mapping[str, Step]:
        return {step.key: step for step in self.steps}

    @cached_property
    def affected_by(self) -> Mapping[Topic, tuple[str, ...]]:
        """For each thing a fact can be about, the steps whose rule it could change."""
        return affected_by(self)


class PathwayRefused(Exception):
    """A pathway that cannot be used, with every mistake found in it."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(found) for found in self.mistakes))


def read(raw: object) -> Pathway:
    """A pathway from plain data. Raises `PathwayRefused` with the path, the problem and the fix of each mistake."""
    try:
        return _ADAPTER.validate_python(raw)
    except ValidationError as refused:
        if (mended := _without_rules_of_retired(raw, refused)) is not None:
            return read(mended)
        found = [mistake for error in refused.errors(include_url=False) for mistake in _mistakes_in(error)]
        raise PathwayRefused(found) from None


_ADAPTER = TypeAdapter(Pathway)
# By a rule of a retired step nobody comes to it any more, so an unfinished one is no fault: whoever brings the step
# back finds that it waits for somebody to release it.
_RELEASED = {"kind": "released-by", "roles": ["practitioner"]}


def _without_rules_of_retired(raw: object, refused: ValidationError) -> dict[str, Any] | None:
    """The pathway with the broken rules of retired steps put aside; None where there are none."""
    steps = raw.get("steps") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(steps, list):
        return None
    at = [error["loc"] for error in refused.errors(include_url=False)]
    broken = {
        (loc[1], loc[2])
        for loc in at
        if loc[:1] == ("steps",) and len(loc) > 2 and loc[2] in ("unlock", "relevance") and isinstance(loc[1], int)
    }
    retired = {
        (place, name) for place, name in broken if isinstance(steps[place], dict) and steps[place].get("retired")
    }
    if not retired:
        return None
    mended = [
        {**step, **{name: _RELEASED for at, name in retired if at == place}} if isinstance(step, dict) else step
        for place, step in enumerate(steps)
    ]
    return {**raw, "steps": mended}


def _mistakes_in(error: ErrorDetails) -> tuple[Mistake, ...]:
    context = error.get("ctx", {})
    if "mistakes" in context:
        return tuple(context["mistakes"])
    return (references.plain(error["type"], error["loc"], error["msg"], context),)


def with_activities(step: Step, activities: Iterable[Activity]) -> Step:
    """The step with the activities of its module. Raises `PathwayRefused` if its completion rule cannot be met."""
    filled = step.model_copy(update={"activities": tuple(activities)})
    if found := references.completion_mistakes(filled, ()):
        raise PathwayRefused(found)
    return filled


def affected_by(pathway: Pathway) -> dict[Topic, tuple[str, ...]]:
    """For each thing a fact can be about, the steps whose unlock rule it could change, in pathway order."""
    found: dict[Topic, tuple[str, ...]] = {}
    for step in pathway.steps:
        for topic in topics(step.unlock, step.key):
            found[topic] = (*found.get(topic, ()), step.key)
    return found
