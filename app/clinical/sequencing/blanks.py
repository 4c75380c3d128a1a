"""A blank in a sentence: what may be written in it, how it is read back, and what to say when it cannot be used."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any, Literal

Options = tuple[tuple[str, str], ...]
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What the sentences of one step's rule may name: everything as pairs of a key and words.

    `steps` are those that patients can still reach, without the step itself.
    """

    step: str
    title: str
    steps: Options
    techniques: Options = ()
    roles: Options = ()
    appointments: Options = ()

    @property
    def steps_and_self(self) -> Options:
        return ((self.step, "this step"), *self.steps)

    @property
    def any_appointment(self) -> Options:
        return (("", "of any kind"), *self.appointments)

    @property
    def any_after(self) -> Options:
        return (("", "at any time"), *((key, f"after {title}") for key, title in self.steps))


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank: the field it fills, what it asks for those who cannot see the sentence, and what fits in it.

    `options` are pairs, or the name of a list of `Known`. `shown_if` names an earlier field and the values with which
    this one has a meaning. `problem` is the sentence for what cannot be used. The first option is the default of a
    choice, unless `default` says otherwise; an optional blank left empty leaves its field out, and says `empty`.
    """

    field: str
    label: str
    kind: Literal["choice", "number", "date", "time", "keys", "several"]
    problem: str
    options: Options | str = ()
    low: int = 1
    high: int = 1000
    optional: bool = False
    default: Any = None
    shown_if: tuple[str, tuple[str, ...]] | None = None
    empty: str = "any"

    def below(self, name: str) -> "Blank":
        """The same blank of a condition that is the field `name` of another."""
        shown_if = (f"{name}.{self.shown_if[0]}", self.shown_if[1]) if self.shown_if else None
        return replace(self, field=f"{name}.{self.field}", shown_if=shown_if)

    def choices(self, known: Known) -> Options:
        """What can be chosen here."""
        return getattr(known, self.options) if isinstance(self.options, str) else self.options

    def first(self, known: Known, today: date) -> Any:
        """What a new sentence has here; None for nothing."""
        if self.optional and self.default is None:
            return None
        if self.default is not None:
            return self.default
        match self.kind:
            case "choice":
                return next((key for key, _ in self.choices(known)), "")
            case "several":
                return [key for key, _ in self.choices(known)[:1]]
            case "number":
                return self.low
            case "date":
                return today.isoformat()
        return []

    def read(self, given: Sequence[str]) -> Any:
        """What was posted, as plain data. What is not of the right type stays as it was typed, to be shown again."""
        if self.kind == "several":
            return [one[:LONGEST] for one in given if one]
        typed = (given[-1] if given else "").strip()[:LONGEST]
        if not typed:
            return None if self.optional else ""
        match self.kind:
            case "number":
                return int(typed) if re.fullmatch(r"-?[0-9]{1,9}", typed) else typed
            case "keys":
                return [key for one in typed.split(",") if (key := _as_key(one))]
        return typed

    def typed(self, value: Any) -> str:
        """A value as it stands in its field."""
        if value is None:
            return ""
        if isinstance(value, date | time):
            return value.isoformat()[: 5 if isinstance(value, time) else 10]
        if isinstance(value, list | tuple):
            return ", ".join(str(one).replace("-", " ") for one in value)
        return str(value)[:5] if self.kind == "time" else str(value)[:LONGEST]

    def fault(self, value: Any, known: Known) -> str:
        """Why what stands in it cannot be used, as far as the blank alone can say; nothing when it can be."""
        if value in (None, "", []):
            return "" if self.optional else self.problem
        match self.kind:
            case "choice":
                return "" if value in dict(self.choices(known)) else self.problem
            case "several":
                fits = isinstance(value, list | tuple) and set(value) <= set(dict(self.choices(known)))
                return "" if fits else self.problem
            case "number":
                whole = isinstance(value, int) and not isinstance(value, bool)
                return "" if whole and self.low <= value <= self.high else self.problem
            case "date" | "time":
                return "" if _is_iso(self.kind, value) else self.problem
        return ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A blank of one sentence with what stands in it, ready to be put on a page under its name."""

    name: str
    label: str
    kind: str
    value: str
    values: tuple[str, ...] = ()
    options: Options = ()
    problem: str = ""
    optional: bool = False
    empty: str = ""


def value_at(node: Mapping[str, Any], name: str) -> Any:
    """The value of a field, or of a field of a field (`anchor.step`)."""
    value: Any = node
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def put(node: dict[str, Any], name: str, value: Any) -> None:
    """Set a field, or a field of a field."""
    *above, last = name.split(".")
    for part in above:
        node = node.setdefault(part, {})
    node[last] = value


def words_for(options: Iterable[tuple[str, str]], value: Any) -> Options:
    """The options with the value among them, though it is none of them: a page must not choose another silently."""
    known = tuple(options)
    if value in (None, "") or value in dict(known):
        return known
    return (*known, (str(value), f"{str(value).replace('-', ' ')} (cannot be used)"))


def _as_key(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _is_iso(kind: str, value: Any) -> bool:
    if isinstance(value, date | time):
        return True
    try:
        if kind == "time":
            return time.fromisoformat(str(value)) != time(0)
        return bool(date.fromisoformat(str(value)))
    except ValueError:
        return False
