"""What patients wrote on worksheets: read back with the text it was given to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.clinical import worksheets
from app.clinical.containers import Form, Ladder, Tree, WeeklyPlan, Worksheet
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


_LATEST = (
    sa.select(
        Answer,
        sa.func.min(Answer.saved_at).over(partition_by=(Answer.service_id, Answer.entry_id)).label("first_at"),
        sa.func.row_number()
        .over(partition_by=(Answer.service_id, Answer.entry_id), order_by=Answer.version.desc())
        .label("back"),
    )
    .where(Answer.service_id == sa.bindparam("service"), Answer.patient_id == sa.bindparam("patient"))
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
_ENTRIES = (
    sa.select(_LATEST, _COMMENTS)
    .outerjoin(_COMMENTS, _COMMENTS.c.on_entry == _LATEST.c.entry_id)
    .where(_LATEST.c.back == 1)
    .order_by(_LATEST.c.first_at, _LATEST.c.seq, _COMMENTS.c.given_at)
)


def entries(work: Work, patient: Patient, *, modules: Iterable[str] = ()) -> list[Entry]:
    """The patient's entries in their latest versions, oldest first; those taken back are left out."""
    statement = _ENTRIES
    wanted = list(modules)
    if wanted:
        statement = statement.where(_LATEST.c.module.in_(wanted))
    rows = work.session.execute(statement, {"service": work.service_id, "patient": patient.id})
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


def versions(work: Work, patient: Patient, entry_id: UUID) -> list[Entry]:
    """Every version of one entry, oldest first, taken-back ones with no values."""
    rows = work.session.execute(
        sa.select(Answer, Answer.saved_at.label("first_at"))
        .where(Answer.service_id == work.service_id, Answer.patient_id == patient.id, Answer.entry_id == entry_id)
        .order_by(Answer.version)
    )
    return [
        Entry(a.entry_id, a.id, a.module, a.module_hash, a.worksheet, a.version, a.values or {}, a.saved_at, first_at)
        for a, first_at in rows
    ]


def latest(work: Work, patient: Patient, entry_id: UUID) -> Answer | None:
    """The newest version of one entry, as stored."""
    return work.session.execute(
        sa.select(Answer)
        .where(Answer.service_id == work.service_id, Answer.patient_id == patient.id, Answer.entry_id == entry_id)
        .order_by(Answer.version.desc())
        .limit(1)
    ).scalar_one_or_none()


def of_worksheet(given: Iterable[Entry], worksheet: Worksheet) -> list[Entry]:
    """A worksheet's entries in the order it shows them: a ladder by its rating, a plan by day, others by time."""
    mine = [entry for entry in given if entry.worksheet == worksheet.key]
    if isinstance(worksheet, Ladder):
        return sorted(mine, key=lambda entry: worksheets.rung(worksheet, entry.values))
    if isinstance(worksheet, WeeklyPlan):
        days = [option.key for option in worksheet.built_in[0].options]  # type: ignore[union-attr]
        parts = [option.key for option in worksheet.built_in[1].options]  # type: ignore[union-attr]
        return sorted(mine, key=lambda e: (days.index(e.values["day"]), parts.index(e.values["part"])))
    return mine


def has_one_entry(worksheet: Worksheet) -> bool:
    """Whether it is filled in once and then changed, rather than added to."""
    return isinstance(worksheet, Form | Tree)


def suggestions(module: Module, worksheet: Worksheet, given: Iterable[Entry]) -> dict[str, Any]:
    """What earlier answers suggest for the fields of an empty entry; the newest answer wins."""
    newest = sorted(given, key=lambda entry: entry.saved_at)
    found: dict[str, Any] = {}
    for asked in worksheet.entry_fields:
        if asked.prefill is None:
            continue
        for entry in newest:
            value = entry.values.get(asked.prefill.field)
            if entry.worksheet == asked.prefill.worksheet and value not in (None, "", []):
                found[asked.key] = value
    return found
