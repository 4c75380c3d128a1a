"""Two services side by side, each with people and something in every table."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.kit import db
from tests.conftest import at
from tests.isolation.two import Two, fill
from tests.people import World


def two_on(bind: sa.Connection) -> Two:
    north, east = World(bind), World(bind)
    for world in (north, east):
        fill(world)
    return Two(north, east)


@pytest.fixture
def two(bind: sa.Connection) -> Two:
    """Northmoor and Eastcliff in one database, rolled back when the test ends."""
    return two_on(bind)


@pytest.fixture
def unguarded(engine: sa.Engine, database: str) -> Iterator[Two]:
    """The same for somebody whom row-level security does not bind, which the application never is."""
    made = db.connect(at(os.environ["BRAID_TEST_ADMIN"], database))
    with made.connect() as connection:
        outer = connection.begin()
        yield two_on(connection)
        outer.rollback()
    made.dispose()
