"""A patient gives their mood a number in their browser, without a script. It is Tuesday 3 March 2026, 10:00."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.accounts.roles import Role
from app.clinical.mood import Scale
from app.diary.kinds import Outcome
from app.mood import actions
from tests.people import START
from tests.statements import counted

MARCH_2, MARCH_3 = date(2026, 3, 2), date(2026, 3, 3)
DAY = timedelta(days=1)
PAGES = ["/my/mood", "/my/mood/earlier", "/my/mood/calendar", "/my/mood/table", "/my/mood/day", "/my/mood/reminders"]


@pytest.fixture
def browser(clients, ash):
    return clients(ash)


def number(mood="6", **more):
    return {"rating_id": str(uuid4()), "mood": mood, "low": "0", "waited": "", **more}


def earlier(day="2", at="9pm", **more):
    return number(when="earlier", on__day=day, on__month="3", on__year="2026", at=at, **more)


def test_a_week_of_the_diary_has_each_days_mood_beside_its_name(browser, feelings):
    for given in (number(mood="6"), number(mood="4"), earlier(mood="5")):
        browser.post("/my/mood", **given)
    feelings.walk()

    week = browser.get("/my/diary").text

    assert "Monday 2 March Mood 5" in week and "Tuesday 3 March Today. Mood 4 to 6" in week


def test_one_tap_on_today_saves_says_so_and_can_be_taken_back(browser, feelings):
    assert "How is your mood right now?" in browser.get("/my/today").text
    tap = number(back="today")

    page = browser.post("/my/mood", **tap)

    assert page.headings == ["Hello Ash"] and "Saved: your mood is 6." in page.text
    assert "You said 6 out of 10, rather good, at 10:00am." in page.text and "Add a note, or change it" in page.text
    page = browser.post(f"/my/mood/ratings/{tap['rating_id']}/withdraw?back=today")
    assert "That number is taken back." in page.text and "How is your mood right now?" in page.text
    assert feelings.values() == []


def test_two_taps_of_one_button_are_one_number(browser, feelings):
    tap = number(back="today")
    for _ in range(2):
        browser.post("/my/mood", **tap)

    assert feelings.values() == [6]


@pytest.mark.parametrize("path", ["/my/today", "/my/mood", "/my/mood/earlier"])
def test_each_number_has_its_words_for_somebody_who_hears_it(browser, path):
    html = browser.http.get(path).text

    assert "0 is very low. 10 is very good." in html
    assert all(f'aria-label="{value}, {Scale().words(value)}"' in html for value in Scale().values)


def test_a_number_of_yesterday_is_not_todays(browser, feelings):
    feelings.say(6, felt_at=START - DAY)

    assert "How is your mood right now?" in browser.get("/my/today").text


def test_what_waited_without_a_connection_was_felt_when_it_was_tapped(browser, feelings):
    browser.post("/my/mood", **number(waited="7200"))

    (mood,) = feelings.all()
    assert (mood.felt_at, mood.sent_at) == (START - timedelta(hours=2), START)


def test_a_number_of_earlier_with_a_note_and_what_it_goes_with(browser, feelings):
    walk = feelings.walk()
    assert "Walk the dog" in browser.get("/my/mood/earlier?on=2026-03-02").text

    browser.post("/my/mood", **earlier(activity=f"{walk} 2026-03-02", note="The rain had stopped."))

    (mood,) = feelings.all()
    assert (mood.felt_at, mood.activity, mood.note) == (
        START.replace(day=2, hour=21),
        "Walk the dog",
        "The rain had stopped.",
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (number(mood=""), "Choose a number for your mood"),
        (number(mood="11"), "Choose a number from 0 to 10"),
        (number(mood="0", low="1"), "Choose a number from 1 to 10"),
        (earlier(day="31", at="9am"), "That time has not come yet"),
        (earlier(day="3", at="11am"), "That time has not come yet"),
        ({**earlier(at="9am"), "on__year": "9999"}, "Enter the day, like 27 3 2026"),
        ({**earlier(at="0:00"), "on__year": "0001"}, "Enter the day, like 27 3 2026"),
        (earlier(day="", at="9am"), "Enter the day, like 27 3 2026"),
        (earlier(at="soon"), "Enter a time, like 9:30am or 18:30"),
        (earlier(at=""), "Enter about what time it was"),
        (
            number(when="earlier", on__day="1", on__month="2", on__year="2026", at="9am"),
            "Enter a day in the last 14 days",
        ),
        (number(note="x" * 2001), "Shorten what you wrote to 2,000 letters"),
        (number(activity="nonsense"), "Choose what it goes with from the list"),
        (number(waited=str(15 * 86400)), "This waited for more than 14 days"),
        (number(waited="9" * 30), "This waited for more than 14 days"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_keeps_what_was_written(browser, feelings, wrong, words):
    page = browser.post("/my/mood", **{"note": "The rain had stopped.", **wrong}, status=422)

    assert words in page.text
    assert "The rain had stopped." in page.text or "x" * 2001 in page.text
    assert feelings.values() == []


def test_who_reads_it_is_said_before_the_note(browser):
    page = browser.get("/my/mood/earlier").text

    assert page.index("You and Robin can read what you write here.") < page.index("Anything to add?")


def test_a_change_keeps_the_moment_and_what_was_said_before(browser, feelings):
    rating = feelings.say(3, felt_at=START - timedelta(minutes=10, seconds=17))
    address = f"/my/mood/ratings/{rating.id}"
    form = browser.get(address)
    assert form.fields["at"] == ["9:49am"]

    page = browser.post(address, **earlier(day="3", at="9:49am", mood="4", note="On the bus."))

    assert "Your change is saved." in page.text and "On the bus." in page.text
    assert [(one.value, one.felt_at) for one in feelings.all()] == [(4, rating.felt_at)]


def test_a_service_that_rates_from_one_asks_from_one(browser, feelings, world):
    with world.staff("Lee Lead", Role.CLINICAL_LEAD).working() as work:
        actions.choose_scale(work, name="1-10")

    assert "1 is very low. 10 is very good." in browser.get("/my/today").text
    # Tapped on a page from before.
    browser.post("/my/mood", **number(mood="0"))
    assert [(one.value, one.scale.low) for one in feelings.all()] == [(0, 0)]


def test_the_chart_says_it_in_a_sentence_with_what_was_done_beneath(browser, feelings):
    walk = feelings.walk(on=MARCH_3 - 9 * DAY)
    for back in range(6):
        on = MARCH_3 - back * DAY
        feelings.went(walk, on, Outcome.DONE if back % 2 else Outcome.NOT_DONE)
        feelings.say(6 if back % 2 else 3, felt_at=START - back * DAY)

    page = browser.get("/my/mood?period=14").text

    assert "You gave your mood a number on 6 of 14 days." in page
    assert "On days with “Walk the dog” it was around 6." in page and "it was around 3. That may be chance" in page
    assert "Show this as a table" in page and "Still to come" in page


@pytest.mark.parametrize("path", ["/my/mood", "/my/mood/table"])
def test_any_days_can_be_chosen_and_a_mistake_in_them_is_said(browser, feelings, path):
    feelings.say(6, felt_at=START - 2 * DAY)
    asked = "&".join(f"{name}-{part}={value}" for name, day in (("first", 1), ("last", 2)) for part, value in
                     (("day", day), ("month", 3), ("year", 2026)))  # fmt: skip

    assert "Sunday 1 March to Monday 2 March 2026" in browser.get(f"{path}?{asked}").text
    wrong = asked.replace("last-day=2", "last-day=31").replace("last-month=3", "last-month=2")
    assert "Enter the last day" in browser.get(f"{path}?{wrong}", status=422).text
    assert "before the first" in browser.get(f"{path}?{asked.replace('first-day=1', 'first-day=9')}", status=422).text


def test_the_calendar_says_each_day_in_words(browser, feelings):
    feelings.say(3, felt_at=START - timedelta(hours=2))
    feelings.say(8)

    page = browser.get("/my/mood/calendar").text

    assert "around 5.5, in the middle, from 3 to 8" in page and "no number" in page
    assert "March 2026" in page and "No numbers in January 2026" in browser.get("/my/mood/calendar?month=2026-01").text


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "0000-01", "9999-12", ""])
def test_a_month_that_is_none_is_this_month(browser, month):
    assert "Your mood in March 2026" in browser.get(f"/my/mood/calendar?month={month}").text


def test_a_day_shows_each_number_with_where_it_came_from(browser, feelings):
    walk = feelings.walk()
    feelings.went(walk, MARCH_3, mood_before=2, mood_after=5)
    feelings.say(4, note="A bad night.")

    page = browser.get("/my/mood/day?on=2026-03-03").text

    assert "2 out of 10, low" in page and "Before Walk the dog, from your diary." in page
    assert "4 out of 10, rather low" in page and "A bad night." in page


@pytest.mark.parametrize("path", ["/my/mood?period=all", "/my/mood?period=7", "/my/mood/table", "/my/mood/day"])
def test_where_there_is_no_number_the_page_says_that_this_is_fine(browser, path):
    page = browser.get(path).text

    assert "starts with" in page or "and that is fine" in page


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_anothers(clients, world, feelings, path):
    feelings.say(4, note="A bad night.")

    assert "bad night" not in clients(world.patient("Kit Marlow")).get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_costs_few_statements_however_much_was_said(clients, ash, feelings, bind, path):
    for back in range(12):
        feelings.say(4, felt_at=START - back * DAY)
    browser = clients(ash)
    browser.get(path)

    with counted(bind) as sent:
        browser.get(path)

    assert len(sent) <= 6, "\n".join(sent)


def test_a_correction_sent_again_is_one_and_with_another_number_it_is_another(browser, feelings, world):
    first = feelings.say(4)
    change = number("5")
    for mood in ("5", "5", "7", "7"):
        world.clock.on(minutes=1)
        page = browser.post(f"/my/mood/ratings/{first.id}", **change | {"mood": mood})
        assert "Your change is saved." in page.text

    assert feelings.values() == [7]
