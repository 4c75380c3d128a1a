"""What the components' macros need in Python: the options of a question, and the parts of a date."""

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from jinja2 import Undefined


class Choice(NamedTuple):
    """One option as a component draws it; `key` is what is posted."""

    key: str
    label: str
    hint: str = ""


class DateParts(NamedTuple):
    """A date as its three boxes hold it."""

    day: str = ""
    month: str = ""
    year: str = ""


def choices(options: Any) -> list[Choice]:
    """The options of a question, given as any of these, in their order.

    A mapping from key to label; (key, label) or (key, label, hint) tuples; objects with `key`, `label` and
    perhaps `hint`; an Enum class, whose members say themselves (`label` if they have one). Keys become text.
    """
    pairs: Iterable[Any] = options.items() if isinstance(options, Mapping) else options
    return [_choice(option) for option in pairs]


def _choice(option: Any) -> Choice:
    if isinstance(option, Enum):
        return Choice(as_key(option), str(getattr(option, "label", option.value)))
    if isinstance(option, tuple):
        key, *rest = option
        return Choice(as_key(key), *rest)
    return Choice(as_key(option.key), option.label, getattr(option, "hint", ""))


def as_key(value: Any) -> str:
    """A value as it would be posted: nothing for none, an Enum member by its value."""
    if value is None or isinstance(value, Undefined):
        return ""
    return str(value.value if isinstance(value, Enum) else value)


def as_keys(values: Any) -> frozenset[str]:
    """Several values as they would be posted; one alone counts as several."""
    if not values:
        return frozenset()
    several = values if isinstance(values, Iterable) and not isinstance(values, str) else [values]
    return frozenset(as_key(value) for value in several)


def pair(words: str) -> tuple[str, str]:
    """Words that are posted as they are read."""
    return words, words


def date_parts(value: Any, name: str) -> DateParts:
    """The boxes of a date: from a date, from ISO text, or from what was posted under `name`-day and so on."""
    if isinstance(value, Mapping):
        return DateParts(*(str(value.get(f"{name}-{part}", "")) for part in DateParts._fields))
    if isinstance(value, dt.date):
        return DateParts(str(value.day), str(value.month), str(value.year))
    if isinstance(value, str) and value.count("-") == 2:
        year, month, day = value.split("-")
        return DateParts(day.lstrip("0"), month.lstrip("0"), year)
    return DateParts()
