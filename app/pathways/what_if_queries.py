"""What is asked of a draft or a version, of whom, and how far the looking is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.tables import PatientRecord, Person
from app.clinical.sequencing import moving
from app.clinical.sequencing import pathway as pathways
from app.clinical.sequencing.moving import Fault, MovePlan, NewCore
from app.clinical.sequencing.pathway import Pathway, PathwayRefused
from app.clinical.sequencing.what_if import WhatIf
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work
from app.pathways import draft_queries, tables, version_queries
from app.pathways.tables import PathwayEdition, WhatIfLine
from app.programme import queries
from app.programme.content import Library
from app.programme.tables import Enrolment, PathwayVersion

# So many of the questions about one draft or version are told.
ABOUT_ONE = 20


class Question:
    """The pathways a what-if is about, each pair of them worked out once."""

    def __init__(self, befores: Sequence[Pathway], after: Pathway, plan: MovePlan) -> None:
        self.befores, self.after, self.plan = befores, after, plan
        self._known: dict[tuple[str, int], WhatIf] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps it from being asked, each once."""
        found = (one for before in self.befores for one in moving.faults(before, self.after, self.own(before)))
        return tuple(dict.fromkeys(found))

    def own(self, before: Pathway) -> MovePlan:
        """The plan as far as it is about this version: another may have had steps that this one has not."""
        becomes = {old: several for old, several in self.plan.becomes.items() if old in before.by_key}
        return MovePlan(becomes, self.plan.new_core)

    def of(self, before: Pathway) -> WhatIf:
        """The question for patients on one version."""
        name = (before.key, before.version)
        if name not in self._known:
            self._known[name] = WhatIf(before, self.after, self.own(before))
        return self._known[name]


class DraftUnreadable(Conflict):
    """A draft that cannot be read cannot be tried on anybody."""

    title = "This draft cannot be tried yet"
    words = "What must be fixed in it must be fixed first."


def question_of(work: Work, row: tables.WhatIf, library: Library) -> Question:
    """What is asked, with every pathway it is about. Refuses with DraftUnreadable."""
    return _between(work, row, after(work, row, library))


def question_of_version(work: Work, what_if_id: UUID) -> Question:
    """What was asked of a version, with every pathway it is about. Refuses with NotFound."""
    row = work.session.get(tables.WhatIf, (work.service_id, what_if_id))
    if row is None or row.to_id is None:
        raise NotFound
    return _between(work, row, _published(work, row.to_id))


def _between(work: Work, row: tables.WhatIf, after: Pathway) -> Question:
    versions = [version_queries.version(work, UUID(one)) for one in row.from_ids]
    befores = [queries.pathway_version(work, one.id, one.hash) for one in versions if one]
    becomes = {old: tuple(several) for old, several in row.mapping.items()}
    return Question(befores, after, MovePlan(becomes, NewCore(row.new_core)))


def question(work: Work, what_if_id: UUID, library: Library) -> Question:
    """What was asked, with every pathway it is about. Refuses with NotFound and DraftUnreadable."""
    row = work.session.get(tables.WhatIf, (work.service_id, what_if_id))
    if row is None:
        raise NotFound
    return question_of(work, row, library)


def after(work: Work, row: tables.WhatIf, library: Library) -> Pathway:
    """The pathway that is tried: an edition of a draft, or a version."""
    if row.to_id:
        return _published(work, row.to_id)
    assert row.draft_id and row.edition
    body = draft_queries.edition(work, row.draft_id, row.edition)
    newest = version_queries.newest(work, str(body.get("key")))
    try:
        return version_queries.as_adopted(pathways.read(body), library, newest.version + 1 if newest else 1)[0]
    except PathwayRefused:
        raise DraftUnreadable from None


def _published(work: Work, version_id: UUID) -> Pathway:
    version = version_queries.version(work, version_id)
    if version is None:
        raise NotFound
    return queries.pathway_version(work, version.id, version.hash)


def _on(work: Work, from_ids: Sequence[str] | Sequence[UUID]) -> list[Any]:
    return [
        Enrolment.service_id == work.service_id,
        Enrolment.pathway_version_id.in_([UUID(str(one)) for one in from_ids]),
        Enrolment.ended_at.is_(None),
        PatientRecord.discharged_at.is_(None),
    ]


_RECORD = sa.and_(PatientRecord.service_id == Enrolment.service_id, PatientRecord.id == Enrolment.patient_id)


def enrolled_on(work: Work, from_ids: Sequence[UUID]) -> int:
    """How many patients are on some versions and not discharged."""
    counted = sa.select(sa.func.count()).select_from(Enrolment).join(PatientRecord, _RECORD)
    found: int = work.session.execute(counted.where(*_on(work, from_ids))).scalar_one()
    return found


def not_looked_at(work: Work, row: tables.WhatIf, at_most: int) -> list[UUID]:
    """The next patients the question is about who have no line yet."""
    looked = sa.exists().where(
        WhatIfLine.service_id == Enrolment.service_id,
        WhatIfLine.what_if_id == row.id,
        WhatIfLine.patient_id == Enrolment.patient_id,
    )
    wanted = (
        sa.select(Enrolment.patient_id)
        .join(PatientRecord, _RECORD)
        .where(*_on(work, row.from_ids), ~looked)
        .order_by(Enrolment.patient_id)
        .limit(at_most)
    )
    return list(work.session.execute(wanted).scalars())


def running(work: Work) -> list[UUID]:
    """The questions that are being answered, the oldest first."""
    rows = work.session.execute(
        sa.select(tables.WhatIf.id)
        .where(
            tables.WhatIf.service_id == work.service_id,
            tables.WhatIf.finished_at.is_(None),
            tables.WhatIf.stopped_at.is_(None),
            tables.WhatIf.failed_at.is_(None),
        )
        .order_by(tables.WhatIf.asked_at)
    )
    return list(rows.scalars())


@dataclass(frozen=True)
class Asked:
    """A what-if and how far it is."""

    id: UUID
    draft_id: UUID | None
    edition: int | None
    to_id: UUID | None
    from_ids: tuple[UUID, ...]
    title: str
    versions: str
    asked_by: str
    asked_at: datetime
    patients: int
    looked_at: int
    finished_at: datetime | None
    stopped_at: datetime | None
    failed_at: datetime | None
    mapping: dict[str, list[str]]
    new_core: str

    @property
    def running(self) -> bool:
        return self.finished_at is None and self.stopped_at is None and self.failed_at is None


_LOOKED = (
    sa.select(sa.func.count())
    .where(WhatIfLine.service_id == tables.WhatIf.service_id, WhatIfLine.what_if_id == tables.WhatIf.id)
    .scalar_subquery()
)
_ASKED = (
    sa.select(tables.WhatIf, _LOOKED, sa.func.concat_ws(" ", Person.given_name, Person.family_name))
    .join(Person, sa.and_(Person.service_id == tables.WhatIf.service_id, Person.id == tables.WhatIf.asked_by))
    .order_by(tables.WhatIf.asked_at.desc())
)


def asked(work: Work, what_if_id: UUID) -> Asked:
    """One what-if. Refuses with NotFound for none of the service's."""
    found = asked_among(work, [what_if_id]).get(what_if_id)
    if found is None:
        raise NotFound
    return found


def asked_among(work: Work, ids: Sequence[UUID]) -> dict[UUID, Asked]:
    """Several what-ifs, in as many questions to the database as one needs."""
    return {one.id: one for one in _asked(work, tables.WhatIf.id.in_(list(ids)))}


def asked_about(work: Work, *, draft_id: UUID | None = None, to_id: UUID | None = None) -> list[Asked]:
    """What was asked of a draft or a version, the newest first."""
    about = tables.WhatIf.draft_id == draft_id if draft_id else tables.WhatIf.to_id == to_id
    return _asked(work, about, at_most=ABOUT_ONE)


def _asked(work: Work, which: Any, at_most: int | None = None) -> list[Asked]:
    wanted = _ASKED.where(tables.WhatIf.service_id == work.service_id, which).limit(at_most)
    rows = work.session.execute(wanted).all()
    ids = {UUID(one) for row, *_ in rows for one in row.from_ids} | {row.to_id for row, *_ in rows if row.to_id}
    names = {one.id: one for one in _named(work, ids)}
    drafts = _draft_titles(work, [(row.draft_id, row.edition) for row, *_ in rows if row.draft_id])
    return [
        Asked(
            id=row.id,
            draft_id=row.draft_id,
            edition=row.edition,
            to_id=row.to_id,
            from_ids=tuple(UUID(one) for one in row.from_ids),
            title=_title(names[row.to_id]) if row.to_id else f"the draft of {drafts[row.draft_id, row.edition]}",
            versions=_versions([one for key, one in names.items() if str(key) in row.from_ids]),
            asked_by=asked_by,
            asked_at=row.asked_at,
            patients=row.patients,
            looked_at=looked_at,
            finished_at=row.finished_at,
            stopped_at=row.stopped_at,
            failed_at=row.failed_at,
            mapping=row.mapping,
            new_core=row.new_core,
        )
        for row, looked_at, asked_by in rows
    ]


def _title(version: sa.Row[Any]) -> str:
    return f"{version.title}, version {version.version}"


def _versions(several: Sequence[sa.Row[Any]]) -> str:
    return " and ".join(f"version {one.version} of {one.title}" for one in several)


def _named(work: Work, ids: Collection[UUID]) -> Sequence[sa.Row[Any]]:
    return work.session.execute(
        sa.select(PathwayVersion.id, PathwayVersion.title, PathwayVersion.version)
        .where(PathwayVersion.service_id == work.service_id, PathwayVersion.id.in_(ids))
        .order_by(PathwayVersion.title, PathwayVersion.version)
    ).all()


def _draft_titles(work: Work, editions: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], str]:
    rows = work.session.execute(
        sa.select(PathwayEdition.draft_id, PathwayEdition.number, PathwayEdition.body["title"].astext).where(
            PathwayEdition.service_id == work.service_id,
            sa.tuple_(PathwayEdition.draft_id, PathwayEdition.number).in_(editions),
        )
    )
    return {(draft_id, number): title for draft_id, number, title in rows}
