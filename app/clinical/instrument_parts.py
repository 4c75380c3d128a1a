"""What a questionnaire is made of: questions, the ways to answer them, bands, parts, and a form for each respondent."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from app.clinical.fields import Key, Value, Words, mistake

# Words that a text pack fills in are empty in the file; what may be empty and where is checked for the whole.
Stem = Annotated[str, StringConstraints(strip_whitespace=True, max_length=600)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=600)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Points = Annotated[int, Field(ge=0, le=1000)]


class Respondent(StrEnum):
    """Whose view a form asks for."""

    PATIENT = "patient"
    PRACTITIONER = "practitioner"


class When(StrEnum):
    """When a questionnaire is meant to be asked, unless a pathway or a practitioner says otherwise."""

    BEFORE_EVERY_SESSION = "before-every-session"
    WEEKLY = "weekly"
    START_AND_END = "start-and-end"
    AFTER_MODULE = "after-module"
    ON_DEMAND = "on-demand"


class Range(Value):
    """Whole numbers from `lowest` to `highest`, both included; written in files as from and to."""

    lowest: int = Field(alias="from")
    highest: int = Field(alias="to")

    def __contains__(self, total: int) -> bool:
        return self.lowest <= total <= self.highest

    @model_validator(mode="after")
    def _runs_upwards(self) -> "Range":
        if self.lowest > self.highest:
            raise mistake(f'"from" {self.lowest} is above "to" {self.highest}', "Exchange them.", "from")
        return self


class Band(Range):
    """A stretch of totals under the questionnaire's own name for it."""

    label: Name


class Option(Value):
    """One answer to choose, and the points it gives."""

    value: Points
    label: Label = ""


class Ends(Value):
    """The words for the two ends of a scale and, where it has them, between."""

    low: Label = ""
    high: Label = ""
    marks: tuple[Option, ...] = ()


class Scale(Ends):
    """Every whole number from `lowest` to `highest`, with words for some of them; written in files as from and to."""

    lowest: Points = Field(alias="from")
    highest: Points = Field(alias="to")

    @property
    def choices(self) -> tuple[Option, ...]:
        """Each number with its words; most have none."""
        words = {mark.value: mark.label for mark in self.marks} | {self.lowest: self.low, self.highest: self.high}
        return tuple(Option(value=value, label=words.get(value, "")) for value in range(self.lowest, self.highest + 1))

    @model_validator(mode="after")
    def _has_room(self) -> "Scale":
        if self.lowest >= self.highest:
            raise mistake(f'"from" {self.lowest} is not below "to" {self.highest}', "Exchange them.", "from")
        if self.highest - self.lowest > 20:
            problem = f"the scale has {self.highest - self.lowest + 1} points"
            raise mistake(problem, "More than 21 cannot be told apart on a phone: take fewer.", "to")
        for place, mark in enumerate(self.marks):
            if not self.lowest < mark.value < self.highest:
                problem = f"the mark {mark.value} is not between the ends"
                raise mistake(problem, "The ends have their words under low and high.", "marks", place, "value")
        return self


class Reason(Value):
    """Why a question may not apply to somebody; kept in place of an answer."""

    key: Key
    label: Label


class Question(Value):
    """A question with its own ways to answer, where they are not those of the whole questionnaire.

    `label` names it where there is no room for its text: in tables and above charts.
    """

    key: Key
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = ""
    text: Text = ""
    options: tuple[Option, ...] = ()
    scale: Scale | None = None


class Item(Question):
    """A scored question. A `reversed` one gives the more points, the lower the number that was chosen."""

    reversed: bool = False
    not_applicable: tuple[Reason, ...] = ()


class Extra(Question):
    """A question beside the items: never scored, and it may be left out.

    `longest` makes it a question in the person's own words, of at most so many characters.
    """

    longest: Annotated[int, Field(ge=1, le=4000)] | None = None


class Part(Value):
    """Items that are added up on their own: a subscale. `range` holds what they can add up to."""

    key: Key
    label: Name
    items: Annotated[tuple[Key, ...], Field(min_length=1)]
    range: Range


class PractitionerForm(Value):
    """The same questions in words for the practitioner, by the keys of items and extra questions."""

    stem: Stem = ""
    who_sees: Words
    items: dict[Key, Text]
    extra: dict[Key, Text] = Field(default_factory=dict)


class Questionnaire(Value):
    """What the file of a questionnaire may say; `instruments.Instrument` tells what it means."""

    key: Annotated[Key, Field(max_length=40)]
    title: Words
    short: Annotated[Name, Field(max_length=40)]
    version: Annotated[Name, Field(max_length=20)]
    minutes: Annotated[int, Field(ge=1, le=60)]
    when: When = When.ON_DEMAND
    text: Literal["here", "local"] = "here"
    stem: Stem = ""
    who_sees: str = ""
    names_practitioner: bool = False
    practitioner: PractitionerForm | None = None
    per: Literal["goal"] | None = None
    most: Annotated[int, Field(ge=1, le=10)] | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    options: tuple[Option, ...] = ()
    scale: Scale | None = None
    extra: tuple[Extra, ...] = ()
    range: Range | None = None
    bands: tuple[Band, ...] = ()
    parts: tuple[Part, ...] = ()
    better: Literal["lower", "higher"] = "lower"
    risk_items: tuple[Key, ...] = ()
    caseness: int | None = None
    reliable_change: Annotated[int, Field(ge=1)] | None = None
    licence: Words
    source: Words


class Permission(Value):
    """Who allowed a service to use the words, when, and where that is written down."""

    by: Annotated[Words, Field(max_length=200)]
    on: date
    note: Annotated[Words, Field(max_length=600)]


class QuestionText(Value):
    """The words of one question, and of its own ways to answer where it has them."""

    key: Key
    text: Text
    options: tuple[Option, ...] = ()
    scale: Ends | None = None


class TextPack(Value):
    """The words of a questionnaire that are not ours to give, as a service brings them: in the places of its file."""

    instrument: Key
    version: Words
    licence: Annotated[Words, Field(max_length=600)]
    permission: Permission
    stem: Stem
    items: tuple[QuestionText, ...]
    options: tuple[Option, ...] = ()
    scale: Ends | None = None
    extra: tuple[QuestionText, ...] = ()
