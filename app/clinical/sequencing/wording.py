"""How days, numbers, lists and names are written in the explanations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.clinical.local_time import local_day
from app.clinical.sequencing.evaluate import View
from app.clinical.sequencing.facts import Mode, WaiverReason


class Mark(StrEnum):
    """How far one line is; `unknown` is for staff only."""

    MET = "met"
    UNDER_WAY = "under-way"
    NOT_YET = "not-yet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation; `level` is how deep it is indented, from 0."""

    mark: Mark | None
    words: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """An explanation: a sentence that gives the answer, then lines that carry it out."""

    headline: str
    lines: tuple[Line, ...] = ()

    def __str__(self) -> str:
        told = [f"{'  ' * line.level}{f'[{line.mark}] ' if line.mark else ''}{line.words}" for line in self.lines]
        return "\n".join([self.headline, *told])


ENTRIES = {
    "mood": ("Fill in your mood", "filled in your mood", "Mood entries"),
    "diary": ("Write in your diary", "written in your diary", "Diary entries"),
    "activity": ("Log an activity", "logged an activity", "Activities logged"),
    "thought-record": ("Fill in a thought record", "filled in a thought record", "Thought records"),
}
PLACES = {
    Mode.ONLINE: "online",
    Mode.IN_CLINIC: "in the clinic",
    Mode.ELSEWHERE: "elsewhere",
    Mode.MIXED: "in several places",
}
WAIVER_REASONS = {
    WaiverReason.NOT_RELEVANT: "not relevant to the problem",
    WaiverReason.GOALS_MET: "goals already met",
    WaiverReason.COVERED_ELSEWHERE: "covered elsewhere",
    WaiverReason.PATIENT_PREFERS_NOT: "the patient prefers not to",
    WaiverReason.TIMING: "timing, or sessions left",
    WaiverReason.ACCESSIBILITY: "accessibility",
    WaiverReason.CLINICAL_JUDGEMENT: "clinical judgement",
}


def day(on: date, today: date) -> str:
    """A date with its weekday: Tuesday 12 May; with the year when that is not this one."""
    return f"{on:%A} {on.day} {on:%B}{'' if on.year == today.year else f' {on.year}'}"


def day_of(moment: datetime, view: View) -> str:
    """The local day of a moment, as `day` writes it."""
    return day(local_day(moment, view.seen.zone), view.today)


def hour(moment: datetime, view: View) -> str:
    """The local time of a moment: 9:00am."""
    local = moment.astimezone(view.seen.zone)
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def zone_note(view: View) -> str:
    """The name of the patient's zone, where it is not the service's."""
    return "" if view.seen.zone.key == view.seen.service_zone.key else f" ({view.seen.zone.key} time)"


def joined(words: Sequence[str], last: str = "and") -> str:
    """A list in a sentence: one, two and three."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def number_of(n: int, thing: str, many: str = "") -> str:
    """A number with its noun: 1 day, 3 days."""
    return f"{n} {thing if n == 1 else many or f'{thing}s'}"


def times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def spoken(key: str) -> str:
    """A key in words: thought-record becomes thought record."""
    return key.replace("-", " ")


def who(by: str, role: str) -> str:
    """Who did something: their name, or what they are where it is not known."""
    return by or f"a {spoken(role)}"


def progress(known: int, needed: int, things: str = "") -> str:
    """How far something is, such as "2 of 4 days"; of more than is needed, what was needed."""
    if known > needed:
        return f"{number_of(known, things) if things else known} ({needed} needed)"
    return f"{known} of {number_of(needed, things) if things else needed}"


def sentence(words: str) -> str:
    """With a capital to begin and a stop to end."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", ":")) else ".")


def first_name(name: str) -> str:
    """The name a patient calls somebody by."""
    return name.split(" ", 1)[0]


def title_of(step: str, view: View) -> str:
    """The title of a step, or its key when it has none here."""
    found = view.seen.steps.get(step)
    return found.title if found else spoken(step)
