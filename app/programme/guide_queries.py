"""The library as staff read it through."""

from dataclasses import dataclass

from app.clinical.containers import Worksheet
from app.clinical.modules import Html, Module, Page, Part, Try
from app.clinical.quick_checks import Check
from app.clinical.sequencing.pathway import Activity as PathwayActivity


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


def activities_of(module: Module) -> tuple[PathwayActivity, ...]:
    """The required work of a module, as a step has it."""
    return tuple(PathwayActivity(key=one.key, title=one.title) for one in module.activities)
