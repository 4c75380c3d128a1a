"""What a browser posted: read once, checked against our own form's token, and turned into a form or problems."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData

from app.kit import csrf
from app.kit.errors import TooLarge

MAX_FIELDS = 500
MAX_FIELD_BYTES = 100_000


class PostedForm(Mapping[str, str]):
    """The posted fields as text. `form["x"]` is the last value of x, `form.every("x")` all of them."""

    def __init__(self, items: list[tuple[str, str]]) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in items:
            self._all.setdefault(name, []).append(value.replace("\x00", "").replace("\r\n", "\n"))

    def __getitem__(self, name: str) -> str:
        return self._all[name][-1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def every(self, name: str) -> list[str]:
        return self._all.get(name, [])

    def raw(self) -> dict[str, str | list[str]]:
        """Every field, a single value as text and several as a list, without the token."""
        return {
            name: values[0] if len(values) == 1 else values for name, values in self._all.items() if name != csrf.FIELD
        }


async def posted_items(request: Request) -> list[tuple[str, str]]:
    """What was posted, whoever's form it is; refuses what is larger than any of ours (TooLarge)."""
    form: FormData = await request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    items = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if len(items) > MAX_FIELDS or any(len(value) > MAX_FIELD_BYTES for _, value in items):
        raise TooLarge
    return items


async def read_posted(request: Request) -> PostedForm:
    """The posted form; refuses one that is not ours (NotOurForm) or larger than any of ours (TooLarge)."""
    posted = PostedForm(await posted_items(request))
    csrf.check(request, posted.get(csrf.FIELD, ""))
    return posted


Posted = Annotated[PostedForm, Depends(read_posted)]


async def read_from_anywhere(request: Request) -> PostedForm:
    """What was posted, from whichever page: for an address that is itself the secret, which no other page knows."""
    return PostedForm(await posted_items(request))


PostedFromAnywhere = Annotated[PostedForm, Depends(read_from_anywhere)]

Problems = dict[str, str]
# How pydantic hands on the words of a validator of ours; its own for an e-mail address have the same type.
OUR_WORDS = "Value error, "


def on_field(name: str, sentence: str) -> PydanticCustomError:
    """For a form's own validator to raise: the sentence for a mistake that is one field's."""
    return PydanticCustomError("on-field", "{sentence}", {"sentence": sentence, "field": name})


class PageForm(BaseModel):
    """A form of ours. `problems` has the sentence for each field's mistake, by `field` or `field.kind`.

    `kind` is pydantic's error type, so one field can have a sentence for missing and another for too long.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)
    problems: ClassVar[dict[str, str]] = {}
    lists: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def read(cls, posted: PostedForm) -> tuple[Self | None, Problems]:
        """The form and no problems, or None and a sentence for each field in the form's own order."""
        given: dict[str, Any] = {}
        for name in cls.model_fields:
            if name in cls.lists:
                given[name] = [value for value in posted.every(name) if value.strip()]
            elif posted.get(name, "").strip():
                given[name] = posted[name]
            elif f"{name}-year" in posted:
                given[name] = cls._date(posted, name)
        try:
            return cls.model_validate(given), {}
        except ValidationError as failed:
            return None, cls._sentences(failed)

    @staticmethod
    def _date(posted: PostedForm, name: str) -> str | None:
        """A date typed as day, month and year, as ISO text; what is no date at all stays as it was typed."""
        day, month, year = (posted.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year"))
        if not (day or month or year):
            return None
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}"

    @classmethod
    def _sentences(cls, failed: ValidationError) -> Problems:
        found: Problems = {}
        for fault in failed.errors(include_input=False, include_url=False):
            name = str(fault["loc"][0]) if fault["loc"] else str(fault.get("ctx", {}).get("field", "form"))
            said = str(fault["msg"])
            if fault["type"] == "on-field" or said.startswith(OUR_WORDS):
                # What a validator of the form itself says is already written for the person.
                words = said.removeprefix(OUR_WORDS)
            else:
                words = cls.problems.get(f"{name}.{fault['type']}") or cls.problems.get(name, said)
            found.setdefault(name, words)
        return {name: found[name] for name in [*cls.model_fields, *found] if name in found}
