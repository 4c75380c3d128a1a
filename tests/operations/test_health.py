"""A part that has stopped is seen: by whoever watches from outside, and by whoever runs the service."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app import scheduler
from app.accounts.roles import Role
from app.kit import db
from app.kit.mail import Mailbox
from app.main import create_app
from app.notifications import actions, jobs, part_kinds, pulse_actions, switch_actions
from app.notifications.kinds import LetterKind, SwitchScope
from app.notifications.part_kinds import Part
from tests.client import Client

EVERY = tuple(Part)


@pytest.fixture
def ada(world):
    return world.staff("Ada Admin", Role.SERVICE_ADMIN)


def begin(world, parts=EVERY):
    with db.transaction(world.bind, None) as session:
        pulse_actions.await_parts(session, parts, now=world.clock.now)


def beat(world, *parts):
    with db.transaction(world.bind, None) as session:
        for part in parts:
            pulse_actions.beat(session, part, now=world.clock.now)


def watch(clients):
    """What somebody outside is told."""
    answer = clients().http.get("/health")
    return answer.status_code, answer.json()["status"], answer.json()["parts"]


def read(clients, who):
    """The page as somebody reads it."""
    return clients(who).get("/service-health").text


def test_where_no_worker_was_ever_started_it_is_red(clients, ada):
    assert watch(clients) == (503, "stopped", {"database": "working", "worker": "never started", "sending": "working"})
    assert "has never been started" in read(clients, ada)


def test_while_every_part_comes_it_is_green(world, clients, ada):
    begin(world)
    beat(world, *EVERY)

    status, word, parts = watch(clients)

    assert (status, word) == (200, "working")
    assert parts == {part.value: "working" for part in Part} | {"database": "working", "sending": "working"}
    assert "Every part of Braid is at work." in read(clients, ada)


@pytest.mark.parametrize("part", EVERY)
def test_a_part_that_stops_is_named_three_minutes_after_its_time_and_no_other_is(world, clients, part):
    begin(world)
    beat(world, *EVERY)
    world.clock.on(seconds=(part.every + part_kinds.LATE_AFTER).total_seconds())
    beat(world, *set(EVERY) - {part})
    assert watch(clients)[0] == 200

    world.clock.on(seconds=1)

    status, _, parts = watch(clients)
    assert status == 503
    assert [name for name, state in parts.items() if state != "working"] == [part.value]


def test_a_part_whose_turn_has_not_come_since_the_start_is_not_missed_yet(world, clients):
    begin(world)
    beat(world, *EVERY)
    world.clock.on(days=3)
    assert watch(clients)[0] == 503

    begin(world)

    assert watch(clients)[0] == 200
    world.clock.on(minutes=4)
    assert watch(clients)[2]["letters"] == "stopped"
    assert watch(clients)[2]["plan"] == "working"


def test_a_heartbeat_of_a_part_that_is_no_more_is_not_waited_for(world, clients):
    begin(world)
    beat(world, *EVERY)
    with db.transaction(world.bind, None) as session:
        session.execute(
            sa.text("insert into heartbeat (name, awaited_at) values ('candles', :then)"),
            {"then": world.clock.now - timedelta(days=9)},
        )

    assert watch(clients)[0] == 200


def test_without_a_database_it_is_red_and_says_nothing_else(settings, library):
    nowhere = db.connect("postgresql+psycopg://nobody-at-all:a-secret@127.0.0.1:1/nothing")
    browser = Client(create_app(settings, engine=nowhere, library=library), settings.public_origin)

    answer = browser.http.get("/health")

    assert answer.status_code == 503
    assert answer.json() == {"status": "stopped", "parts": {"database": "no answer"}}


def test_the_page_says_what_stopped_and_what_that_means(world, clients, ada):
    begin(world)
    beat(world, *EVERY)
    world.clock.on(minutes=4)
    beat(world, *set(EVERY) - {Part.CLIMB, Part.DISPATCH})
    world.clock.on(minutes=1)

    words = read(clients, ada)

    assert "2 parts of Braid have stopped." in words
    assert "this does not happen: safety alerts; sending reminders." in words
    assert "Look at the open safety alerts yourselves" in words


def test_the_page_counts_letters_that_wait_are_late_and_were_given_up(world, clients, ada, ash):
    begin(world)
    beat(world, *EVERY)
    with ash.working() as work:
        actions.tell_something_new(work, person_id=ash.id, about=LetterKind.OPENED, origin="", dedupe_key="one")
    world.clock.on(minutes=16)
    with ash.working() as work:
        actions.tell_something_new(work, person_id=ash.id, about=LetterKind.OPENED, origin="", dedupe_key="two")
        actions.give_up_notices(work, made_before=work.now - timedelta(minutes=1))
        actions.tell_something_new(work, person_id=ash.id, about=LetterKind.OPENED, origin="", dedupe_key="three")

    assert "Letters Waiting 2 Late 0 Did not arrive 1" in read(clients, ada)

    world.clock.on(minutes=16)
    assert "Letters Waiting 2 Late 2 for more than 15 minutes" in read(clients, ada)


def test_a_part_that_fails_for_every_service_is_not_said_to_work(engine, world):
    rounds = scheduler.Rounds(engine, world.clock, [Part.MOVE])

    def fails(service_id):
        raise ZeroDivisionError

    tried = []
    rounds._serve(world.service_id, {"one": fails, "two": tried.append})

    assert tried == [world.service_id]
    assert not rounds._serve(world.service_id, {"one": fails})
    assert rounds._serve(world.service_id, {"two": tried.append})


def test_whatever_the_scheduler_carries_is_a_part_with_words(engine, world, library):
    carried = scheduler.carried(engine, clock=world.clock, carrier=None, origin="", library=library, senders={})

    assert set(carried) <= set(Part)
    assert all(part.label and part.what for part in Part)


def test_a_letter_that_its_reader_turned_off_before_it_left_is_not_one_that_did_not_arrive(world, clients, ada, ash):
    begin(world)
    beat(world, *EVERY)
    with ash.working() as work:
        actions.tell_something_new(work, person_id=ash.id, about=LetterKind.OPENED, origin="", dedupe_key="one")
        switch_actions.switch_off(work, person_id=ash.id, scope=SwitchScope.LETTER, which=LetterKind.OPENED.value)

    jobs.send_letters(world.bind, world.service_id, clock=world.clock, carrier=Mailbox())

    assert "Letters Waiting 0 Late 0 Did not arrive 0" in read(clients, ada)
