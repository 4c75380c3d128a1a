"""What a patient wrote, as their practitioner reads it: by module and worksheet, with who has looked at what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.accounts.queries import Patient
from app.clinical.modules import Module
from app.programme import course_queries
from app.programme.answers import Entry
from app.programme.entry_queries import EntryLine
from app.programme.queries import Plan


@dataclass(frozen=True)
class Written:
    """One entry; `is_read` when somebody has looked at it since it was last changed."""

    line: EntryLine
    is_read: bool


@dataclass(frozen=True)
class WrittenSheet:
    """One worksheet's entries, and the page it was on as the patient sees it, where they have it still."""

    title: str
    page: str
    entries: list[Written]


@dataclass(frozen=True)
class WrittenModule:
    """All that was written in one module."""

    title: str
    sheets: list[WrittenSheet]


@dataclass(frozen=True)
class Reading:
    """All that a patient wrote, and how much of it nobody has looked at."""

    modules: list[WrittenModule]
    count: int
    unread: int


def reading(patient: Patient, plan: Plan | None, given: Sequence[Entry], modules: Mapping[str, Module]) -> Reading:
    """Everything the patient wrote, in the order of the library."""
    steps = {one.module: one.step for one in plan.course.standings if one.module} if plan else {}
    found = [
        WrittenModule(
            one.title,
            [
                WrittenSheet(sheet.title, _page(patient, steps.get(one.module), modules[one.module], sheet.worksheet),
                             [Written(line, _is_read(line)) for line in sheet.entries])
                for sheet in one.sheets
            ],
        )
        for one in course_queries.answers_by_step(given, modules)
    ]  # fmt: skip
    entries = [entry for one in found for sheet in one.sheets for entry in sheet.entries]
    return Reading(found, len(entries), sum(not entry.is_read for entry in entries))


def _page(patient: Patient, step: str | None, module: Module, worksheet: str) -> str:
    page = module.page_with(worksheet)
    return f"/patients/{patient.id}/sees/{step}/{page.key}" if step and page else ""


def _is_read(line: EntryLine) -> bool:
    return any(comment.given_at >= line.saved_at for comment in line.comments)
