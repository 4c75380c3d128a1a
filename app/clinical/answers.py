"""What a browser sent for one field of a worksheet, as a typed value; or the sentence for its mistake.

Nothing here raises anything but `Mistake`, whatever was posted.
"""

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping

from pydantic import JsonValue

from app.clinical import fields

Posted = Mapping[str, str | list[str]]

MAX_LINES = 50
MINUTES_IN_A_DAY = 24 * 60
YEARS = range(1900, 2101)

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.ASCII | re.IGNORECASE)
_LENGTH_OF_TIME = re.compile(
    r"(?:(\d{1,3})\s*h(?:ours?|rs?)?)?\s*(?:(\d{1,5})\s*(?:m(?:in(?:ute)?s?)?)?)?", re.ASCII | re.IGNORECASE
)
_MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
_NOT_KEPT = {"Cc", "Cs"}


class Mistake(ValueError):
    """An answer that cannot be kept, with the sentence the person is shown."""


def read_answer(field: fields.AnyField, posted: Posted) -> JsonValue:
    """The typed answer to `field`, or None when there is none and it is not required.

    Text comes back trimmed and without control characters, dates and times as ISO 8601, durations in
    minutes, several choices and lines as lists. Raises `Mistake` with a sentence in the person's words.
    """
    value = _read(field, posted)
    if value is None and field.required:
        raise Mistake(_missing(field))
    return value


def strings(posted: Posted, name: str) -> list[str]:
    """Every non-empty string posted under a name, cleaned of what cannot be kept."""
    found = posted.get(name)
    raw = found if isinstance(found, list) else [found]
    return [clean for item in raw if isinstance(item, str) and (clean := _clean(item))]


def asked(field: fields.AnyField) -> str:
    """The field's label as it is quoted inside a sentence."""
    return f"“{field.label.rstrip(' .:')}”"


def _read(field: fields.AnyField, posted: Posted) -> JsonValue:
    match field:
        case fields.Lines():
            return _read_lines(field, posted)
        case fields.ManyOf():
            return _read_many(field, posted)
        case fields.Day():
            return _read_date(field, posted)
    text = next(iter(strings(posted, field.key)), None)
    return None if text is None else _read_text(field, text)


def _read_text(field: fields.AnyField, text: str) -> JsonValue:
    match field:
        case fields.Number() | fields.Scale():
            return _read_number(field, text)
        case fields.OneOf():
            return _known_option(field, text)
        case fields.TimeOfDay():
            return _read_time(field, text)
        case fields.Duration():
            return _read_duration(field, text)
        case fields.LongText():
            return _fitting(field, text, field.max_length)
        case fields.Link():
            return _fitting(field, text, 4000)
        case fields.ShortText() | fields.Person() | fields.Tag():
            return _fitting(field, " ".join(text.split()), field.max_length)
    return text


def _clean(text: str) -> str:
    # A database refuses NUL and half characters: one of them in a long answer would lose the whole of it.
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in _NOT_KEPT)
    return unicodedata.normalize("NFC", kept).strip()


def _missing(field: fields.AnyField) -> str:
    match field:
        case fields.OneOf() | fields.ManyOf() | fields.Scale() | fields.Link():
            return f"Choose an answer to {asked(field)}."
        case fields.Day():
            return f"Give a date for {asked(field)}."
        case fields.TimeOfDay():
            return f"Give a time for {asked(field)}."
    return f"Write an answer to {asked(field)}."


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"


def _fitting(field: fields.AnyField, text: str, limit: int) -> str:
    if len(text) > limit:
        over = _characters(len(text) - limit)
        raise Mistake(f"Shorten your answer to {asked(field)} by {over}. There is room for {limit}.")
    return text


def _read_lines(field: fields.Lines, posted: Posted) -> JsonValue:
    whole = "\n".join(strings(posted, field.key))
    lines = [line.strip() for line in whole.split("\n") if line.strip()]
    if len(lines) > MAX_LINES:
        extra = len(lines) - MAX_LINES
        raise Mistake(f"Take {extra} off your list for {asked(field)}. There is room for {MAX_LINES} lines.")
    for line in lines:
        if len(line) > field.max_length:
            over = _characters(len(line) - field.max_length)
            raise Mistake(
                f"Shorten “{line[:30]}…” by {over}. A line of {asked(field)} has room for {field.max_length}."
            )
    return list[JsonValue](lines) or None


def _known_option(field: fields.OneOf | fields.ManyOf, key: str) -> str:
    if key not in {option.key for option in field.options}:
        raise Mistake(f"Choose one of the answers shown for {asked(field)}.")
    return key


def _read_many(field: fields.ManyOf, posted: Posted) -> JsonValue:
    chosen = {_known_option(field, key) for key in strings(posted, field.key)}
    return [option.key for option in field.options if option.key in chosen] or None


def _read_number(field: fields.Number | fields.Scale, text: str) -> int | float:
    plain = text.replace("−", "-").replace("£", "").strip()
    if isinstance(field, fields.Number) and field.unit:
        plain = plain.removesuffix(field.unit).strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise Mistake(f"Answer {asked(field)} with a number, such as 3.")
    number = float(plain)
    return _in_range(field, int(number) if number.is_integer() else number)


def _in_range(field: fields.Number | fields.Scale, number: int | float) -> int | float:
    if isinstance(field, fields.Scale):
        if not isinstance(number, int) or not 0 <= number <= field.top:
            raise Mistake(f"Choose a whole number from 0 to {field.top} for {asked(field)}.")
        return number
    low, high = field.min, field.max
    if (low is None or low <= number) and (high is None or number <= high):
        return number
    if low is not None and high is not None:
        raise Mistake(f"The number for {asked(field)} must be from {low:g} to {high:g}.")
    bound = f"{low:g} or more" if low is not None else f"{high:g} or less"
    raise Mistake(f"The number for {asked(field)} must be {bound}.")


def _read_date(field: fields.Day, posted: Posted) -> str | None:
    parts = {part: next(iter(strings(posted, f"{field.key}-{part}")), "") for part in fields.DATE_PARTS}
    if not any(parts.values()):
        whole = next(iter(strings(posted, field.key)), None)
        if whole is None:
            return None
        parts = dict(zip(("year", "month", "day"), (*whole.split("-"), "", "")[:3], strict=True))
    absent = [part for part, text in parts.items() if not text]
    if absent:
        raise Mistake(f"Add the {' and the '.join(absent)} to the date for {asked(field)}.")
    return _real_date(field, **parts).isoformat()


def _real_date(field: fields.Day, *, day: str, month: str, year: str) -> dt.date:
    named = (n for n, name in enumerate(_MONTHS, 1) if len(month) >= 3 and name.startswith(month.lower()))
    number = next(named, _whole(month))
    if len(year) != 4 or _whole(year) not in YEARS:
        raise Mistake(f"Write the year for {asked(field)} with 4 numbers, such as 2026.")
    try:
        return dt.date(_whole(year), number, _whole(day))
    except ValueError:
        raise Mistake(f"The date for {asked(field)} must be a real one, such as 27 3 2026.") from None


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,4}", text, re.ASCII) else -1


def clock_time(text: str) -> dt.time | None:
    """A time of day as people write it, "9:30am", "9am" or "18:30"; None where it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    half = (found[3] or "").lower()
    if half and 1 <= hour <= 12 and minute < 60:
        return dt.time(hour % 12 + (12 if half == "pm" else 0), minute)
    if not half and found[2] and hour < 24 and minute < 60:
        return dt.time(hour, minute)
    return None


def length_in_minutes(text: str) -> int | None:
    """A length of time as people write it, "20", "1h 30" or "45 minutes", in minutes; None where it is none."""
    found = _LENGTH_OF_TIME.fullmatch(text.strip())
    if not found or not (found[1] or found[2]):
        return None
    return int(found[1] or 0) * 60 + int(found[2] or 0)


def _read_time(field: fields.TimeOfDay, text: str) -> str:
    at = clock_time(text)
    if at is None:
        raise Mistake(f"Answer {asked(field)} with a time, such as 9:30am or 18:30.")
    return f"{at:%H:%M}"


def _read_duration(field: fields.Duration, text: str) -> int:
    minutes = length_in_minutes(text)
    if minutes is None:
        raise Mistake(f"Answer {asked(field)} in minutes, such as 20.")
    if minutes > MINUTES_IN_A_DAY:
        raise Mistake(f"The time for {asked(field)} must be 24 hours or less. That is 1440 minutes.")
    return minutes
