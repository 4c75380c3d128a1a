"""Mood in a real browser: one tap, with a script or without, on a phone in a tunnel, and weeks to look back on."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.clinical.mood import Scale
from app.clinical.planning import When
from app.clinical.recurrence import Freq, Rule
from app.diary import log_actions, plan_actions, plan_queries
from app.diary.kinds import Outcome
from app.diary.plan_actions import About
from app.mood import actions
from app.mood.tables import MoodRating
from tests.journeys.test_offline import kept, ready, say_sent, say_waits
from tests.people import START

# The entry that waits, as it were said ninety minutes before.
AN_HOUR_AND_A_HALF_AGO = """async () => {
  const open = indexedDB.open("braid");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const store = database.transaction("waiting", "readwrite").objectStore("waiting");
  await new Promise((done) => {
    const asked = store.getAll();
    asked.onsuccess = () => {
      for (const item of asked.result) store.put({ ...item, at: item.at - 5400000 });
      done();
    };
  });
}"""
DAY = timedelta(days=1)
TODAY = date(2026, 3, 3)


@pytest.fixture
def ash(enrol):
    return enrol("Ash Whitlock")


def told(ash):
    with ash.working() as work:
        mine = sa.select(MoodRating).where(MoodRating.patient_id == ash.id).order_by(MoodRating.felt_at)
        return [(row.value, row.felt_at, row.note) for row in work.session.execute(mine).scalars()]


def tap(window, number):
    window.page.locator("#mood ~ form, [aria-labelledby=mood] form").get_by_role("button", name=number).click()


@pytest.mark.parametrize("visit", ["390", "390-no-script"], indirect=True)
def test_one_tap_on_today_saves_and_is_taken_back_with_another(visit, ash):
    window = visit().sign_in(ash).go("/my/today")

    window.press("6, rather good").sees("Saved: your mood is 6.", "You said 6 out of 10, rather good, at 10:00am.")
    assert [value for value, *_ in told(ash)] == [6]
    window.press("Undo").sees("That number is taken back.", "How is your mood right now?")


@pytest.mark.parametrize("visit", ["390"], indirect=True)
def test_a_number_tapped_in_a_tunnel_waits_is_seen_and_arrives_once_as_felt_then(visit, ash, site):
    phone = ready(visit().sign_in(ash).go("/my/today"))
    phone.context.set_offline(True)
    tap(phone, "3, rather low")
    say_waits(phone, "1 thing is waiting to be sent. It will go when you are back online.")
    phone.look().sees("Your mood", "Waiting to be sent.")
    phone.page.evaluate(AN_HOUR_AND_A_HALF_AGO)
    assert told(ash) == []
    phone.context.set_offline(False)

    say_sent(phone, "Sent. 1 thing you wrote without a connection is saved.")
    ((value, felt_at, _),) = told(ash)
    assert value == 3 and timedelta(minutes=90) <= site.clock.now - felt_at < timedelta(minutes=100)
    assert kept(phone)["waiting"] == 0


@pytest.mark.parametrize("visit", ["390"], indirect=True)
def test_what_is_refused_afterwards_says_why_and_is_put_right(visit, ash, site):
    phone = ready(visit().sign_in(ash).go("/my/mood/earlier"))
    phone.choose("7, rather good").date("Which day?", "4", "3", "2026").fill("About what time?", "9am")
    phone.fill("Anything to add?", "The choir.")
    phone.context.set_offline(True)
    phone.page.get_by_role("button", name="Save").click()
    say_waits(phone, "1 thing is waiting")
    phone.context.set_offline(False)
    say_waits(phone, "We could not save 1 thing you wrote. Your words are still here.")
    phone.sees("That time has not come yet.")

    phone.press("Put it right")
    assert phone.page.get_by_label("Anything to add?").input_value() == "The choir."
    phone.date("Which day?", "2", "3", "2026").press("Save").sees("Your mood is saved.")

    assert [(value, note) for value, _, note in told(ash)] == [(7, "The choir.")]


def lived_through(ash):
    """Four weeks of numbers and of walks."""
    series, patient = uuid4(), ash.patient()
    with ash.working() as work:
        when = When(TODAY - 27 * DAY, Rule(freq=Freq.DAILY), time(9), 30)
        plan_actions.plan_activity(work, patient=patient, series_id=series, about=About("Walk the dog"), when=when)
    for back in range(14):
        on = TODAY - back * DAY
        with ash.working() as work:
            activity = plan_queries.activity(work, patient, series)
            outcome = (Outcome.DONE, Outcome.PARTLY, Outcome.NOT_DONE)[back % 3]
            log_actions.log_occurrence(
                work, patient=patient, activity=activity, occurrence=activity.occurrence(on), log_id=uuid4(),
                said=log_actions.Said(outcome, mood_before=3, mood_after=5 if back % 3 == 0 else None),
            )  # fmt: skip
            for hour in range(1 + back % 2):
                said = actions.Said(
                    (6, 5, 2)[back % 3] + hour, Scale(), START - back * DAY - timedelta(hours=2 * hour),
                    note="The rain had stopped, and I rang Joan." if back % 5 == 0 else "",
                )  # fmt: skip
                if back < 13 and back != 4:
                    actions.rate(work, patient=patient, rating_id=uuid4(), said=said)


@pytest.mark.parametrize("visit", ["390", "1280"], indirect=True)
def test_every_page_of_mood_can_be_read_at_any_width(visit, ash, robin):
    lived_through(ash)
    window = visit().sign_in(ash)

    window.go("/my/mood").sees("You gave your mood a number on 14 of 14 days.", "Walk the dog")
    for path in ("/my/mood/calendar", "/my/mood/table", "/my/mood/day", "/my/mood/reminders", "/my/mood?period=28"):
        window.go(path)
    visit().sign_in(robin).go(f"/patients/{ash.id}/mood").sees("Ash gave their mood a number on 14 of 14 days.")
