"""A step of a pathway: what it is made of, when it opens, what counts as done, and who may depart from that."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.clinical.fields import Key, Value, Words, mistake
from app.clinical.sequencing.canonical import rule_hash
from app.clinical.sequencing.rules import IN_OWN_HANDS, Condition, Keys, NotBefore, Rule, StaffAct, TimeSince
from app.clinical.sequencing.structure import atoms, is_timed, met_by


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

    @cached_property
    def in_own_hands(self) -> bool:
        """Whether the patient, or time, can open it with nobody else acting and whatever the scores."""
        return met_by(self.unlock, IN_OWN_HANDS)

    @cached_property
    def clocks(self) -> tuple[type[Condition], ...]:
        """The kinds of its conditions that time alone may make true."""
        return tuple({type(atom) for atom in self.conditions if is_timed(atom)})

    @cached_property
    def has_a_clock(self) -> bool:
        """Whether its rule has a condition that waits for days, hours or a date."""
        return any(isinstance(atom, TimeSince | NotBefore) for atom in self.conditions)

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
