"""Which plans of reminders are left alone: those whose every part is as it was, until something new comes near."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.clinical.recurrence import Freq, Rule
from app.diary import jobs, standing_queries
from app.diary.tables import ActivityOverride, ActivitySegment
from app.kit.work import system_work
from app.notifications import switch_actions
from app.notifications.kinds import ReminderState
from app.notifications.reminder_tables import PushSubscription, Reminder
from tests.diary.test_reminders import move_to, pending, plan
from tests.statements import counted

MARCH_4 = date(2026, 3, 4)
WEEKLY = Rule(freq=Freq.WEEKLY, weekdays=(2,))
MONTHLY = Rule(freq=Freq.MONTHLY, month_day=4)
OTHERWISE = {
    "from_on": date(2026, 3, 2),
    "to_on": date(2026, 9, 1),
    "every": 2,
    "phase_on": date(2026, 3, 2),
    "until_on": date(2026, 3, 20),
    "at": time(9, 1),
    "minutes": 20,
    "remind_before": 16,
    "remind_at": time(8),
    "remind_anyway": True,
    "epoch": 1,
}
DECIDED = {
    "act": "skip",
    "moved_to": date(2026, 3, 6),
    "at": time(11),
    "minutes": 5,
    "any_time": True,
    "any_length": True,
    "epoch": 2,
}


def stands(world):
    with system_work(world.bind, world.service_id, clock=world.clock) as work:
        (only,) = standing_queries.reminded(work)
    return only.stands


def planned(world):
    """Plan, and see that it stands."""
    plan(world)
    assert stands(world)


def change(who, table, **values):
    with who.working() as work:
        work.session.execute(sa.update(table).values(**values))
        work.record("diary.changed-behind-its-back", patient=who.id)


def add_device(who):
    with who.working() as work:
        device = PushSubscription(
            person_id=who.id,
            fingerprint=uuid4().bytes,
            endpoint="https://push.example.org/1",
            p256dh="key",
            auth="auth",
            made_at=work.now,
            seen_at=work.now,
        )
        work.add(device)
        work.record("device.added", person=who.id)


def decide(who, series_id, named_on=MARCH_4, **values):
    with who.working() as work:
        decision = {
            "act": "change",
            "any_time": False,
            "any_length": False,
            "epoch": 0,
            "decided_at": work.now,
        } | values
        work.add(ActivityOverride(series_id=series_id, named_on=named_on, **decision))
        work.record("diary.changed-behind-its-back", patient=who.id)


def test_a_plan_that_nothing_has_changed_stands_and_is_not_written_again(diary, ash, world):
    diary.plan(remind_before=15)
    planned(world)

    with counted(world.bind) as sent:
        assert plan(world) == 1

    assert not [one for one in sent if one.lstrip().lower().startswith(("insert", "update"))]
    assert len(sent) <= 4


@pytest.mark.parametrize("column", OTHERWISE)
def test_a_plan_does_not_stand_once_its_rule_is_another_in_anything(diary, ash, world, column):
    diary.plan(rule=Rule(freq=Freq.DAILY), remind_before=15)
    planned(world)

    change(ash, ActivitySegment, **{column: OTHERWISE[column]})

    assert not stands(world)


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (WEEKLY, {"weekdays": [3]}),
        (MONTHLY, {"month_day": 5}),
        (MONTHLY, {"month_day": None, "month_nth": 1, "month_weekday": 2}),
        (Rule(freq=Freq.MONTHLY, month_nth=1, month_weekday=2), {"month_nth": 2}),
        (Rule(freq=Freq.MONTHLY, month_nth=1, month_weekday=2), {"month_weekday": 3}),
        (Rule(freq=Freq.DAILY), {"freq": "once"}),
    ],
)
def test_a_plan_does_not_stand_once_it_is_for_other_days(diary, ash, world, rule, values):
    diary.plan(rule=rule, on=MARCH_4, remind_before=15)
    planned(world)

    change(ash, ActivitySegment, **values)

    assert not stands(world)


@pytest.mark.parametrize("column", DECIDED)
def test_a_plan_does_not_stand_once_something_else_was_decided_of_a_day(diary, ash, world, column):
    walk = diary.plan(remind_before=15)
    decide(ash, walk, at=time(10))
    planned(world)

    change(ash, ActivityOverride, **{column: DECIDED[column]})

    assert not stands(world)


def test_a_plan_does_not_stand_once_a_day_is_decided_about_or_is_so_no_more(diary, ash, world):
    walk = diary.plan(remind_before=15)
    planned(world)

    decide(ash, walk, at=time(10))
    assert not stands(world)

    planned(world)
    with ash.working() as work:
        work.session.execute(sa.delete(ActivityOverride))
        work.record("diary.changed-behind-its-back", patient=ash.id)
    assert not stands(world)


def test_what_was_decided_of_a_day_long_ago_leaves_the_plan_as_it_is_unless_it_was_moved_to_one_that_is_near(
    diary, ash, world
):
    walk = diary.plan(remind_before=15)
    planned(world)

    decide(ash, walk, named_on=date(2026, 1, 7), at=time(10))
    assert stands(world)

    decide(ash, walk, named_on=date(2026, 1, 8), moved_to=MARCH_4, at=time(15))
    assert not stands(world)
    plan(world)
    assert datetime(2026, 3, 4, 14, 45, tzinfo=UTC) in pending(ash)


def test_a_plan_does_not_stand_once_another_activity_is_reminded_of_or_one_is_no_more(diary, ash, world):
    diary.plan(remind_before=15)
    planned(world)

    swim = diary.plan("Swim", remind_before=30)
    assert not stands(world)

    planned(world)
    change_to_none = sa.update(ActivitySegment).where(ActivitySegment.series_id == swim).values(remind_before=None)
    with ash.working() as work:
        work.session.execute(change_to_none)
        work.record("diary.changed-behind-its-back", patient=ash.id)
    assert not stands(world)


def test_a_plan_does_not_stand_once_its_patient_is_elsewhere(diary, ash, world):
    diary.plan(remind_before=15)
    planned(world)

    move_to(ash, "Europe/Berlin")

    assert not stands(world)
    plan(world)
    assert pending(ash)[0] == datetime(2026, 3, 4, 7, 45, tzinfo=UTC)


def test_a_plan_does_not_stand_once_its_patient_is_reached_by_other_ways(diary, ash, world):
    diary.plan(remind_before=15)
    add_device(ash)
    planned(world)

    for other in ({"email": False}, {"push": False}, {"sms": True, "phone": "07700900123"}, {"phone": None}):
        with ash.working() as work:
            switch_actions.save_settings(work, person_id=ash.id, **other)
        assert not stands(world), other
        planned(world)


def test_a_plan_does_not_stand_once_a_browser_is_there_to_be_reached_or_is_gone(diary, ash, world):
    diary.plan(remind_before=15)
    planned(world)

    add_device(ash)
    assert not stands(world)

    planned(world)
    change(ash, PushSubscription, ended_at=world.clock())
    assert not stands(world)


def test_a_way_that_was_given_up_and_taken_again_has_its_reminders_again(diary, ash, world):
    diary.plan(remind_before=15)
    for email in (True, False, True):
        with ash.working() as work:
            switch_actions.save_settings(work, person_id=ash.id, email=email)
        plan(world)

    states = ash.work().session.execute(sa.select(Reminder.state)).scalars()
    assert set(states) == {ReminderState.PENDING}


def test_what_another_process_planned_is_planned_once_more(diary, ash, world, monkeypatch):
    diary.plan(remind_before=15)
    planned(world)

    monkeypatch.setattr(standing_queries, "_KNOWN", "another that began later, and may know other rules of a zone")

    assert not stands(world)
    planned(world)


def test_a_plan_stands_until_the_next_reminder_comes_into_its_two_days(diary, ash, world):
    diary.plan(at=time(15), remind_before=0)
    planned(world)
    world.clock.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC) - timedelta(minutes=1)
    planned(world)

    world.clock.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    assert stands(world)
    world.clock.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC) + timedelta(seconds=1)
    assert not stands(world)

    plan(world)
    assert pending(ash)[-1] == datetime(2026, 3, 5, 15, 0, tzinfo=UTC)


def test_a_plan_that_nothing_comes_to_is_made_anew_after_six_hours_and_puts_its_rows_right(diary, ash, world):
    diary.plan(rule=WEEKLY, on=MARCH_4, remind_before=15)
    planned(world)
    change(ash, Reminder, state=ReminderState.CANCELLED)

    world.clock.on(hours=6)
    assert stands(world)
    world.clock.on(seconds=1)
    assert not stands(world)

    plan(world)
    assert len(pending(ash)) == 1


def test_a_plan_that_could_not_be_made_does_not_stand(diary, ash, world):
    diary.plan(remind_before=15)
    move_to(ash, "Nowhere/Land")

    assert plan(world) == 1
    assert not stands(world)

    move_to(ash, "Europe/London")
    planned(world)


def test_whoever_is_in_treatment_again_is_planned_for_again(diary, ash, world):
    diary.plan(remind_before=15)
    planned(world)
    change(ash, PatientRecord, discharged_at=world.clock())
    world.clock.on(days=1)
    assert jobs.plan(world.bind, world.service_id, clock=world.clock) == 0

    change(ash, PatientRecord, discharged_at=None)

    assert not stands(world)
    plan(world)
    assert pending(ash)[-1] == datetime(2026, 3, 6, 8, 45, tzinfo=UTC)
