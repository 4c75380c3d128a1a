"""The kinds of question a worksheet can ask. A closed set: an unknown kind is refused, never skipped."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCALE_TOPS = {"scale-0-8": 8, "scale-0-10": 10, "scale-0-100": 100}
DATE_PARTS = ("day", "month", "year")


def mistake(problem: str, fix: str, *at: str | int) -> PydanticCustomError:
    """A validation error for an author: what is wrong, what to do, and where below the value it is."""
    return PydanticCustomError("mistake", "{problem}. {fix}", {"problem": problem, "fix": fix, "at": at})


def _kebab_case(key: str) -> str:
    if not _KEBAB.fullmatch(key):
        raise mistake(f'"{key}" cannot be a key', "Use small letters, numbers and single hyphens: my-key.")
    return key


def _field_address(to: str) -> str:
    if to.count(".") != 1 or not all(_KEBAB.fullmatch(part) for part in to.split(".")):
        raise mistake(f'"{to}" is not the address of a field', "Write it as worksheet.field.")
    return to


Key = Annotated[str, AfterValidator(_kebab_case)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Length = Annotated[int, Field(ge=1, le=20_000)]


class Value(BaseModel):
    """A frozen value that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(Value):
    key: Key
    label: Words


class Prefill(Value):
    """Where the first suggestion for an answer comes from: the newest answer to a field of this module."""

    worksheet: Key
    field: Key


class _Question(Value):
    key: Key
    label: Words
    hint: str = ""
    required: bool = False
    prefill: Prefill | None = None


class ShortText(_Question):
    type: Literal["short-text"]
    max_length: Length = 200


class LongText(_Question):
    type: Literal["long-text"]
    max_length: Length = 4000


class Person(_Question):
    type: Literal["person"]
    max_length: Length = 200


class Lines(_Question):
    """Several short lines; `max_length` is the length of one of them, in characters."""

    type: Literal["list"]
    max_length: Length = 200


class Link(_Question):
    """One earlier answer, chosen from the answers to the field `to` (worksheet.field); kept as its words."""

    type: Literal["link"]
    to: Annotated[str, AfterValidator(_field_address)]

    @property
    def address(self) -> Prefill:
        worksheet, field = self.to.split(".")
        return Prefill(worksheet=worksheet, field=field)


class Number(_Question):
    type: Literal["number"]
    min: float | None = None
    max: float | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _range_has_room(self) -> "Number":
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise mistake("min is not below max", "Exchange them, or leave one out.", "min")
        return self


class Scale(_Question):
    """A rating in whole numbers from 0; `low` and `high` are the words for its ends."""

    type: Literal["scale-0-8", "scale-0-10", "scale-0-100"]
    low: Words
    high: Words

    @property
    def top(self) -> int:
        return _SCALE_TOPS[self.type]


class _Choice(_Question):
    options: tuple[Option, ...]

    @model_validator(mode="after")
    def _option_keys_differ(self) -> "_Choice":
        keys = [option.key for option in self.options]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                raise mistake(f'option "{key}" is there twice', "Give one another key.", "options", place, "key")
        return self

    def label_of(self, key: str) -> str:
        """The words of an option, or the key itself when no option has it."""
        return next((option.label for option in self.options if option.key == key), key)


class OneOf(_Choice):
    type: Literal["one-of"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]


class ManyOf(_Choice):
    type: Literal["many-of"]
    options: Annotated[tuple[Option, ...], Field(min_length=2)]


class Tag(_Choice):
    """A word or two to sort entries by: one of the options offered, or the person's own."""

    type: Literal["tag"]
    options: tuple[Option, ...] = ()
    max_length: Length = 60


class Day(_Question):
    """A calendar date, kept as ISO 8601 (2026-11-12)."""

    type: Literal["date"]


class TimeOfDay(_Question):
    """A time on the wall clock, kept as ISO 8601 to the minute (18:30)."""

    type: Literal["time"]


class Duration(_Question):
    """A length of time, kept in whole minutes from 0 to 1440."""

    type: Literal["duration"]


AnyField = Annotated[
    ShortText | LongText | Person | Lines | Link | Number | Scale | OneOf | ManyOf | Tag | Day | TimeOfDay | Duration,
    Field(discriminator="type"),
]

TEXT_TYPES = ("short-text", "long-text", "person", "tag", "link")


def posted_names(field: AnyField) -> tuple[str, ...]:
    """Every name a browser may post this field's answer under."""
    if isinstance(field, Day):
        return (field.key, *(f"{field.key}-{part}" for part in DATE_PARTS))
    return (field.key,)
