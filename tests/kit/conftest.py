"""What tests of the kit need beyond a service: somebody who may do anything to the database."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.conftest import at


@pytest.fixture
def superuser(database: str) -> Iterator[sa.Engine]:
    """An engine that passes every rule of the database, as whoever runs the server can."""
    made = sa.create_engine(at(os.environ["BRAID_TEST_ADMIN"], database))
    yield made
    made.dispose()
