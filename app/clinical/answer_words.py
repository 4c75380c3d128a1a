"""Answers told back in plain words, as they appear on review pages and in lists."""

import datetime as dt
from collections.abc import Callable

from pydantic import JsonValue

from app.clinical import fields


def words(field: fields.AnyField, value: JsonValue) -> str:
    """An answer in words: 'Tuesday 10 November 2026', '6:30pm', '1 hour 20 minutes', '7 out of 10'.

    Lines are joined by line breaks. An answer of another shape than the field's, kept from an older
    version of the worksheet, is told as it stands. Never raises.
    """
    if value is None:
        return ""
    if isinstance(value, list):
        told = [_one(field, item) for item in value]
        return "\n".join(told) if isinstance(field, fields.Lines) else _joined(told)
    return _one(field, value)


def shortened(text: str, limit: int) -> str:
    """The text, cut at a word to at most `limit` characters with an ellipsis when it is longer."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,.;:") + "…"


def _one(field: fields.AnyField, value: JsonValue) -> str:
    match field:
        case fields.OneOf() | fields.ManyOf() | fields.Tag():
            return field.label_of(str(value))
        case fields.Scale() if isinstance(value, int):
            return f"{value} out of {field.top}"
        case fields.Number() if isinstance(value, int | float):
            return f"£{value:,.2f}" if field.unit == "£" else f"{_plain(value)} {field.unit}".strip()
        case fields.Duration() if isinstance(value, int):
            return _duration(value)
        case fields.Day() if isinstance(value, str):
            return _or_as_it_stands(_day, value)
        case fields.TimeOfDay() if isinstance(value, str):
            return _or_as_it_stands(_clock, value)
    return str(value)


def _plain(number: int | float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)


def _joined(told: list[str]) -> str:
    # Many an option has a comma or an “and” of its own.
    return "; ".join([*told[:1], *map(_within_a_line, told[1:])])


def _within_a_line(words: str) -> str:
    first = words.partition(" ")[0].partition("’")[0]
    return words if (len(first) > 1 and first.isupper()) or first == "I" else words[:1].lower() + words[1:]


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)


def _or_as_it_stands(tell: Callable[[str], str], value: str) -> str:
    try:
        return tell(value)
    except ValueError:
        return value


def _day(value: str) -> str:
    day = dt.date.fromisoformat(value)
    return f"{day:%A} {day.day} {day:%B %Y}"


def _clock(value: str) -> str:
    time = dt.time.fromisoformat(value)
    return f"{time.hour % 12 or 12}:{time.minute:02}{'am' if time.hour < 12 else 'pm'}"
