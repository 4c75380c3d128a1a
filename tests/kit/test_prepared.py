"""A read handed to the driver as it is comes out as the same read through the session would."""

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.accounts.tables import Person, PersonKind
from app.kit import crypto, db, prepared
from app.programme.tables import Answer
from tests.people import World

SEVEN = sa.select(sa.literal_column("7").label("n"))
EVERYBODY = sa.select(Person.id, Person.kind, Person.given_name, Person.created_at).order_by(Person.given_name)
NAMED = sa.select(Person.given_name).where(Person.kind == PersonKind.PATIENT, Person.id == sa.bindparam("who"))
AMONG = sa.select(Person.given_name).where(Person.kind.in_([PersonKind.PATIENT])).order_by(Person.given_name)


def test_rows_are_those_of_the_session_with_the_types_of_the_columns(ash, robin):
    work = ash.work()
    there = [tuple(row) for row in work.session.execute(EVERYBODY)]

    here = [tuple(row) for row in work.read(EVERYBODY)]

    assert here == there
    assert {type(row.kind) for row in work.read(EVERYBODY)} == {PersonKind}


def test_values_asked_for_and_values_that_stand_in_the_statement_are_both_given(ash, robin):
    assert [row.given_name for row in ash.work().read(NAMED, {"who": ash.id})] == ["Ash"]
    assert ash.work().read(NAMED, {"who": robin.id}).all() == []
    assert [row.given_name for row in ash.work().read(AMONG)] == ["Ash"]


def test_what_is_sealed_is_opened(ash):
    sealed = sa.select(sa.type_coerce(sa.bindparam("raw", type_=sa.LargeBinary), Answer.values.type).label("said"))
    [row] = ash.work().read(sealed, {"raw": crypto.sealer().seal('{"thought": "no good"}')})

    assert row.said == {"thought": "no good"}


def test_a_statement_that_changes_anything_is_refused(ash):
    changed = sa.update(Person).values(given_name="Other").returning(Person.id).cte("changed")

    with pytest.raises(ValueError, match="goes through the session"):
        ash.work().read(sa.select(changed.c.id))


def test_only_one_row_is_only_one_row(ash, robin):
    everybody = ash.work().read(EVERYBODY)

    assert everybody.first().given_name == "Ash"
    with pytest.raises(LookupError):
        everybody.one()
    assert ash.work().read(NAMED, {"who": uuid4()}).one_or_none() is None


def test_a_read_sees_what_the_session_of_its_transaction_wrote(engine):
    real = World(engine)
    ash = real.patient("Ash Whitlock")
    with ash.working() as work:
        work.session.execute(sa.update(Person).where(Person.id == ash.id).values(given_name="Ashley"))
        work.record("contact.changed", patient=ash.id)

        assert work.read(NAMED, {"who": ash.id}).one().given_name == "Ashley"


@pytest.mark.parametrize("asks", ["a page that reads", "an act that writes"])
def test_a_server_that_began_anew_costs_one_request_and_not_one_for_each_connection(engine, superuser, asks):
    alone = db.connect(engine.url.render_as_string(hide_password=False), pool_size=0)
    with db.transaction(alone, None) as one, db.transaction(alone, None) as other:
        pids = [db.driver_of(db.connection_of(session)).info.backend_pid for session in (one, other)]
    with superuser.begin() as connection:
        for pid in pids:
            connection.exec_driver_sql(f"select pg_terminate_backend({pid}, 2000)")

    def ask():
        with db.transaction(alone, None) as session:
            if asks == "a page that reads":
                return prepared.read(session, (SEVEN, {}))[0].one().n
            return session.execute(SEVEN).scalar()

    with pytest.raises((psycopg.OperationalError, DBAPIError)):
        ask()
    assert [ask(), ask(), ask()] == [7, 7, 7]
    alone.dispose()
