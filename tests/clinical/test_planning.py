"""What a plan becomes when it is changed: the day somebody chose is kept, and so is what they did not touch."""

from datetime import date, time, timedelta

import pytest

from app.clinical.planning import Scope, When, changed, segment_for
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
