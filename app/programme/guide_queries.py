"""The library as staff read it through, and the library's pathways beside those the service uses."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.clinical.containers import Worksheet
from app.clinical.modules import Html, Module, Page, Part, Try
from app.clinical.quick_checks import Check
from app.clinical.sequencing.pathway import Activity as PathwayActivity
from app.clinical.sequencing.pathway import Pathway, rule_hash, with_activities
from app.programme.content import Library
from app.programme.course_queries import Why, nested
from app.programme.queries import Offered, RuleWords


@dataclass(frozen=True)
class GuidePart:
    """A piece of a page as it is read through: text, a worksheet nobody has filled in, or a quick check."""

    html: str = ""
    worksheet: Worksheet | None = None
    check: Check | None = None


@dataclass(frozen=True)
class GuidePage:
    """One page of a module, with the pages beside it."""

    module: Module
    page: Page
    number: int
    parts: list[GuidePart]
    next: Page | None
    back: Page | None


def guide_page(module: Module, key: str) -> GuidePage:
    """A page of a module to read through. Raises KeyError for one it does not have."""
    page = module.page(key)
    parts = [_part(module, part) for part in page.parts]
    return GuidePage(module, page, module.page_number(key), parts, module.next_page(key), module.previous_page(key))


def _part(module: Module, part: Part) -> GuidePart:
    if isinstance(part, Html):
        return GuidePart(html=part.html)
    if isinstance(part, Try):
        return GuidePart(html=part.intro_html, worksheet=module.worksheet(part.worksheet))
    return GuidePart(check=part)


@dataclass(frozen=True)
class StepRule:
    """A step of a pathway with its rule told to a patient and to staff, as on the first day."""

    title: str
    core: bool
    module: str
    patient_why: str
    patient_lines: tuple[Why, ...]
    staff_why: str
    staff_lines: tuple[Why, ...]


def step_rules(told: Sequence[RuleWords]) -> list[StepRule]:
    """The rules of a pathway with the parts of each group below it."""
    return [
        StepRule(
            title=one.title,
            core=one.core,
            module=one.module or "",
            patient_why=one.patient.headline,
            patient_lines=nested(one.patient.lines),
            staff_why=one.staff.headline,
            staff_lines=nested(one.staff.lines),
        )
        for one in told
    ]


@dataclass(frozen=True)
class InLibrary:
    """A pathway of the library, and how it stands to what the service uses; `unsigned` awaits a clinician."""

    key: str
    title: str
    summary: str
    weeks: int
    sessions: int
    steps: tuple[str, ...]
    in_use: bool
    changed: bool
    unsigned: tuple[str, ...]


def in_library(library: Library, offered: Sequence[Offered]) -> list[InLibrary]:
    """Each pathway of the library, in its order."""
    return [_in_library(library, pathway, offered) for pathway in library.pathways.values()]


def _in_library(library: Library, pathway: Pathway, offered: Sequence[Offered]) -> InLibrary:
    used = next((one for one in offered if one.key == pathway.key and one.retired_at is None), None)
    unsigned = {module.key: module.title for module in library.awaiting_sign_off}
    return InLibrary(
        key=pathway.key,
        title=pathway.title,
        summary=pathway.summary,
        weeks=-(-pathway.programme_days // 7),
        sessions=pathway.sessions,
        steps=tuple(step.title for step in pathway.steps),
        in_use=used is not None,
        changed=used is not None and as_adopted(pathway, library, used.version)[1] != used.hash,
        unsigned=tuple(unsigned[step.module] for step in pathway.steps if step.module in unsigned),
    )


def as_adopted(pathway: Pathway, library: Library, version: int) -> tuple[Pathway, str]:
    """The pathway as it would be taken into use under a number, and its hash.

    Each step has the activities of its module, so that the version itself says what counts as done.
    """
    steps = []
    for step in pathway.steps:
        module = library.modules.get(step.module or "")
        steps.append(with_activities(step, activities_of(module)) if module and not step.activities else step)
    whole = pathway.model_copy(update={"steps": tuple(steps), "version": version})
    return whole, rule_hash(whole)


def activities_of(module: Module) -> tuple[PathwayActivity, ...]:
    """The required work of a module, as a step has it."""
    return tuple(PathwayActivity(key=one.key, title=one.title) for one in module.activities)
