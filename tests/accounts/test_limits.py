"""Limits on tries: they stop a stranger, and cannot keep the owner out."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.accounts import limit_actions as limits
from app.accounts.tables import Attempt
from app.kit import db
from app.kit.errors import TooMany
from tests.accounts import ways


def guess(browser, who, times):
    for _ in range(times):
        browser.post("/sign-in/password", email=who.person.email, password="not this one", status=422)


def test_ten_wrong_passwords_stop_a_stranger_even_with_the_right_one(clients, ash):
    ways.give_password(ash)
    stranger = clients()
    guess(stranger, ash, 10)

    response = stranger.send("/sign-in/password", email=ash.person.email, password=ways.PASSWORD)

    assert response.status_code == 429
    assert "Wait 60 minutes" in response.text
    assert "link by e-mail" in response.text


def test_the_owner_gets_in_on_their_own_device_while_a_stranger_is_stopped(clients, ash):
    ways.give_password(ash)
    own = clients()
    own.send(ways.link_to(ash), only_me="yes")
    own.send("/sign-out")
    stranger = clients()
    guess(stranger, ash, 10)
    assert stranger.send("/sign-in/password", email=ash.person.email, password="x" * 12).status_code == 429

    response = own.send("/sign-in/password", email=ash.person.email, password=ways.PASSWORD)

    assert response.headers["location"] == "/my/today"


def test_the_owner_gets_in_by_link_while_a_stranger_guesses(clients, ash):
    ways.give_password(ash)
    guess(clients(), ash, 10)

    browser = clients()

    assert browser.send(ways.link_to_new(ash, browser)).headers["location"] == "/my/today"


def test_somebody_elses_letters_do_not_use_up_those_of_a_device_of_ones_own(clients, ash):
    own = clients()
    own.send(ways.link_to(ash), only_me="yes")
    own.send("/sign-out")
    for _ in range(6):
        clients().post("/sign-in", email=ash.person.email)
    assert clients().send("/sign-in", email=ash.person.email).status_code == 429

    assert own.send(ways.link_to_new(ash, own)).headers["location"] == "/my/today"


def test_letters_that_are_refused_still_count_against_where_they_were_asked_for(clients, bind):
    for _ in range(9):
        clients().send("/sign-in", email="nobody@nowhere.example.org")

    counts = bind.execute(sa.select(Attempt.tries).where(Attempt.bucket.startswith("address:"))).scalars().all()
    assert counts == [9]


def test_an_unknown_address_is_limited_like_a_known_one(clients):
    for _ in range(6):
        clients().post("/sign-in", email="nobody@nowhere.example.org")

    response = clients().send("/sign-in", email="nobody@nowhere.example.org")

    assert response.status_code == 429
    assert "Several links were asked for" in response.text


def test_what_was_right_does_not_count(clients, ash):
    ways.give_password(ash)
    for _ in range(12):
        browser = clients()
        assert browser.send("/sign-in/password", email=ash.person.email, password=ways.PASSWORD).status_code == 303


def test_the_count_begins_anew_with_the_next_hour(bind, world):
    with db.transaction(bind, None) as session:
        for _ in range(10):
            limits.count_try(session, kind="person", name="ash", now=world.clock.now)
        with pytest.raises(TooMany, match="Wait 60 minutes"):
            limits.count_try(session, kind="person", name="ash", now=world.clock.now)
        limits.count_try(session, kind="person", name="ash", now=world.clock.now + timedelta(hours=1))


def test_whom_a_count_is_about_cannot_be_read_and_old_counts_go(bind, world):
    with db.transaction(bind, None) as session:
        limits.count_try(session, kind="person", name="ash@example.org", now=world.clock.now)
        later = world.clock.now + timedelta(days=2)
        limits.count_try(session, kind="person", name="ash@example.org", now=later)
        left = session.execute(sa.select(Attempt.bucket, Attempt.window_at)).all()

    assert [at for _, at in left if at < later - timedelta(days=1)] == []
    assert "ash" not in "".join(bucket for bucket, _ in left)
