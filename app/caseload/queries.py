"""The practitioner's caseload: who needs them, and why, for every patient they can reach."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient, reaches
from app.accounts.roles import Scope
from app.accounts.tables import Assignment, PatientRecord, Person
from app.clinical import outcomes
from app.clinical.instruments import Instrument
from app.kit import say
from app.kit.work import Work
from app.programme.tables import Answer, CourseSummary, Feedback
from app.questionnaires.tables import Response
from app.safety import queries as safety
from app.safety.banner import alert_line, spaced
from app.safety.queries import OpenAlert

PAGE = 50
QUIET_AFTER = timedelta(days=14)
QUESTIONNAIRE_LATE_AFTER = timedelta(days=10)


class Need(StrEnum):
    """Why a patient needs their practitioner, the most pressing first."""

    ALERT = "alert"
    WORSE = "worse"
    STUCK = "stuck"
    ASKED = "asked"
    TO_READ = "to-read"
    LATE = "late"
    QUIET = "quiet"
    NOT_STARTED = "not-started"
    NOTHING = "nothing"


HEADINGS = {
    Need.ALERT: ("Safety alert", "always first"),
    Need.WORSE: ("Getting worse", "a rise larger than the measure’s own error, from the first or the best score"),
    Need.STUCK: ("Stuck", "something is in the way, and an act of yours would move it"),
    Need.ASKED: ("Asked for a step", "they would like to try something that is not open yet"),
    Need.TO_READ: ("Written and not looked at", "worksheets nobody has read yet"),
    Need.LATE: ("Questionnaire waiting", "more than 10 days since the last one"),
    Need.QUIET: ("Quiet", "nothing done online for 14 days or more"),
    Need.NOT_STARTED: ("Not started", "invited, and nothing done yet"),
    Need.NOTHING: ("Nothing waiting", "on their way without you for now"),
}


@dataclass(frozen=True)
class Reason:
    """One reason in words, with the act in it where there is one."""

    need: Need
    words: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True)
class ScoreLine:
    """A measure from the first or best to the latest, in words."""

    short: str
    words: str
    change: str
    values: tuple[int, ...]
    low: int
    high: int


@dataclass(frozen=True)
class Row:
    """One patient on the caseload."""

    id: UUID
    name: str
    born: str
    nhs_number: str
    practitioner: str
    reasons: tuple[Reason, ...]
    scores: tuple[ScoreLine, ...]
    working_on: str
    done_of: str
    core: str

    @property
    def need(self) -> Need:
        return self.reasons[0].need

    @property
    def first(self) -> Reason:
        return self.reasons[0]

    @property
    def others(self) -> tuple[Reason, ...]:
        return self.reasons[1:]


@dataclass(frozen=True)
class Group:
    """The patients who share their most pressing reason."""

    need: Need
    title: str
    meaning: str
    rows: list[Row]


@dataclass(frozen=True)
class Caseload:
    """A page of the caseload, grouped by the most pressing reason."""

    groups: list[Group]
    counts: dict[Need, int]
    total: int
    needing: int
    shown: Need | None
    find: str
    page: int
    pages: int


@dataclass(frozen=True)
class _Known:
    """What was read of one patient."""

    row: sa.Row[Any]
    alert: OpenAlert | None
    responses: list[tuple[str, datetime, int]]


_UNREAD = (
    sa.select(sa.func.count(sa.distinct(Answer.entry_id)))
    .where(
        Answer.service_id == PatientRecord.service_id,
        Answer.patient_id == PatientRecord.id,
        ~sa.exists().where(
            Feedback.service_id == Answer.service_id,
            Feedback.patient_id == Answer.patient_id,
            Feedback.given_at >= Answer.saved_at,
        ),
    )
    .scalar_subquery()
)
_practitioner = sa.orm.aliased(Person, name="practitioner")


def caseload(
    work: Work,
    scope: Scope,
    instruments: dict[str, Instrument],
    *,
    find: str = "",
    need: Need | None = None,
    page: int = 1,
) -> Caseload:
    """The patients a scope reaches, those who need somebody first; a page of 50."""
    known = _read(work, scope, find)
    rows = [_row(work, one, instruments) for one in known]
    counts = {kind: sum(row.need is kind for row in rows) for kind in Need}
    wanted = [row for row in rows if need is None or row.need is need]
    order = list(Need)
    wanted.sort(key=lambda row: order.index(row.need))
    pages = max(1, -(-len(wanted) // PAGE))
    here = min(max(page, 1), pages)
    shown = wanted[(here - 1) * PAGE : here * PAGE]
    groups = [
        Group(kind, *HEADINGS[kind], [row for row in shown if row.need is kind])
        for kind in Need
        if any(row.need is kind for row in shown)
    ]
    needing = len(rows) - counts[Need.NOTHING]
    return Caseload(groups, counts, len(rows), needing, need, find, here, pages)


def _read(work: Work, scope: Scope, find: str) -> list[_Known]:
    statement = _patients(work, scope)
    if find:
        statement = statement.where(_matches(find))
    rows = work.session.execute(statement.order_by(Person.family_name, Person.given_name, Person.id)).all()
    ids = [row.id for row in rows]
    alerts = {alert.patient_id: alert for alert in safety.open_alerts(work, scope)}
    given: dict[UUID, list[tuple[str, datetime, int]]] = {}
    answered = work.session.execute(
        sa.select(Response.patient_id, Response.instrument, Response.submitted_at, Response.total)
        .where(Response.service_id == work.service_id, Response.patient_id.in_(ids), Response.total.is_not(None))
        .order_by(Response.submitted_at)
    )
    for patient_id, instrument, at, total in answered:
        given.setdefault(patient_id, []).append((instrument, at, total))
    return [_Known(row, alerts.get(row.id), given.get(row.id, [])) for row in rows]


def _patients(work: Work, scope: Scope) -> sa.Select[Any]:
    return (
        sa.select(
            PatientRecord.id,
            PatientRecord.born_on,
            PatientRecord.nhs_number,
            Person.given_name,
            Person.family_name,
            sa.func.concat_ws(" ", _practitioner.given_name, _practitioner.family_name).label("practitioner"),
            Assignment.started_at,
            CourseSummary.summary,
            CourseSummary.last_active_at,
            _UNREAD.label("unread"),
        )
        .select_from(PatientRecord)
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
        .outerjoin(
            CourseSummary,
            sa.and_(
                CourseSummary.service_id == PatientRecord.service_id,
                CourseSummary.patient_id == PatientRecord.id,
            ),
        )
        .where(
            PatientRecord.service_id == work.service_id,
            PatientRecord.discharged_at.is_(None),
            reaches(scope, work),
        )
    )


def _matches(find: str) -> sa.ColumnElement[bool]:
    pattern = "%" + find.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    digits = "".join(sign for sign in find if sign.isdigit())
    name = sa.func.concat_ws(" ", Person.given_name, Person.family_name).ilike(pattern)
    born = sa.func.to_char(PatientRecord.born_on, "DD/MM/YYYY") == find.strip()
    return sa.or_(name, born, PatientRecord.nhs_number == digits) if digits else sa.or_(name, born)


def _row(work: Work, one: _Known, instruments: dict[str, Instrument]) -> Row:
    row = one.row
    kept = row.summary or {}
    return Row(
        id=row.id,
        name=f"{row.given_name} {row.family_name}",
        born=say.date(row.born_on),
        nhs_number=spaced(row.nhs_number),
        practitioner=row.practitioner,
        reasons=tuple(_reasons(work, one, instruments)) or (Reason(Need.NOTHING, ""),),
        scores=tuple(_scores(one, instruments)),
        working_on=kept.get("working_on", ""),
        done_of=kept.get("done_of", ""),
        core=f"{kept.get('core_done', 0)} of {kept['core']}" if kept.get("core") else "",
    )


def _reasons(work: Work, one: _Known, instruments: dict[str, Instrument]) -> list[Reason]:
    plan = f"/patients/{one.row.id}/plan"
    kept = one.row.summary or {}
    found: list[Reason] = []
    if one.alert:
        line = alert_line(work, one.alert)
        found.append(Reason(Need.ALERT, line.words, line.href, "Work on it"))
    found += _worse(one, instruments)
    for wait in kept.get("awaiting_staff", []):
        words = f"{wait['title']} waits for you to open it{_days(work, wait['since'])}."
        found.append(Reason(Need.STUCK, words, f"{plan}/{wait['step']}/release", "Release it"))
    for asked in kept.get("asked", []):
        words = f"Would like to try {asked['title']}{_days(work, asked['since'])}."
        found.append(Reason(Need.ASKED, words, plan, "Look at the plan"))
    for hold in kept.get("holds_due", []):
        if date.fromisoformat(hold["on"]) <= work.today:
            words = f"The hold on {hold['title']} was to be looked at on {say.day(date.fromisoformat(hold['on']))}."
            found.append(Reason(Need.STUCK, words, plan, "Look at the plan"))
    if one.row.unread:
        words = f"{say.plural(one.row.unread, 'worksheet entry', 'worksheet entries')} to read."
        found.append(Reason(Need.TO_READ, words, f"/patients/{one.row.id}/answers", "Read"))
    return found + _silence(work, one)


def _silence(work: Work, one: _Known) -> list[Reason]:
    found = []
    last = max((at for _, at, _ in one.responses), default=None)
    if last and work.now - last > QUESTIONNAIRE_LATE_AFTER:
        found.append(Reason(Need.LATE, f"Last questionnaire {say.day(last, work.actor.zone)}."))
    active = one.row.last_active_at
    if active is None and last is None:
        found.append(
            Reason(Need.NOT_STARTED, f"On your caseload since {say.day(one.row.started_at, work.actor.zone)}.")
        )
    elif active and work.now - active > QUIET_AFTER and not (one.row.summary or {}).get("finished"):
        found.append(Reason(Need.QUIET, f"Nothing online for {(work.now - active).days} days."))
    return found


def _worse(one: _Known, instruments: dict[str, Instrument]) -> list[Reason]:
    found = []
    for key, instrument in instruments.items():
        totals = [total for name, _, total in one.responses if name == key]
        if len(totals) > 1 and outcomes.worsened(totals, threshold=instrument.reliable_change):
            lowest = min(totals[:-1])
            words = f"{instrument.short} rose from {lowest} to {totals[-1]}."
            found.append(Reason(Need.WORSE, words, f"/patients/{one.row.id}/scores", "See the scores"))
    return found


def _scores(one: _Known, instruments: dict[str, Instrument]) -> list[ScoreLine]:
    found = []
    for key, instrument in instruments.items():
        totals = [total for name, _, total in one.responses if name == key]
        if not totals:
            continue
        moved = totals[-1] - totals[0]
        change = "same" if not moved else f"{'up' if moved > 0 else 'down'} {abs(moved)}"
        words = f"{totals[0]} to {totals[-1]}" if len(totals) > 1 else f"{totals[0]}"
        found.append(
            ScoreLine(
                instrument.short,
                words,
                change if len(totals) > 1 else "first",
                tuple(totals[-8:]),
                instrument.range.lowest,
                instrument.range.highest,
            )
        )
    return found


def _days(work: Work, since: str | None) -> str:
    if not since:
        return ""
    days = (work.now - datetime.fromisoformat(since)).days
    return f", {say.plural(days, 'day')}" if days else ", since today"


def record(work: Work, patient: Patient) -> PatientRecord:
    """The patient's own row, with the numbers of the service's record system."""
    return work.session.get_one(PatientRecord, (work.service_id, patient.id))
