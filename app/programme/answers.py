"""What patients wrote on worksheets: read back with the text it was given to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from pydantic import JsonValue

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical import worksheets
from app.clinical.containers import DAY, PART, Form, Ladder, Tree, WeeklyPlan, Worksheet
from app.clinical.fields import AnyField, Link, LongText, Prefill
from app.clinical.modules import Module
from app.kit.work import Work
from app.programme.tables import Answer, Feedback

_ONLY_ENTRY = UUID("5b1d9f6e-4c6c-4a3e-9d67-0a2f5f1b7c11")


@dataclass(frozen=True)
class Comment:
    """What the practitioner wrote about an answer."""

    id: UUID
    words: str
    by: str
    given_at: datetime
    version: int


@dataclass(frozen=True)
class Entry:
    """One entry of a worksheet in its latest version, with how many came before and what was said about it."""

    id: UUID
    answer_id: UUID
    module: str
    module_hash: str
    worksheet: str
    version: int
    values: dict[str, Any]
    saved_at: datetime
    first_at: datetime
    comments: tuple[Comment, ...] = field(default=())


def only_entry(patient: Patient, module: str, worksheet: str) -> UUID:
    """The id of the single entry of a form: the same wherever and however often the page is opened."""
    return uuid5(_ONLY_ENTRY, f"{patient.id}/{module}/{worksheet}")


def may_begin(patient: Patient, module: Module, worksheet: Worksheet, entry_id: UUID) -> bool:
    """Whether a new entry can have this id: any for a list, and one alone for a form that is filled in once."""
    may_repeat = worksheet.repeat or not has_one_entry(worksheet)
    return may_repeat or entry_id == only_entry(patient, module.key, worksheet.key)


def _newest(*which: sa.ColumnElement[bool]) -> sa.Subquery:
    return (
        sa.select(
            Answer,
            sa.func.min(Answer.saved_at).over(partition_by=(Answer.service_id, Answer.entry_id)).label("first_at"),
            sa.func.row_number()
            .over(partition_by=(Answer.service_id, Answer.entry_id), order_by=Answer.version.desc())
            .label("back"),
        )
        .where(Answer.service_id == sa.bindparam("service"), Answer.patient_id == sa.bindparam("patient"), *which)
        .subquery("latest")
    )


_COMMENTS = (
    sa.select(
        Feedback.id.label("feedback_id"),
        Feedback.words,
        Feedback.given_at,
        Answer.entry_id.label("on_entry"),
        Answer.version.label("on_version"),
        sa.func.concat_ws(" ", Person.given_name, Person.family_name).label("by"),
    )
    .join(Answer, sa.and_(Answer.service_id == Feedback.service_id, Answer.id == Feedback.answer_id))
    .join(Person, sa.and_(Person.service_id == Feedback.service_id, Person.id == Feedback.given_by))
    .where(Feedback.service_id == sa.bindparam("service"), Feedback.patient_id == sa.bindparam("patient"))
    .subquery("comments")
)


def _entries(newest: sa.Subquery) -> sa.Select[Any]:
    return (
        sa.select(newest, _COMMENTS)
        .outerjoin(_COMMENTS, _COMMENTS.c.on_entry == newest.c.entry_id)
        .where(newest.c.back == 1)
        .order_by(newest.c.first_at, newest.c.seq, _COMMENTS.c.given_at)
    )


_ALL = _entries(_newest())
_OF_MODULE = _entries(_newest(Answer.module == sa.bindparam("module")))


def entries(work: Work, patient: Patient, *, module: str = "") -> list[Entry]:
    """The patient's entries in their latest versions, oldest first; those taken back are left out."""
    mine = {"service": work.service_id, "patient": patient.id}
    rows = work.read(_OF_MODULE, {**mine, "module": module}) if module else work.read(_ALL, mine)
    found: dict[UUID, Entry] = {}
    comments: dict[UUID, list[Comment]] = {}
    for row in rows:
        if row.values is None:
            continue
        found.setdefault(row.entry_id, _entry(row))
        if row.feedback_id:
            said = Comment(row.feedback_id, row.words or "", row.by, row.given_at, row.on_version)
            comments.setdefault(row.entry_id, []).append(said)
    return [_with_comments(entry, comments.get(entry.id, [])) for entry in found.values()]


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        id=row.entry_id,
        answer_id=row.id,
        module=row.module,
        module_hash=row.module_hash,
        worksheet=row.worksheet,
        version=row.version,
        values=row.values,
        saved_at=row.saved_at,
        first_at=row.first_at,
    )


def _with_comments(entry: Entry, said: list[Comment]) -> Entry:
    return Entry(**{**entry.__dict__, "comments": tuple(said)}) if said else entry


def versions(work: Work, patient: Patient, entry_id: UUID) -> list[Answer]:
    """Every version of one entry as stored, oldest first; one that took it off its list has no values."""
    rows = work.session.execute(
        sa.select(Answer)
        .where(Answer.service_id == work.service_id, Answer.patient_id == patient.id, Answer.entry_id == entry_id)
        .order_by(Answer.version)
    )
    return list(rows.scalars())


def draft_name(module: Module, worksheet: Worksheet, entry_id: UUID) -> str:
    """The name the draft of an entry is kept under."""
    return f"{drafts_of(module, worksheet)}{entry_id}"


def drafts_of(module: Module, worksheet: Worksheet | None = None) -> str:
    """How the names of a module's or a worksheet's drafts begin."""
    return f"answer:{module.key}/" + (f"{worksheet.key}/" if worksheet else "")


def of_worksheet(given: Iterable[Entry], module: Module, worksheet: Worksheet) -> list[Entry]:
    """A worksheet's entries in the order it shows them: a ladder by its rating, a plan by day, others by time."""
    mine = [entry for entry in given if (entry.module, entry.worksheet) == (module.key, worksheet.key)]
    if isinstance(worksheet, Ladder):
        return sorted(mine, key=lambda entry: worksheets.rung(worksheet, entry.values))
    if isinstance(worksheet, WeeklyPlan):
        return sorted(mine, key=lambda entry: _place_in_week(entry.values))
    return mine


def _place_in_week(values: dict[str, Any]) -> tuple[int, int]:
    days, parts = ([option.key for option in asked.options] for asked in (DAY, PART))
    day, part = values.get("day"), values.get("part")
    return days.index(day) if day in days else len(days), parts.index(part) if part in parts else len(parts)


def has_one_entry(worksheet: Worksheet) -> bool:
    """Whether it is filled in and then changed, rather than added to."""
    return isinstance(worksheet, Form | Tree)


def suggestions(module: Module, worksheet: Worksheet, given: Iterable[Entry]) -> dict[str, JsonValue]:
    """What earlier answers suggest for the fields of a first entry; the newest answer wins."""
    newest_first = _newest_first(module, given)
    found: dict[str, JsonValue] = {}
    for asked in worksheet.entry_fields:
        if asked.prefill is None:
            continue
        for source, value in _answers_to(asked.prefill, module, newest_first):
            found.setdefault(asked.key, value if source.type == asked.type else _as_text(asked, source, value))
    return found


def to_choose_from(module: Module, worksheet: Worksheet, given: Iterable[Entry]) -> dict[str, list[str]]:
    """For each field that picks an earlier answer, the answers there are, each once, the newest first."""
    newest_first = _newest_first(module, given)
    return {
        asked.key: list(
            dict.fromkeys(
                worksheets.words(source, one)
                for source, value in _answers_to(asked.address, module, newest_first)
                for one in (value if isinstance(value, list) else [value])
            )
        )
        for asked in worksheet.entry_fields
        if isinstance(asked, Link)
    }


def _newest_first(module: Module, given: Iterable[Entry]) -> list[Entry]:
    return sorted((one for one in given if one.module == module.key), key=lambda one: one.saved_at, reverse=True)


def _answers_to(asked: Prefill, module: Module, given: Iterable[Entry]) -> Iterator[tuple[AnyField, JsonValue]]:
    sheet = module.worksheet(asked.worksheet)
    source = next(field for field in sheet.entry_fields if field.key == asked.field)
    for entry in given:
        value = entry.values.get(asked.field)
        if entry.worksheet == asked.worksheet and value not in (None, "", []):
            yield source, value


def _as_text(asked: AnyField, source: AnyField, value: JsonValue) -> str:
    words = worksheets.words(source, value)
    return words if isinstance(asked, LongText) else ", ".join(words.split("\n"))
