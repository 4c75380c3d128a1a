"""Mood: words for numbers, what a day comes to, when days may be compared, and when somebody is to be asked."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical import mood
from app.clinical.mood import SCALES, DayMood, Felt, Scale

LONDON = ZoneInfo("Europe/London")
MARCH_1 = date(2026, 3, 1)
DAY = timedelta(days=1)


def on(day):
    return MARCH_1 + day * DAY


def days(*means):
    return {on(place): mean for place, mean in enumerate(means) if mean is not None}


def felt(day, *values, scale=Scale()):
    return [Felt(on(day), value, scale) for value in values]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "0-10",
            "very low, low, low, rather low, rather low, in the middle, "
            "rather good, rather good, good, good, very good",
        ),
        ("1-10", "very low, low, low, rather low, in the middle, in the middle, rather good, good, good, very good"),
    ],
)
def test_every_number_of_a_scale_has_words(name, words):
    assert ", ".join(SCALES[name].words(value) for value in SCALES[name].values) == words


@given(st.sampled_from(sorted(SCALES)), st.floats(0, 10), st.floats(0, 10))
def test_a_higher_number_never_has_words_for_a_lower_mood(name, one, other):
    scale = SCALES[name]
    low, high = sorted((max(one, scale.low), max(other, scale.low)))
    ranks = ["very low", "low", "rather low", "in the middle", "rather good", "good", "very good"]

    assert ranks.index(scale.words(low)) <= ranks.index(scale.words(high))


@pytest.mark.parametrize("value", [-1, 11])
def test_what_is_not_on_the_scale_has_no_words(value):
    with pytest.raises(ValueError, match="is not from 0 to 10"):
        Scale().words(value)


def test_a_day_is_the_mean_of_its_numbers_with_the_first_and_the_last():
    (day,) = mood.by_day(felt(0, 3, 8, 7))

    assert (day.mean, day.first, day.last) == (6, 3, 7)
    assert day.words == "around 6, rather good, from 3 to 7"


def test_a_day_with_one_number_is_that_number_and_zero_is_one():
    (day,) = mood.by_day(felt(0, 0))

    assert day.words == "0, very low"


def test_days_come_in_their_order_each_on_the_scale_it_was_given_on():
    found = mood.by_day([*felt(2, 4, scale=Scale(1)), *felt(0, 5), *felt(1, 2, scale=Scale(1)), *felt(1, 3)])

    assert [(one.on, one.scale.low) for one in found] == [(on(0), 0), (on(1), 0), (on(2), 1)]


def test_halves_are_compared_from_three_days_on_each_side():
    def halves(*values):
        given = [DayMood(on(place), (value,), Scale()) for place, value in enumerate(values) if value is not None]
        return mood.halves(given, on(0), on(5))

    assert halves(2, 3, 4, 5, 6, 7) == mood.Halves(3, 6)
    assert halves(2, None, 4, 5, 6, 7) is None


def test_days_with_an_activity_are_compared_with_those_on_which_it_was_not_done():
    found = mood.beside("Walk", days(6, 3, 6, 3, 6, 3), {on(0), on(2), on(4)}, {on(1), on(3), on(5)})

    assert found is not None
    assert (found.done, found.not_done, found.difference, found.days, found.other_days) == (6, 3, 3, 3, 3)


def test_without_three_days_that_have_a_number_on_either_side_nothing_is_compared():
    assert mood.beside("Walk", days(6, 3, 6, 3, None, 3), {on(0), on(2), on(4)}, {on(1), on(3), on(5)}) is None
    assert mood.beside("Walk", days(6, 6, 6, 3, 3), {on(0), on(1), on(2)}, {on(3), on(4)}) is None


def test_a_day_on_which_it_was_both_done_and_not_is_a_day_with_it():
    found = mood.beside("Walk", days(6, 6, 6, 3, 3, 3), {on(0), on(1), on(2)}, {on(2), on(3), on(4), on(5)})

    assert found is not None and (found.days, found.other_days) == (3, 3)


@pytest.mark.parametrize(
    ("clock", "began"),
    [("04:00", "04:00"), ("11:59", "04:00"), ("12:00", "12:00"), ("17:59", "12:00"), ("18:00", "18:00")],
)
def test_a_moment_is_in_the_morning_the_afternoon_or_the_evening(clock, began):
    moment = datetime.combine(MARCH_1, time.fromisoformat(clock), LONDON)

    assert mood.part_begins(moment, LONDON) == datetime.combine(MARCH_1, time.fromisoformat(began), LONDON)


def test_the_small_hours_belong_to_the_evening_before():
    assert mood.part_begins(datetime(2026, 3, 2, 1, 0, tzinfo=UTC), LONDON) == datetime(2026, 3, 1, 18, tzinfo=UTC)


def test_a_prompt_is_answered_by_its_own_part_of_the_day_and_not_by_what_answered_the_one_before():
    nine, eleven, six = mood.prompts([time(18), time(9), time(11)], MARCH_1, MARCH_1, LONDON)

    assert [one.place for one in (nine, eleven, six)] == [0, 1, 2]
    assert nine.since == datetime(2026, 3, 1, 4, tzinfo=UTC)
    assert eleven.since == nine.due_at
    assert six.since == six.due_at


def test_a_prompt_ends_after_two_hours_or_where_the_next_begins():
    nine, ten, six = mood.prompts([time(9), time(10), time(18)], MARCH_1, MARCH_1, LONDON)

    assert nine.expires_at == ten.due_at
    assert ten.expires_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert six.expires_at == datetime(2026, 3, 1, 20, tzinfo=UTC)


def test_a_prompt_keeps_its_time_on_the_clock_when_the_clocks_change():
    before, after = mood.prompts([time(9)], date(2026, 3, 28), date(2026, 3, 29), LONDON)

    assert (before.due_at.hour, after.due_at.hour) == (9, 8)
