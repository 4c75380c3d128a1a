"""What a protocol of momentary assessment may say: the questions, and when on each day they are asked."""

from collections.abc import Iterator, Sequence
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from app.clinical import fields
from app.clinical.answers import Mistake, Posted, read_answer
from app.clinical.fields import Key, Value, Words, mistake

# Nobody is asked at night; and by this time the clocks have changed, wherever they do on that day.
EARLIEST = time(5)
# What a form holds besides the answers.
TAKEN = frozenset({"csrf", "waited"})
NOTHING = "Answer at least one question"


class Purpose(StrEnum):
    """What a protocol is assigned for."""

    START = "start"
    END = "end"
    PERIOD = "period"

    @property
    def label(self) -> str:
        """As staff read it."""
        return {"start": "Start of treatment", "end": "End of treatment", "period": "A period"}[self.value]


class Late(StrEnum):
    """What becomes of an answer to a prompt that has run out."""

    ACCEPT = "accept-as-late"
    REFUSE = "refuse"


def _clock(given: object) -> object:
    if isinstance(given, str):
        try:
            return time.fromisoformat(given)
        except ValueError:
            pass
    elif isinstance(given, time):
        return given
    raise mistake(f'"{given}" is not a time of day', 'Write it in quotes, such as "09:30".')


Clock = Annotated[time, BeforeValidator(_clock)]


class Window(Value):
    """One prompt of each day: `at` a fixed time, or at a random one in [`from`, `to`). On the clock where they are."""

    key: Key
    label: Annotated[Words, Field(max_length=40)]
    at: Clock | None = None
    opens: Clock | None = Field(default=None, alias="from")
    closes: Clock | None = Field(default=None, alias="to")

    @property
    def ends(self) -> tuple[time, time]:
        """The earliest and the latest time that a prompt can have."""
        first = self.at or self.opens
        last = self.at or self.closes
        assert first is not None and last is not None
        return first, last

    @model_validator(mode="after")
    def _says_when(self) -> "Window":
        is_random = self.opens is not None and self.closes is not None
        if (self.at is not None) == is_random or (self.opens is None) != (self.closes is None):
            problem = f'window "{self.key}" needs either "at" or both "from" and "to"'
            raise mistake(problem, "Give a fixed time, or the two between which a random one is drawn.", "key")
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            raise mistake(f'window "{self.key}" ends before it begins', "Exchange from and to.", "from")
        if self.ends[0] < EARLIEST:
            problem = f'window "{self.key}" asks before {EARLIEST:%H:%M}'
            raise mistake(problem, "Let it begin later: people sleep.", "from" if self.at is None else "at")
        return self


class _Asked(Value):
    """`short` names a question in tables; it is asked in `windows`, and in all of them where none is named."""

    short: Annotated[Words, Field(max_length=30)]
    windows: tuple[Key, ...] = ()


class ScaleItem(_Asked, fields.Scale):
    required: bool = True


class ChoiceItem(_Asked, fields.OneOf):
    required: bool = True


class NumberItem(_Asked, fields.Number):
    required: bool = True


class WordsItem(_Asked, fields.LongText):
    max_length: Annotated[int, Field(ge=1, le=1000)] = 500


AnyItem = Annotated[ScaleItem | ChoiceItem | NumberItem | WordsItem, Field(discriminator="type")]


class Protocol(Value):
    """What is asked, how often, and for how long.

    A prompt can be answered for `expires_after` minutes, or until the next one is due. An answer after that is
    refused, or accepted and marked as late until the next is due and at the latest until the day is over.
    """

    key: Annotated[Key, Field(max_length=40)]
    title: Annotated[Words, Field(max_length=80)]
    version: Annotated[Words, Field(max_length=20)]
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, alias="for")]
    days: Annotated[int, Field(ge=1, le=60)]
    expires_after: Annotated[int, Field(ge=5, le=720)]
    late: Late
    windows: Annotated[tuple[Window, ...], Field(min_length=1, max_length=6)]
    items: Annotated[tuple[AnyItem, ...], Field(min_length=1, max_length=12)]
    licence: Words
    source: Words
    sign_off: tuple["SignOff", ...] = ()

    @property
    def is_signed_off(self) -> bool:
        """Whether a clinician of the deploying service answers for it."""
        return bool(self.sign_off)

    def window(self, key: str) -> Window:
        """The window with this key. Raises KeyError where there is none."""
        return {one.key: one for one in self.windows}[key]

    def asked_in(self, window: str) -> tuple[AnyItem, ...]:
        """The questions of one window, in their order."""
        return tuple(item for item in self.items if not item.windows or window in item.windows)

    @model_validator(mode="after")
    def _sound(self) -> "Protocol":
        for problem, fix, at in _mistakes(self):
            raise mistake(problem, fix, *at)
        return self


class SignOff(Value):
    """The clinician of the deploying service who answers for the questions, and the day that was signed."""

    name: Words
    role: Words
    on: date


Protocol.model_rebuild()


def _mistakes(protocol: Protocol) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    yield from _twice("window", "windows", protocol.windows)
    yield from _twice("item", "items", protocol.items)
    known = [window.key for window in protocol.windows]
    for place, (before, after) in enumerate(zip(protocol.windows, protocol.windows[1:], strict=False), start=1):
        if after.ends[0] < before.ends[1] or after.ends == before.ends:
            problem = f'window "{after.key}" begins before "{before.key}" is over'
            yield problem, "Put windows in the order of the day, one after the other.", ("windows", place, "key")
    for place, item in enumerate(protocol.items):
        if item.key in TAKEN:
            yield f'"{item.key}" cannot be the key of an item', "Give it another.", ("items", place, "key")
        if item.prefill:
            yield f'item "{item.key}" has a prefill', "Take it out: nothing is suggested.", ("items", place, "prefill")
        for window in item.windows:
            if window not in known:
                yield f'there is no window "{window}"', f"Use one of: {', '.join(known)}.", ("items", place, "windows")
    for place, key in enumerate(known):
        if not protocol.asked_in(key):
            yield f'nothing is asked in window "{key}"', "Give it an item, or take it out.", ("windows", place, "key")


def _twice(
    what: str, where: Literal["windows", "items"], parts: Sequence[Any]
) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    keys = [part.key for part in parts]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield f'{what} "{key}" is there twice', "Give one another key.", (where, place, "key")


def read_answers(protocol: Protocol, window: str, posted: Posted) -> tuple[dict[str, JsonValue], dict[str, str]]:
    """What was answered by the keys of items, without those left empty, and a sentence for each mistake.

    An item that is left empty has no answer, which is not zero. Whoever answers nothing at all has a mistake.
    """
    values: dict[str, JsonValue] = {}
    problems: dict[str, str] = {}
    asked = protocol.asked_in(window)
    for item in asked:
        try:
            value = read_answer(item, posted)
        except Mistake as wrong:
            problems[item.key] = str(wrong)
        else:
            if value is not None:
                values[item.key] = value
    if not problems and not values:
        problems[asked[0].key] = NOTHING
    return values, problems
