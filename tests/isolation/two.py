"""Two services with a row in every table, made from the tables themselves so that a new table is in at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from app.kit.crypto import SealedJson, SealedText
from tests.people import START, World

# The end of a scale that begins at 1.
HIGHEST = 10
# What would make a row one of the past.
OVER = {"ended_at", "end_reason", "discharged_at", "deactivated_at", "retired_at", "closed_at", "to_on", "withheld"}
# What comes later than everything else, by so many hours.
LATER = {"expires_at": 1, "closes_at": 2}


@dataclass(frozen=True)
class Two:
    """Two services in one database."""

    north: World
    east: World

    @contextmanager
    def inside(self, service: UUID | str, *, email_key: str = "") -> Iterator[sa.Connection]:
        """The database as the application's role has it inside a service, with no filter but the database's own."""
        connection = self.north.bind
        assert isinstance(connection, sa.Connection)
        connection.execute(
            sa.text("select set_config('app.service_id', :s, true), set_config('app.email_key', :e, true)"),
            {"s": str(service), "e": email_key},
        )
        yield connection


def isolated_tables() -> list[sa.Table]:
    """Every table of ours whose rows belong to a service, parents first."""
    return [table for table in SQLModel.metadata.sorted_tables if "service_id" in table.c]


def mark(world: World) -> str:
    """A word that stands in every text of a service's rows and nowhere else."""
    return f"only-{world.service_id.hex[:10]}"


def fill(world: World) -> None:
    """Put a row in every table of a service, each hanging on the ones before it."""
    assert isinstance(world.bind, sa.Connection)
    world.patient("Ash Whitlock")
    world.bind.execute(
        sa.text("select set_config('app.service_id', :s, true), set_config('app.email_key', '', true)"),
        {"s": str(world.service_id)},
    )
    made: dict[str, dict[str, Any]] = {"service": {"id": world.service_id}}
    for table in isolated_tables():
        if table.name != "audit_entry":
            made[table.name] = row = _row(table, world, made)
            world.bind.execute(table.insert().values(row))


def _row(table: sa.Table, world: World, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {"service_id": world.service_id}
    for key in table.foreign_key_constraints:
        for column, element in zip(key.columns, key.elements, strict=True):
            if key.referred_table is table:
                # What it may point to is a row like itself, of which this is the first.
                row.setdefault(column.name, None)
                continue
            row[column.name] = made[element.column.table.name][element.column.name]
    for column in table.c:
        if column.name not in row and column.server_default is None and column.name not in OVER:
            row[column.name] = _value(column, mark(world))
    return row


def _value(column: sa.Column[Any], word: str) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enum_class(kind.enums[0]) if kind.enum_class else kind.enums[0]
    if isinstance(kind, SealedJson | JSONB):
        return {"word": word}
    if isinstance(kind, SealedText):
        return word
    if isinstance(kind, sa.LargeBinary):
        return uuid4().bytes
    if isinstance(kind, sa.Integer):
        return HIGHEST if column.name == "high" else 1
    if isinstance(kind, sa.ARRAY):
        return []
    if isinstance(kind, sa.Time):
        # Two of one row differ: quiet hours begin and end.
        return time(len(column.name))
    if isinstance(kind, sa.Boolean):
        return False
    if column.name.endswith("zone"):
        return "Europe/London"
    if f"_{column.name}".endswith("_at"):
        return START + timedelta(hours=LATER.get(column.name, 0))
    if isinstance(kind, sa.Date):
        return START.date()
    if kind.python_type is UUID:
        return uuid4()
    return word[: getattr(kind, "length", None) or 99]
