"""A pathway: its steps in order, how each opens and counts as done. A value that is refused if it cannot work."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from app.clinical.fields import Key, Value, Words
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
    """One version of a pathway. `programme_days` and `sessions` are its planned length."""

    key: Key
    title: Words
    summary: str = ""
    version: Annotated[int, Field(ge=1)]
    programme_days: Annotated[int, Field(ge=1, le=730)]
    sessions: Annotated[int, Field(ge=1, le=100)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    choice_groups: tuple[ChoiceGroup, ...] = ()

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
        found = [mistake for error in refused.errors(include_url=False) for mistake in _mistakes_in(error)]
        raise PathwayRefused(found) from None


_ADAPTER = TypeAdapter(Pathway)


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
