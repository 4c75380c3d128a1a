"""What happened to an invented patient, read from a file, for trying a pathway out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.clinical.local_time import instant
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import FACTS, AnyFact, Fact
from app.clinical.sequencing.pathway import Pathway
from app.kit import zones
from app.kit.located import Fault, Loc, Located, Unreadable, did_you_mean
from app.kit.shapes import Shape, faults_in
from app.pathways.file_content import named

# What a date without a time means: a course starts in the morning, and what is told of a day comes after that.
STARTS_AT, NOON = time(9), time(12)
# Beyond these a date is a slip of the pen, and the calendar of an instant may run out.
YEARS = range(1900, 2200)
TOP = ("started_at", "zone", "facts")
INSTANTS = ("at", "effective_at", "recorded_at", "starts_at", "ends_at")
# How an earlier fact is named in a file: by what is done to it.
TAKES_BACK = {"corrected": "corrects", "undone": "undoes"}


FACT: Shape[Fact] = Shape(AnyFact)


@dataclass(frozen=True)
class Scenario:
    """An invented patient: when they started, where their days are counted, and what happened, in the file's order."""

    started_at: datetime
    zone: ZoneInfo
    facts: tuple[Fact, ...]


def read_scenario(path: Path, pathway: Pathway) -> Scenario:
    """A facts file, checked against the pathway it is about. Raises `Unreadable` with every fault in it."""
    return _FactsReading(named(path), pathway).read()


class _FactsReading:
    """One facts file. It becomes a scenario only when nothing in it is at fault."""

    def __init__(self, located: Located, pathway: Pathway) -> None:
        self.located, self.pathway = located, pathway
        self.faults: list[Fault] = []

    def read(self) -> Scenario:
        raw = self.located.value
        if not isinstance(raw, dict):
            raise Unreadable([self.located.fault((), "this is not a facts file", f"Begin with {', '.join(TOP)}.")])
        self._unknown((), raw, TOP)
        zone = self._zone(raw)
        started_at = self._started_at(raw, zone)
        items = self._items(raw)
        facts = tuple(fact for place, item in enumerate(items) if (fact := self._fact(place, item, zone)) is not None)
        self._stop()
        assert started_at is not None and zone is not None
        self._check(facts, started_at, zone)
        self._stop()
        return Scenario(started_at, zone, facts)

    def _stop(self) -> None:
        if self.faults:
            raise Unreadable(sorted(set(self.faults)))

    def _fault(self, loc: Loc, problem: str, fix: str) -> None:
        self.faults.append(self.located.fault(loc, problem, fix))

    def _unknown(self, at: Loc, raw: dict[str, Any], known: Iterable[str]) -> None:
        names = tuple(known)
        for name in raw:
            if name not in names:
                self._fault((*at, name), f'field "{name}" is not known', did_you_mean(name, names))

    def _zone(self, raw: dict[str, Any]) -> ZoneInfo | None:
        if "zone" not in raw:
            problem = 'field "zone" is missing, and dates mean nothing without it'
            self._fault(("zone",), problem, 'Add "zone:" and where the patient is, such as Europe/London.')
            return None
        return self._zone_named(("zone",), raw["zone"])

    def _zone_named(self, at: Loc, name: object) -> ZoneInfo | None:
        known = zones.known()
        if isinstance(name, str) and name in known:
            return ZoneInfo(name)
        near = did_you_mean(name, known)
        fix = near if near.startswith("Did") else "Write it as Europe/London is written."
        self._fault(at, f'"{name}" is not a time zone', fix)
        return None

    def _started_at(self, raw: dict[str, Any], zone: ZoneInfo | None) -> datetime | None:
        if "started_at" not in raw:
            self._fault(("started_at",), 'field "started_at" is missing', 'Add "started_at:" and a date.')
            return None
        return self._instant(("started_at",), raw["started_at"], zone, STARTS_AT)

    def _items(self, raw: dict[str, Any]) -> list[Any]:
        items = raw.get("facts") or []
        if isinstance(items, list):
            return items
        self._fault(("facts",), '"facts" must be a list', "Begin each fact with a dash: - kind: step-opened.")
        return []

    def _fact(self, place: int, item: Any, zone: ZoneInfo | None) -> Fact | None:
        """One fact; None, and its faults kept, when it cannot be read."""
        at: Loc = ("facts", place)
        kind = item.get("kind") if isinstance(item, dict) else None
        if not isinstance(item, dict) or "kind" not in item:
            self._fault(at, "this has no kind", "Write kind: and which fact or decision it is.")
            return None
        if not isinstance(kind, str) or kind not in FACTS:
            self._fault((*at, "kind"), f'"{kind}" is not a kind of fact or decision', did_you_mean(kind, FACTS))
            return None
        before = len(self.faults)
        self._unknown(at, item, known_fields(kind))
        said = {name: self._value((*at, name), name, value, zone) for name, value in item.items()}
        self._dated(at, said)
        said = {"id": f"fact-{place + 1}", "seq": place + 1, **said}
        if (written := TAKES_BACK.get(kind)) is not None:
            if written not in said:
                self._fault((*at, written), f'field "{written}" is missing', "Name the id of an earlier fact.")
            said["supersedes"] = said.pop(written, None)
        if len(self.faults) > before or zone is None:
            return None
        try:
            return FACT.adapter.validate_python(said)
        except ValidationError as refused:
            self.faults.extend(faults_in(refused, self._below(at), FACT))
            return None

    def _below(self, at: Loc) -> Located:
        """A part of the file by itself, with the lines that it has in the whole."""
        lines = {loc[len(at) :]: line for loc, line in self.located.lines.items() if loc[: len(at)] == at}
        return Located(self.located.file, None, lines)

    def _dated(self, at: Loc, said: dict[str, Any]) -> None:
        """`at` is when it happened and when it was recorded, unless one of the two is given apart."""
        if "at" not in said and not {"effective_at", "recorded_at"} <= said.keys():
            self._fault((*at, "at"), 'field "at" is missing', "Say when it happened: at: 2026-05-04.")
        both = said.pop("at", None)
        said.setdefault("effective_at", both)
        said.setdefault("recorded_at", both)

    def _value(self, at: Loc, name: str, value: Any, zone: ZoneInfo | None) -> Any:
        if name in INSTANTS:
            return self._instant(at, value, zone, NOON)
        if name == "opened" and isinstance(value, dict):
            return {key: self._instant((*at, key), below, zone, NOON) for key, below in value.items()}
        if name == "zone":
            found = self._zone_named(at, value)
            return found.key if found else value
        return value

    def _instant(self, at: Loc, value: Any, zone: ZoneInfo | None, otherwise: time) -> datetime | None:
        """A local date, or date and time, as an instant; one that names its own offset is taken at its word."""
        found = _moment(value, otherwise)
        if found is None:
            fix = "Write a date, or a date and time: 2026-05-04 or 2026-05-04 14:30."
            self._fault(at, f'"{value}" is not a date', fix)
        elif found.tzinfo is not None:
            return found
        return instant(found.date(), found.time(), zone) if found and zone else None

    def _check(self, facts: tuple[Fact, ...], started_at: datetime, zone: ZoneInfo) -> None:
        """What must hold between the facts, and with the pathway."""
        ids = [fact.id for fact in facts]
        added = {fact.step: fact for fact in facts if isinstance(fact, f.StepAdded)}
        for place, fact in enumerate(facts):
            at: Loc = ("facts", place)
            if fact.id in ids[:place]:
                self._fault((*at, "id"), f'the id "{fact.id}" is taken', "Give one of them another.")
            if fact.recorded_at < started_at:
                self._before_the_start(at, started_at.astimezone(zone))
            if isinstance(fact, f.Corrected | f.Undone):
                self._earlier(place, fact, facts)
            for name, key in _steps_of(fact):
                if key not in self.pathway.by_key and key not in added:
                    known = (*self.pathway.by_key, *added)
                    self._fault((*at, *name), f'there is no step "{key}"', did_you_mean(key, known))
            for name, key, parts in self._activities_of(fact, added):
                if parts and key not in parts:
                    self._fault((*at, *name), f'the step has no activity "{key}"', did_you_mean(key, parts))

    def _before_the_start(self, at: Loc, started: datetime) -> None:
        name = "recorded_at" if (*at, "recorded_at") in self.located.lines else "at"
        problem = f"this was recorded before the start, {started:%Y-%m-%d %H:%M}"
        fix = "Give a later date; what happened earlier can say when it became known, with recorded_at."
        self._fault((*at, name), problem, fix)

    def _earlier(self, place: int, fact: f.Corrected | f.Undone, facts: tuple[Fact, ...]) -> None:
        order = (fact.recorded_at, fact.seq)
        earlier = [each.id for each in facts if (each.recorded_at, each.seq) < order]
        if fact.supersedes not in earlier:
            name = TAKES_BACK[fact.kind]
            problem = f'there is no earlier fact with the id "{fact.supersedes}"'
            self._fault(("facts", place, name), problem, did_you_mean(fact.supersedes, earlier))

    def _activities_of(self, fact: Fact, added: dict[str, f.StepAdded]) -> Iterator[tuple[Loc, str, tuple[str, ...]]]:
        for name, step, key in _named_activities(fact):
            known = self.pathway.by_key.get(step)
            own = known.parts if known else added[step].activities if step in added else ()
            yield name, key, tuple(part.key for part in own)


def known_fields(kind: str) -> tuple[str, ...]:
    """The fields that a fact of this kind may have in a file."""
    own = [TAKES_BACK[kind] if name == "supersedes" else name for name in FACTS[kind].model_fields]
    return ("kind", "at", *(name for name in own if name != "kind"))


def _moment(value: Any, otherwise: time) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > len("2026-05-04") else date.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, date) or value.year not in YEARS:
        return None
    return value if isinstance(value, datetime) else datetime.combine(value, otherwise)


def _steps_of(fact: Fact) -> Iterator[tuple[Loc, str]]:
    for name in ("step", "before"):
        if key := getattr(fact, name, None):
            yield (name,), key
    if isinstance(fact, f.StepAdded) and fact.counts_as:
        yield ("counts_as", "step"), fact.counts_as.step
    if isinstance(fact, f.CarriedOver):
        yield from ((("opened", key), key) for key in fact.opened)


def _named_activities(fact: Fact) -> Iterator[tuple[Loc, str, str]]:
    """Where each activity is named, its step and its key."""
    match fact:
        case f.ActivityDone():
            yield ("activity",), fact.step, fact.activity
        case f.DoneElsewhere() if fact.step:
            yield from ((("activities", place), fact.step, key) for place, key in enumerate(fact.activities))
        case f.StepAdded() if fact.counts_as:
            counted = enumerate(fact.counts_as.activities)
            yield from ((("counts_as", "activities", place), fact.counts_as.step, key) for place, key in counted)
