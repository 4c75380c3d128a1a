"""What was written without a connection and came later: when it was written, and when it came. It is 3 March 2026."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.diary import zone_actions
from app.diary.tables import ActivityLog

HOURS = 3600
DAY = timedelta(days=1)
MARCH_3 = date(2026, 3, 3)


@pytest.fixture
def browser(clients, ash):
    return clients(ash)


def stored(ash):
    rows = ash.work().session.execute(sa.select(ActivityLog).order_by(ActivityLog.recorded_at)).scalars()
    return [row for row in rows if row.patient_id == ash.id]


def say(browser, walk, on=MARCH_3, *, status=303, **more):
    return browser.post(f"/my/diary/{walk}/{on}", status=status, **{"log_id": str(uuid4()), "outcome": "done"} | more)


def test_what_was_written_three_hours_ago_was_felt_then_and_came_now(browser, diary, ash, world):
    walk = diary.plan(on=date(2026, 3, 1))
    now = world.clock.now

    say(browser, walk, mood_after="6", waited=str(3 * HOURS))

    (row,) = stored(ash)
    assert (row.said_at, row.recorded_at) == (now - timedelta(hours=3), now)
    assert row.mood_after_at == row.said_at


@pytest.mark.parametrize("waited", ["0", "-60", "soon", "1.5", str(15 * 24 * HOURS), "9" * 30, "²"])
def test_what_cannot_be_is_not_believed_and_no_word_is_lost_by_it(browser, diary, ash, waited):
    walk = diary.plan(on=date(2026, 3, 1))

    say(browser, walk, note="By the canal", waited=waited)

    (row,) = stored(ash)
    assert (row.note, row.said_at) == ("By the canal", None)


def test_what_was_written_in_the_moment_is_not_remembered_because_it_came_later(clients, ash, diary, world):
    walk = diary.plan(on=date(2026, 3, 1))
    world.clock.on(hours=9)

    say(clients(ash), walk, pleasure="5", waited=str(9 * HOURS))

    (log,) = diary.logged()
    assert log.was_sent_later and not log.remembered


def test_the_patient_and_their_practitioner_read_when_it_was_written_and_that_it_was_sent_later(
    browser, diary, ash, robin, clients
):
    walk = diary.plan(on=date(2026, 3, 1))
    say(browser, walk, waited=str(2 * HOURS))
    alone = {"title": "Swam", "on__day": "3", "on__month": "3", "on__year": "2026"}
    browser.post("/my/diary/happened", log_id=str(uuid4()), waited=str(HOURS), **alone)
    swam = next(one.id for one in diary.logged() if one.title == "Swam")

    entry = browser.get(f"/my/diary/{walk}/{MARCH_3}").text
    assert "You wrote this on Tuesday 3 March at 8:00am." in entry
    assert "It was sent when there was a connection, on Tuesday 3 March at 10:00am." in entry
    assert "You wrote this on Tuesday 3 March at 9:00am." in browser.get(f"/my/diary/said/{swam}").text
    assert "written Tue 3 Mar at 08:00, sent later" in clients(robin).get(f"/patients/{ash.id}/diary").text


def test_what_is_sent_within_minutes_is_of_the_same_moment(browser, diary):
    walk = diary.plan(on=date(2026, 3, 1))

    say(browser, walk, waited="120")

    assert "was sent when" not in browser.get(f"/my/diary/{walk}/{MARCH_3}").text


def test_the_fourteen_days_are_counted_from_when_it_was_written(clients, ash, diary, world):
    walk = diary.plan(on=date(2026, 3, 1))
    world.clock.on(days=16)
    browser = clients(ash)

    say(browser, walk, status=409)
    say(browser, walk, waited=str(3 * 24 * HOURS))

    assert [one.done_on for one in diary.logged()] == [MARCH_3]


def test_of_two_entries_the_one_that_was_written_last_stands_whichever_came_first(browser, diary, ash, world):
    walk = diary.plan(on=date(2026, 3, 1))
    say(browser, walk, outcome="partly")
    world.clock.on(minutes=20)

    say(browser, walk, outcome="not-done", waited=str(HOURS))
    assert [one.outcome.value for one in diary.logged()] == ["partly"]
    assert [row.outcome.value for row in stored(ash)] == ["partly", "not-done"]

    say(browser, walk, outcome="done", waited="600")
    assert [one.outcome.value for one in diary.logged()] == ["done"]


def test_sent_twice_it_is_of_when_it_came_first(browser, diary, ash, world):
    walk, log_id = diary.plan(on=date(2026, 3, 1)), str(uuid4())
    say(browser, walk, log_id=log_id, waited=str(HOURS))
    world.clock.on(minutes=5)

    say(browser, walk, log_id=log_id, waited=str(HOURS + 300))

    (row,) = stored(ash)
    assert row.recorded_at == world.clock.now - timedelta(minutes=5)
    assert row.said_at == row.recorded_at - timedelta(hours=1)


def test_other_words_under_an_id_that_arrived_before_its_answer_was_lost_are_kept_and_stand(browser, diary, ash, world):
    walk, log_id = diary.plan(on=date(2026, 3, 1)), str(uuid4())
    say(browser, walk, log_id=log_id, outcome="done")
    world.clock.on(minutes=1)

    for _ in range(2):
        say(browser, walk, log_id=log_id, outcome="partly", note="Half way", waited="30")
        say(browser, walk, log_id=log_id, outcome="done")

    assert [(one.outcome.value, one.note) for one in diary.logged()] == [("partly", "Half way")]
    assert sorted(row.outcome.value for row in stored(ash)) == ["done", "partly"]


def test_other_words_of_something_unplanned_under_one_id_are_kept_in_place_of_the_first(browser, diary, ash, world):
    swam = {"log_id": str(uuid4()), "on__day": "3", "on__month": "3", "on__year": "2026"}
    browser.post("/my/diary/happened", title="Swam", **swam)
    world.clock.on(minutes=1)

    for _ in range(2):
        browser.post("/my/diary/happened", title="Swam and walked home", waited="30", **swam)

    assert [one.title for one in diary.logged()] == ["Swam and walked home"] and len(stored(ash)) == 2
    entry = diary.logged()[0].id
    change = swam | {"log_id": str(uuid4())}
    browser.post(f"/my/diary/said/{entry}", title="Swam, then walked", **change)
    browser.post(f"/my/diary/said/{entry}", title="Swam, then ran", **change)
    assert [one.title for one in diary.logged()] == ["Swam, then ran"] and len(stored(ash)) == 4


def test_a_journey_makes_nothing_remembered_that_was_said_in_the_moment(diary, ash, world):
    with ash.working() as work:
        zone_actions.use_zone(work, patient=ash.patient(), zone="America/New_York")
    walk = diary.plan(on=date(2026, 3, 1))
    world.clock.on(hours=5)
    diary.log(walk, MARCH_3)

    with ash.working() as work:
        zone_actions.use_zone(work, patient=ash.patient(), zone="Europe/London")

    assert [one.remembered for one in diary.logged()] == [False]
