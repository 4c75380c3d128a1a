"""What a patient wrote, as their practitioner reads it: by module and worksheet, with who has looked at what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.accounts.queries import Patient
from app.clinical.containers import Worksheet
from app.clinical.modules import Module
from app.programme import course_queries
from app.programme.answers import Entry
from app.programme.course_queries import SheetAnswers
from app.programme.entry_queries import EntryLine
from app.programme.queries import Plan


@dataclass(frozen=True)
class Written:
    """One entry; `is_read` when somebody has looked at it since it was last changed."""

    line: EntryLine
    is_read: bool


@dataclass(frozen=True)
class WrittenSheet:
    """One worksheet's entries, and the page it was on as the patient sees it, where they have it still.

    `for_them` when the patient was told that nobody is asked to read it.
    """

    title: str
    page: str
    for_them: bool
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
                _sheet(patient, steps.get(one.module), modules[one.module], sheet)
                for sheet in sorted(one.sheets, key=partial(_place, modules[one.module]))
            ],
        )
        for one in course_queries.answers_by_step(given, modules)
    ]
    entries = [entry for one in found for sheet in one.sheets for entry in sheet.entries]
    return Reading(found, len(entries), sum(not entry.is_read for entry in entries))


def _place(module: Module, answered: SheetAnswers) -> int:
    """In the order of the pages; what is asked after the last page comes last."""
    page = module.page_with(answered.worksheet)
    return module.page_number(page.key) if page else len(module.pages) + 1


def _sheet(patient: Patient, step: str | None, module: Module, answered: SheetAnswers) -> WrittenSheet:
    page = module.page_with(answered.worksheet)
    for_them = module.has_worksheet(answered.worksheet) and not is_to_be_read(module.worksheet(answered.worksheet))
    return WrittenSheet(
        title=answered.title,
        page=f"/patients/{patient.id}/sees/{step}/{page.key}" if step and page else "",
        for_them=for_them,
        entries=[Written(line, for_them or _is_read(line)) for line in answered.entries],
    )


def is_to_be_read(worksheet: Worksheet) -> bool:
    """Whether the patient was told that somebody reads it."""
    return worksheet.read_by != "not-read"


def not_to_be_read(modules: Mapping[str, Module]) -> list[tuple[str, str]]:
    """The worksheets that nobody is asked to read, by module and key."""
    return [(module.key, one.key) for module in modules.values() for one in module.worksheets if not is_to_be_read(one)]


def _is_read(line: EntryLine) -> bool:
    return any(comment.given_at >= line.saved_at for comment in line.comments)
