"""One request is one transaction, committed before the reply leaves."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.kit import db
from app.main import create_app
from tests.client import Client, Page, http
from tests.people import World


@pytest.fixture
def real(engine):
    """A service whose work is committed for good, as a deployment's is."""
    return World(engine)


@pytest.fixture
def refuses_commits(superuser, real):
    """The database lets every statement through and then refuses to commit the end of a sign-in."""
    name = f"refuse_{real.service_id.hex[:8]}"
    with superuser.begin() as connection:
        connection.exec_driver_sql(
            f"create function {name}() returns trigger language plpgsql as "
            "$$ begin raise exception 'not committed'; end $$"
        )
        connection.exec_driver_sql(
            f"create constraint trigger {name} after update on sign_in deferrable initially deferred "
            f"for each row when (new.service_id = '{real.service_id}') execute function {name}()"
        )
    yield
    with superuser.begin() as connection:
        connection.exec_driver_sql("set local lock_timeout = '5s'")
        connection.exec_driver_sql(f"drop trigger {name} on sign_in; drop function {name}()")


def signed_in(who):
    """How many sign-ins of somebody are committed and open."""
    with who.working() as work:
        return work.session.execute(
            sa.text("select count(*) from sign_in where person_id = :i and ended_at is null"), {"i": who.id}
        ).scalar()


def test_a_commit_that_fails_is_never_shown_as_success(real, settings, library, refuses_commits):
    ash = real.patient("Ash Whitlock")
    browser = Client(create_app(settings, engine=real.bind, clock=real.clock, library=library), settings.public_origin)
    browser.sign_in(ash)
    # What a person is shown where we break, and not the fault that a test is shown.
    calm = http(browser.app, settings.public_origin, raises=False)
    calm.cookies = browser.http.cookies
    browser.http = calm

    response = browser.send("/sign-out")

    assert response.status_code == 500
    assert Page(response.text).headings == ["Sorry, that did not work"]
    assert signed_in(ash) == 1
    assert browser.http.get("/account").status_code == 200


def test_what_was_done_is_committed_before_the_first_byte_of_the_reply(real, settings, library):
    ash = real.patient("Ash Whitlock")
    app = create_app(settings, engine=real.bind, clock=real.clock, library=library)
    when_it_left = []

    async def watched(scope, receive, send):
        async def noting(message):
            if message["type"] == "http.response.start" and scope["path"] == "/sign-out":
                when_it_left.append((message["status"], signed_in(ash)))
            await send(message)

        await app(scope, receive, noting)

    browser = Client(watched, settings.public_origin)
    browser.sign_in(ash)
    browser.send("/sign-out")

    assert when_it_left == [(303, 0)]


def test_a_block_that_raises_leaves_nothing_behind(real):
    with pytest.raises(ZeroDivisionError), real.founding() as work:
        work.session.execute(sa.text("update service set name = 'Other' where id = :i"), {"i": real.service_id})
        work.record("service.founded", slug="x")
        raise ZeroDivisionError

    with real.founding() as work:
        name = work.session.execute(sa.text("select name from service where id = :i"), {"i": real.service_id}).scalar()
    assert name == "Northmoor Talking Therapies"


def test_what_was_said_of_a_change_that_was_taken_back_is_not_recorded(bind, world):
    session = db.session_for(bind, world.service_id)
    with world.founding() as work:
        before = work.session.execute(sa.text("select count(*) from audit_entry")).scalar()

    from app.kit.work import SYSTEM, Work

    work = Work(session, world.service_id, SYSTEM, world.clock.now)
    session.execute(sa.text("select 1"))
    work.record("step.waived")
    session.rollback()
    session.execute(sa.text("select 1"))
    session.commit()
    session.close()

    with world.founding() as work:
        assert work.session.execute(sa.text("select count(*) from audit_entry")).scalar() == before


def test_the_service_of_one_transaction_is_not_the_next_ones(engine):
    with db.transaction(engine, uuid4(), email_key="ash@example.org"):
        pass

    with engine.connect() as connection:
        left = connection.execute(
            sa.text("select current_setting('app.service_id', true), current_setting('app.email_key', true)")
        ).one()
    assert not any(left)


def test_somebody_at_the_door_is_found_by_their_whole_address_and_nobody_else_is(bind, ash, robin):
    def seen(**scope):
        with db.transaction(bind, None, **scope) as session:
            return list(session.execute(sa.text("select email_key from person")).scalars())

    assert seen(email_key=ash.person.email_key) == [ash.person.email_key]
    assert seen(email_key="%") == []
    assert seen() == []


def test_a_server_that_does_not_answer_is_given_up_in_seconds():
    nowhere = db.connect("postgresql+psycopg://nobody@127.0.0.1:9/none")

    with pytest.raises(sa.exc.OperationalError), db.transaction(nowhere, None) as session:
        session.execute(sa.text("select 1"))
    nowhere.dispose()
