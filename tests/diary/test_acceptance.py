"""The diary's acceptance cases, in their own words. The clock stands on Tuesday 3 March 2026, in London."""

from datetime import date, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.clinical.recurrence import Freq, Rule
from app.diary.kinds import Outcome
from app.diary.plan_actions import Stale
from app.diary.tables import ActivityLog

LONDON = ZoneInfo("Europe/London")
MARCH_3 = date(2026, 3, 3)
DAY = timedelta(days=1)


def test_a_walk_planned_daily_once_is_there_on_every_day_of_four_weeks(diary):
    walk = diary.plan()

    days = [on for on, _ in diary.planned(walk, MARCH_3, MARCH_3 + 27 * DAY)]

    assert days == [MARCH_3 + n * DAY for n in range(28)]


def test_pleasure_0_and_mastery_7_with_mood_after_untouched_are_read_back_as_0_7_and_empty(diary):
    walk = diary.plan()

    diary.log(walk, MARCH_3, pleasure=0, mastery=7)

    (read,) = diary.logged()
    assert (read.pleasure, read.mastery, read.mood_after) == (0, 7, None)


def test_a_skipped_wednesday_is_gone_and_all_others_stand(diary):
    walk = diary.plan()
    wednesday = date(2026, 3, 4)

    diary.stop(walk, wednesday, "one")

    days = [on for on, _ in diary.planned(walk, MARCH_3, MARCH_3 + 6 * DAY)]
    assert days == [MARCH_3 + n * DAY for n in (0, 2, 3, 4, 5, 6)]


def test_thursdays_walk_moved_to_friday_is_logged_as_thursdays_and_fridays_own_is_still_open(diary, world):
    walk = diary.plan()
    thursday, friday = date(2026, 3, 5), date(2026, 3, 6)
    diary.change(walk, thursday, "one", on=friday, at=time(15))
    world.clock.on(days=3)

    entry = diary.log(walk, thursday)

    assert (entry.named_on, entry.done_on) == (thursday, friday)
    assert diary.planned(walk, thursday, friday) == [(friday, time(9)), (friday, time(15))]
    assert [one.named_on for one in diary.logged()] == [thursday]


def test_moving_the_time_from_the_13th_leaves_twelve_logs_and_their_planned_nine_oclock_as_they_were(diary, world):
    walk = diary.plan()
    for n in range(12):
        diary.log(walk, MARCH_3 + n * DAY, pleasure=n % 11)
        world.clock.on(days=1)
    before = diary.logged()
    thirteenth = MARCH_3 + 12 * DAY

    diary.change(walk, thirteenth, "later", at=time(10))

    assert diary.logged() == before
    assert {one.planned["at"] for one in before} == {"09:00:00"}
    assert {at for _, at in diary.planned(walk, MARCH_3, thirteenth - DAY)} == {time(9)}
    assert {at for _, at in diary.planned(walk, thirteenth, thirteenth + 30 * DAY)} == {time(10)}


def test_all_changed_from_monday_to_tuesday_leaves_past_mondays_unchanged(diary, world):
    monday = date(2026, 3, 2)
    world.clock.on(days=-1)
    swim = diary.plan("Swim", Rule(freq=Freq.WEEKLY, weekdays=(0,)), on=monday)
    diary.log(swim, monday)
    world.clock.on(days=8)
    diary.log(swim, monday + 7 * DAY)
    was = diary.planned(swim, monday, monday + 8 * DAY)

    diary.change(swim, monday + 14 * DAY, "all", rule=Rule(freq=Freq.WEEKLY, weekdays=(1,)))

    assert diary.planned(swim, monday, monday + 7 * DAY) == was
    assert [one.named_on for one in diary.logged()] == [monday, monday + 7 * DAY]
    assert [on.weekday() for on, _ in diary.planned(swim, monday + 8 * DAY, monday + 40 * DAY)] == [1] * 5


def test_daily_half_past_one_happens_once_at_0130z_when_the_clocks_go_forward(diary):
    walk = diary.plan(at=time(1, 30))
    activity = diary.activity(walk)

    first, second = activity.between(date(2026, 3, 29), date(2026, 3, 30))

    assert first.starts_at(LONDON).isoformat() == "2026-03-29T01:30:00+00:00"
    assert first.starts_at(LONDON).astimezone(LONDON).time() == time(2, 30)
    assert second.starts_at(LONDON).isoformat() == "2026-03-30T00:30:00+00:00"


def test_when_the_clocks_go_back_half_past_one_happens_once_and_nine_is_nine(diary):
    night, morning = diary.activity(diary.plan(at=time(1, 30))), diary.activity(diary.plan(at=time(9)))
    sunday = date(2026, 10, 25)

    assert [one.starts_at(LONDON).isoformat() for one in night.between(sunday, sunday)] == ["2026-10-25T00:30:00+00:00"]
    assert [one.starts_at(LONDON).hour for one in morning.between(sunday - DAY, sunday)] == [8, 9]


def test_done_tapped_twice_and_synced_three_times_under_one_id_is_one_log(diary, world, ash):
    walk, log_id = diary.plan(), uuid4()

    entries = [diary.log(walk, MARCH_3, log_id=log_id, pleasure=6) for _ in range(6)]

    assert len({entry.id for entry in entries}) == 1 and len(diary.logged()) == 1
    assert ash.work().session.scalar(sa.select(sa.func.count()).select_from(ActivityLog)) == 1


def test_monthly_on_the_31st_from_january_2027_is_the_last_day_of_each_month(diary):
    bills = diary.plan("Pay the rent", Rule(freq=Freq.MONTHLY, month_day=31), on=date(2027, 1, 31))

    days = [on.day for on, _ in diary.planned(bills, date(2027, 1, 1), date(2027, 12, 31))]

    assert days == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_a_page_that_is_out_of_date_is_refused_before_it_writes(diary):
    walk = diary.plan()
    diary.change(walk, MARCH_3 + DAY, "later", at=time(10))

    with pytest.raises(Stale):
        diary.change(walk, MARCH_3 + DAY, "later", at=time(11), version=1)

    assert diary.planned(walk, MARCH_3 + DAY, MARCH_3 + DAY) == [(MARCH_3 + DAY, time(10))]


def test_a_change_sent_twice_is_made_once(diary):
    walk, edit_id = diary.plan(), uuid4()

    for _ in range(2):
        diary.change(walk, MARCH_3 + DAY, "later", at=time(10), edit_id=edit_id, version=1)

    assert diary.activity(walk).version == 2 and len(diary.activity(walk).series.segments) == 2


def test_the_later_ones_move_to_another_day_with_the_one_that_was_moved(diary):
    swim = diary.plan("Swim", Rule(freq=Freq.WEEKLY, weekdays=(2,)), on=date(2026, 3, 4))

    diary.change(swim, date(2026, 3, 18), "later", on=date(2026, 3, 17))

    days = [on for on, _ in diary.planned(swim, MARCH_3, date(2026, 3, 31))]
    assert days == [date(2026, 3, 4), date(2026, 3, 11), date(2026, 3, 17), date(2026, 3, 24), date(2026, 3, 31)]


def test_todays_that_was_already_said_to_be_done_is_not_changed_by_all_from_today(diary):
    walk = diary.plan()
    diary.log(walk, MARCH_3)

    diary.change(walk, MARCH_3 + DAY, "all", at=time(10))

    assert diary.planned(walk, MARCH_3, MARCH_3 + DAY) == [(MARCH_3, time(9)), (MARCH_3 + DAY, time(10))]


def test_what_was_taken_out_can_be_put_back(diary, ash):
    from app.diary import plan_actions

    walk = diary.plan()
    edit_id = diary.stop(walk, MARCH_3, "all")
    assert diary.planned(walk, MARCH_3, MARCH_3 + DAY) == []

    with ash.working() as work:
        plan_actions.undo_edit(work, patient=ash.patient(), edit_id=edit_id)

    assert len(diary.planned(walk, MARCH_3, MARCH_3 + DAY)) == 2


def test_a_correction_stands_beside_what_it_corrects(diary, ash):
    walk = diary.plan()
    first = diary.log(walk, MARCH_3, Outcome.NOT_DONE, barrier="It rained.")

    second = diary.log(walk, MARCH_3, Outcome.PARTLY, pleasure=4)

    assert [one.id for one in diary.logged()] == [second.id]
    stored = ash.work().session.get_one(ActivityLog, (ash.world.service_id, first.id))
    assert stored.superseded_by == second.id and stored.barrier == "It rained."
