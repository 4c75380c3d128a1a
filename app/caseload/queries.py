"""The practitioner's caseload: who needs them, and why, for every patient they can reach."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.roles import Scope
from app.accounts.tables import PatientRecord
from app.caseload import known_queries, need_queries
from app.caseload.need_queries import HEADINGS, PRESSING, Known, Need, Reason
from app.clinical.instruments import Instrument
from app.clinical.outcomes import Change, reliable_change
from app.kit import say
from app.kit.chart import Spark, spark
from app.kit.work import Work
from app.programme.content import Library
from app.safety.banner import spaced

PAGE = 50
SCORES_DRAWN = 8


class ScoreLine(NamedTuple):
    """A measure from the first to the latest, in words; `change` ends in a star when it is a reliable one."""

    short: str
    words: str
    change: str


class Row(NamedTuple):
    """One patient on the caseload, under the most pressing reason."""

    id: UUID
    name: str
    born: str
    nhs_number: str
    practitioner: str
    first: Reason
    others: tuple[Reason, ...]
    scores: tuple[ScoreLine, ...]
    drawn: Spark | None
    working_on: str
    done_of: str
    core: str

    @property
    def need(self) -> Need:
        return self.first.need


@dataclass(frozen=True)
class Group:
    """The patients who share their most pressing reason; `count` of them on all pages."""

    need: Need
    title: str
    meaning: str
    count: int
    rows: list[Row]


@dataclass(frozen=True)
class First:
    """Whoever needs somebody most, and why."""

    name: str
    words: str


@dataclass(frozen=True)
class Filter:
    """A link that shows only the patients with one need."""

    need: Need
    title: str
    count: int


@dataclass(frozen=True)
class Caseload:
    """A page of the caseload. `total` are all who were looked for, `read` those of them whose reasons are known."""

    groups: list[Group]
    filters: list[Filter]
    first: First | None
    total: int
    read: int
    needing: int
    shown: Need | None
    find: str
    page: int
    pages: int


def caseload(
    work: Work,
    scope: Scope,
    library: Library,
    *,
    find: str = "",
    need: Need | None = None,
    page: int = 1,
) -> Caseload:
    """The patients a scope reaches, those who need somebody first; a page of 50, of 200 at most."""
    instruments = library.instruments
    known, total = known_queries.of_scope(work, scope, library, find)
    all_of_them = [_Found(row, one, need_queries.reasons(work, one, instruments)) for row, one in known]
    all_of_them.sort(key=lambda one: (PRESSING[one.need], one.why[0].since))
    counts = Counter(one.need for one in all_of_them)
    wanted = [one for one in all_of_them if one.need is need] if need else all_of_them
    pages = max(1, -(-len(wanted) // PAGE))
    here = min(max(page, 1), pages)
    shown = [_row(one, instruments) for one in wanted[(here - 1) * PAGE : here * PAGE]]
    return Caseload(
        groups=[
            Group(kind, *HEADINGS[kind], counts[kind], list(mine))
            for kind, mine in groupby(shown, key=lambda row: row.need)
        ],
        filters=[Filter(kind, HEADINGS[kind][0], counts[kind]) for kind in Need if counts[kind]],
        first=_first(all_of_them),
        total=total,
        read=len(all_of_them),
        needing=len(all_of_them) - counts[Need.NOTHING],
        shown=need,
        find=find,
        page=here,
        pages=pages,
    )


class _Found(NamedTuple):
    """Somebody who was read, and every reason why they need somebody."""

    row: sa.Row[Any]
    known: Known
    why: list[Reason]

    @property
    def need(self) -> Need:
        return self.why[0].need

    @property
    def name(self) -> str:
        return f"{self.row.given_name} {self.row.family_name}"


def _first(found: list[_Found]) -> First | None:
    if not found or found[0].need is Need.NOTHING:
        return None
    return First(found[0].name, found[0].why[0].words)


def _row(found: _Found, instruments: Mapping[str, Instrument]) -> Row:
    row, one = found.row, found.known
    return Row(
        id=row.id,
        name=found.name,
        born=say.short_date(row.born_on),
        nhs_number=spaced(row.nhs_number),
        practitioner=row.practitioner,
        first=found.why[0],
        others=tuple(found.why[1:]),
        scores=tuple(_scores(one, instruments)),
        drawn=_drawn(one, instruments),
        working_on=one.summary.get("working_on", ""),
        done_of=one.summary.get("done_of", ""),
        core=f"{one.summary['core_done']} of {one.summary['core']}" if one.summary.get("core") else "",
    )


def _scores(one: Known, instruments: Mapping[str, Instrument]) -> list[ScoreLine]:
    found = []
    for key, instrument in instruments.items():
        taken = one.taken.get(key)
        if taken is not None and instrument.range:
            totals = taken.totals
            words = f"{totals[0]} to {totals[-1]}" if len(totals) > 1 else f"{totals[0]}"
            found.append(ScoreLine(instrument.short, words, _change(totals, instrument)))
    return found


def _drawn(one: Known, instruments: Mapping[str, Instrument]) -> Spark | None:
    """The first of the measures they answered, as a line."""
    for key, instrument in instruments.items():
        taken, ends = one.taken.get(key), instrument.range
        if taken is not None and ends:
            return spark(taken.totals[-SCORES_DRAWN:], ends.lowest, ends.highest)
    return None


def _change(totals: list[int], instrument: Instrument) -> str:
    if len(totals) == 1:
        return "first"
    moved = totals[-1] - totals[0]
    if not moved:
        return "same"
    threshold = instrument.reliable_change
    is_reliable = threshold and reliable_change(totals[0], totals[-1], threshold=threshold) is not Change.NONE
    return f"{'up' if moved > 0 else 'down'} {abs(moved)}{'*' if is_reliable else ''}"


def contact_version(record: PatientRecord) -> str:
    """A value that is different when the contact note or a number of the record system is."""
    said = (record.contact_note, record.local_patient_id or "", record.local_referral_id or "")
    return sha256("\x1f".join(said).encode()).hexdigest()


def record(work: Work, patient: Patient) -> PatientRecord:
    """The patient's own row, with the numbers of the service's record system."""
    return work.session.get_one(PatientRecord, (work.service_id, patient.id))
