"""What is known of the patients a caseload reaches: who they are, their course, scores, alerts and what is unread."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import aliased

from app.accounts.queries import reaches, within
from app.accounts.roles import Scope
from app.accounts.tables import Assignment, PatientRecord, Person
from app.caseload import cause_queries
from app.caseload.need_queries import Known
from app.kit.work import Work
from app.programme import reading_queries
from app.programme.content import Library
from app.programme.tables import Answer, CourseSummary, Feedback
from app.safety import queries as safety
from app.safety import review_queries
from app.safety.tables import Alert

# However many patients a scope reaches, no more than these are read for one page.
AT_MOST = 200


def of_scope(work: Work, scope: Scope, library: Library, find: str) -> tuple[list[tuple[sa.Row[Any], Known]], int]:
    """Those a search finds, or everybody the scope reaches, of 200 at most, and how many they are in all."""
    private = tuple(reading_queries.not_to_be_read(library.modules))
    return _known(work, _found(scope, find) if find else _patients(scope), private)


def of_whoever_left(work: Work, scope: Scope, library: Library) -> tuple[list[tuple[sa.Row[Any], Known]], int]:
    """Those whose practitioner has left, of 200 at most, and how many they are in all."""
    private = tuple(reading_queries.not_to_be_read(library.modules))
    return _known(work, _found(scope, "", _practitioner.deactivated_at.is_not(None)), private)


def of_patients(work: Work, scope: Scope, library: Library, ids: Sequence[UUID]) -> list[tuple[sa.Row[Any], Known]]:
    """What is known of these patients, as far as the scope reaches them."""
    private = tuple(reading_queries.not_to_be_read(library.modules))
    return _known(work, _found(scope, "", PatientRecord.id.in_(list(ids))), private)[0]


def _known(
    work: Work, statement: sa.Select[Any], private: tuple[tuple[str, str], ...]
) -> tuple[list[tuple[sa.Row[Any], Known]], int]:
    rows = work.read(statement, {**within(work), "at_most": AT_MOST}).all()
    about: dict[str, Any] = {"service": work.service_id, "patients": [row.id for row in rows]}
    work.ahead(safety.OPEN_AMONG, cause_queries.SCORED, _unread(private), **about)
    alerts = {alert.patient_id: alert for alert in safety.open_alerts_among(work, about["patients"])}
    taken = cause_queries.taken(work, about["patients"])
    unread = {row.patient_id: row.entries for row in work.read(_unread(private), about)}
    known = [
        Known(
            id=row.id,
            joined_at=row.started_at or row.created_at,
            practitioner=row.practitioner,
            practitioner_left=row.left_at is not None,
            summary=row.summary or {},
            last_active_at=row.last_active_at,
            unread=unread.get(row.id, 0),
            alert=alerts.get(row.id),
            reviews=review_queries.as_open(row.id, row.reviews),
            taken=taken.get(row.id, {}),
        )
        for row in rows
    ]
    return list(zip(rows, known, strict=True)), rows[0].total if rows else 0


def _among(column: Any) -> sa.ColumnElement[bool]:
    among: sa.ColumnElement[bool] = column == sa.any_(sa.bindparam("patients", type_=ARRAY(sa.Uuid)))
    return among


_practitioner = aliased(Person, name="practitioner")


@cache
def _unread(private: tuple[tuple[str, str], ...]) -> sa.Select[Any]:
    """How many entries of these patients nobody has looked at since they were last changed."""
    newest = (
        sa.select(
            Answer.patient_id,
            Answer.entry_id,
            Answer.saved_at,
            Answer.module,
            Answer.worksheet,
            Answer.values.is_not(None).label("stands"),
        )
        .ext(distinct_on(Answer.patient_id, Answer.entry_id))
        .where(Answer.service_id == sa.bindparam("service"), _among(Answer.patient_id))
        .order_by(Answer.patient_id, Answer.entry_id, Answer.version.desc())
        .subquery("newest")
    )
    looked_at = (
        sa.select(Feedback.patient_id, Answer.entry_id, sa.func.max(Feedback.given_at).label("at"))
        .join(Answer, sa.and_(Answer.service_id == Feedback.service_id, Answer.id == Feedback.answer_id))
        .where(Feedback.service_id == sa.bindparam("service"), _among(Feedback.patient_id))
        .group_by(Feedback.patient_id, Answer.entry_id)
        .subquery("looked_at")
    )
    return (
        sa.select(newest.c.patient_id, sa.func.count().label("entries"))
        .outerjoin(
            looked_at,
            sa.and_(looked_at.c.patient_id == newest.c.patient_id, looked_at.c.entry_id == newest.c.entry_id),
        )
        .where(
            newest.c.stands,
            sa.tuple_(newest.c.module, newest.c.worksheet).not_in(private),
            sa.or_(looked_at.c.at.is_(None), looked_at.c.at < newest.c.saved_at),
        )
        .group_by(newest.c.patient_id)
    )


_HAS_ALERT = sa.exists().where(
    Alert.service_id == PatientRecord.service_id, Alert.patient_id == PatientRecord.id, Alert.closed_at.is_(None)
)

_ANYBODY = sa.true()


@cache
def _patients(scope: Scope) -> sa.Select[Any]:
    return _found(scope, "")


def _found(scope: Scope, find: str, which: sa.ColumnElement[bool] = _ANYBODY) -> sa.Select[Any]:
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
        sa.select(
            known,
            CourseSummary.summary,
            CourseSummary.last_active_at,
            review_queries.open_of(known, known.c.id).label("reviews"),
        )
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
