"""Whether the parts of a module fit together: what refers to a page, a worksheet or a field finds it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.clinical import fields
from app.clinical.containers import Tree, Worksheet
from app.clinical.fields import AnyField, Prefill
from app.clinical.modules import About, Page

Address = tuple[str, str]
Placed = tuple[tuple[str | int, ...], AnyField]


@dataclass(frozen=True)
class Finding:
    """Something that does not fit. `file` is within the module's folder, `at` the place within the file.

    `word` is what was written where one of `known` was meant; a finding has that or a `fix`.
    """

    file: str
    at: tuple[str | int, ...]
    problem: str
    fix: str = ""
    word: str = ""
    known: tuple[str, ...] = ()
    warning: bool = False


def check_about(
    about: About, *, pages: Collection[str], worksheets: Collection[str], techniques: Collection[str]
) -> Iterator[Finding]:
    """What module.yaml refers to and is not there. The collections hold the keys that exist."""
    for place, activity in enumerate(about.activities):
        for name, key, known in (
            ("page", activity.page, pages),
            ("worksheet", activity.worksheet, worksheets),
        ):
            if key is not None and key not in known:
                at = ("activities", place, name)
                yield Finding("module.yaml", at, f'there is no {name} "{key}"', word=key, known=tuple(known))
    for place, key in enumerate(about.techniques):
        if key not in techniques:
            problem = f'technique "{key}" is not in techniques.yaml'
            yield Finding("module.yaml", ("techniques", place), problem, word=key, known=tuple(techniques))
    if not 4 <= len(about.activities) <= 6:
        problem = f"the module has {len(about.activities)} activities"
        yield Finding("module.yaml", ("activities",), problem, fix="4 to 6 are usual.", warning=True)


def check_size(about: About, pages: Collection[Page]) -> Iterator[Finding]:
    """A warning when the minutes of the pages are more than a third away from those of the module."""
    total = sum(page.minutes for page in pages)
    if abs(total - about.minutes) > about.minutes / 3:
        problem = f"the module says {about.minutes} minutes and its pages add up to {total}"
        yield Finding("module.yaml", ("minutes",), problem, fix="Bring the two together.", warning=True)


def check_worksheets(
    worksheets: Mapping[str, Worksheet], *, known: Collection[str], tried: Collection[str]
) -> Iterator[Finding]:
    """Prefills and links that find no field, do not fit it or go round; and worksheets nobody can reach.

    `known` holds the keys of every worksheet of the module, those that could not be read among them;
    `tried` those drawn on a page.
    """
    suggestions: dict[Address, Address] = {}
    for key, worksheet in worksheets.items():
        for at, field in _placed(worksheet):
            yield from _check_references(f"worksheets/{key}.yaml", at, field, worksheets, known)
            if field.prefill:
                suggestions[key, field.key] = (field.prefill.worksheet, field.prefill.field)
        if key not in tried and not worksheet.alone:
            problem = f'no page tries the worksheet "{key}"'
            fix = "Draw it with ::: try, or say alone: true."
            yield Finding(f"worksheets/{key}.yaml", (), problem, fix=fix)
    yield from _check_rounds(suggestions, worksheets)


def _placed(worksheet: Worksheet) -> Iterator[Placed]:
    if isinstance(worksheet, Tree):
        yield from ((("nodes", i, "field"), node.field) for i, node in enumerate(worksheet.nodes) if node.field)
    else:
        yield from ((("fields", place), field) for place, field in enumerate(worksheet.fields))


def _check_references(
    file: str,
    at: tuple[str | int, ...],
    field: AnyField,
    worksheets: Mapping[str, Worksheet],
    known: Collection[str],
) -> Iterator[Finding]:
    if isinstance(field, fields.Link):
        yield from _check_address(file, (*at, "to"), field.address, worksheets, known)
    if field.prefill:
        below = (*at, "prefill")
        yield from _check_address(file, below, field.prefill, worksheets, known)
        source = _field_at(field.prefill, worksheets)
        if source and not _fits(source, field):
            problem = f"a {source.type} answer cannot fill in a {field.type} field"
            yield Finding(file, below, problem, fix="Prefill from a field of the same type, or into text.")


def _check_address(
    file: str,
    at: tuple[str | int, ...],
    to: Prefill,
    worksheets: Mapping[str, Worksheet],
    known: Collection[str],
) -> Iterator[Finding]:
    if to.worksheet not in known:
        problem = f'there is no worksheet "{to.worksheet}" in this module'
        yield Finding(file, at, problem, word=to.worksheet, known=tuple(known))
    elif to.worksheet in worksheets and _field_at(to, worksheets) is None:
        there = tuple(field.key for field in worksheets[to.worksheet].entry_fields)
        problem = f'worksheet "{to.worksheet}" has no field "{to.field}"'
        yield Finding(file, at, problem, word=to.field, known=there)


def _field_at(to: Prefill, worksheets: Mapping[str, Worksheet]) -> AnyField | None:
    worksheet = worksheets.get(to.worksheet)
    there = worksheet.entry_fields if worksheet else ()
    return next((field for field in there if field.key == to.field), None)


def _fits(source: AnyField, target: AnyField) -> bool:
    if target.type in (*fields.TEXT_TYPES, "list"):
        return True
    return source.type == target.type


def _check_rounds(suggestions: Mapping[Address, Address], worksheets: Mapping[str, Worksheet]) -> Iterator[Finding]:
    reported: set[Address] = set()
    for start in suggestions:
        path = [start]
        while path[-1] in suggestions and suggestions[path[-1]] not in path:
            path.append(suggestions[path[-1]])
        if suggestions.get(path[-1]) == start and start not in reported:
            reported.update(path)
            told = " to ".join(".".join(address) for address in (*path, start))
            at = next(at for at, field in _placed(worksheets[start[0]]) if field.key == start[1])
            yield Finding(
                f"worksheets/{start[0]}.yaml",
                (*at, "prefill"),
                f"the prefills go round: {told}",
                fix="Take one of them out.",
            )
