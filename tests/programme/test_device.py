"""What a browser is given to work without a connection: one script for everybody, and a page that holds nobody's."""

import pytest

from app.main import create_app
from tests.client import Client


@pytest.fixture
def without(world, settings, library):
    """A browser at a service that turned working offline off."""
    off = settings.model_copy(update={"offline": False})
    return Client(create_app(off, engine=world.bind, clock=world.clock, library=library), settings.public_origin)


def test_the_worker_is_a_script_of_ours_that_is_asked_for_anew_each_time(clients):
    answer = clients().http.get("/sw.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert "respondWith" in answer.text


def test_turned_off_the_worker_takes_itself_away_and_no_page_asks_for_it(without, clients, ash):
    script = without.http.get("/sw.js").text
    assert "registration.unregister()" in script
    assert "respondWith" not in script

    without.sign_in(ash)
    assert 'data-worker=""' in without.http.get("/my/more").text
    assert 'data-worker="/sw.js"' in clients(ash).http.get("/my/more").text


def test_the_page_for_no_connection_is_the_same_for_everybody(clients, ash):
    mine, anybodys = clients(ash).http.get("/offline"), clients().http.get("/offline")

    assert mine.text == anybodys.text
    assert "data-who" not in mine.text
    assert 'name="csrf"' not in mine.text


def test_only_pages_of_the_diary_may_be_kept_on_a_device(clients, ash):
    browser = clients(ash)

    for path in ("/my/today", "/my/diary", "/my/diary/day", "/my/diary/happened"):
        assert "data-keep>" in browser.http.get(path).text, path
    for path in (
        "/my/programme",
        "/my/answers",
        "/my/record",
        "/my/questionnaires",
        "/my/reminders",
        "/my/diary/lifts",
    ):
        assert "data-keep>" not in browser.http.get(path).text, path


def test_two_sign_ins_of_one_person_are_told_apart_and_two_people_are(clients, world, ash):
    def named(who):
        page = clients(who).http.get("/my/more").text
        return [page.split(f'data-{name}="')[1].split('"')[0] for name in ("who", "sign-in")]

    first, second, other = named(ash), named(ash), named(world.patient("Birch Lane"))

    assert first[0] == second[0] != other[0]
    assert len({first[1], second[1], other[1]}) == 3
