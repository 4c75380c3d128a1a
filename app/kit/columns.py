"""Habits of columns: how constraints are named, how an enum is kept, and the one order of facts."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# One sequence orders every kind of fact, so that replay has a total order across tables.
FACT_SEQ = sa.text("nextval('fact_seq'::regclass)")


def choice(enum: type[StrEnum], **options: Any) -> sa.Enum:
    """A column type that stores an enum's values as text, held to them by a CHECK."""
    return sa.Enum(
        enum,
        name=enum.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda kinds: [kind.value for kind in kinds],
        **options,
    )


def recordset(table: type[SQLModel], *names: str) -> sa.TableValuedAlias:
    """The value `rows`, a list of mappings, as rows with these columns of a table: many are written in one statement.

    Days, moments and ids are given as their ISO text.
    """
    columns: sa.Table = table.__table__  # type: ignore[attr-defined]
    given = sa.func.jsonb_to_recordset(sa.bindparam("rows", type_=JSONB))
    typed = (sa.column(name, columns.c[name].type) for name in names)
    return given.table_valued(*typed, name="given").render_derived(with_types=True)


def just(column: Any, *values: Any) -> sa.ColumnElement[bool]:
    """The condition that a column has one of these values, written out in the statement.

    An index of only such rows is of no use to a statement that learns its values later: ours are planned once for all.
    """
    found: sa.ColumnElement[bool] = column.in_(
        sa.bindparam(None, values, type_=column.type, expanding=True, literal_execute=True)
    )
    return found
