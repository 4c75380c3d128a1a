"""Being asked for one's mood: never until a time is chosen, and not where the part of the day has its number."""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from app import scheduler
from app.accounts.tables import PatientRecord
from app.clinical.reminder_reasons import Reason
from app.mood import jobs, reminder_actions
from app.notifications import dispatch_jobs, switch_actions
from app.notifications.kinds import Channel, ReminderKind, ReminderState, SwitchScope
from app.notifications.reminder_tables import Reminder

SIX = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def choose(who, *times):
    with who.working() as work:
        reminder_actions.choose_times(work, patient=who.patient(), times=times)


def rows(who, state=None):
    found = who.work().session.execute(
        sa.select(Reminder)
        .where(Reminder.person_id == who.id, Reminder.channel == Channel.IN_APP)
        .order_by(Reminder.due_at)
    )
    return [row for row in found.scalars() if state is None or row.state is state]


def pending(who):
    return [row.due_at for row in rows(who, ReminderState.PENDING)]


def go(world, at):
    world.clock.now = at
    dispatch_jobs.dispatch(world.bind, world.service_id, clock=world.clock, senders={}, still=scheduler.STILL_WANTED)


def test_nobody_is_asked_until_they_choose_a_time(ash, world):
    jobs.plan(world.bind, world.service_id, clock=world.clock)

    assert rows(ash) == []


def test_somebody_who_chose_is_asked_on_each_day_at_each_time(ash):
    choose(ash, time(18), time(12))

    noon = SIX - timedelta(hours=6)
    assert pending(ash) == [noon, SIX, noon + DAY, SIX + DAY]
    assert {row.kind for row in rows(ash)} == {ReminderKind.MOOD}
    assert all(row.about.keys() == {"plan", "on", "at", "since"} for row in rows(ash))


def test_planning_again_writes_nothing_anew_and_the_days_to_come_are_added(ash, world):
    choose(ash, time(18))
    before = [row.id for row in rows(ash)]

    jobs.plan(world.bind, world.service_id, clock=world.clock)
    assert [row.id for row in rows(ash)] == before
    world.clock.on(days=1)
    assert jobs.plan(world.bind, world.service_id, clock=world.clock) == 1
    assert pending(ash)[-1] == SIX + 2 * DAY


def test_other_times_take_the_place_of_the_old_and_none_is_none(ash):
    choose(ash, time(18))
    choose(ash, time(19))
    assert pending(ash) == [SIX + timedelta(hours=1), SIX + timedelta(hours=1) + DAY]

    choose(ash)
    assert pending(ash) == []


def test_one_that_comes_when_it_is_due_is_shown_on_today(ash, world, clients):
    choose(ash, time(18))
    go(world, SIX)

    assert rows(ash)[0].state is ReminderState.SENT
    assert "You asked us to ask you now." in clients(ash).get("/my/today").text


@pytest.mark.parametrize(("minutes", "reason"), [(-15, None), (15, Reason.ALREADY_SAID)])
def test_where_that_part_of_the_day_has_a_number_nobody_asks(ash, world, feelings, minutes, reason):
    choose(ash, time(18, 30))
    world.clock.now = SIX + timedelta(minutes=minutes)
    feelings.say(5)
    go(world, SIX + timedelta(minutes=30))

    assert rows(ash)[0].reason == (reason and reason.value)


def test_a_number_that_was_taken_back_answers_nothing(ash, world, feelings):
    choose(ash, time(12))
    world.clock.now = SIX - timedelta(hours=6, minutes=-1)
    feelings.take_back(feelings.say(5).id)
    go(world, world.clock.now)

    assert rows(ash)[0].state is ReminderState.SENT


def test_in_quiet_hours_it_is_withheld_and_not_put_off(ash, world):
    choose(ash, time(22))
    go(world, SIX + timedelta(hours=4))

    assert (rows(ash)[0].state, rows(ash)[0].reason) == (ReminderState.SUPPRESSED, Reason.QUIET_HOURS.value)


def test_turned_off_none_leaves_and_choosing_a_time_turns_it_on_again(ash, world):
    choose(ash, time(18))
    with ash.working() as work:
        switch_actions.switch_off(work, person_id=ash.id, scope=SwitchScope.KIND, which="mood")
    go(world, SIX)
    assert rows(ash)[0].reason == Reason.KIND_OFF.value

    choose(ash, time(19))
    go(world, SIX + timedelta(hours=1))
    assert [row.state for row in rows(ash) if row.due_at == world.clock.now] == [ReminderState.SENT]


def test_after_the_course_has_ended_nobody_is_asked(ash, world):
    choose(ash, time(18))
    with world.founding() as work:
        row = work.session.get_one(PatientRecord, (world.service_id, ash.id))
        row.discharged_at = work.now
        work.record("patient.discharged", patient=ash.id)

    assert jobs.plan(world.bind, world.service_id, clock=world.clock) == 0
    go(world, SIX)
    assert rows(ash)[0].reason == Reason.ACCOUNT_CLOSED.value


def test_times_are_chosen_and_taken_back_on_a_page(clients, ash):
    browser = clients(ash)
    assert "Off, until you choose a time." in browser.get("/my/reminders").text

    page = browser.post("/my/mood/reminders", times=["9am", "", "18:30", ""])
    assert "Saved. We will ask you at 9:00am and 6:30pm." in page.text
    assert "Every day at 9:00am and 6:30pm." in browser.get("/my/reminders").text
    assert "We will not ask." in browser.post("/my/mood/reminders", times=["", ""]).text


def test_a_time_that_is_none_is_said_and_what_was_typed_stays(clients, ash):
    page = clients(ash).post("/my/mood/reminders", times=["9am", "teatime"], status=422)

    assert "Enter a time, like 9:30am or 18:30" in page.text and "teatime" in page.fields["times"]
