"""What was typed and not yet sent, kept on the server so that nothing is lost when a page is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel

from app.kit.crypto import SealedJson
from app.kit.work import Work


class Draft(SQLModel, table=True):
    """One person's unsent words for one form; `base` is the version of the answer it was begun from."""

    __table_args__ = (sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),)

    service_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    form: str = Field(primary_key=True, max_length=200)
    values: dict[str, Any] = Field(sa_type=SealedJson)
    base: int = 0
    saved_at: datetime


@dataclass(frozen=True)
class Kept:
    """A draft as it is read back."""

    values: dict[str, Any]
    base: int
    saved_at: datetime


def keep(work: Work, *, form: str, values: dict[str, Any], base: int = 0) -> Kept:
    """Replace the actor's draft of a form with these values."""
    row = {
        "service_id": work.service_id,
        "person_id": work.actor.id,
        "form": form,
        "values": values,
        "base": base,
        "saved_at": work.now,
    }
    changed = {name: row[name] for name in ("values", "base", "saved_at")}
    statement = insert(Draft).values(row)
    work.session.execute(
        statement.on_conflict_do_update(index_elements=["service_id", "person_id", "form"], set_=changed)
    )
    return Kept(values, base, work.now)


def kept(work: Work, *, form: str) -> Kept | None:
    """The actor's draft of a form, if there is one."""
    return kept_under(work, prefix=form).get(form)


_DRAFT = Draft.__table__.c  # type: ignore[attr-defined]
_UNDER = sa.select(_DRAFT.form, _DRAFT["values"], _DRAFT.base, _DRAFT.saved_at).where(
    _DRAFT.service_id == sa.bindparam("service"),
    _DRAFT.person_id == sa.bindparam("person"),
    sa.func.starts_with(_DRAFT.form, sa.bindparam("prefix")),
)


def kept_under(work: Work, *, prefix: str) -> dict[str, Kept]:
    """The actor's drafts of every form whose name begins with `prefix`, by name, in one look."""
    found = work.read(_UNDER, {"service": work.service_id, "person": work.actor.id, "prefix": prefix})
    return {row.form: Kept(row._mapping["values"], row.base, row.saved_at) for row in found}


def drop(work: Work, *, form: str) -> None:
    """Forget the actor's draft of a form: it was sent, or thrown away by its writer."""
    mine = Draft.__table__.c  # type: ignore[attr-defined]
    work.session.execute(
        sa.delete(Draft).where(mine.service_id == work.service_id, mine.person_id == work.actor.id, mine.form == form)
    )
