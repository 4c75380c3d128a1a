"""What a plan becomes when it is changed: the day somebody chose is kept, and so is what they did not touch."""

from datetime import date, time, timedelta

import pytest

from app.clinical.planning import Scope, When, changed, segment_for, taken_until
from app.clinical.recurrence import Act, Freq, Override, Rule, Series, expand

NINE, TEN, THREE = time(9), time(10), time(15)
DAILY, ONCE = Rule(freq=Freq.DAILY), Rule(freq=Freq.ONCE)
MON, TUE, WED, THU = 0, 1, 2, 3
# A Monday.
MARCH_2 = date(2026, 3, 2)


def march(day):
    return date(2026, 3, day)


def weekly(*weekdays, every=1):
    return Rule(freq=Freq.WEEKLY, weekdays=weekdays, every=every)


def planned(rule, at=NINE, on=MARCH_2):
    return Series((segment_for(When(on, rule, at)),))


def on_days(series, last=31):
    return [one.on.day for one in expand(series, MARCH_2, march(last))]


def at_times(series, first, last):
    return [(one.on.day, one.at) for one in expand(series, march(first), march(last))]


@pytest.mark.parametrize("scope", [Scope.LATER, Scope.ALL])
def test_one_that_had_a_time_of_its_own_gets_the_new_time_with_the_later_ones(scope):
    alone = changed(planned(DAILY), march(5), Scope.ONE, When(march(5), DAILY, THREE), march(4))

    after = changed(alone, march(5), scope, When(march(5), DAILY, TEN), march(4))

    assert at_times(after, 5, 6) == [(5, TEN), (6, TEN)]


def test_one_that_was_moved_keeps_its_day_when_only_the_time_of_the_later_ones_changes():
    moved = changed(planned(weekly(THU)), march(12), Scope.ONE, When(march(13), weekly(THU), THREE), march(4))

    after = changed(moved, march(12), Scope.LATER, When(march(13), weekly(THU), TEN), march(4))

    assert at_times(after, 5, 19) == [(5, NINE), (13, TEN), (19, TEN)]


def test_moving_on_one_that_was_moved_before_takes_the_later_ones_with_it_and_leaves_none_behind():
    moved = changed(planned(weekly(THU)), march(12), Scope.ONE, When(march(13), weekly(THU), NINE), march(4))

    after = changed(moved, march(12), Scope.LATER, When(march(14), weekly(THU), NINE), march(4))

    assert on_days(after) == [5, 14, 21, 28]


@pytest.mark.parametrize(
    ("rule", "was", "now", "days"),
    [
        (Rule(freq=Freq.DAILY, every=2), 6, 7, [2, 4, 7, 9, 11]),
        (DAILY, 6, 9, [2, 3, 4, 5, 9, 10, 11]),
        (weekly(MON, every=2), 16, 23, [2, 23]),
        (weekly(MON, every=2), 16, 24, [2, 24]),
        (weekly(MON), 9, 27, [2, 27]),
    ],
    ids=["every other day", "a few days on", "to the other week", "to the other week's Tuesday", "weeks on"],
)
def test_the_later_ones_begin_on_the_day_that_one_was_moved_to(rule, was, now, days):
    after = changed(planned(rule), march(was), Scope.LATER, When(march(now), rule, NINE), march(3))

    assert on_days(after)[: len(days)] == days


@pytest.mark.parametrize("today", [3, 9, 10])
def test_every_other_week_stays_in_its_weeks_when_all_move_to_another_day(today):
    every_other = weekly(MON, every=2)

    after = changed(planned(every_other), march(16), Scope.ALL, When(march(17), every_other, NINE), march(today))

    assert [day for day in on_days(after) if day > 9] == [17, 31]


def test_every_other_week_stays_in_its_weeks_when_all_get_another_day_more():
    both = weekly(MON, WED, every=2)

    after = changed(planned(weekly(MON, every=2)), march(16), Scope.ALL, When(march(16), both, NINE), march(9))

    assert on_days(after) == [2, 16, 18, 30]


@pytest.mark.parametrize("scope", [Scope.LATER, Scope.ALL])
def test_what_is_to_happen_once_from_now_on_happens_on_the_day_that_was_chosen(scope):
    after = changed(planned(weekly(MON)), march(16), scope, When(march(18), ONCE, NINE), march(3))

    assert on_days(after)[-1] == 18
    assert expand(after, march(19), march(19) + timedelta(days=90)) == []


def test_a_day_that_was_left_out_is_there_again_when_somebody_moves_one_to_it():
    whole = planned(weekly(MON, TUE))
    without = Series(whole.segments, {march(17): Override(Act.SKIP)})

    after = changed(without, march(16), Scope.LATER, When(march(17), weekly(MON, TUE), NINE), march(3))

    assert on_days(after) == [2, 3, 9, 10, 17, 24, 31]


@pytest.mark.parametrize("now", [1, 5, 9], ids=["before the older plan began", "while it went on", "on its last day"])
def test_what_is_planned_once_moves_back_among_an_older_plan_without_a_day_of_that_lost(now):
    older = changed(planned(DAILY), march(10), Scope.LATER, When(march(18), ONCE, NINE), march(1))

    after = changed(older, march(18), Scope.ALL, When(march(now), ONCE, TEN), march(1))

    found = [(one.on.day, one.at) for one in expand(after, march(1), march(31))]
    assert found == sorted([*((day, NINE) for day in range(2, 10)), (now, TEN)])


def test_what_was_planned_once_and_moved_among_an_older_plan_can_be_moved_out_again():
    older = changed(planned(DAILY), march(10), Scope.LATER, When(march(18), ONCE, NINE), march(1))
    among = changed(older, march(18), Scope.ALL, When(march(5), ONCE, TEN), march(1))

    after = changed(among, march(18), Scope.ALL, When(march(20), ONCE, THREE), march(1))

    assert at_times(after, 9, 31) == [(9, NINE), (20, THREE)] and on_days(after) == [*range(2, 10), 20]


def test_what_was_planned_once_and_is_to_repeat_begins_when_the_older_plan_has_ended():
    older = changed(planned(DAILY), march(10), Scope.LATER, When(march(18), ONCE, NINE), march(1))
    often = When(march(5), weekly(THU), TEN)

    after = changed(older, march(18), Scope.ALL, often, march(1))

    assert taken_until(older, march(18), often) == march(9)
    assert at_times(after, 8, 31) == [(8, NINE), (9, NINE), (12, TEN), (19, TEN), (26, TEN)]


@pytest.mark.parametrize(
    ("rule", "was", "now", "days"),
    [
        (weekly(MON), 16, 4, [2, 4, 9, 18, 25]),
        (weekly(MON), 16, 13, [2, 9, 13, 20, 27]),
        (weekly(MON), 16, 2, [2, 2, 9, 23, 30]),
        (weekly(MON, every=2), 16, 11, [2, 11, 25]),
        (DAILY, 6, 4, [2, 3, 4, 4, 5, 7, 8]),
    ],
    ids=["to an earlier week", "to days before", "to another of its days", "every other week", "every day"],
)
def test_one_moved_to_an_earlier_day_with_the_later_ones_leaves_those_before_it_as_they_were(rule, was, now, days):
    after = changed(planned(rule), march(was), Scope.LATER, When(march(now), rule, TEN), march(1))

    assert on_days(after)[: len(days)] == days
    unchanged = [(one.on, one.at) for one in expand(planned(rule), MARCH_2, march(was - 1))]
    moved = (march(now), TEN)
    assert [
        (one.on, one.at) for one in expand(after, MARCH_2, march(was - 1)) if (one.on, one.at) != moved
    ] == unchanged


def test_one_moved_to_an_earlier_day_with_the_later_ones_keeps_its_name_and_what_was_left_out_there():
    without = Series(planned(DAILY).segments, {march(4): Override(Act.SKIP)})

    after = changed(without, march(6), Scope.LATER, When(march(4), DAILY, TEN), march(3))

    assert at_times(after, 3, 7) == [(3, NINE), (4, TEN), (5, NINE), (7, TEN)]
    assert [one.named_on for one in expand(after, march(4), march(4))] == [march(6)]


def test_one_of_many_that_is_to_happen_once_on_an_earlier_day_leaves_those_before_it():
    after = changed(planned(weekly(MON)), march(16), Scope.LATER, When(march(4), ONCE, TEN), march(3))

    assert at_times(after, 2, 31) == [(2, NINE), (4, TEN), (9, NINE)]


def test_what_is_planned_once_moves_without_what_was_moved_out_of_the_older_plan():
    moved = Series(planned(DAILY).segments, {march(5): Override(Act.CHANGE, moved_to=march(25))})
    older = changed(moved, march(8), Scope.LATER, When(march(18), ONCE, NINE), march(3))

    after = changed(older, march(18), Scope.ALL, When(march(20), ONCE, NINE), march(3))

    assert on_days(after) == [2, 3, 4, 6, 7, 20, 25]


def test_one_that_was_moved_by_hand_out_of_a_plan_that_ended_moves_alone():
    moved = Series(planned(DAILY).segments, {march(25): Override(Act.CHANGE, moved_to=march(26))})
    older = changed(moved, march(4), Scope.LATER, When(march(18), ONCE, NINE), march(3))
    assert on_days(older) == [2, 3, 18, 26]

    for day in (17, 27):
        after = changed(older, march(25), Scope.ALL, When(march(day), ONCE, NINE), march(3))

        assert on_days(after) == sorted([2, 3, 18, day])
