"""A reminder that somebody plans into their own quiet hours: asked once whether it should disturb, and kept."""

from datetime import time

import pytest
import sqlalchemy as sa

from app.diary.tables import ActivitySegment, ActivitySeries
from app.notifications import switch_actions
from app.notifications.kinds import ReminderState
from app.notifications.reminder_tables import Reminder
from tests.diary.test_pages import plan_of

ASKS = "That is in your quiet hours"


@pytest.fixture
def browser(clients, ash):
    return clients(ash)


def answers(who):
    """What each plan says about quiet hours, in the order of their days."""
    found = sa.select(ActivitySegment.remind_anyway).order_by(ActivitySegment.from_on, ActivitySegment.at)
    return list(who.work().session.execute(found).scalars())


def is_planned(who):
    return bool(who.work().session.scalar(sa.select(sa.func.count()).select_from(ActivitySeries)))


def change_of(page, **changes):
    """The form of a page as it is, with some of its fields filled in anew."""
    fields = {name.replace("-", "__"): values[-1] for name, values in page.fields.items() if name != "csrf"}
    return fields | changes


def test_a_reminder_in_quiet_hours_is_asked_about_before_anything_is_planned(browser, ash):
    page = browser.post("/my/diary/new", status=200, **plan_of(at="6:15am"))

    assert ASKS in page.text and "would come at 6:00am" in page.text and "9:00pm to 8:00am" in page.text
    assert page.fields["anyway"] == ["no"] and not is_planned(ash)


@pytest.mark.parametrize(("answer", "kept"), [("no", False), ("yes", True)])
def test_the_answer_is_kept_with_the_plan(browser, ash, answer, kept):
    page = browser.post("/my/diary/new", status=200, **plan_of(at="6:15am"))

    browser.post("/my/diary/new", **change_of(page, anyway=answer))

    assert answers(ash) == [kept]


@pytest.mark.parametrize(
    "plan",
    [plan_of(at="9am"), plan_of(at="6:15am", remind="none"), plan_of(at="", remind="at", remind_at="11am")],
)
def test_nothing_is_asked_where_no_reminder_falls_in_quiet_hours(browser, ash, plan):
    browser.post("/my/diary/new", **plan)

    assert answers(ash) == [None]


def test_a_reminder_at_a_time_of_its_own_and_quiet_hours_of_ones_own_count(browser, ash):
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, quiet_from=time(13), quiet_to=time(15))

    page = browser.post("/my/diary/new", status=200, **plan_of(at="", remind="at", remind_at="2pm"))

    assert ASKS in page.text and "would come at 2:00pm" in page.text


def test_a_change_into_quiet_hours_asks_too_once_it_is_said_how_far_it_reaches(browser, ash, diary):
    walk = diary.plan(remind_before=15)
    address = f"/my/diary/{walk}/2026-03-04/change"

    which = browser.post(address, status=200, **change_of(browser.get(address), at="6:15am"))
    page = browser.post(address, status=200, **change_of(which, scope="all"))
    assert ASKS in page.text and answers(ash) == [None]
    browser.post(address, **change_of(page, anyway="yes"))

    assert answers(ash)[-1] is True


def test_one_alone_that_is_moved_into_quiet_hours_is_not_asked_about(browser, ash, diary):
    walk = diary.plan(remind_before=15)
    address = f"/my/diary/{walk}/2026-03-04/change"

    which = browser.post(address, status=200, **change_of(browser.get(address), at="6:15am"))
    browser.post(address, **change_of(which, scope="one"))

    assert answers(ash) == [None]


def test_it_is_asked_once_and_can_be_said_otherwise_in_the_plan(browser, ash, diary):
    walk = diary.plan(at=time(6), remind_before=0, remind_anyway=True)
    address = f"/my/diary/{walk}/2026-03-04/change"
    assert "in your quiet hours too" in browser.get(f"/my/diary/{walk}/2026-03-04").text
    page = browser.get(address)
    assert page.fields["anyway"] == ["yes"]

    which = browser.post(address, status=200, **change_of(page, anyway="no"))
    assert "Only this one" not in which.text
    browser.post(address, **change_of(which, scope="all"))

    assert answers(ash)[-1] is False
    waiting = sa.select(Reminder.about).where(Reminder.state == ReminderState.PENDING)
    assert [about.get("anyway") for about in ash.work().session.execute(waiting).scalars() if "anyway" in about] == []
