"""A page of a module as one patient sees it: its text, its worksheets with what they wrote, and where they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from app.accounts.queries import Patient
from app.clinical import worksheets
from app.clinical.containers import Form, Tree, Worksheet
from app.clinical.fields import Day, Value
from app.clinical.modules import Html, Module, Page, Try
from app.clinical.quick_checks import Check
from app.clinical.sequencing.standing import Standing, State
from app.kit.drafts import Kept
from app.programme import answers
from app.programme.actions import draft_name
from app.programme.answers import Comment, Entry


@dataclass(frozen=True)
class EntryForm:
    """One entry of a worksheet, ready to be filled in."""

    worksheet: Worksheet
    entry_id: UUID
    base: int
    values: Mapping[str, Any]
    problems: Mapping[str, str]
    suggested: bool
    saved_at: datetime | None
    draft_at: datetime | None
    newer: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class EntryLine:
    """One entry in the list under its worksheet."""

    id: UUID
    line: str
    told: tuple[tuple[str, str], ...]
    saved_at: datetime
    first_at: datetime
    comments: tuple[Comment, ...]
    version: int = 1
    worksheet: str = ""


@dataclass(frozen=True)
class TryPart:
    """A worksheet in its place on a page, with the entries so far."""

    intro_html: str
    form: EntryForm
    entries: list[EntryLine]
    is_try: bool = True
    is_check: bool = False


@dataclass(frozen=True)
class CheckPart:
    """A quick check; `chosen` is the place of the option picked, if one was."""

    number: int
    check: Check
    chosen: int | None
    is_try: bool = False
    is_check: bool = True


@dataclass(frozen=True)
class HtmlPart:
    html: str
    is_try: bool = False
    is_check: bool = False


@dataclass(frozen=True)
class ModulePage:
    """Everything a page of a module shows."""

    step: str
    module: Module
    page: Page
    number: int
    total: int
    parts: list[HtmlPart | TryPart | CheckPart]
    next: Page | None
    back: Page | None
    passed: bool
    cautions: tuple[str, ...] = field(default=())


# Asked after the last page of every step, so that the session can begin with what was not clear.
UNDERSTANDING = Form.model_validate(
    {
        "key": "understanding",
        "title": "Before you finish",
        "purpose": "Your practitioner uses this to start your next session in the right place.",
        "container": "form",
        "minutes": 2,
        "fields": [
            {
                "key": "made-sense",
                "type": "one-of",
                "label": "Did this step make sense?",
                "options": [
                    {"key": "yes", "label": "Yes"},
                    {"key": "mostly", "label": "Mostly"},
                    {"key": "not-yet", "label": "Not yet"},
                ],
            },
            {
                "key": "useful",
                "type": "scale-0-10",
                "label": "How useful was it for you?",
                "low": "not at all",
                "high": "very useful",
            },
            {
                "key": "unclear",
                "type": "long-text",
                "label": "What would you like to ask about?",
                "max_length": 2000,
            },
        ],
    }
)


def worksheet_of(module: Module, key: str) -> Worksheet | None:
    """A worksheet of the module, or the check that ends every step."""
    if key == UNDERSTANDING.key:
        return UNDERSTANDING
    return module.worksheet(key) if module.has_worksheet(key) else None


def entry_form(
    patient: Patient,
    module: Module,
    worksheet: Worksheet,
    given: list[Entry],
    kept: Mapping[str, Kept],
    *,
    entry_id: UUID | None = None,
) -> EntryForm:
    """The form of one entry: the draft if there is one, else what was saved, else what earlier answers suggest."""
    if entry_id is None:
        draft = _any_draft(module, worksheet, kept)
        known = draft.values.get("entry_id") if draft else None
        entry_id = UUID(known) if known else answers.only_entry(patient, module.key, worksheet.key)
        if not answers.has_one_entry(worksheet) and not known:
            entry_id = uuid4()
    saved = next((one for one in given if one.id == entry_id), None)
    draft = kept.get(draft_name(module, worksheet, entry_id))
    if draft is not None:
        return typed_form(worksheet, entry_id, draft.base, draft.values["typed"], draft_at=draft.saved_at)
    if saved is not None:
        return EntryForm(worksheet, entry_id, saved.version, saved.values, {}, False, saved.saved_at, None)
    values = answers.suggestions(module, worksheet, given)
    return EntryForm(worksheet, entry_id, 0, values, {}, bool(values), None, None)


def _any_draft(module: Module, worksheet: Worksheet, kept: Mapping[str, Kept]) -> Kept | None:
    start = f"answer:{module.key}/{worksheet.key}"
    drafts = [draft for name, draft in kept.items() if name == start or name.startswith(start + "/")]
    fresh = [draft for draft in drafts if draft.base == 0]
    return max(fresh or [], key=lambda draft: draft.saved_at, default=None)


def typed_form(
    worksheet: Worksheet,
    entry_id: UUID,
    base: int,
    typed: Mapping[str, Any],
    *,
    problems: Mapping[str, str] | None = None,
    draft_at: datetime | None = None,
    newer: tuple[tuple[str, str], ...] = (),
) -> EntryForm:
    """A form with exactly what was typed in it, mistakes and all."""
    values, wrong = worksheets.read(worksheet, typed)
    shown: dict[str, Any] = dict(values)
    for asked in worksheet.entry_fields:
        if asked.key in wrong or asked.key not in shown:
            shown[asked.key] = typed if isinstance(asked, Day) else typed.get(asked.key, "")
    if isinstance(worksheet, Tree):
        shown |= {node.key: typed.get(node.key, "") for node in worksheet.nodes}
    return EntryForm(worksheet, entry_id, base, shown, problems or {}, False, None, draft_at, newer)


def lines(module: Module, worksheet: Worksheet, given: list[Entry]) -> list[EntryLine]:
    """A worksheet's entries for reading, in its own order."""
    return [line(worksheet, entry) for entry in answers.of_worksheet(given, worksheet)]


def line(worksheet: Worksheet, entry: Entry) -> EntryLine:
    return EntryLine(
        id=entry.id,
        line=worksheets.summary_line(worksheet, entry.values),
        told=worksheets.in_words(worksheet, entry.values),
        saved_at=entry.saved_at,
        first_at=entry.first_at,
        comments=entry.comments,
        version=entry.version,
        worksheet=worksheet.key,
    )


def module_page(
    patient: Patient,
    standing: Standing,
    module: Module,
    page: Page,
    given: list[Entry],
    kept: Mapping[str, Kept],
    *,
    passed: bool,
    picked: tuple[int, int] | None = None,
    form: EntryForm | None = None,
) -> ModulePage:
    """One page, with the entries and drafts of the patient in it."""
    parts: list[HtmlPart | TryPart | CheckPart] = []
    for number, part in enumerate(page.parts):
        if isinstance(part, Html):
            parts.append(HtmlPart(part.html))
        elif isinstance(part, Try):
            parts.append(_try(patient, module, part, given, kept, form))
        else:
            parts.append(CheckPart(number, part, picked[1] if picked and picked[0] == number else None))
    return ModulePage(
        step=standing.step,
        module=module,
        page=page,
        number=module.page_number(page.key),
        total=len(module.pages),
        parts=parts,
        next=module.next_page(page.key),
        back=module.previous_page(page.key),
        passed=passed,
        cautions=module.cautions if page is module.first_page else (),
    )


def _try(
    patient: Patient,
    module: Module,
    part: Try,
    given: list[Entry],
    kept: Mapping[str, Kept],
    form: EntryForm | None,
) -> TryPart:
    worksheet = module.worksheet(part.worksheet)
    shown = form if form and form.worksheet is worksheet else entry_form(patient, module, worksheet, given, kept)
    entries = [] if answers.has_one_entry(worksheet) else lines(module, worksheet, given)
    return TryPart(part.intro_html, shown, entries)


class PageMark(Value):
    """A page in a step's list of pages."""

    key: str
    title: str
    minutes: int
    passed: bool
    here: bool


def page_marks(module: Module, passed: set[str]) -> list[PageMark]:
    """The pages in order, which are behind the patient, and which is next."""
    here = resume_at(module, passed)
    return [
        PageMark(key=p.key, title=p.title, minutes=p.minutes, passed=p.key in passed, here=p is here)
        for p in module.pages
    ]


def resume_at(module: Module, passed: set[str]) -> Page | None:
    """The page to carry on from: the one after the last moved on from; None when all are behind."""
    behind = [number for number, page in enumerate(module.pages) if page.key in passed]
    if not behind:
        return module.first_page
    after = behind[-1] + 1
    if after < len(module.pages):
        return module.pages[after]
    return next((page for page in module.pages if page.key not in passed), None)


def minutes_left(module: Module, passed: set[str]) -> int:
    return sum(page.minutes for page in module.pages if page.key not in passed)


@dataclass(frozen=True)
class NextStep:
    """The one next step of Today: a page to read, a step to start, or nothing more."""

    standing: Standing
    module: Module | None
    page: Page | None
    started: bool
    minutes: int


def next_step(
    standings: list[Standing], modules: Mapping[str, Module], passed: Mapping[str, set[str]]
) -> NextStep | None:
    """What to do next: the step under way, else the first open one, core before optional."""
    under_way = [one for one in standings if one.state is State.IN_PROGRESS]
    open_now = sorted((one for one in standings if one.state is State.AVAILABLE), key=lambda one: not one.core)
    for one in [*under_way, *open_now]:
        module = modules.get(one.module or "")
        behind = passed.get(one.step, set())
        page = resume_at(module, behind) if module else None
        if module is None or page is not None:
            minutes = page.minutes if page else 0
            return NextStep(one, module, page, one.state is State.IN_PROGRESS, minutes)
    return None
