"""A pathway read from a file of its own, anywhere on disk, with what the content library knows of its modules."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.clinical.modules import Module
from app.clinical.sequencing.pathway import Activity, Pathway, PathwayRefused, Step, with_activities
from app.kit.located import Fault, Located, Unreadable, load, loads
from app.kit.reading import Reading
from app.kit.shapes import read_as
from app.programme.content import PATHWAY, TECHNIQUES, Library, unknown_words
from app.programme.module_content import ModuleReading

# What stands before the hash of the version that a pathway file comes from.
BASE = "# base: "


@dataclass(frozen=True)
class PathwayFile:
    """A pathway read from a file of its own, with a sentence for each step whose activities could not be found."""

    pathway: Pathway
    remarks: tuple[str, ...]


def read_pathway_file(path: Path, library: Path) -> PathwayFile:
    """A pathway file with the activities of the modules it names, as far as the library has them.

    Raises `Unreadable` with every fault in the pathway file. The library may be missing, whole or in part.
    """
    located = named(path)
    pathway = read_as(PATHWAY, located)
    wanted = {step.module for step in pathway.steps if step.module and not step.activities}
    if wanted and not (library / "modules").is_dir():
        remark = f"There is no content library at {library}: each step counts as one piece of work."
        return PathwayFile(pathway, (remark,))
    modules = {key: _module(library, key) for key in sorted(wanted)}
    remarks = tuple(_remark(library, key) for key, module in modules.items() if module is None)
    steps = [_filled(located, place, step, modules.get(step.module or "")) for place, step in enumerate(pathway.steps)]
    return PathwayFile(pathway.model_copy(update={"steps": tuple(steps)}), remarks)


def read_posted(text: str, library: Library) -> tuple[dict[str, Any] | None, tuple[Fault, ...]]:
    """A pathway file that somebody pasted, as plain data; or None, and everything that is wrong in it by line."""
    try:
        located = loads(text, file="line")
        pathway = read_as(PATHWAY, located)
    except Unreadable as unreadable:
        return None, unreadable.faults
    unknown = tuple(located.fault(*each) for each in unknown_words(located.value, library))
    return (None, unknown) if unknown else (pathway.model_dump(mode="json", by_alias=True, exclude_none=True), ())


def base_of(text: str) -> str:
    """The hash of the version that a pathway file says it comes from; empty where it says none."""
    found = re.search(rf"^{re.escape(BASE)}([0-9a-f]{{64}})\s*$", text, re.MULTILINE)
    return found[1] if found else ""


def named(path: Path) -> Located:
    """A YAML file that somebody named. Raises `Unreadable` also when it is a folder, or theirs alone to read."""
    try:
        return load(path)
    except OSError as refused:
        raise Unreadable([Fault(str(path), 1, "the file cannot be read", f"{refused.strerror}.")]) from None


def _folder(library: Path, key: str) -> Path:
    return library / "modules" / key


def _remark(library: Path, key: str) -> str:
    faulty = _folder(library, key).is_dir()
    why = "has mistakes, which braid check-content tells" if faulty else "is not in the library"
    return f'Module "{key}" {why}: its step counts as one piece of work.'


def _module(library: Path, key: str) -> Module | None:
    reading = Reading(library)
    if not _folder(library, key).is_dir():
        return None
    listed = reading.shaped(reading.load(library / "techniques.yaml"), TECHNIQUES)
    techniques = {technique.key: technique for technique in listed.techniques} if listed else {}
    return ModuleReading(reading, _folder(library, key)).read(techniques)


def _filled(located: Located, place: int, step: Step, module: Module | None) -> Step:
    if module is None or step.activities:
        return step
    try:
        return with_activities(step, (Activity(key=one.key, title=one.title) for one in module.activities))
    except PathwayRefused as refused:
        raise Unreadable(
            located.fault(("steps", place, *each.at), each.problem, each.fix) for each in refused.mistakes
        ) from None
