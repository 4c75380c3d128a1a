"""The practitioner's caseload: who needs them, and why, for every patient they can reach."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from app.accounts.queries import Patient, reaches, within
from app.accounts.roles import Scope
from app.accounts.tables import Assignment, PatientRecord, Person
from app.caseload import need_queries
from app.caseload.need_queries import HEADINGS, Known, Need, Reason, Taken
from app.clinical.instruments import Instrument
from app.clinical.outcomes import Change, reliable_change
from app.kit import say
from app.kit.work import Work
from app.programme import reading_queries
from app.programme.content import Library
from app.programme.tables import Answer, CourseSummary, Feedback
from app.questionnaires.tables import Response
from app.safety import queries as safety
from app.safety.banner import spaced
from app.safety.tables import Alert

PAGE = 50
# However many patients a scope reaches, no more than these are read for one page.
AT_MOST = 200
SCORES_DRAWN = 8


@dataclass(frozen=True)
class ScoreLine:
    """A measure from the first to the latest, in words; `change` ends in a star when it is a reliable one."""

    short: str
    words: str
    change: str
    values: tuple[int, ...]
    low: int
    high: int


@dataclass(frozen=True)
class Row:
    """One patient on the caseload, under the most pressing reason."""

    id: UUID
    name: str
    born: str
    nhs_number: str
    practitioner: str
    first: Reason
    others: tuple[Reason, ...]
    scores: tuple[ScoreLine, ...]
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
    first: Row | None
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
    known, total = _read(work, scope, find, reading_queries.not_to_be_read(library.modules))
    rows = [_row(row, one, need_queries.reasons(work, one, instruments), instruments) for row, one in known]
    order = list(Need)
    rows.sort(key=lambda row: (order.index(row.need), row.first.since))
    counts = {kind: sum(row.need is kind for row in rows) for kind in Need}
    wanted = [row for row in rows if need is None or row.need is need]
    pages = max(1, -(-len(wanted) // PAGE))
    here = min(max(page, 1), pages)
    shown = wanted[(here - 1) * PAGE : here * PAGE]
    return Caseload(
        groups=[
            Group(kind, *HEADINGS[kind], counts[kind], mine)
            for kind in Need
            if (mine := [row for row in shown if row.need is kind])
        ],
        filters=[Filter(kind, HEADINGS[kind][0], counts[kind]) for kind in Need if counts[kind]],
        first=rows[0] if rows and rows[0].need is not Need.NOTHING else None,
        total=total,
        read=len(rows),
        needing=len(rows) - counts[Need.NOTHING],
        shown=need,
        find=find,
        page=here,
        pages=pages,
    )


def _read(
    work: Work, scope: Scope, find: str, private: Sequence[tuple[str, str]]
) -> tuple[list[tuple[sa.Row[Any], Known]], int]:
    statement = _patients(scope, tuple(private)) if not find else _found(scope, tuple(private), find)
    return _known(work, statement)


def of_whoever_left(work: Work, scope: Scope, library: Library) -> tuple[list[tuple[sa.Row[Any], Known]], int]:
    """Those whose practitioner has left, of 200 at most, and how many they are in all."""
    private = tuple(reading_queries.not_to_be_read(library.modules))
    return _known(work, _found(scope, private, "", _practitioner.deactivated_at.is_not(None)))


def of_patients(work: Work, scope: Scope, library: Library, ids: Sequence[UUID]) -> list[tuple[sa.Row[Any], Known]]:
    """What is known of these patients, as far as the scope reaches them."""
    private = tuple(reading_queries.not_to_be_read(library.modules))
    return _known(work, _found(scope, private, "", PatientRecord.id.in_(list(ids))))[0]


def _known(work: Work, statement: sa.Select[Any]) -> tuple[list[tuple[sa.Row[Any], Known]], int]:
    rows = work.read(statement, {**within(work), "at_most": AT_MOST}).all()
    alerts = {alert.patient_id: alert for alert in safety.open_alerts_among(work, [row.id for row in rows])}
    taken: dict[UUID, list[Taken]] = {}
    scored = work.read(_SCORED, {"service": work.service_id, "patients": [row.id for row in rows]})
    for row in scored:
        several = zip(row.moments, row.totals, strict=True)
        taken.setdefault(row.patient_id, []).extend(Taken(row.instrument, at, total) for at, total in several)
    known = [
        Known(
            id=row.id,
            joined_at=row.started_at or row.created_at,
            practitioner=row.practitioner,
            practitioner_left=row.left_at is not None,
            summary=row.summary or {},
            last_active_at=row.last_active_at,
            unread=row.unread,
            alert=alerts.get(row.id),
            taken=tuple(taken.get(row.id, ())),
        )
        for row in rows
    ]
    return list(zip(rows, known, strict=True)), rows[0].total if rows else 0


_IN_ORDER = (Response.submitted_at, Response.seq)
_SCORED = (
    sa.select(
        Response.patient_id,
        Response.instrument,
        sa.func.array_agg(aggregate_order_by(Response.submitted_at, *_IN_ORDER)).label("moments"),
        sa.func.array_agg(aggregate_order_by(Response.total, *_IN_ORDER)).label("totals"),
    )
    .where(
        Response.service_id == sa.bindparam("service"),
        Response.patient_id == sa.any_(sa.bindparam("patients", type_=ARRAY(sa.Uuid))),
        Response.total.is_not(None),
    )
    .group_by(Response.patient_id, Response.instrument)
)
_practitioner = aliased(Person, name="practitioner")
_later = aliased(Answer, name="later")
_seen = aliased(Answer, name="seen")


def _unread(private: Sequence[tuple[str, str]], known: sa.Subquery) -> sa.ScalarSelect[int]:
    """How many of a patient's entries nobody has looked at since they were last changed."""
    newer = sa.exists().where(
        _later.service_id == Answer.service_id,
        _later.patient_id == Answer.patient_id,
        _later.entry_id == Answer.entry_id,
        _later.version > Answer.version,
    )
    looked_at = sa.exists().where(
        Feedback.service_id == Answer.service_id,
        Feedback.patient_id == Answer.patient_id,
        Feedback.given_at >= Answer.saved_at,
        _seen.service_id == Feedback.service_id,
        _seen.id == Feedback.answer_id,
        _seen.entry_id == Answer.entry_id,
    )
    return (
        sa.select(sa.func.count())
        .where(
            Answer.service_id == known.c.service_id,
            Answer.patient_id == known.c.id,
            Answer.values.is_not(None),
            sa.tuple_(Answer.module, Answer.worksheet).not_in(private),
            ~newer,
            ~looked_at,
        )
        .correlate(known)
        .scalar_subquery()
    )


_HAS_ALERT = sa.exists().where(
    Alert.service_id == PatientRecord.service_id, Alert.patient_id == PatientRecord.id, Alert.closed_at.is_(None)
)

_ANYBODY = sa.true()


@cache
def _patients(scope: Scope, private: tuple[tuple[str, str], ...]) -> sa.Select[Any]:
    return _found(scope, private, "")


def _found(
    scope: Scope, private: tuple[tuple[str, str], ...], find: str, which: sa.ColumnElement[bool] = _ANYBODY
) -> sa.Select[Any]:
    """Those a search finds, an open alert first, then those nobody looks after, then by name.

    Somebody discharged is among them for as long as an alert about them is open.
    """
    known = (
        _with_practitioner(
            sa.select(
                PatientRecord.service_id,
                PatientRecord.id,
                PatientRecord.born_on,
                PatientRecord.nhs_number,
                Person.given_name,
                Person.family_name,
                Person.created_at,
                sa.func.concat_ws(" ", _practitioner.given_name, _practitioner.family_name).label("practitioner"),
                _practitioner.deactivated_at.label("left_at"),
                Assignment.started_at,
                sa.func.count().over().label("total"),
                sa.func.row_number().over(order_by=_order()).label("place"),
            )
        )
        .where(
            PatientRecord.service_id == sa.bindparam("service"),
            sa.or_(PatientRecord.discharged_at.is_(None), _HAS_ALERT),
            reaches(scope),
            _matches(find) if find else sa.true(),
            which,
        )
        .order_by("place")
        .limit(sa.bindparam("at_most"))
        .subquery("known")
    )
    shown: sa.Select[Any] = (
        sa.select(known, CourseSummary.summary, CourseSummary.last_active_at, _unread(private, known).label("unread"))
        .outerjoin(
            CourseSummary,
            sa.and_(CourseSummary.service_id == known.c.service_id, CourseSummary.patient_id == known.c.id),
        )
        .order_by(known.c.place)
    )
    return shown


def _order() -> tuple[Any, ...]:
    cared_for = sa.and_(_practitioner.id.is_not(None), _practitioner.deactivated_at.is_(None))
    return (~_HAS_ALERT, cared_for, Person.family_name, Person.given_name, Person.id)


def _with_practitioner(columns: sa.Select[Any]) -> sa.Select[Any]:
    return (
        columns.select_from(PatientRecord)
        .join(Person, sa.and_(Person.service_id == PatientRecord.service_id, Person.id == PatientRecord.id))
        .outerjoin(
            Assignment,
            sa.and_(
                Assignment.service_id == PatientRecord.service_id,
                Assignment.patient_id == PatientRecord.id,
                Assignment.ended_at.is_(None),
            ),
        )
        .outerjoin(
            _practitioner,
            sa.and_(_practitioner.service_id == Assignment.service_id, _practitioner.id == Assignment.practitioner_id),
        )
    )


def _matches(find: str) -> sa.ColumnElement[bool]:
    """By part of a name, a date of birth as day month year, or an NHS number."""
    pattern = "%" + find.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    ways = [sa.func.concat_ws(" ", Person.given_name, Person.family_name).ilike(pattern)]
    if born_on := _day_typed(find):
        ways.append(PatientRecord.born_on == born_on)
    if re.fullmatch(r"(\d[ -]?){10}", find, re.ASCII):
        ways.append(PatientRecord.nhs_number == re.sub(r"\D", "", find))
    return sa.or_(*ways)


def _day_typed(find: str) -> date | None:
    parts = re.fullmatch(r"(\d{1,2})[ /.-](\d{1,2})[ /.-](\d{4})", find, re.ASCII)
    try:
        return date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None
    except ValueError:
        return None


def _row(row: sa.Row[Any], one: Known, why: list[Reason], instruments: Mapping[str, Instrument]) -> Row:
    return Row(
        id=row.id,
        name=f"{row.given_name} {row.family_name}",
        born=say.short_date(row.born_on),
        nhs_number=spaced(row.nhs_number),
        practitioner=row.practitioner,
        first=why[0],
        others=tuple(why[1:]),
        scores=tuple(_scores(one, instruments)),
        working_on=one.summary.get("working_on", ""),
        done_of=one.summary.get("done_of", ""),
        core=f"{one.summary['core_done']} of {one.summary['core']}" if one.summary.get("core") else "",
    )


def _scores(one: Known, instruments: Mapping[str, Instrument]) -> list[ScoreLine]:
    found = []
    for key, instrument in instruments.items():
        totals = [each.total for each in one.taken if each.instrument == key]
        if totals and instrument.range:
            words = f"{totals[0]} to {totals[-1]}" if len(totals) > 1 else f"{totals[0]}"
            drawn, ends = tuple(totals[-SCORES_DRAWN:]), instrument.range
            found.append(
                ScoreLine(instrument.short, words, _change(totals, instrument), drawn, ends.lowest, ends.highest)
            )
    return found


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
