"""A patient changes what is planned to a day before it. The clock stands on Tuesday 3 March 2026."""

from datetime import date, time

import pytest

from app.clinical.recurrence import Freq, Rule

MARCH_3, MARCH_31 = date(2026, 3, 3), date(2026, 3, 31)
MONDAYS, ONCE = Rule(freq=Freq.WEEKLY, weekdays=(0,)), Rule(freq=Freq.ONCE)


def march(day):
    return date(2026, 3, day)


@pytest.fixture
def browser(clients, ash):
    return clients(ash)


@pytest.fixture
def change(browser):
    """Change one occurrence on its page, as far as the page asking which ones."""

    def send(series_id, named_on, *, status, **typed):
        address = f"/my/diary/{series_id}/{named_on}/change"
        return browser.post(address, status=status, **filled(browser.get(address)) | typed)

    return send


def filled(page):
    return {
        name.replace("-", "__"): values if name == "weekdays" else values[-1]
        for name, values in page.fields.items()
        if values and values[-1] and name != "csrf"
    }


def days(diary, series_id):
    return [on.day for on, _ in diary.planned(series_id, MARCH_3, MARCH_31)]


def test_one_moved_to_an_earlier_week_with_the_later_ones_is_told_as_it_will_be(browser, diary, change):
    swim = diary.plan("Swim", MONDAYS, march(9))

    asked = change(swim, march(23), status=200, on__day="11")
    browser.post(f"/my/diary/{swim}/2026-03-23/change", **filled(asked) | {"scope": "later"})

    told = "This one is on Wednesday 11 March, at 9:00am. From Monday 23 March on it is every Wednesday, at 9:00am."
    assert told in asked.text and "Those before Monday 23 March stay as they are." in asked.text
    assert days(diary, swim) == [9, 11, 16, 25]


def test_something_planned_once_moves_back_to_before_the_end_of_an_older_plan(diary, change):
    walk = diary.plan()
    diary.change(walk, march(8), "later", on=march(18), rule=ONCE)

    page = change(walk, march(18), status=303, on__day="5", at="4pm")

    assert "Your change is saved." in page.text
    assert diary.planned(walk, march(5), MARCH_31) == [
        (march(5), time(9)),
        (march(5), time(16)),
        (march(6), time(9)),
        (march(7), time(9)),
    ]


def test_something_planned_once_cannot_begin_to_repeat_while_an_older_plan_goes_on(diary, change):
    walk = diary.plan()
    diary.change(walk, march(8), "later", on=march(18), rule=ONCE)

    page = change(walk, march(18), status=422, on__day="5", repeat="weekly")

    assert "Until Saturday 7 March it is planned as before. Choose a later day" in page.text
    assert page.fields["on-day"] == ["5"]
    assert days(diary, walk) == [3, 4, 5, 6, 7, 18]
