"""What a patient may send from a worksheet and from the page it is on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from pydantic import JsonValue

from app.clinical import fields, worksheets
from app.clinical.containers import Tree, Worksheet
from app.clinical.modules import Module
from app.kit.errors import NotFound
from app.kit.forms import PostedForm, Problems

NOTHING = "Answer at least one question, or leave this and go on"
SEVERAL = (fields.Lines, fields.ManyOf)


@dataclass(frozen=True)
class WorksheetForm:
    """One entry as it was sent: which it is, the version it was begun from, the page it was on, and what was typed.

    `asked` is the question of a tree that was new on the page.
    """

    sheet: Worksheet
    entry_id: UUID
    base: int
    on_page: str
    asked: str
    typed: Mapping[str, str | list[str]]

    @classmethod
    def of(cls, sheet: Worksheet, posted: PostedForm, entry_id: UUID | None = None) -> Self:
        """The form in what was posted; an id that is none is nobody's."""
        base = posted.get("base-version", "0")
        return cls(
            sheet=sheet,
            entry_id=entry_id or _uuid(posted.get("entry-id", "")),
            base=int(base) if base.isascii() and base.isdigit() and len(base) < 9 else 0,
            on_page=posted.get("on-page", ""),
            asked=posted.get("asked", ""),
            typed=_typed(sheet, posted),
        )

    @property
    def filled(self) -> frozenset[str]:
        """The names under which anything was typed or chosen."""
        return frozenset(name for name, value in self.typed.items() if "".join(value).strip())

    def goes_on(self, problems: Problems) -> bool:
        """Whether all that is missing is a question of a tree that this page did not ask yet."""
        nodes = {node.key for node in self.sheet.nodes} if isinstance(self.sheet, Tree) else set()
        return bool(self.filled) and problems.keys() <= nodes - {self.asked}

    def is_only(self, suggested: Mapping[str, JsonValue]) -> bool:
        """Whether nothing stands in it but what was suggested."""
        return self.filled <= suggested.keys() and worksheets.read(self.sheet, self.typed)[0] == suggested

    def answers(self) -> tuple[dict[str, JsonValue], Problems]:
        """The typed answers, and a sentence for each field that cannot be kept as it is."""
        values, problems = worksheets.read(self.sheet, self.typed)
        if not problems and worksheets.is_empty(values):
            problems = {self.sheet.entry_fields[0].key: NOTHING}
        return values, problems


def _typed(sheet: Worksheet, posted: PostedForm) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for asked in sheet.entry_fields:
        for name in fields.posted_names(asked):
            if name in posted:
                found[name] = posted.every(name) if isinstance(asked, SEVERAL) else posted[name]
    if isinstance(sheet, Tree):
        found |= {node.key: posted[node.key] for node in sheet.nodes if node.key in posted}
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@dataclass(frozen=True)
class Done:
    """What was done on the page before, told on the page that follows."""

    saved: str = ""
    removed: UUID | None = None
    worksheet: str = ""
    unfinished: str = ""
    unfinished_title: str = ""


def done(module: Module, query: Mapping[str, str]) -> Done:
    """What the address says was done; anything that is not of this module is nothing."""
    removed, unfinished = query.get("removed", ""), query.get("unfinished", "")
    try:
        entry_id = UUID(removed) if removed else None
    except ValueError:
        entry_id = None
    known = module.has_page(unfinished)
    return Done(
        saved=query.get("saved", ""),
        removed=entry_id,
        worksheet=query.get("worksheet", ""),
        unfinished=unfinished if known else "",
        unfinished_title=module.page(unfinished).title if known else "",
    )


def picked(query: Mapping[str, str]) -> tuple[int, int] | None:
    """Which option of which quick check was picked; anything else in the address is nothing."""
    given = query.get("check", ""), query.get("option", "")
    short = all(part.isascii() and part.isdigit() and len(part) < 3 for part in given)
    return (int(given[0]), int(given[1])) if short else None
