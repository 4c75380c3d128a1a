"""What was typed and not yet sent, kept on the server so that nothing is lost when a page is."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel

from app.kit import csrf
from app.kit.crypto import SealedJson
from app.kit.errors import NotFound, TooLarge
from app.kit.forms import PostedForm
from app.kit.work import Work

STAFF = "staff:"
NAME = re.compile(r"[a-z]+(-[a-z0-9]+)*")
LONGEST_NAME = 180
MOST_LETTERS = 20_000


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
    return {row.form: Kept(row.values, row.base, row.saved_at) for row in found}


def drop(work: Work, *, form: str) -> None:
    """Forget the actor's draft of a form: it was sent, or thrown away by its writer."""
    mine = Draft.__table__.c  # type: ignore[attr-defined]
    work.session.execute(
        sa.delete(Draft).where(mine.service_id == work.service_id, mine.person_id == work.actor.id, mine.form == form)
    )


def keep_posted(work: Work, *, name: str, posted: PostedForm) -> Kept | None:
    """Keep a form of staff's as it was posted, or nothing where nothing is written in it.

    `name` is the form's, in kebab-case and with the ids of what it is about. Refuses any other name (NotFound) and
    more than 20,000 letters (TooLarge). Fields that name a row are left out: the row's own page gives them anew.
    """
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise NotFound
    values = {field: posted.every(field) for field in posted if field != csrf.FIELD and not field.endswith("_id")}
    letters = sum(len(one) for given in values.values() for one in given)
    if letters > MOST_LETTERS:
        raise TooLarge
    if not letters:
        drop_posted(work, name=name)
        return None
    return keep(work, form=STAFF + name, values=values)


def drop_posted(work: Work, *, name: str) -> None:
    """Forget the actor's draft of a form of staff's."""
    drop(work, form=STAFF + name)


@dataclass(frozen=True)
class Unsent:
    """A form of staff's as it was left, and when, in their own zone."""

    posted: PostedForm
    at: datetime


def posted_under(work: Work, *, prefix: str) -> dict[str, Unsent]:
    """The actor's drafts of every form of staff's whose name begins with `prefix`, by name."""
    found = kept_under(work, prefix=STAFF + prefix)
    return {name.removeprefix(STAFF): _unsent(work, draft) for name, draft in found.items()}


def put_back(work: Work, *, name: str, shown: dict[str, Any]) -> dict[str, Any]:
    """What a page is given, with the actor's draft as `posted` and its time as `draft_at` where nothing was posted."""
    draft = None if "posted" in shown else kept(work, form=STAFF + name)
    if draft is None:
        return shown
    unsent = _unsent(work, draft)
    return {**shown, "posted": unsent.posted, "draft_at": unsent.at}


def _unsent(work: Work, draft: Kept) -> Unsent:
    items = [(name, value) for name, given in draft.values.items() for value in given]
    return Unsent(PostedForm(items), draft.saved_at.astimezone(work.actor.zone))


def unsent(work: Work, *, name: str) -> Unsent | None:
    """The actor's draft of one form of staff's, if there is one."""
    return posted_under(work, prefix=name).get(name)
