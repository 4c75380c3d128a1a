"""A database that would not protect what it is given is refused before anybody is served."""

import os

import pytest
import sqlalchemy as sa

from app.kit import db


def test_a_role_that_sees_past_the_walls_between_services_is_refused():
    everything = sa.create_engine(os.environ["BRAID_TEST_ADMIN"])

    with pytest.raises(db.Unguarded, match="every service"):
        db.refuse_unguarded(everything)

    everything.dispose()


def test_a_server_that_may_lose_what_it_said_was_saved_is_refused(engine):
    # The tests' own server runs without fsync: nobody's care is kept there.
    with pytest.raises(db.Unguarded, match="fsync"):
        db.refuse_unguarded(engine)
