"""A read handed to the driver as it is comes out as the same read through the session would."""

import contextlib
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.accounts.tables import Person, PersonKind
from app.kit import crypto, db, prepared, wire
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


def test_those_among_several_ids_are_found_and_among_none_nobody_is(ash, robin):
    among = sa.select(Person.id).where(Person.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))))

    assert {row.id for row in ash.work().read(among, {"ids": [ash.id, robin.id, uuid4()]})} == {ash.id, robin.id}
    assert ash.work().read(among, {"ids": []}).all() == []


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


def test_what_the_server_refuses_is_told_and_the_connection_serves_on(engine):
    broken = sa.select(sa.cast(sa.bindparam("word"), sa.Integer).label("n"))
    alone = db.connect(engine.url.render_as_string(hide_password=False), pool_size=0)
    for _ in range(3):
        with pytest.raises(psycopg.errors.InvalidTextRepresentation), db.transaction(alone, None) as session:
            prepared.read(session, (SEVEN, {}), (broken, {"word": "seven"}), (SEVEN, {}))
        with db.transaction(alone, None) as session:
            assert [rows.one().n for rows in prepared.read(session, (SEVEN, {}), (broken, {"word": "8"}))] == [7, 8]
    alone.dispose()


def test_several_questions_with_several_kinds_of_values_each_get_their_own_answer(ash, robin):
    session = ash.work().session
    for _ in range(3):
        found = prepared.read(
            session, (NAMED, {"who": ash.id}), (AMONG, {}), (NAMED, {"who": robin.id}), (NAMED, {"who": None})
        )
        assert [[row.given_name for row in rows] for rows in found] == [["Ash"], ["Ash"], [], []]


@pytest.mark.parametrize("value", [1, 70_000, 5_000_000_000, None])
def test_a_number_of_any_size_is_asked_of_the_same_statement(ash, value):
    asked = sa.select(sa.cast(sa.bindparam("n"), sa.BigInteger).label("n"))
    assert [ash.work().read(asked, {"n": value}).one().n for _ in range(3)] == [value] * 3


def test_a_percent_sign_stands_for_itself():
    told = wire.Statement("select 'a' like 'a%%', %(one)s::int %% 2, %(one)s::text")
    assert (told.sql, told.names) == (b"select 'a' like 'a%', $1::int % 2, $1::text", ("one",))


@pytest.mark.parametrize("how", ["the transaction", "to a savepoint"])
def test_what_is_prepared_outlives_a_rollback(engine, how):
    alone = db.connect(engine.url.render_as_string(hide_password=False), pool_size=-2)
    for _ in range(9):
        with contextlib.suppress(LookupError), db.transaction(alone, None) as session:
            nested = session.begin_nested() if how == "to a savepoint" else session
            session.execute(SEVEN)
            assert prepared.read(session, (SEVEN, {}))[0].one().n == 7
            nested.rollback()
            raise LookupError
    with alone.connect() as connection:
        kept = connection.exec_driver_sql("select name from pg_prepared_statements").scalars().all()
    assert {name[:5] for name in kept} == {"_pg3_", "braid"} and len(kept) == len(set(kept)) < 9
    alone.dispose()
