"""A patient plans, changes and says, in their browser. The clock stands on Tuesday 3 March 2026."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.clinical.recurrence import Freq, Rule
from app.diary import lift_queries, week_queries
from app.diary.kinds import Outcome
from app.diary.tables import ActivitySeries

MARCH_3, MARCH_4 = date(2026, 3, 3), date(2026, 3, 4)


def plan_of(title="Walk the dog", day="3", at="9am", repeat="daily", **more):
    return {
        "series_id": str(uuid4()),
        "title": title,
        "on__day": day,
        "on__month": "3",
        "on__year": "2026",
        "at": at,
        "repeat": repeat,
        "every": "1",
        "ends": "never",
        "remind": "15" if at else "none",
        **more,
    }


def saying(outcome="done", **more):
    return {"log_id": str(uuid4()), "outcome": outcome, **more}


@pytest.fixture
def browser(clients, ash):
    return clients(ash)


def test_an_activity_planned_once_is_on_every_day_of_the_week_and_on_today(browser):
    browser.post("/my/diary/new", **plan_of())

    week = browser.get("/my/diary?week=2026-03-09")
    assert week.text.count("Walk the dog") == 7 and week.text.count("every day") == 7
    assert "Walk the dog" in browser.get("/my/today").text


def test_a_form_that_is_sent_twice_plans_once(browser, ash):
    form = plan_of()

    for _ in range(2):
        browser.post("/my/diary/new", **form)

    assert ash.work().session.scalar(sa.select(sa.func.count()).select_from(ActivitySeries)) == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "Write what you plan to do"),
        ({"on__day": "31", "on__month": "2"}, "Enter the day"),
        ({"at": "quarter past"}, "Enter a time, like 9:30am"),
        ({"at": "25:00"}, "Enter a time, like 9:30am"),
        ({"every": "0"}, "Enter a whole number from 1 to 52"),
        ({"minutes": "2000"}, "Enter how long in minutes"),
        ({"ends": "on"}, "Enter the last day"),
        ({"ends": "on", "until_on__day": "1", "until_on__month": "3", "until_on__year": "2026"}, "before the first"),
        ({"ends": "after"}, "Enter how many times"),
        (
            {
                "repeat": "weekly",
                "weekdays": ["0"],
                "ends": "on",
                "until_on__day": "5",
                "until_on__month": "3",
                "until_on__year": "2026",
            },
            "Nothing would be planned: the first day that fits is Monday 9 March",
        ),
        ({"at": "", "remind": "15"}, "choose a time to be reminded at"),
        ({"at": "", "remind": "at"}, "Enter the time to remind you"),
        ({"difficulty": "11"}, "Choose a number from 0 to 10"),
    ],
)
def test_a_mistake_is_said_in_words_and_what_was_typed_stays(browser, wrong, words):
    page = browser.post("/my/diary/new", status=422, **plan_of(place="The common", **{"title": "Swim", **wrong}))

    assert words in page.text and page.fields["place"] == ["The common"]


def test_a_first_day_that_the_rule_does_not_have_is_moved_on_and_said(browser):
    page = browser.post("/my/diary/new", **plan_of("Swim", repeat="weekly", weekdays=["0"]))

    assert "It begins on Monday 9 March, the first day that fits." in page.text


@pytest.mark.parametrize(
    ("at", "remind", "anyway", "is_said"),
    [
        ("11pm", "0", "no", True),
        ("11pm", "0", "yes", False),
        ("8am", "30", "no", True),
        ("8am", "0", "", False),
        ("11pm", "none", "", False),
    ],
)
def test_a_reminder_that_falls_in_quiet_hours_is_said_to_be_shown_and_not_sent(browser, at, remind, anyway, is_said):
    page = browser.post("/my/diary/new", **plan_of(at=at, remind=remind, anyway=anyway))

    assert "It is in your diary." in page.text
    assert ("Its reminder falls in your quiet hours" in page.text) is is_said


def test_something_planned_for_a_day_that_is_past_is_in_the_diary_and_the_day_is_told(browser):
    page = browser.post("/my/diary/new", **plan_of(repeat="once", on__day="1", on__month="2"))

    assert "It is in your diary. Sunday 1 February is past. If you meant another day, tap its name." in page.text


def test_so_many_times_end_on_the_day_of_the_last(browser, diary):
    browser.post("/my/diary/new", **plan_of(ends="after", times="3"))

    assert "Walk the dog" in browser.get("/my/diary/day?on=2026-03-05").text
    assert "Walk the dog" not in browser.get("/my/diary/day?on=2026-03-06").text


def test_one_tap_on_today_says_done_and_two_taps_are_one_entry(browser, diary):
    walk = diary.plan()
    page = browser.get("/my/today")
    (log_id,) = page.fields["log_id"]

    for _ in range(2):
        page = browser.post(f"/my/diary/{walk}/{MARCH_3}", log_id=log_id, outcome="done", back="today")

    assert "Saved." in page.text and "Add how it felt" in page.text
    assert [one.outcome for one in diary.logged()] == [Outcome.DONE]


def test_zero_is_kept_and_nothing_is_nothing(browser, diary):
    walk = diary.plan()

    browser.post(f"/my/diary/{walk}/{MARCH_3}", **saying(pleasure="0", mastery="7", note="Slow, but out."))

    (entry,) = diary.logged()
    assert (entry.pleasure, entry.mastery, entry.mood_after, entry.note) == (0, 7, None, "Slow, but out.")
    assert "Enjoyed it 0 out of 10." in browser.get(f"/my/diary/{walk}/{MARCH_3}").text


def test_an_entry_with_a_mistake_keeps_what_was_typed(browser, diary):
    walk = diary.plan()

    page = browser.post(f"/my/diary/{walk}/{MARCH_3}", status=422, log_id=str(uuid4()), pleasure="6", note="It rained.")

    assert "Choose done, partly or not today" in page.text and page.fields["note"] == ["It rained."]
    assert page.fields["pleasure"] == ["6"]


def test_a_day_to_come_cannot_be_said_to_be_done(browser, diary):
    walk = diary.plan()

    assert "has not come yet" in browser.post(f"/my/diary/{walk}/{MARCH_4}", status=409, **saying()).text


def test_the_last_fourteen_days_can_be_filled_in_and_none_before(clients, ash, diary, world):
    walk = diary.plan()
    world.clock.on(days=15)
    browser = clients(ash)

    browser.post(f"/my/diary/{walk}/{MARCH_4}", **saying())

    assert "too long ago" in browser.post(f"/my/diary/{walk}/{MARCH_3}", status=409, **saying()).text


def test_a_change_of_time_asks_which_ones_and_says_what_each_would_do(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/2026-03-07/change"
    form = browser.get(address).fields

    asked = browser.post(address, status=200, **_changed(form, at="10am"))

    assert "Saturday 7 March is at 10:00am" in asked.text
    assert "At 10:00am, every day, from Saturday 7 March. Until then it stays at 9:00am." in asked.text
    assert "At 10:00am, every day, from today, Tuesday 3 March." in asked.text
    page = browser.post(address, **{**_flat(asked.fields), "scope": "one"})
    assert "Your change is saved." in page.text
    assert diary.planned(walk, date(2026, 3, 6), date(2026, 3, 8)) == [
        (date(2026, 3, 6), time(9)),
        (date(2026, 3, 7), time(10)),
        (date(2026, 3, 8), time(9)),
    ]


def test_which_ones_must_be_chosen(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/2026-03-07/change"
    asked = browser.post(address, status=200, **_changed(browser.get(address).fields, at="10am"))

    page = browser.post(address, status=422, **_flat(asked.fields))

    assert "Choose which to change" in page.text and "10:00am" in page.text


def test_a_new_name_needs_no_choice_and_leaves_the_days_alone(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/2026-03-07/change"

    browser.post(address, **_changed(browser.get(address).fields, title="Walk Biscuit"))

    assert diary.activity(walk).title == "Walk Biscuit" and len(diary.activity(walk).series.segments) == 1


def test_a_page_that_is_out_of_date_shows_both_and_can_be_sent_on_top(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/2026-03-07/change"
    mine = _changed(browser.get(address).fields, at="10am", title="Walk slowly")
    diary.change(walk, MARCH_4, "later", at=time(8))

    page = browser.post(address, status=409, **mine)

    assert "changed somewhere else" in page.text and "8:00am" in page.text
    assert page.fields["title"] == ["Walk slowly"] and page.fields["at"] == ["10am"]
    asked = browser.post(address, status=200, **_flat(page.fields))
    browser.post(address, **{**_flat(asked.fields), "scope": "later"})
    assert diary.planned(walk, date(2026, 3, 7), date(2026, 3, 7)) == [(date(2026, 3, 7), time(10))]


def test_the_31st_stays_the_31st_when_only_the_time_changes_in_february(browser, diary):
    browser.post(
        "/my/diary/new",
        **plan_of("Rent", repeat="month-day", day="31", on__month="3"),
    )
    (rent,) = [one.id for one in _activities(diary)]
    address = f"/my/diary/{rent}/2026-04-30/change"
    asked = browser.post(address, status=200, **_changed(browser.get(address).fields, at="11am"))

    browser.post(address, **{**_flat(asked.fields), "scope": "later"})

    days = diary.planned(rent, date(2026, 3, 1), date(2026, 5, 31))
    assert days == [(date(2026, 3, 31), time(9)), (date(2026, 4, 30), time(11)), (date(2026, 5, 31), time(11))]


def test_something_planned_once_is_moved_without_being_asked_which(browser, diary):
    browser.post("/my/diary/new", **plan_of("See Dev", repeat="once", day="5"))
    (coffee,) = [one.id for one in _activities(diary)]
    address = f"/my/diary/{coffee}/2026-03-05/change"

    browser.post(address, **_changed(browser.get(address).fields, on__day="7"))

    assert [on.day for on, _ in diary.planned(coffee, MARCH_3, date(2026, 3, 31))] == [7]


def test_one_taken_out_is_gone_until_it_is_put_back(browser, diary):
    walk = diary.plan()
    form = browser.get(f"/my/diary/{walk}/{MARCH_4}/stop").fields

    page = browser.post(f"/my/diary/{walk}/{MARCH_4}/stop", **{**_flat(form), "scope": "one"})

    assert "It is out of your diary." in page.text
    assert "Walk the dog" not in browser.get(f"/my/diary/day?on={MARCH_4}").text
    edit_id = form["edit_id"][0]
    browser.post(f"/my/diary/undo/{edit_id}")
    assert "Walk the dog" in browser.get(f"/my/diary/day?on={MARCH_4}").text


def test_another_day_for_all_that_follow_is_said_before_it_is_saved(browser, diary):
    swim = diary.plan("Swim", Rule(freq=Freq.WEEKLY, weekdays=(0,)), on=date(2026, 3, 9))
    address = f"/my/diary/{swim}/2026-03-16/change"

    asked = browser.post(address, status=200, **_changed(browser.get(address).fields, on__day="17"))

    assert "At 9:00am, every Tuesday, from Tuesday 17 March." in asked.text
    assert "At 9:00am, every Tuesday, from today, Tuesday 3 March." in asked.text
    browser.post(address, **{**_flat(asked.fields), "scope": "later"})
    assert [on.day for on, _ in diary.planned(swim, MARCH_3, date(2026, 3, 31))] == [9, 17, 24, 31]


def test_what_becomes_of_something_that_is_to_happen_once_is_said_with_its_day(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/2026-03-07/change"

    asked = browser.post(address, status=200, **_changed(browser.get(address).fields, repeat="once"))

    assert asked.text.count("At 9:00am, once, on Saturday 7 March.") == 2


def test_a_change_that_is_sent_twice_is_made_once_and_said_to_be_made(browser, diary):
    swim = diary.plan("Swim", Rule(freq=Freq.WEEKLY, weekdays=(0,)), on=date(2026, 3, 9))
    address = f"/my/diary/{swim}/2026-03-16/change"
    typed = _changed(browser.get(address).fields, on__day="17", scope="later", asked="yes")

    pages = [browser.post(address, **typed) for _ in range(2)]

    assert all("Your change is saved." in page.text for page in pages)
    assert diary.activity(swim).version == 2


def test_what_is_taken_out_and_put_back_by_two_taps_each_is_so_once(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/{MARCH_4}/stop"
    form = {**_flat(browser.get(address).fields), "scope": "one"}

    taken = [browser.post(address, **form) for _ in range(2)]
    back = [browser.post(f"/my/diary/undo/{form['edit_id']}") for _ in range(2)]

    assert all("It is out of your diary." in page.text for page in taken)
    assert all("It is as it was before." in page.text for page in back)
    assert diary.planned(walk, MARCH_4, MARCH_4) == [(MARCH_4, time(9))]


def test_taking_out_from_a_page_that_is_out_of_date_changes_nothing_and_says_so(browser, diary):
    walk = diary.plan()
    address = f"/my/diary/{walk}/{MARCH_4}/stop"
    form = {**_flat(browser.get(address).fields), "scope": "one"}
    diary.change(walk, MARCH_4, "later", at=time(8))

    page = browser.post(address, status=409, **form)

    assert "Nothing of this was saved." in page.text
    assert diary.planned(walk, MARCH_4, MARCH_4) == [(MARCH_4, time(8))]


def test_what_was_said_stays_when_all_is_taken_out(browser, diary):
    walk = diary.plan()
    diary.log(walk, MARCH_3, pleasure=5)

    diary.stop(walk, MARCH_4, "all")

    day = browser.get(f"/my/diary/day?on={MARCH_3}")
    assert "Walk the dog" in day.text and "Enjoyed it 5 out of 10" in day.text


def test_something_unplanned_is_written_down_corrected_and_taken_back(browser, diary):
    form = saying(title="Rang my sister", category="pleasurable", pleasure="8")
    day = {"on__day": "2", "on__month": "3", "on__year": "2026"}

    page = browser.post("/my/diary/happened", **form, **day)

    assert "Rang my sister" in page.text
    (entry,) = diary.logged()
    browser.post(f"/my/diary/said/{entry.id}", **saying(title="Rang my brother"), **day)
    (entry,) = diary.logged()
    assert entry.title == "Rang my brother"
    browser.post(f"/my/diary/said/{entry.id}/withdraw", log_id=str(uuid4()))
    assert diary.logged() == []


@pytest.mark.parametrize(
    ("day", "words"), [("4", "That day has not come yet"), ("1", "Enter one of the last 14 days, or today")]
)
def test_a_day_out_of_reach_is_a_mistake_beside_its_field_and_what_was_typed_stays(browser, diary, day, words):
    month = "3" if day == "4" else "2"
    form = saying(title="Rang my sister", note="She laughed", on__day=day, on__month=month, on__year="2026")

    page = browser.post("/my/diary/happened", status=422, **form)

    assert words in page.text and page.title.startswith("Error:")
    assert page.fields["title"] == ["Rang my sister"] and "She laughed" in page.text
    assert diary.logged() == []


def test_on_the_night_the_clocks_go_forward_a_thing_is_shown_at_the_time_they_show(browser, diary):
    diary.plan(at=time(1, 30))

    night = browser.get("/my/diary/day?on=2026-03-29")

    assert "2:30am" in night.text and "The clocks go forward on this day, so 1:30am is 2:30am." in night.text
    assert "clocks" not in browser.get("/my/diary/day?on=2026-03-30").text


def test_an_entry_that_was_taken_back_leaves_room_for_another(browser, diary):
    walk = diary.plan()
    entry = diary.log(walk, MARCH_3, Outcome.NOT_DONE)

    browser.post(f"/my/diary/said/{entry.id}/withdraw", log_id=str(uuid4()))

    browser.post(f"/my/diary/{walk}/{MARCH_3}", **saying())
    assert [one.outcome for one in diary.logged()] == [Outcome.DONE]


def test_a_correction_and_a_taking_back_that_are_sent_twice_are_made_once(browser, diary):
    walk = diary.plan()
    entry = diary.log(walk, MARCH_3)
    day = {"on__day": "3", "on__month": "3", "on__year": "2026"}
    correction, taking_back = saying(title="Walked to the shop"), str(uuid4())

    for _ in range(2):
        browser.post(f"/my/diary/said/{entry.id}", **correction, **day)

    (now,) = diary.logged()
    assert now.title == "Walked to the shop"
    for _ in range(2):
        page = browser.post(f"/my/diary/said/{now.id}/withdraw", log_id=taking_back)
        assert "That entry is taken back." in page.text
    assert diary.logged() == []


def test_an_entry_about_what_is_not_planned_any_more_still_says_what_was_planned_when_it_is_corrected(browser, diary):
    walk = diary.plan(minutes=20)
    entry = diary.log(walk, MARCH_3)
    diary.stop(walk, MARCH_4, "all")

    day = {"on__day": "3", "on__month": "3", "on__year": "2026"}
    browser.post(f"/my/diary/said/{entry.id}", **saying(title="Walk", pleasure="6"), **day)

    (now,) = diary.logged()
    assert (now.series_id, now.named_on, now.planned, now.pleasure) == (walk, MARCH_3, entry.planned, 6)


def test_one_moved_from_long_ago_and_done_today_is_not_asked_about_again(browser, diary):
    walk = diary.plan(on=date(2026, 2, 20))
    diary.change(walk, date(2026, 2, 21), "one", on=MARCH_3, at=time(17))
    for on in [date(2026, 2, 21), *(date(2026, 2, 26) + timedelta(days=n) for n in range(6))]:
        diary.log(walk, on)

    today = week_queries.for_today(diary.who.work(), diary.who.patient())

    assert [(one.named_on, one.state) for one in today.items] == [(MARCH_3, "done"), (date(2026, 2, 21), "done")]


@pytest.mark.parametrize("named_on", ["9999-12-31", "0001-01-01"])
def test_a_day_beyond_anybodys_diary_is_not_found(browser, diary, named_on):
    walk = diary.plan(rule=Rule(freq=Freq.WEEKLY, weekdays=(6,)))

    browser.get(f"/my/diary/{walk}/{named_on}", status=404)


def test_what_one_has_said_cannot_be_planned_otherwise(browser, diary):
    walk = diary.plan()
    diary.log(walk, MARCH_3)

    page = browser.get(f"/my/diary/{walk}/{MARCH_3}/change", status=409)

    assert "already said how this went" in page.text


def test_something_written_elsewhere_comes_into_the_form_and_not_into_an_address(browser):
    page = browser.post("/my/diary/begin", title="Practise slow breathing", source="homework")

    assert page.fields["title"] == ["Practise slow breathing"] and page.fields["source"] == ["homework"]


@pytest.mark.parametrize(("hours", "times"), [(16.5, 2), (18.5, 1)])
def test_before_four_in_the_morning_yesterdays_open_ones_come_first(clients, ash, diary, world, hours, times):
    diary.plan("Ring Ruth", at=None)
    diary.log(diary.plan("Cook", at=None), MARCH_3)
    world.clock.on(hours=hours)

    names = clients(ash).get("/my/today").text

    assert names.count("Ring Ruth Any time") == times and names.count("Cook Any time") == 1


def test_an_empty_week_says_what_to_do(browser):
    assert "Nothing is planned this week. One small thing is enough." in browser.get("/my/diary").text


def test_a_day_that_is_no_day_is_today(browser):
    assert "Tuesday 3 March" in browser.get("/my/diary/day?on=yesterday").text
    assert browser.get("/my/diary?week=9999-12-31").headings


def test_what_lifts_me_says_what_is_needed_until_there_is_enough(browser, diary, world):
    walk = diary.plan(on=date(2026, 2, 20), expected_pleasure=2)
    for n in range(2):
        diary.log(walk, date(2026, 2, 24 + n), mood_before=3, mood_after=5, pleasure=5)
    assert "It needs the same activity 3 times" in browser.get("/my/diary/lifts").text

    diary.log(walk, MARCH_3, mood_before=3, mood_after=5, pleasure=5)

    page = browser.get("/my/diary/lifts").text
    assert "After “Walk the dog” your mood was around 2 points higher than before, over 3 times." in page
    assert "That may be chance" in page and "around 3 points higher, over 3 times" in page


def test_an_idea_is_taken_into_the_form_with_its_kind(browser):
    assert "Open the post" in browser.get("/my/diary/ideas").text

    page = browser.post("/my/diary/begin", title="Open the post", category="necessary")

    assert page.fields["title"] == ["Open the post"] and page.fields["category"] == ["necessary"]


def test_a_stranger_finds_nothing(clients, diary, world, robin):
    walk = diary.plan()
    other = clients(world.patient("Bel Carver", of=robin))

    for path in (f"/my/diary/{walk}/{MARCH_3}", f"/my/diary/{walk}/{MARCH_3}/change"):
        other.get(path, status=404)
    other.post(f"/my/diary/{walk}/{MARCH_3}", status=404, **saying())


def _activities(diary):
    from app.diary import plan_queries

    return plan_queries.activities(diary.who.work(), diary.who.patient())


def _flat(fields):
    kept = {name.replace("-", "__"): value if len(value) > 1 else value[0] for name, value in fields.items()}
    return {name: value for name, value in kept.items() if name != "csrf"}


def _changed(fields, **more):
    return {**_flat(fields), **more}


def test_who_goes_back_to_an_entry_that_they_corrected_finds_it_as_it_is_now(browser, diary):
    browser.post("/my/diary/happened", **saying(title="Swam", on__day="3", on__month="3", on__year="2026"))
    first = diary.logged()[0].id
    day = {"on__day": "3", "on__month": "3", "on__year": "2026"}
    for title in ("Swam far", "Swam very far"):
        browser.post(f"/my/diary/said/{first}", **saying(title=title, **day))

    answer = browser.http.get(f"/my/diary/said/{first}", follow_redirects=False)
    assert browser.get(answer.headers["location"]).fields["title"] == ["Swam very far"]
    assert [one.title for one in diary.logged()] == ["Swam very far"]


def test_a_change_can_be_undone_with_its_words_and_its_time(browser, diary):
    walk = diary.plan(at=time(9))
    form = browser.get(f"/my/diary/{walk}/{MARCH_4}/change").fields
    typed = {name: values[-1] for name, values in form.items() if values and values[-1]}
    browser.post(
        f"/my/diary/{walk}/{MARCH_4}/change", **typed | {"title": "Run", "at": "10am", "scope": "later", "asked": "yes"}
    )
    assert (diary.activity(walk).title, diary.activity(walk).segment(MARCH_4).at) == ("Run", time(10))

    page = browser.post(f"/my/diary/undo/{typed['edit_id']}?week={MARCH_4}")

    assert "It is as it was before." in page.text
    assert (diary.activity(walk).title, diary.activity(walk).segment(MARCH_4).at) == ("Walk the dog", time(9))


def test_a_change_that_was_changed_again_is_not_undone_and_the_diary_says_so(browser, diary):
    walk, edit_id = diary.plan(at=time(9)), uuid4()
    diary.change(walk, MARCH_4, "all", at=time(10), edit_id=edit_id)
    diary.change(walk, MARCH_4, "all", at=time(11))

    page = browser.post(f"/my/diary/undo/{edit_id}?week={MARCH_4}")

    assert "It was not put back: it has been changed again since." in page.text and "11:00am" in page.text
    assert diary.activity(walk).segment(MARCH_4).at == time(11)


def test_the_address_of_an_undo_leads_to_the_diary_where_somebody_comes_back_to_it(browser):
    answer = browser.http.get(f"/my/diary/undo/{uuid4()}", follow_redirects=False)

    assert answer.headers["location"] == "/my/diary"


@pytest.mark.parametrize(("after", "reach"), [(5, 3), (8, 5), (10, 10)])
def test_the_drawing_of_what_lifts_reaches_as_far_as_what_is_in_it(diary, ash, after, reach):
    walk = diary.plan(on=date(2026, 2, 24))
    for day in (24, 25, 26):
        diary.log(walk, date(2026, 2, day), mood_before=3, mood_after=after)

    lifts = lift_queries.what_lifts(ash.work(), ash.patient())

    assert lifts.reach == reach
    assert [lifts.place(-reach), lifts.place(0), lifts.place(reach)] == [0, 0.5, 1]


def test_one_day_alone_can_be_at_any_time_and_of_any_length(browser, diary):
    walk = diary.plan(at=time(9), minutes=30)
    address = f"/my/diary/{walk}/{MARCH_4}/change"
    form = _changed(browser.get(address).fields, at="", minutes="", remind="none")

    browser.post(address, **form, scope="one", asked="yes")

    activity = diary.activity(walk)
    alone, next_day = activity.occurrence(MARCH_4), activity.occurrence(date(2026, 3, 5))
    assert (alone.at, alone.minutes) == (None, None)
    assert (next_day.at, next_day.minutes) == (time(9), 30)
