"""Activities that repeat: the days they come to, held against another library, and what an edit may not change."""

import random
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from pydantic import ValidationError

from app.clinical.local_time import Shift, instant, shift
from app.clinical.recurrence import (
    Act,
    Freq,
    Override,
    Rule,
    Segment,
    Series,
    changed_from,
    days,
    ended_from,
    expand,
    first_on,
    last_of,
    moved_rule,
)

LONDON = ZoneInfo("Europe/London")
DAILY = Rule(freq=Freq.DAILY)
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
RRULE_FREQ = {Freq.DAILY: rrule.DAILY, Freq.WEEKLY: rrule.WEEKLY, Freq.MONTHLY: rrule.MONTHLY}


def weekly(*weekdays, every=1):
    return Rule(freq=Freq.WEEKLY, weekdays=weekdays, every=every)


def monthly(day, every=1):
    return Rule(freq=Freq.MONTHLY, month_day=day, every=every)


def walk(rule=DAILY, from_on=date(2026, 11, 2), **more):
    return Series((Segment(from_on, rule, more.pop("phase_on", from_on), **{"at": time(9), **more}),))


def on(series, first, last):
    return [one.on for one in expand(series, first, last)]


def in_dateutil(rule, phase_on, until_on=None):
    """The same rule as another library reads it. It has no last day for short months, so that is asked for by place."""
    if rule.freq is Freq.ONCE:
        return rrule.rrule(rrule.DAILY, dtstart=_noon(phase_on), count=1)
    how = {"interval": rule.every, "wkst": rrule.MO, "dtstart": _noon(phase_on)}
    if rule.weekdays:
        how["byweekday"] = [rrule.weekdays[each] for each in rule.weekdays]
    if rule.month_day is not None:
        how["bymonthday"] = range(min(rule.month_day, 28), rule.month_day + 1)
        how["bysetpos"] = -1
    if rule.month_nth is not None:
        how["byweekday"] = rrule.weekdays[rule.month_weekday](rule.month_nth)
    return rrule.rrule(RRULE_FREQ[rule.freq], until=until_on and _noon(until_on), **how)


def _noon(on):
    return datetime.combine(on, time(12))


def any_rule(chance):
    freq = chance.choice(list(Freq))
    every = 1 if freq is Freq.ONCE else chance.choice([1, 1, 2, 3, 4, 5, 7, 12, 26, 52])
    if freq is Freq.WEEKLY:
        return Rule(freq=freq, every=every, weekdays=tuple(chance.sample(range(7), chance.randint(1, 7))))
    if freq is Freq.MONTHLY and chance.random() < 0.5:
        return Rule(freq=freq, every=every, month_day=chance.choice([*range(1, 32), 28, 29, 30, 31]))
    if freq is Freq.MONTHLY:
        nth = chance.choice([1, 2, 3, 4, -1, -2, -3, -4])
        return Rule(freq=freq, every=every, month_nth=nth, month_weekday=chance.randrange(7))
    return Rule(freq=freq, every=every)


def test_twenty_thousand_random_rules_come_to_the_same_days_as_another_library_says():
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    seen = 0
    for case in range(20_000):
        rule = any_rule(chance)
        begins = date(2016, 1, 1) + timedelta(days=chance.randrange(4000))
        phase_on = begins if rule.freq is Freq.ONCE else first_on(rule, begins)
        until_on = phase_on + timedelta(days=chance.randrange(900)) if chance.random() < 0.3 else None
        first = phase_on + timedelta(days=chance.randrange(-40, 800))
        last = first + timedelta(days=chance.choice([0, 6, 6, 6, 30, 60, 365]))
        series = walk(rule, from_on=begins, phase_on=phase_on, until_on=until_on)

        told = in_dateutil(rule, phase_on, until_on).between(_noon(first), _noon(last), inc=True)

        assert on(series, first, last) == [each.date() for each in told], (seed, case, rule, phase_on, first, last)
        seen += len(told)
    assert seen > 40_000


def test_a_window_costs_the_same_however_long_ago_the_series_began():
    asked = []

    class Counting(date):
        def __add__(self, other):
            asked.append(other)
            return super().__add__(other)

    for rule in (DAILY, weekly(MON, WED, FRI, every=2), monthly(15), monthly(31, every=3)):
        counts = []
        for years in (1, 5, 10, 100):
            asked.clear()
            first = Counting(2026, 11, 2)
            list(days(rule, date(2026 - years, 11, 2), first, first + timedelta(days=6)))
            counts.append(len(asked))
        # A week holds seven days; another library counts all that came before.
        assert max(counts) <= 12, (rule, counts)


# RFC 5545, section 3.8.5.3: those examples that this grammar has words for, with the dates the standard lists.
@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        pytest.param(DAILY, "1997-09-02", "9/2 9/3 9/4 9/5 9/6 9/7 9/8 9/9 9/10 9/11", id="daily, ten times"),
        pytest.param(
            Rule(freq=Freq.DAILY, every=2), "1997-09-02", "9/2 9/4 9/6 9/8 9/10 9/12 9/14", id="every other day"
        ),
        pytest.param(
            Rule(freq=Freq.DAILY, every=10), "1997-09-02", "9/2 9/12 9/22 10/2 10/12", id="every ten days, five times"
        ),
        pytest.param(
            weekly(TUE), "1997-09-02", "9/2 9/9 9/16 9/23 9/30 10/7 10/14 10/21 10/28 11/4", id="weekly, ten times"
        ),
        pytest.param(
            weekly(TUE, every=2), "1997-09-02", "9/2 9/16 9/30 10/14 10/28 11/11", id="every other week, for ever"
        ),
        pytest.param(
            weekly(TUE, THU), "1997-09-02", "9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2", id="Tuesday and Thursday"
        ),
        pytest.param(
            weekly(MON, WED, FRI, every=2),
            "1997-09-01",
            "9/1 9/3 9/5 9/15 9/17 9/19 9/29 10/1 10/3 10/13",
            id="every other week on Monday, Wednesday and Friday",
        ),
        pytest.param(
            weekly(TUE, THU, every=2), "1997-09-02", "9/2 9/4 9/16 9/18 9/30 10/2 10/14 10/16", id="eight times"
        ),
        pytest.param(
            Rule(freq=Freq.MONTHLY, month_nth=1, month_weekday=FRI),
            "1997-09-05",
            "9/5 10/3 11/7 12/5 1/2 2/6 3/6 4/3 5/1 6/5",
            id="monthly on the first Friday, ten times",
        ),
        pytest.param(
            Rule(freq=Freq.MONTHLY, month_nth=-2, month_weekday=MON),
            "1997-09-22",
            "9/22 10/20 11/17 12/22 1/19 2/16",
            id="monthly on the second to last Monday, for six months",
        ),
        pytest.param(
            Rule(freq=Freq.MONTHLY, month_nth=1, month_weekday=FRI, every=2),
            "1997-09-05",
            "9/5 11/7 1/2 3/6 5/1",
            id="every other month on the first Friday",
        ),
        pytest.param(
            monthly(15, every=18), "1997-09-15", "9/15 3/15 9/15", id="every eighteen months on one day of those"
        ),
    ],
)
def test_the_examples_of_rfc_5545_within_the_grammar(rule, start, expected):
    start = date.fromisoformat(start)
    wanted = expected.split()

    found = [f"{each.month}/{each.day}" for each in days(rule, start, start, last_of(rule, start, len(wanted)))]

    assert found == wanted


def test_monthly_on_the_31st_is_the_last_day_of_every_month():
    found = on(walk(monthly(31), date(2027, 1, 31)), date(2027, 1, 1), date(2027, 12, 31))

    assert [each.day for each in found] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


@pytest.mark.parametrize(("day", "expected"), [(28, 28), (29, 29), (30, 29), (31, 29)])
def test_in_a_leap_year_february_has_its_29th(day, expected):
    assert on(walk(monthly(day), date(2028, 1, day)), date(2028, 2, 1), date(2028, 2, 29)) == [date(2028, 2, expected)]


def test_a_first_day_that_the_rule_does_not_have_moves_to_the_next_that_it_has():
    assert first_on(weekly(MON), date(2026, 11, 4)) == date(2026, 11, 9)
    assert first_on(monthly(31), date(2026, 2, 10)) == date(2026, 2, 28)
    assert first_on(weekly(WED, every=4), date(2026, 11, 4)) == date(2026, 11, 4)
    assert first_on(Rule(freq=Freq.ONCE), date(2026, 11, 4)) == date(2026, 11, 4)


def test_moving_one_for_all_that_follow_moves_the_rule():
    monday, tuesday, fifth_monday = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 30)

    assert moved_rule(weekly(MON, THU, every=2), monday, tuesday) == weekly(TUE, THU, every=2)
    assert moved_rule(weekly(MON, TUE), monday, tuesday) == weekly(TUE)
    assert moved_rule(monthly(2), monday, date(2026, 11, 28)) == monthly(28)
    last_monday = Rule(freq=Freq.MONTHLY, month_nth=-1, month_weekday=MON)
    assert moved_rule(Rule(freq=Freq.MONTHLY, month_nth=1, month_weekday=TUE), tuesday, fifth_monday) == last_monday
    assert moved_rule(DAILY, monday, tuesday) == DAILY


def test_so_many_times_end_on_the_day_of_the_last():
    assert last_of(DAILY, date(2026, 11, 2), 1) == date(2026, 11, 2)
    assert last_of(weekly(MON, THU), date(2026, 11, 2), 6) == date(2026, 11, 19)
    assert last_of(monthly(31), date(2027, 1, 31), 2) == date(2027, 2, 28)
    for times in (0, 201, -1):
        with pytest.raises(ValueError):
            last_of(DAILY, date(2026, 11, 2), times)


@pytest.mark.parametrize(
    "wrong",
    [
        {"freq": "weekly"},
        {"freq": "daily", "weekdays": [0]},
        {"freq": "weekly", "weekdays": [0, 0]},
        {"freq": "weekly", "weekdays": [7]},
        {"freq": "monthly"},
        {"freq": "monthly", "month_day": 32},
        {"freq": "monthly", "month_day": 1, "month_nth": 1, "month_weekday": 1},
        {"freq": "monthly", "month_nth": 1},
        {"freq": "monthly", "month_nth": 5, "month_weekday": 0},
        {"freq": "daily", "month_day": 3},
        {"freq": "daily", "every": 0},
        {"freq": "daily", "every": 53},
        {"freq": "hourly"},
    ],
)
def test_a_rule_that_does_not_say_when_is_refused(wrong):
    with pytest.raises(ValidationError):
        Rule.model_validate(wrong)


ZONES = {
    "Europe/London": [
        (date(2026, 3, 29), time(1, 30), "gap", 1),
        (date(2026, 10, 25), time(1, 30), "twice", 1),
        (date(2027, 3, 28), time(1, 30), "gap", 1),
        (date(2027, 10, 31), time(1, 30), "twice", 1),
    ],
    # Half an hour, and on the other side of the world.
    "Australia/Lord_Howe": [
        (date(2026, 10, 4), time(2, 15), "gap", 0.5),
        (date(2027, 4, 4), time(1, 45), "twice", 0.5),
    ],
    "America/Santiago": [(date(2026, 9, 6), time(0, 30), "gap", 1), (date(2026, 4, 4), time(23, 30), "twice", 1)],
    # Gave up changing its clocks: the last time they went forward was for good.
    "Europe/Istanbul": [(date(2016, 3, 27), time(3, 30), "gap", 1), (date(2015, 11, 8), time(3, 30), "twice", 1)],
}
ODD = [(zone, *case) for zone, cases in ZONES.items() for case in cases]


@pytest.mark.parametrize(("zone", "day", "at", "odd", "hours"), ODD, ids=[f"{o[0]} {o[1]}" for o in ODD])
def test_a_time_that_is_missing_moves_on_and_one_that_comes_twice_is_the_first(zone, day, at, odd, hours):
    zone = ZoneInfo(zone)
    series = walk(from_on=day - timedelta(days=3), at=at)

    before, that_day, after = (
        one.starts_at(zone) for one in expand(series, day - timedelta(days=1), day + timedelta(days=1))
    )

    # Elapsed time tells: a day is longer or shorter by what the clocks did, once, and nothing is left out.
    assert that_day - before == timedelta(days=1)
    assert after - that_day == timedelta(days=1) + timedelta(hours=-hours if odd == "gap" else hours)
    shown = that_day.astimezone(zone)
    assert (shown.date(), shown.time()) == (day, (datetime.combine(day, at) + _gap(odd, hours)).time())
    assert shift(day, at, zone) is (Shift.FORWARD if odd == "gap" else Shift.BACK)
    assert shift(day - timedelta(days=1), at, zone) is shift(day + timedelta(days=1), at, zone) is None


def _gap(odd, hours):
    return timedelta(hours=hours) if odd == "gap" else timedelta()


def test_a_place_that_gave_up_changing_its_clocks_keeps_the_hour_all_year():
    zone = ZoneInfo("Europe/Istanbul")

    assert instant(date(2016, 1, 10), time(9), zone).hour == 7
    assert instant(date(2016, 7, 10), time(9), zone).hour == instant(date(2017, 1, 10), time(9), zone).hour == 6


def test_half_past_one_happens_once_each_day_across_both_clock_changes():
    spring = expand(walk(from_on=date(2026, 3, 1), at=time(1, 30)), date(2026, 3, 28), date(2026, 3, 30))
    autumn = expand(walk(from_on=date(2026, 3, 1), at=time(1, 30)), date(2026, 10, 24), date(2026, 10, 26))

    assert [f"{one.starts_at(LONDON):%d %H:%M}" for one in spring] == ["28 01:30", "29 01:30", "30 00:30"]
    assert [f"{one.starts_at(LONDON):%d %H:%M}" for one in autumn] == ["24 00:30", "25 00:30", "26 01:30"]


def test_what_has_no_time_of_day_begins_at_no_instant_and_comes_before_what_has():
    any_time = Segment(date(2026, 11, 2), DAILY, date(2026, 11, 2))

    assert expand(Series((any_time,)), date(2026, 11, 2), date(2026, 11, 2))[0].starts_at(LONDON) is None


def test_one_that_is_left_out_is_gone_and_one_that_moved_keeps_its_name():
    thursday, friday = date(2026, 11, 5), date(2026, 11, 6)
    series = Series(
        walk().segments,
        {
            date(2026, 11, 4): Override(Act.SKIP),
            thursday: Override(Act.CHANGE, moved_to=friday, at=time(15)),
        },
    )

    found = expand(series, date(2026, 11, 3), friday)

    assert [(one.named_on.day, one.on.day, one.at.hour) for one in found] == [(3, 3, 9), (6, 6, 9), (5, 6, 15)]
    assert [one.changed for one in found] == [False, False, True]


def test_one_that_moved_out_of_the_window_is_not_in_it_and_one_that_moved_in_is():
    far = Series(walk().segments, {date(2026, 11, 5): Override(Act.CHANGE, moved_to=date(2026, 12, 24))})

    assert date(2026, 11, 5) not in on(far, date(2026, 11, 5), date(2026, 11, 8))
    assert [one.named_on for one in expand(far, date(2026, 12, 24), date(2026, 12, 24))] == [
        date(2026, 11, 5),
        date(2026, 12, 24),
    ]


def test_another_time_from_a_day_on_leaves_every_earlier_day_as_it_was():
    series = walk()
    before = expand(series, date(2026, 11, 2), date(2026, 11, 13))

    later = changed_from(series, date(2026, 11, 14), Segment(date(2026, 11, 14), DAILY, date(2026, 11, 2), at=time(10)))

    assert expand(later, date(2026, 11, 2), date(2026, 11, 13)) == before
    assert {one.at for one in expand(later, date(2026, 11, 14), date(2026, 11, 30))} == {time(10)}


def test_another_time_for_a_fortnightly_activity_does_not_change_its_weeks():
    series = walk(weekly(MON, every=2))
    segment = series.segments[0]

    later = changed_from(series, date(2026, 11, 9), Segment(date(2026, 11, 9), segment.rule, segment.phase_on))

    assert on(later, date(2026, 11, 2), date(2026, 12, 6)) == [
        date(2026, 11, 2),
        date(2026, 11, 16),
        date(2026, 11, 30),
    ]


def test_what_was_left_out_stays_out_while_the_new_rule_has_that_day_and_what_was_moved_stays_moved():
    wednesday, thursday = date(2026, 11, 18), date(2026, 11, 19)
    series = Series(
        walk().segments, {wednesday: Override(Act.SKIP), thursday: Override(Act.CHANGE, moved_to=date(2026, 11, 20))}
    )
    segment = Segment(date(2026, 11, 16), weekly(WED), date(2026, 11, 18))

    on_wednesdays = changed_from(series, date(2026, 11, 16), segment)
    on_mondays = changed_from(series, date(2026, 11, 16), Segment(date(2026, 11, 16), weekly(MON), date(2026, 11, 16)))

    assert on(on_wednesdays, date(2026, 11, 16), date(2026, 11, 29)) == [date(2026, 11, 20), date(2026, 11, 25)]
    assert wednesday not in on_mondays.overrides
    assert on(on_mondays, date(2026, 11, 16), date(2026, 11, 29)) == [
        date(2026, 11, 16),
        date(2026, 11, 20),
        date(2026, 11, 23),
    ]


def test_a_change_on_the_first_day_replaces_the_whole_plan():
    later = changed_from(walk(), date(2026, 11, 2), Segment(date(2026, 11, 2), weekly(SUN), date(2026, 11, 8)))

    assert len(later.segments) == 1


def test_an_ended_series_plans_nothing_more_not_even_what_had_been_moved_there():
    series = Series(
        walk().segments,
        {
            date(2026, 11, 3): Override(Act.CHANGE, moved_to=date(2026, 11, 12)),
            date(2026, 11, 4): Override(Act.CHANGE, at=time(18)),
            date(2026, 11, 15): Override(Act.CHANGE, at=time(7)),
        },
    )

    ended = ended_from(series, date(2026, 11, 10))

    assert on(ended, date(2026, 11, 10), date(2027, 11, 10)) == []
    assert on(ended, date(2026, 11, 2), date(2026, 11, 9)) == [date(2026, 11, each) for each in (2, 4, 5, 6, 7, 8, 9)]


def test_no_random_edit_changes_an_earlier_day_or_gives_two_plans_to_one():
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for case in range(2_000):
        begins = date(2026, 1, 1)
        rule = any_rule(chance)
        series = walk(rule, begins, phase_on=first_on(rule, begins))
        for _ in range(chance.randint(1, 4)):
            day = begins + timedelta(days=chance.randrange(200))
            was = expand(series, begins, day - timedelta(days=1))
            rule = any_rule(chance)
            new = Segment(day, rule, first_on(rule, day), at=time(chance.randrange(24)))
            series = ended_from(series, day) if chance.random() < 0.2 else changed_from(series, day, new)

            assert expand(series, begins, day - timedelta(days=1)) == was, (seed, case)
            names = [one.named_on for one in expand(series, begins, begins + timedelta(days=400))]
            assert len(names) == len(set(names)), (seed, case)
