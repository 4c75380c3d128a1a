"""A pathway: its steps in order, how each opens and counts as done. A value that is refused if it cannot work."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from app.clinical.fields import Key, Value, Words, mistake
from app.clinical.sequencing import references
from app.clinical.sequencing.references import Mistake
from app.clinical.sequencing.rules import Condition, Keys, Rule, StaffAct
from app.clinical.sequencing.structure import Topic, atoms, is_timed, topics


class Requirement(StrEnum):
    """Whether a step is core (FHIR action-required-behavior). Core does not mean that nobody may depart from it."""

    MUST = "must"
    MUST_UNLESS_DOCUMENTED = "must-unless-documented"
    COULD = "could"


class Override(StrEnum):
    """Whether staff may open a step though its rule is not met (openEHR override_type)."""

    ALLOWED = "allowed"
    ALLOWED_WITH_REASON = "allowed-with-reason"
    PROHIBITED = "prohibited"


class Activity(Value):
    """A part of a step that can be done by itself, online or in a session."""

    key: Key
    title: Words
    required: bool = True
    techniques: tuple[Key, ...] = ()


class EveryActivity(Value):
    """Done when every required activity is done, wherever that was."""

    kind: Literal["every-activity"] = "every-activity"


class SomeActivities(Value):
    """Done when `at_least` activities are done, of those named, or of any when none is named."""

    kind: Literal["some-activities"] = "some-activities"
    at_least: Annotated[int, Field(ge=1)]
    of: tuple[Key, ...] = ()


Completion = Annotated[EveryActivity | SomeActivities, Field(discriminator="kind")]


class Step(Value):
    """A step of a pathway. One with no activities is done as a whole: its own key stands for the one activity."""

    key: Key
    title: Words
    module: Key | None = None
    requirement: Requirement = Requirement.MUST_UNLESS_DOCUMENTED
    override: Override = Override.ALLOWED_WITH_REASON
    tags: tuple[Key, ...] = ()
    relevance: Rule | None = None
    unlock: Rule
    completion: Completion = EveryActivity()
    activities: tuple[Activity, ...] = ()
    techniques: tuple[Key, ...] = ()
    retired: bool = False

    @cached_property
    def parts(self) -> tuple[Activity, ...]:
        """The activities, or the step itself as its only one."""
        return self.activities or (Activity(key=self.key, title=self.title, techniques=self.techniques),)

    @cached_property
    def unlock_hash(self) -> str:
        """The hash of the unlock rule, kept with every decision about the step."""
        return rule_hash(self.unlock)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of its rule, in the order written."""
        return atoms(self.unlock)

    @cached_property
    def waits_on_staff(self) -> bool:
        """Whether its rule has a condition that people meet by acting."""
        return any(isinstance(atom, StaffAct) for atom in self.conditions)

    @cached_property
    def waits_on_time(self) -> bool:
        """Whether time alone could ever make its rule true."""
        return any(is_timed(atom) for atom in self.conditions)

    @property
    def core(self) -> bool:
        return self.requirement is not Requirement.COULD


class ChoiceGroup(Value):
    """Steps of which the patient and practitioner pick `exactly` or `at_most` so many; the rest become optional."""

    key: Key
    title: Words
    steps: Keys
    exactly: Annotated[int, Field(ge=1)] | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _within_reach(self) -> "ChoiceGroup":
        if (self.exactly is None) == (self.at_most is None):
            raise mistake("a choice needs one number", "Give exactly or at_most.", "exactly")
        if self.n >= len(self.steps):
            raise mistake(f"choosing {self.n} of {len(self.steps)} is no choice", "Ask for fewer, or add steps.")
        return self

    @property
    def n(self) -> int:
        return self.exactly or self.at_most or 0


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
        if found := references.mistakes(self):
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


def canonical_json(value: BaseModel) -> str:
    """The one way a value is written: sorted keys, no spaces, every field given (as RFC 8785 asks)."""
    return json.dumps(value.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def rule_hash(rule: BaseModel) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal; for one rule or a whole pathway."""
    return hashlib.sha256(canonical_json(rule).encode()).hexdigest()
