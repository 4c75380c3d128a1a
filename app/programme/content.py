"""The library: modules, techniques, instruments, pathways and protocols, read from files and checked as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.clinical.instruments import Instrument
from app.clinical.modules import Ideas, Module, Technique, Techniques
from app.clinical.momentary_protocols import Protocol
from app.clinical.sequencing.pathway import Pathway, Step
from app.clinical.sequencing.rules import GoalRecorded, ProblemRecorded, Rule
from app.clinical.sequencing.structure import walk
from app.kit.located import Fault, Loc, Unreadable, did_you_mean
from app.kit.reading import Reading
from app.kit.shapes import Shape
from app.programme.module_content import ModuleReading

INSTRUMENT: Shape[Instrument] = Shape(Instrument)
PATHWAY: Shape[Pathway] = Shape(Pathway)
IDEAS: Shape[Ideas] = Shape(Ideas)
TECHNIQUES: Shape[Techniques] = Shape(Techniques)
PROTOCOL: Shape[Protocol] = Shape(Protocol)


class ContentFaults(Unreadable):
    """The library cannot be used; every fault that was found in it."""


@dataclass(frozen=True)
class Library:
    """Everything a service can offer, each kind by its key. Modules are in the order of their folders."""

    modules: Mapping[str, Module]
    techniques: Mapping[str, Technique]
    instruments: Mapping[str, Instrument]
    pathways: Mapping[str, Pathway]
    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    ideas: Ideas | None = None
    warnings: tuple[Fault, ...] = ()

    @property
    def awaiting_sign_off(self) -> tuple[Module, ...]:
        """The modules that no clinician of the deploying service has signed."""
        return tuple(module for module in self.modules.values() if not module.is_signed_off)


def read_library(root: Path) -> Library:
    """The library in a folder. Raises `ContentFaults` with every fault in it; warnings do not stop it."""
    library, faults = _read(root)
    found = [fault for fault in faults if not fault.warning]
    if found:
        raise ContentFaults(found)
    return library


def check_content(root: Path) -> list[Fault]:
    """Every fault and warning in a library, by file and line."""
    return _read(root)[1]


def _read(root: Path) -> tuple[Library, list[Fault]]:
    reading = Reading(root)
    folders = sorted(path for path in (root / "modules").glob("*") if path.is_dir())
    listed = reading.shaped(reading.load(root / "techniques.yaml"), TECHNIQUES)
    techniques = {technique.key: technique for technique in listed.techniques} if listed else {}
    read = [ModuleReading(reading, folder).read(techniques) for folder in folders]
    listed_instruments = _read_instruments(reading)
    # What asks about risk comes first wherever questionnaires stand in a row.
    instruments = {one.key: one for one in sorted(listed_instruments, key=lambda one: (not one.risk_items, one.key))}
    pathways = dict(_read_pathways(reading, [path.name for path in folders], techniques, instruments))
    protocols = {one.key: one for _, one in reading.each(reading.root / "protocols", PROTOCOL)}
    listed_ideas = root / "activities.yaml"
    ideas = reading.shaped(reading.load(listed_ideas), IDEAS) if listed_ideas.exists() else None
    faults = sorted(set(reading.faults))
    library = Library(
        modules=MappingProxyType({module.key: module for module in read if module}),
        techniques=MappingProxyType(techniques),
        instruments=MappingProxyType(instruments),
        pathways=MappingProxyType(pathways),
        protocols=MappingProxyType(protocols),
        ideas=ideas,
        warnings=tuple(fault for fault in faults if fault.warning),
    )
    return library, faults


def _read_instruments(reading: Reading) -> list[Instrument]:
    found: dict[str, Instrument] = {}
    for located, instrument in reading.each(reading.root / "instruments", INSTRUMENT):
        # Charts, lists and alerts name a questionnaire by it and by nothing else.
        if instrument.short in found:
            problem = f'"{instrument.short}" is what {found[instrument.short].key} is called too'
            reading.faults.append(located.fault(("short",), problem, "Give one another short name."))
        found.setdefault(instrument.short, instrument)
    return list(found.values())


def _read_pathways(
    reading: Reading, modules: Iterable[str], techniques: Iterable[str], instruments: Iterable[str]
) -> Iterator[tuple[str, Pathway]]:
    vocabulary = {"module": (*modules,), "technique": (*techniques,), "measure": (*instruments,)}
    for located, pathway in reading.each(reading.root / "pathways", PATHWAY):
        reading.faults.extend(located.fault(*each) for each in _unknown(located.value, vocabulary))
        yield located.value["key"], pathway


def unknown_words(body: Any, library: Library) -> tuple[tuple[Loc, str, str], ...]:
    """Where a pathway as plain data names a module, technique or measure the library does not have, and the fix."""
    vocabulary = {
        "module": (*library.modules,),
        "technique": (*library.techniques,),
        "measure": (*library.instruments,),
    }
    return tuple(_unknown(body, vocabulary))


_TOLD_APART = ((ProblemRecorded, "problem"), (GoalRecorded, "subject of a goal"))


def odd_words(pathway: Pathway, library: Library) -> Iterator[tuple[Step, str, str, str, str]]:
    """Problems and goals' subjects that no pathway of the library names: the step, where, which, and the nearest."""
    for kind, what in _TOLD_APART:
        every = (atom for known in library.pathways.values() for _, _, atom in _atoms(known))
        known = sorted({word for atom in every if isinstance(atom, kind) for word in atom.any_of})
        for step, path, atom in _atoms(pathway):
            for word in atom.any_of if isinstance(atom, kind) else ():
                if word not in known:
                    yield step, path, what, word, did_you_mean(word, known) or "Check its spelling."


def _atoms(pathway: Pathway) -> Iterator[tuple[Step, str, Rule]]:
    for step in pathway.steps:
        for name, rule in (("unlock", step.unlock), ("relevance", step.relevance)):
            yield from ((step, path, atom) for path, atom in (walk(rule, name) if rule else ()))


def _unknown(body: Any, vocabulary: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[Loc, str, str]]:
    for loc, word in _words_in(body, ()):
        known = vocabulary.get(str(loc[-1]))
        if known is not None and word not in known:
            yield loc, f'there is no {loc[-1]} "{word}"', did_you_mean(word, known)
    asked = body.get("measures") if isinstance(body, dict) else None
    for key in asked if isinstance(asked, dict) else ():
        if key not in vocabulary["measure"]:
            yield ("measures", key), f'there is no measure "{key}"', did_you_mean(str(key), vocabulary["measure"])


def _words_in(value: Any, at: Loc) -> Iterator[tuple[Loc, str]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in pairs:
        if isinstance(below, str):
            yield (*at, name), below
        yield from _words_in(below, (*at, name))
