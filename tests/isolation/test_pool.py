"""A connection forgets whose it was: the service is a setting of the transaction, never of the session."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.accounts.tables import Person
from app.kit import db
from tests.conftest import at
from tests.isolation.two import isolated_tables
from tests.people import World

SETTING = sa.text("select nullif(current_setting('app.service_id', true), '')")
person = Person.__table__


@pytest.fixture(scope="module")
def narrow(database: str) -> Iterator[sa.Engine]:
    """An engine with one connection, which everybody has to share."""
    made = db.connect(at(os.environ["BRAID_TEST_APP"], database), pool_size=1)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def worlds(narrow: sa.Engine, engine: sa.Engine, database: str) -> Iterator[list[World]]:
    """Two services that are committed, and removed when these tests end."""
    made = [World(narrow), World(narrow)]
    for world in made:
        world.staff("Robin Hale")
    yield made
    admin = sa.create_engine(at(os.environ["BRAID_TEST_ADMIN"], database))
    with admin.begin() as connection:
        gone = {"gone": [world.service_id for world in made]}
        for table in reversed(isolated_tables()):
            connection.execute(sa.delete(table).where(table.c.service_id == sa.any_(sa.bindparam("gone"))), gone)
        connection.execute(sa.text("delete from service where id = any(:gone)"), gone)
    admin.dispose()


def seen(connection: sa.Connection | db.ScopedSession) -> set[object]:
    return set(connection.execute(sa.select(person.c.service_id)).scalars())


def test_two_hundred_turns_on_one_connection_never_cross(narrow, worlds):
    for turn in range(200):
        world = worlds[turn % 2]
        try:
            with db.transaction(narrow, world.service_id) as session:
                assert seen(session) == {world.service_id}
                if turn % 7 == 0:
                    raise InterruptedError
        except InterruptedError:
            pass


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_nothing_is_left_on_the_connection(narrow, worlds, ends):
    with db.session_for(narrow, worlds[0].service_id) as session:
        assert seen(session) == {worlds[0].service_id}
        getattr(session, ends)()

    with narrow.connect() as next_borrower:
        assert next_borrower.execute(SETTING).scalar() is None
        assert seen(next_borrower) == set()


def test_a_session_that_goes_on_after_a_commit_is_still_inside(narrow, worlds):
    with db.session_for(narrow, worlds[0].service_id) as session:
        seen(session)
        session.commit()

        assert seen(session) == {worlds[0].service_id}


def test_an_address_that_was_looked_up_is_forgotten_too(narrow, worlds):
    robin = worlds[0].staff("Robin Hale").person
    with db.transaction(narrow, None, email_key=robin.email_key) as session:
        assert seen(session) == {worlds[0].service_id}

    with narrow.connect() as next_borrower:
        assert seen(next_borrower) == set()


def test_a_setting_of_the_session_would_have_leaked(narrow, worlds):
    # Why `db` says true in the third place: with false, the next borrower inherits the service.
    with narrow.connect() as connection:
        connection.execute(sa.text("select set_config('app.service_id', :s, false)"), {"s": str(worlds[0].service_id)})
        connection.commit()

    with narrow.connect() as next_borrower:
        leaked = seen(next_borrower)
        next_borrower.execute(sa.text("select set_config('app.service_id', '', false)"))
        next_borrower.commit()

    assert leaked == {worlds[0].service_id}
