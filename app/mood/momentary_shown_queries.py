"""Momentary assessment as pages show it: how many were answered, each prompt by day, and the answers in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from app.accounts.queries import Patient
from app.clinical.fields import LongText, OneOf, Scale
from app.clinical.momentary import Compliance, Standing, Withheld, compliance_words
from app.clinical.momentary_protocols import AnyItem, Window, WordsItem
from app.kit import say
from app.kit.work import Work
from app.mood import momentary_queries as queries
from app.mood.momentary_queries import Assigned, Prompted

WORDS = {
    Standing.TO_COME: "to come",
    Standing.OPEN: "open now",
    Standing.ANSWERED: "answered",
    Standing.LATE: "answered late",
    Standing.EXPIRED: "ran out",
    Standing.WITHHELD: "not asked",
}


@dataclass(frozen=True)
class Cell:
    """One prompt in the table of days, and what became of it."""

    window: Window
    prompted: Prompted
    standing: Standing
    why: Withheld | None

    @property
    def words(self) -> str:
        return f"{WORDS[self.standing]}, {self.why.words}" if self.why else WORDS[self.standing]


@dataclass(frozen=True)
class Said:
    """One answer in words."""

    item: AnyItem
    words: str
    value: object

    @property
    def in_table(self) -> str:
        """The same under the heading of its column, which says how far a scale goes."""
        return str(self.value) if isinstance(self.item, Scale) else self.words


@dataclass(frozen=True)
class Shown:
    """One assignment as a page shows it."""

    assigned: Assigned
    cells: tuple[Cell, ...]
    compliance: Compliance
    is_over: bool
    now: datetime

    @property
    def sentence(self) -> str:
        return compliance_words(self.compliance)

    @property
    def by_day(self) -> list[tuple[date, list[Cell]]]:
        """The days in their order, each with its prompts."""
        return [(on, list(cells)) for on, cells in groupby(self.cells, key=lambda one: one.prompted.local_on)]

    @property
    def answered(self) -> list[Cell]:
        """The prompts that have an answer, the newest first."""
        return [one for one in reversed(self.cells) if one.prompted.answers is not None]

    @property
    def has_words(self) -> bool:
        return any(isinstance(item, WordsItem) for item in self.assigned.protocol.items)


def shown(work: Work, assigned: Assigned) -> Shown:
    """An assignment with each of its prompts."""
    several = queries.prompts(work, assigned)
    cells = (
        Cell(assigned.protocol.window(one.slot), one, one.standing(work.now), one.why_withheld(work.now))
        for one in several
    )
    return Shown(
        assigned=assigned,
        cells=tuple(cells),
        compliance=queries.compliance(several, work.now),
        is_over=queries.is_over(assigned, several, work.now),
        now=work.now,
    )


def all_shown(work: Work, patient: Patient) -> list[Shown]:
    """Everything that a patient was assigned, the newest first."""
    return [shown(work, one) for one in queries.assignments(work, patient)]


def shown_one(work: Work, patient: Patient, assignment_id: UUID) -> Shown:
    """One of them; NotFound where it is not this patient's."""
    return shown(work, queries.assignment(work, patient, assignment_id))


def answers_in_words(one: Cell, assigned: Assigned, *, with_words: bool = True) -> Iterator[Said]:
    """What was answered to a prompt, item by item; what somebody wrote only for who may read it."""
    for item in assigned.protocol.asked_in(one.window.key):
        value = (one.prompted.answers or {}).get(item.key)
        if value is not None and (with_words or not isinstance(item, LongText)):
            yield Said(item, _words(item, value), value)


def _words(item: AnyItem, value: object) -> str:
    if isinstance(item, OneOf):
        return item.label_of(str(value))
    if isinstance(item, Scale):
        return f"{value} of {item.top}"
    return f"{value} {getattr(item, 'unit', '')}".strip()


def when_asked(window: Window) -> str:
    """ "some time between 8:30am and 10:30am", or "at 1:00pm"."""
    first, last = window.ends
    if first == last:
        return f"at {say.time(first)}"
    return f"some time between {say.time(first)} and {say.time(last)}"
