"""What an entry of a worksheet says of a plan: which of its answers are the what, the when and the where."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from app.clinical import answer_words, fields
from app.clinical.fields import AnyField, Key, Value, Words, mistake

# In the order of a week that begins on Monday, as the diary counts its days.
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CATEGORIES = frozenset({"routine", "pleasurable", "necessary"})
_TEXT = (fields.ShortText, fields.Person, fields.OneOf, fields.Tag)
_FITTING: dict[str, tuple[type, ...]] = {
    "title": _TEXT,
    "place": _TEXT,
    "company": _TEXT,
    "category": (fields.OneOf,),
    "expected_pleasure": (fields.Scale,),
    "on": (fields.Day,),
    "weekday": (fields.OneOf,),
    "at": (fields.TimeOfDay,),
    "minutes": (fields.Duration,),
}
_NAMES = {
    "category": "kind of activity",
    "expected_pleasure": "pleasure expected",
    "on": "day",
    "weekday": "day of the week",
    "at": "time of day",
    "minutes": "length",
}


class ToDiary(Value):
    """Which field of a worksheet holds what of a plan. The title is a field's answer, or words for all entries.

    `kind` is what the diary carries: an activity, worry time, practice, a sleep diary, a review day.
    """

    kind: Literal["activity", "worry-time", "practice", "sleep-diary", "review"] = "activity"
    words: Annotated[Words, Field(max_length=120)] | None = None
    title: Key | None = None
    place: Key | None = None
    company: Key | None = None
    category: Key | None = None
    expected_pleasure: Key | None = None
    on: Key | None = None
    weekday: Key | None = None
    at: Key | None = None
    minutes: Key | None = None

    @property
    def named(self) -> dict[str, str]:
        """The parts of the plan that a field gives, each with the field's key."""
        return {part: key for part in _FITTING if (key := getattr(self, part)) is not None}


def check(to_diary: ToDiary, known: Sequence[AnyField]) -> None:
    """Refuse what names no field, or a field that cannot hold it; raises a mistake with its place."""
    if (to_diary.title is None) == (to_diary.words is None):
        raise mistake("a plan needs a title", 'Give either "title", a field, or "words".', "diary")
    by_key = {field.key: field for field in known}
    for part, key in to_diary.named.items():
        field = by_key.get(key)
        if field is None:
            raise mistake(f'there is no field "{key}"', f"Use one of: {', '.join(by_key)}.", "diary", part)
        if not isinstance(field, _FITTING[part]) or not _options_fit(part, field):
            raise mistake(f'"{key}" cannot say the {_NAMES.get(part, part)}', _fix(part), "diary", part)


def _options_fit(part: str, field: AnyField) -> bool:
    """Whether each answer means something to the diary: its own kinds, days of the week, a scale to ten."""
    match part, field:
        case "category", fields.OneOf():
            return {option.key for option in field.options} <= CATEGORIES
        case "weekday", fields.OneOf():
            return {option.key for option in field.options} <= set(WEEKDAYS)
        case "expected_pleasure", fields.Scale():
            return field.top == 10
    return True


def _fix(part: str) -> str:
    fixes = {
        "category": f"Let its options be among: {', '.join(sorted(CATEGORIES))}.",
        "weekday": "Let its options be days of the week.",
        "expected_pleasure": "Use a scale-0-10.",
    }
    return fixes.get(part, "Use a field of a fitting type.")


def plan_of(to_diary: ToDiary, known: Sequence[AnyField], values: dict[str, JsonValue]) -> dict[str, str]:
    """What an entry gives a plan, as text by part; parts without an answer are left out.

    `category` and `weekday` are option keys, `on` is YYYY-MM-DD, `at` HH:MM, `minutes` and `expected_pleasure` whole
    numbers; the others are words as the person reads them. Never raises.
    """
    by_key = {field.key: field for field in known}
    found = {"kind": str(to_diary.kind)} | ({"title": to_diary.words} if to_diary.words else {})
    for part, key in to_diary.named.items():
        value = values.get(key)
        if value is not None and value != "" and key in by_key:
            in_words = part in ("title", "place", "company")
            found[part] = answer_words.words(by_key[key], value) if in_words else str(value)
    return found
