"""The reminders that a diary asks for: written down with every change, and again and again, to the same rows."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord, Person
from app.clinical.recurrence import Freq, Rule
from app.diary import jobs
from app.diary import plan_actions as plans
from app.notifications import switch_actions
from app.notifications.kinds import Channel, ReminderState
from app.notifications.reminder_tables import PushSubscription, Reminder

MARCH_3 = date(2026, 3, 3)
DAY = timedelta(days=1)
TOMORROW_AT_NINE = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def rows(who, *, channel=Channel.IN_APP, state=None):
    found = who.work().session.execute(
        sa.select(Reminder).where(Reminder.person_id == who.id, Reminder.channel == channel).order_by(Reminder.due_at)
    )
    return [row for row in found.scalars() if state is None or row.state is state]


def pending(who):
    return [row.due_at for row in rows(who, state=ReminderState.PENDING)]


def plan(world):
    return jobs.plan(world.bind, world.service_id, clock=world.clock)


def move_to(who, zone):
    with who.working() as work:
        work.session.execute(sa.update(Person).where(Person.id == who.id).values(zone=zone))
        work.record("person.zone-changed", person=who.id)


def test_a_plan_with_a_reminder_has_those_of_the_next_two_days_at_once(diary, ash):
    diary.plan(remind_before=15)

    assert pending(ash) == [TOMORROW_AT_NINE - timedelta(minutes=15), TOMORROW_AT_NINE + DAY - timedelta(minutes=15)]
    assert {row.channel for row in ash.work().session.execute(sa.select(Reminder)).scalars()} == {
        Channel.IN_APP,
        Channel.EMAIL,
    }


def test_a_plan_without_one_has_none(diary, ash):
    diary.plan()

    assert pending(ash) == []


def test_any_time_of_the_day_is_reminded_of_at_a_time_of_its_own(diary, ash):
    diary.plan(at=None, remind_at=time(11))

    first, *_ = rows(ash)
    assert first.due_at == datetime(2026, 3, 3, 11, 0, tzinfo=UTC) and first.about["at"] is None
    assert first.expires_at == first.due_at + timedelta(minutes=30)


def test_planning_again_and_again_writes_nothing_anew(diary, ash, world):
    diary.plan(remind_before=0)
    before = [(row.id, row.key, row.due_at) for row in rows(ash)]

    for _ in range(3):
        assert plan(world) == 1

    assert [(row.id, row.key, row.due_at) for row in rows(ash)] == before


def test_the_days_to_come_are_written_down_as_they_come_near(diary, ash, world):
    diary.plan(remind_before=0)

    for _ in range(3):
        world.clock.on(days=1)
        plan(world)

    assert pending(ash)[-1] == TOMORROW_AT_NINE + 4 * DAY and len(pending(ash)) == 5


def test_a_key_has_no_time_of_day_and_no_zone_so_a_new_time_moves_the_same_row(diary, ash):
    walk = diary.plan(remind_before=0)
    (before, *_) = rows(ash)

    diary.change(walk, MARCH_3 + DAY, "later", at=time(10), remind_before=0)

    (after, *_) = rows(ash)
    assert (after.id, after.key) == (before.id, before.key)
    assert after.key == f"v1|act|{walk}|2026-03-04|0|0|in-app"
    assert after.due_at == TOMORROW_AT_NINE + timedelta(hours=1) and after.about["at"] == "10:00"


def test_a_skipped_wednesdays_reminder_is_cancelled_with_a_reason_and_all_others_stand(diary, ash):
    walk = diary.plan(remind_before=0)
    wednesday = date(2026, 3, 4)

    diary.stop(walk, wednesday, "one")

    assert [(row.state, row.reason) for row in rows(ash)] == [
        (ReminderState.CANCELLED, "plan-changed"),
        (ReminderState.PENDING, None),
    ]


def test_what_is_put_back_is_reminded_of_again(diary, ash):
    walk = diary.plan(remind_before=0)
    edit_id = diary.stop(walk, MARCH_3 + DAY, "all")
    assert pending(ash) == []

    with ash.working() as work:
        plans.undo_edit(work, patient=ash.patient(), edit_id=edit_id)

    assert pending(ash) == [TOMORROW_AT_NINE, TOMORROW_AT_NINE + DAY]
    assert {row.reason for row in rows(ash)} == {None}


def test_one_moved_to_a_later_time_has_a_reminder_of_its_own(diary, ash):
    walk = diary.plan(remind_before=0)

    diary.change(walk, MARCH_3 + DAY, "one", at=time(15), remind_before=0)

    keys = {row.key.split("|")[5]: row.state for row in rows(ash) if "2026-03-04" in row.key}
    assert keys == {"0": ReminderState.CANCELLED, "1": ReminderState.PENDING}


def test_a_change_of_one_series_leaves_the_others_reminders_alone(diary, ash):
    diary.plan("Tea", at=time(16), remind_before=0)
    walk = diary.plan(remind_before=0)

    diary.stop(walk, MARCH_3, "all")

    assert [at.hour for at in pending(ash)] == [16, 16]


def test_what_was_sent_stays_sent_whatever_is_planned_anew(diary, ash, world):
    diary.plan(remind_before=0)
    with ash.working() as work:
        work.session.execute(sa.update(Reminder).values(state=ReminderState.SENT, settled_at=work.now))
    sent = {row.id for row in rows(ash)}
    move_to(ash, "America/New_York")

    plan(world)

    assert {row.id for row in rows(ash, state=ReminderState.SENT)} == sent


def test_reminders_follow_somebody_to_another_zone_and_their_days_stay_theirs(diary, ash, world):
    diary.plan(remind_before=0)
    before = [row.id for row in rows(ash)]
    move_to(ash, "America/New_York")

    plan(world)

    there = ZoneInfo("America/New_York")
    assert pending(ash)[0] == datetime(2026, 3, 3, 9, 0, tzinfo=there)
    later = [row for row in rows(ash) if row.id in before]
    assert [row.due_at.astimezone(there).hour for row in later if row.state is ReminderState.PENDING] == [9]


@pytest.mark.parametrize(("minutes", "state"), [(9, ReminderState.PENDING), (11, ReminderState.EXPIRED)])
def test_a_time_that_a_journey_jumped_over_by_more_than_ten_minutes_is_not_reminded_of(
    diary, ash, world, minutes, state
):
    # It is ten in London and one in Auckland's night; at eleven there is nothing, at noon in Moscow there is.
    diary.plan(at=time(13), remind_before=0, rule=Rule(freq=Freq.ONCE))
    world.clock.on(minutes=minutes)
    move_to(ash, "Europe/Moscow")

    plan(world)

    (row,) = rows(ash)
    assert row.state is state and row.reason == ("too-late" if state is ReminderState.EXPIRED else None)


def test_a_browser_is_reminded_only_where_there_is_one(diary, ash, world):
    diary.plan(remind_before=0)
    assert rows(ash, channel=Channel.PUSH) == []
    with ash.working() as work:
        work.add(
            PushSubscription(
                person_id=ash.id,
                fingerprint=uuid4().bytes,
                endpoint="https://push.example.org/1",
                p256dh="key",
                auth="auth",
                made_at=work.now,
                seen_at=work.now,
            )
        )
        work.record("device.added", person=ash.id)

    plan(world)

    assert len(rows(ash, channel=Channel.PUSH)) == 2


def test_a_way_that_is_not_chosen_any_more_has_no_reminders(diary, ash, world):
    diary.plan(remind_before=0)
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, email=False)

    plan(world)

    assert {row.state for row in rows(ash, channel=Channel.EMAIL)} == {ReminderState.CANCELLED}
    assert len(pending(ash)) == 2


def test_nobody_who_was_discharged_is_planned_for(diary, ash, world):
    diary.plan(remind_before=0)
    with ash.working() as work:
        work.session.execute(sa.update(PatientRecord).where(PatientRecord.id == ash.id).values(discharged_at=work.now))
        work.record("patient.discharged", patient=ash.id)

    assert plan(world) == 0


def test_a_fault_in_one_diary_keeps_nobody_elses_back(diary, ash, world, robin):
    from tests.diary.conftest import Diary

    diary.plan(remind_before=0)
    other = world.patient("Bo Lindqvist", of=robin)
    Diary(other).plan(remind_before=0)
    with ash.working() as work:
        work.session.execute(sa.text("update person set zone = 'Nowhere/Land' where id = :id"), {"id": ash.id})
        work.record("person.zone-changed", person=ash.id)
    world.clock.on(days=1)

    assert plan(world) == 2

    assert len(pending(other)) == 3


def test_the_hour_that_the_clocks_leave_out_and_the_one_that_comes_twice_are_reminded_of_once(diary, ash, world):
    world.clock.now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    diary.plan(at=time(1, 30), remind_before=0)
    assert pending(ash)[0] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    world.clock.now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)

    plan(world)

    autumn = [at for at in pending(ash) if at > world.clock.now]
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_a_reminder_is_so_many_minutes_before_the_moment_and_not_before_the_clock(diary, ash, world):
    """At 02:30 on the night the clocks go forward, 60 minutes before is half past midnight by the clock."""
    world.clock.now = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    diary.plan(at=time(2, 30), remind_before=60)

    assert pending(ash)[0] == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
