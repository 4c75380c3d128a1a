"""Two services side by side, each with people and something in every table."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.conftest import at
from tests.isolation.two import Two, fill
from tests.people import World


@pytest.fixture(scope="session")
def owner(database: str) -> Iterator[sa.Engine]:
    """An engine that owns the tables, as migrations do."""
    made = sa.create_engine(at(os.environ["BRAID_TEST_OWNER"], database))
    yield made
    made.dispose()


@pytest.fixture
def two(bind: sa.Connection) -> Iterator[Two]:
    """Northmoor and Eastcliff in one database, rolled back when the test ends."""
    north, east = World(bind), World(bind)
    for world in (north, east):
        fill(world)
    yield Two(north, east)
    north.close()
    east.close()
