"""All that ever happened in one patient's course, in one statement, in the order it was recorded."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.accounts.queries import Patient
from app.accounts.tables import Person
from app.kit.crypto import SealedText
from app.kit.work import Work
from app.programme.tables import Answer, Decision, Enrolment, Evidence, Feedback, Homework, ModuleStart, PathwayVersion
from app.questionnaires.tables import Response, ResponseVoid
from app.questionnaires.void_queries import BY_PATIENT, VOID


class Happened(NamedTuple):
    """One row of the course's history, whichever table it is kept in."""

    source: str
    id: UUID
    kind: str
    step: str | None
    body: dict[str, Any]
    note: str | None
    told: str | None
    effective_at: datetime
    recorded_at: datetime
    seq: int
    by_id: UUID | None
    by: str
    role: str
    supersedes: UUID | None


def _sealed_nothing() -> sa.ColumnElement[str]:
    return sa.type_coerce(sa.cast(sa.null(), sa.LargeBinary), SealedText)


def _nothing(kind: Any) -> sa.ColumnElement[Any]:
    return sa.cast(sa.null(), kind)


def _json(**parts: Any) -> sa.ColumnElement[dict[str, Any]]:
    pairs: list[Any] = []
    for name, part in parts.items():
        pairs += [sa.literal_column(f"'{name}'"), part]
    return sa.cast(sa.func.jsonb_build_object(*pairs), JSONB)


def _of_patient(table: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.service_id == sa.bindparam("service"), table.patient_id == sa.bindparam("patient"))


def _row(
    source: str,
    table: Any,
    *,
    kind: Any,
    step: Any,
    body: Any,
    effective_at: Any,
    recorded_at: Any,
    note: Any = None,
    told: Any = None,
    seq: Any = None,
    by_id: Any = None,
    role: Any = None,
    supersedes: Any = None,
) -> sa.Select[Any]:
    by_id = by_id if by_id is not None else _nothing(sa.Uuid)
    return (
        sa.select(
            sa.literal_column(f"'{source}'").label("source"),
            table.id.label("id"),
            kind.label("kind"),
            step.label("step"),
            body.label("body"),
            (note if note is not None else _sealed_nothing()).label("note"),
            (told if told is not None else _sealed_nothing()).label("told"),
            effective_at.label("effective_at"),
            recorded_at.label("recorded_at"),
            (seq if seq is not None else sa.literal_column("0::bigint")).label("seq"),
            by_id.label("by_id"),
            (role if role is not None else _nothing(sa.String)).label("role"),
            (supersedes if supersedes is not None else _nothing(sa.Uuid)).label("supersedes"),
        )
        .select_from(table)
        .where(*_of_patient(table))
    )


def _constant(word: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{word}'")


# Which text of each module the patient began with: it comes with the enrolment, so that a page need not ask again.
_PINS = (
    sa.select(sa.func.jsonb_object_agg(ModuleStart.module, ModuleStart.hash))
    .where(*_of_patient(ModuleStart))
    .scalar_subquery()
)
_PARTS = (
    _row(
        "enrolment",
        Enrolment,
        kind=_constant("enrolled"),
        step=_nothing(sa.String),
        body=_json(
            version=Enrolment.pathway_version_id,
            hash=PathwayVersion.hash,
            zone=Enrolment.zone,
            ended=Enrolment.ended_at,
            pins=_PINS,
        ),
        effective_at=Enrolment.started_at,
        recorded_at=sa.func.coalesce(Enrolment.moved_at, Enrolment.started_at),
    ).join(
        PathwayVersion,
        sa.and_(PathwayVersion.service_id == Enrolment.service_id, PathwayVersion.id == Enrolment.pathway_version_id),
    ),
    _row(
        "evidence",
        Evidence,
        kind=Evidence.kind,
        step=Evidence.step,
        body=_json(page=Evidence.page, activity=Evidence.activity, technique=Evidence.technique),
        effective_at=Evidence.effective_at,
        recorded_at=Evidence.recorded_at,
        seq=Evidence.seq,
    ),
    _row(
        "decision",
        Decision,
        kind=Decision.kind,
        step=Decision.step,
        body=Decision.body,
        note=Decision.note,
        told=Decision.told,
        effective_at=Decision.effective_at,
        recorded_at=Decision.recorded_at,
        seq=Decision.seq,
        by_id=Decision.decided_by,
        role=Decision.role,
        supersedes=Decision.supersedes,
    ),
    _row(
        "response",
        Response,
        kind=sa.case((VOID, _constant("measure-void")), else_=_constant("measure-taken")),
        step=Response.instrument,
        body=_json(total=Response.total, band=Response.band, way=Response.way),
        effective_at=Response.submitted_at,
        recorded_at=Response.submitted_at,
        seq=Response.seq,
        by_id=Response.taken_by,
    ).where(BY_PATIENT),
    _row(
        "feedback",
        Feedback,
        kind=_constant("reviewed"),
        step=Answer.module,
        body=_json(worksheet=Answer.worksheet, answer=Answer.id, entry=Answer.entry_id),
        note=Feedback.words,
        effective_at=Feedback.given_at,
        recorded_at=Feedback.given_at,
        seq=Feedback.seq,
        by_id=Feedback.given_by,
    ).join(Answer, sa.and_(Answer.service_id == Feedback.service_id, Answer.id == Feedback.answer_id)),
    _row(
        "homework",
        Homework,
        kind=_constant("homework-set"),
        step=Homework.step,
        body=_json(
            technique=Homework.technique,
            due_on=Homework.due_on,
            done_at=Homework.done_at,
            decision=Homework.decision_id,
        ),
        note=Homework.words,
        effective_at=Homework.set_at,
        recorded_at=Homework.set_at,
    ),
)

_ALL = sa.union_all(*_PARTS).subquery("happened")
_TOLD = {
    "by": sa.func.concat_ws(" ", Person.given_name, Person.family_name),
    "role": sa.func.coalesce(_ALL.c.role, ""),
}
_HISTORY = (
    sa.select(*(_TOLD.get(name, _ALL.c.get(name)) for name in Happened._fields))
    .outerjoin(Person, sa.and_(Person.service_id == sa.bindparam("service"), Person.id == _ALL.c.by_id))
    .order_by(_ALL.c.recorded_at, _ALL.c.seq)
)


def history(work: Work, patient: Patient) -> list[Happened]:
    """Everything recorded about a patient's course, oldest first by when it was recorded."""
    rows = work.read(_HISTORY, {"service": work.service_id, "patient": patient.id})
    return [Happened._make(row) for row in rows]


def _newest(table: Any) -> sa.ScalarSelect[Any]:
    # And how many: numbers are given before they are committed, so a lower one may be seen after a higher one.
    return (
        sa.select(sa.func.concat(sa.func.max(table.seq), ":", sa.func.count()))
        .where(*_of_patient(table))
        .scalar_subquery()
    )


STAMP = sa.select(
    *(_newest(table) for table in (Evidence, Decision, Response, Feedback)),
    *(
        sa.select(sa.func.count()).select_from(table).where(*_of_patient(table)).scalar_subquery()
        for table in (ModuleStart, ResponseVoid)
    ),
    sa.select(sa.func.concat(sa.func.count(), ":", sa.func.count(Homework.done_at), ":", sa.func.max(Homework.set_at)))
    .where(*_of_patient(Homework))
    .scalar_subquery(),
    sa.select(sa.func.max(sa.cast(Enrolment.id, sa.Text)))
    .where(*_of_patient(Enrolment), Enrolment.ended_at.is_(None))
    .scalar_subquery(),
)


def stamp(work: Work, patient: Patient) -> tuple[Any, ...]:
    """A value that is different after anything at all was recorded about the course: facts are only ever added.

    The last part of it is the course itself, None before there is one and after it ended.
    """
    return tuple(work.read(STAMP, {"service": work.service_id, "patient": patient.id}).one())
