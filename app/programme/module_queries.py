"""A page of a module as one patient sees it: its text, its worksheets with what they wrote, and where they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.accounts.queries import Patient
from app.clinical.containers import Worksheet
from app.clinical.fields import Value
from app.clinical.modules import Html, Module, Page, Try
from app.clinical.quick_checks import Check
from app.clinical.sequencing.facts import Mode
from app.clinical.sequencing.standing import Standing, State
from app.kit.drafts import Kept
from app.programme import answers
from app.programme.answers import Entry
from app.programme.entry_queries import EntryForm, EntryGroup, EntryLine, entry_form, groups


@dataclass(frozen=True)
class TryPart:
    """A worksheet in its place on a page, with the entries so far.

    `done_on` is the day it was done in a session, if that is how it was done.
    """

    intro_html: str
    form: EntryForm
    groups: list[EntryGroup]
    done_on: date | None = None
    is_try: bool = True
    is_check: bool = False

    @property
    def entries(self) -> list[EntryLine]:
        return [line for group in self.groups for line in group.lines]


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

    @property
    def makes_plans(self) -> bool:
        """Whether something written on this page can go to the diary."""
        tries = [part for part in self.parts if isinstance(part, TryPart)]
        return any(part.form.plan or any(line.plan for line in part.entries) for part in tries)

    @property
    def only_form(self) -> EntryForm | None:
        """The worksheet that Next can carry along: the one of a page that has one to fill in."""
        forms = [part.form for part in self.parts if isinstance(part, TryPart) and not part.form.is_told]
        return forms[0] if len(forms) == 1 else None


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
    """One page, with the entries and drafts of the patient in it; `form` stands in for that worksheet's own."""
    parts: list[HtmlPart | TryPart | CheckPart] = []
    for number, part in enumerate(page.parts):
        if isinstance(part, Html):
            parts.append(HtmlPart(part.html))
        elif isinstance(part, Try):
            parts.append(_try(patient, standing, module, part, given, kept, form))
        else:
            chosen = picked[1] if picked and picked[0] == number and picked[1] < len(part.options) else None
            parts.append(CheckPart(number, part, chosen))
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
    standing: Standing,
    module: Module,
    part: Try,
    given: list[Entry],
    kept: Mapping[str, Kept],
    form: EntryForm | None,
) -> TryPart:
    worksheet = module.worksheet(part.worksheet)
    mine = form and form.worksheet.key == worksheet.key
    shown = form if form and mine else entry_form(patient, module, worksheet, given, kept)
    # The entry that stands in the form is not in the list below it as well.
    others = [one for one in given if one.id != shown.entry_id] if answers.has_one_entry(worksheet) else given
    return TryPart(
        part.intro_html, shown, groups(module, worksheet, others), _in_session_on(standing, module, worksheet)
    )


def _in_session_on(standing: Standing, module: Module, worksheet: Worksheet) -> date | None:
    asked = {activity.key for activity in module.activities_of_worksheet(worksheet.key)}
    there = (part.on for part in standing.done if part.mode is not Mode.ONLINE and part.activity in asked)
    return min(there, default=None)


_BESIDE = re.compile(r'href="(?=[a-z0-9-]+")')
_ID = re.compile(r'\b(id|aria-labelledby)="(?=[a-z])')


def on_paper(page: ModulePage) -> ModulePage:
    """A page among all the others of its step: its links lead to pages, and its ids are its own."""
    return replace(page, parts=[_on_paper(part, page.page.key) for part in page.parts])


def _on_paper(part: HtmlPart | TryPart | CheckPart, key: str) -> HtmlPart | TryPart | CheckPart:
    if isinstance(part, HtmlPart):
        return HtmlPart(_ID.sub(rf'\1="{key}-', _BESIDE.sub('href="pages/', part.html)))
    if isinstance(part, TryPart):
        return replace(part, intro_html=_BESIDE.sub('href="pages/', part.intro_html))
    return part


class PageMark(Value):
    """A page in a step's list of pages; `in_session` when its work was done away from the screen."""

    key: str
    title: str
    minutes: int
    passed: bool
    here: bool
    in_session: bool = False


def page_marks(module: Module, passed: set[str], standing: Standing) -> list[PageMark]:
    """The pages in order, which are behind the patient, and which is next."""
    elsewhere = done_elsewhere(module, standing)
    here = resume_at(module, passed, standing)
    return [
        PageMark(
            key=page.key,
            title=page.title,
            minutes=page.minutes,
            passed=page.key in passed,
            here=page is here,
            in_session=page.key in elsewhere and page.key not in passed,
        )
        for page in module.pages
    ]


def done_elsewhere(module: Module, standing: Standing) -> set[str]:
    """The pages whose work was all done away from the screen, so that nobody is asked for it twice."""
    there = {part.activity for part in standing.done if part.mode is not Mode.ONLINE}
    return {key for key, activities in module.asked_on.items() if activities and activities <= there}


def resume_at(module: Module, passed: set[str], standing: Standing) -> Page | None:
    """The page to carry on from: the one after the last moved on from, leaving out what was done in a session.

    After the last page it is the page of what is still to be done; None when there is nothing.
    """
    behind = passed | done_elsewhere(module, standing)
    last = max((number for number, page in enumerate(module.pages) if page.key in passed), default=-1)
    ahead = [page for page in module.pages[last + 1 :] if page.key not in behind]
    left = {part.key for part in standing.left}
    to_do = [page for page in module.pages if module.asked_on[page.key] & left]
    return next(iter([*ahead, *to_do]), None)


def minutes_left(module: Module, passed: set[str], standing: Standing) -> int:
    """How long the pages take that are neither behind the patient nor done in a session."""
    behind = passed | done_elsewhere(module, standing)
    return sum(page.minutes for page in module.pages if page.key not in behind)


@dataclass(frozen=True)
class NextStep:
    """The one next step of Today: a page to read, or a step to start."""

    standing: Standing
    module: Module
    page: Page
    started: bool
    minutes: int

    @property
    def number(self) -> int:
        return self.module.page_number(self.page.key)


def next_step(
    standings: list[Standing], modules: Mapping[str, Module], passed: Mapping[str, set[str]]
) -> NextStep | None:
    """What to do next: the step under way, else the first open one, core before optional."""
    under_way = [one for one in standings if one.state is State.IN_PROGRESS]
    open_now = sorted((one for one in standings if one.state is State.AVAILABLE), key=lambda one: not one.core)
    for one in [*under_way, *open_now]:
        module = modules.get(one.module or "")
        page = resume_at(module, passed.get(one.step, set()), one) if module else None
        if module and page:
            return NextStep(one, module, page, one.state is State.IN_PROGRESS, page.minutes)
    return None


@dataclass(frozen=True)
class Left:
    """A part of a step that is still to be done, and the page it is done on."""

    title: str
    page: str


def left(module: Module, standing: Standing) -> list[Left]:
    """What is still to be done of a step, in its order."""
    return [
        Left(part.title, page.key)
        for part in standing.left
        if (page := next((one for one in module.pages if part.key in module.asked_on[one.key]), None))
    ]
