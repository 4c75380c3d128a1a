"""A practitioner reads a patient's diary."""

from datetime import UTC, date, datetime, time

from app.clinical.recurrence import Freq, Rule
from app.diary.kinds import Outcome

ONCE = Rule(freq=Freq.ONCE)
MARCH_2, MARCH_3 = date(2026, 3, 2), date(2026, 3, 3)


def test_a_practitioner_sees_what_was_planned_what_became_of_it_and_in_whose_words(clients, robin, diary, ash):
    walk = diary.plan(on=MARCH_2, expected_pleasure=2)
    diary.log(walk, MARCH_2, Outcome.NOT_DONE, barrier="It rained all day.")
    diary.log(walk, MARCH_3, pleasure=6, mood_before=3, mood_after=5)

    page = clients(robin).get(f"/patients/{ash.id}/diary").text

    assert "1 of 2 done so far this week , 1 not." in page
    assert "It rained all day." in page and "expected 2" in page and "3 before, 5 after" in page


def test_what_is_still_to_come_is_not_counted(clients, robin, diary, ash):
    diary.plan(on=MARCH_3, at=time(20))

    page = clients(robin).get(f"/patients/{ash.id}/diary").text

    assert "Nothing that was planned for this week has come yet" in page and "with nothing said yet" not in page


def test_an_empty_week_says_so(clients, robin, ash):
    page = clients(robin).get(f"/patients/{ash.id}/diary").text

    assert "Nothing is in Ash’s diary for this week." in page and "Too little has been said yet" in page


def test_that_it_was_opened_is_recorded_for_the_patient(clients, robin, ash):
    clients(robin).get(f"/patients/{ash.id}/diary")

    assert "Robin Hale" in clients(ash).get("/my/record").text


def test_what_is_later_today_is_to_come_and_what_has_begun_has_nothing_said(clients, robin, diary, ash):
    diary.plan("Walk", on=MARCH_3, at=time(9), rule=ONCE)
    diary.plan("Bath", on=MARCH_3, at=time(20), rule=ONCE)
    diary.plan("Read", on=MARCH_3, at=None, rule=ONCE)

    page = clients(robin).get(f"/patients/{ash.id}/diary")

    rows = row_words(page)
    assert "09:00 What Walk" in page.text and "20:00 What Bath" in page.text
    assert "nothing said" in rows["Walk"] and "to come" in rows["Bath"] and "to come" in rows["Read"]


def test_when_the_clocks_go_forward_a_thing_has_come_at_its_moment_and_not_before(clients, robin, diary, ash, world):
    """Half past one on 29 March is half past two on the wall."""
    world.clock.now = datetime(2026, 3, 29, 1, 10, tzinfo=UTC)
    diary.plan("Walk", on=date(2026, 3, 29), at=time(1, 30), rule=ONCE)

    before = row_words(clients(robin).get(f"/patients/{ash.id}/diary"))
    world.clock.on(minutes=20)
    after = row_words(clients(robin).get(f"/patients/{ash.id}/diary"))

    assert "to come" in before["Walk"] and "nothing said" in after["Walk"]


def row_words(page):
    """The words of each row of the week, by the first of what it is about."""
    return {row.split()[0]: row for row in page.text.split(" What ") if row}
