"""One request is one transaction, committed before the reply leaves."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.kit import db
from app.main import create_app
from tests.accounts import ways
from tests.client import Client, Page
from tests.people import World


@pytest.fixture
def real(engine):
    """A service whose work is committed for good, as a deployment's is."""
    made = World(engine)
    yield made
    made.close()


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
        connection.exec_driver_sql(f"drop trigger {name} on sign_in; drop function {name}()")


def test_a_commit_that_fails_is_never_shown_as_success(real, settings, library, refuses_commits):
    ash = real.patient("Ash Whitlock")
    app = create_app(settings, engine=real.bind, clock=real.clock, library=library)
    browser = Client(app, settings.public_origin)
    browser.sign_in(ash)
    browser.http = like(browser, app, settings)

    response = browser.send("/sign-out")

    assert response.status_code == 500
    assert Page(response.text).headings == ["Sorry, that did not work"]
    assert len(ways.sign_ins(ash)) == 1
    assert browser.http.get("/account").status_code == 200


def like(browser, app, settings):
    """The same browser, which is shown what a person is shown where we break."""
    calm = TestClient(app, base_url=settings.public_origin, follow_redirects=False, raise_server_exceptions=False)
    calm.cookies = browser.http.cookies
    return calm


def test_what_was_done_is_in_the_database_when_the_reply_arrives(real, settings, library):
    ash = real.patient("Ash Whitlock")
    app = create_app(settings, engine=real.bind, clock=real.clock, library=library)
    browser = Client(app, settings.public_origin)
    browser.sign_in(ash)
    standing_open = []

    def look(response):
        standing_open.extend(ways.sign_ins(ash))

    browser.http.event_hooks = {"response": [look]}
    browser.http.post(
        "/sign-out", data={"csrf": browser.token()}, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
    )

    assert standing_open == []


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
    assert nowhere.dialect.create_connect_args(nowhere.url)
    nowhere.dispose()
