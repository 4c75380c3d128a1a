"""The stories of the demonstration as they are written, and the moments at which their acts fall.

A story counts its days back from today, so that the service is always eight weeks old when it is loaded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from app.accounts.roles import Role
from app.clinical.modules import Module
from app.demo import diary_acts, mood_acts

ZONE = ZoneInfo("Europe/London")
SATURDAY = 5
# So that what happened “this morning” is never a minute old.
SETTLED = timedelta(minutes=10)


@dataclass(frozen=True)
class Member:
    """A member of staff of the demonstration."""

    given_name: str
    family_name: str
    email: str
    role: Role
    added_by: str
    supervises: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True)
class Patient:
    """A patient of the demonstration, and what they are there to show."""

    name: str
    email: str
    shows: str


@dataclass(frozen=True)
class Story:
    """A patient of the demonstration, what they are there to show, and what happens to them."""

    name: str
    email: str
    born_on: date
    nhs_number: str
    contact_note: str
    practitioner: str
    pathway: str
    shows: str
    events: list[dict[str, Any]]
    diary: list[dict[str, Any]] = field(default_factory=list)
    mood: dict[str, Any] = field(default_factory=dict)
    momentary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """One thing one person does at one moment. `by` is their name, `story` the patient it is about."""

    at: datetime
    do: str
    by: str
    story: Story
    said: dict[str, Any]


@dataclass(frozen=True)
class Service:
    """The service and its staff, as written."""

    slug: str
    name: str
    founded_day: int
    settings: dict[str, str]
    staff: tuple[Member, ...]
    reasons: dict[str, str]
    duty: str
    away: dict[str, Any]


@cache
def service() -> Service:
    """The demonstration's service and staff."""
    told = _data(_text("northmoor.yaml"))
    staff = (
        Member(one["given"], one["family"], one["email"], Role(one["role"]), one["by"], (*one.get("supervises", ()),))
        for one in told["staff"]
    )
    return Service(
        told["slug"],
        told["name"],
        told["founded"],
        dict(told["settings"]),
        tuple(staff),
        told["reasons"],
        told["duty"],
        told["away"],
    )


def patients() -> tuple[Patient, ...]:
    """Who the stories are about, in their order."""
    # Every start asks for them. What happens to them, which is most of a file, takes far longer to read.
    heads = (_data(_text(name).partition("\nevents:")[0]) for name in _files())
    return tuple(Patient(one["name"], one["email"], one["shows"]) for one in heads)


@cache
def stories() -> tuple[Story, ...]:
    """Every story, in the order of the patients' files."""
    return tuple(_story(_data(_text(name))) for name in _files())


def _files() -> list[str]:
    folder = resources.files("app.demo").joinpath("stories")
    return sorted(f"stories/{file.name}" for file in folder.iterdir() if file.name.endswith(".yaml"))


def _text(path: str) -> str:
    return resources.files("app.demo").joinpath(path).read_text("utf-8")


def _data(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return found


def _story(told: dict[str, Any]) -> Story:
    return Story(
        name=told["name"],
        email=told["email"],
        born_on=told["born"],
        nhs_number=told["nhs"],
        contact_note=told.get("contact", ""),
        practitioner=told["practitioner"],
        pathway=told["pathway"],
        shows=told["shows"],
        events=told["events"],
        diary=told.get("diary", []),
        mood=told.get("mood", {}),
        momentary=told.get("momentary", {}),
    )


def on_day(day: int | str, at: str, *, now: datetime) -> datetime:
    """The moment of an event: so many days from today, or, for `latest`, the last time it was that o'clock."""
    clock, today = time.fromisoformat(at), now.astimezone(ZONE).date()
    if day != "latest":
        return datetime.combine(today + timedelta(days=int(day)), clock, ZONE)
    moment = datetime.combine(today, clock, ZONE)
    return moment if moment + SETTLED <= now else moment - timedelta(days=1)


def working_week(now: datetime) -> tuple[datetime, datetime]:
    """From Monday at nine to Friday at five of this week, or of the next once it is over."""
    today = now.astimezone(ZONE).date()
    monday = today - timedelta(days=today.weekday())
    ends = datetime.combine(monday + timedelta(days=SATURDAY - 1), time(17), ZONE)
    if ends <= now:
        monday, ends = monday + timedelta(days=7), ends + timedelta(days=7)
    return datetime.combine(monday, time(9), ZONE), ends


def at_work(moment: datetime) -> datetime:
    """The moment, or the same o'clock on the Friday before where it falls on a weekend."""
    return moment - timedelta(days=max(0, moment.weekday() - SATURDAY + 1))


def acts(story: Story, modules: Mapping[str, Module], *, by_staff: frozenset[str], now: datetime) -> list[Act]:
    """What happens in a story until now. Staff act on weekdays; where that moves them, what came before moves too."""
    found: list[list[Act]] = []
    following: datetime | None = None
    for event in reversed(story.events):
        at = on_day(event["day"], event["at"], now=now)
        steps = list(_steps(event, modules))
        staff = event["do"] in by_staff
        at = at_work(at) if staff else at
        if following is not None:
            at = min(at, following - timedelta(minutes=steps[-1][0] + 1))
        by = event.get("by", story.practitioner) if staff else story.name
        found.append([Act(at + timedelta(minutes=after), do, by, story, said) for after, do, said in steps])
        following = at
    events = [act for event_acts in reversed(found) for act in event_acts]
    besides = [*_diary(story, now), *_mood(story, now)]
    return sorted((act for act in [*events, *besides] if act.at <= now), key=lambda act: act.at)


def _diary(story: Story, now: datetime) -> Iterator[Act]:
    """What somebody plans and what became of it: on the days as written, whenever their practitioner was at work."""
    for day, at, do, said in diary_acts.told(story.diary):
        said = diary_acts.from_today(said, now.astimezone(ZONE).date()) if do == "plan" else said
        yield Act(on_day(day, at, now=now), do, story.name, story, {"what": said} if do == "plan" else said)


def _mood(story: Story, now: datetime) -> Iterator[Act]:
    for day, at, do, said in mood_acts.told(story.mood):
        yield Act(on_day(day, at, now=now), do, story.name, story, said)


def _steps(event: Mapping[str, Any], modules: Mapping[str, Module]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """The single acts of an event, each so many minutes after its start."""
    said = {name: value for name, value in event.items() if name not in ("day", "at", "do", "by")}
    match event["do"]:
        case "sit":
            yield from _sitting(modules[said["step"]], said)
        case "answer":
            difficulty = said.pop("difficulty", None)
            for place, (instrument, points) in enumerate(said.items()):
                extra = {"difficulty": difficulty} if difficulty is not None and place == 0 else {}
                yield 3 * place, "answer", {"instrument": instrument, "points": points, **extra}
        case "feedback":
            yield 0, "feedback", said
            yield 2, "look-at-rest", {}
        case do:
            yield 0, do, said


def _sitting(module: Module, said: Mapping[str, Any]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Pages read one after the other, each worksheet saved on its page, and the check at the end."""
    first, last = said["pages"]
    saves, minute = dict(said.get("saves", {})), 0
    for page in module.pages[first - 1 : last]:
        minute += page.minutes
        for sheet in page.worksheets:
            entries = saves.pop(sheet, [])
            for values in entries if isinstance(entries, list) else [entries]:
                yield minute, "save", {"step": said["step"], "worksheet": sheet, "values": values}
        yield minute, "read", {"step": said["step"], "page": page.key}
    if "understanding" in said:
        yield minute + 1, "save", {"step": said["step"], "worksheet": "understanding", "values": said["understanding"]}
    if saves:
        raise ValueError(f"{said['step']}: no page from {first} to {last} has {', '.join(saves)}")
