"""What lifts me: means from enough entries, told without a cause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.lifts import ENOUGH, Rated, lifts, spread_of

points = st.none() | st.integers(0, 10)


def walks(*pairs):
    return [Rated("Walk", mood_before=before, mood_after=after) for before, after in pairs]


def test_the_mean_change_of_mood_its_spread_and_how_many_it_rests_on():
    (walk,) = lifts(walks((3, 5), (4, 5), (2, 5)))

    assert (walk.mood.mean, walk.mood.count, walk.mood.spread) == (2, 3, 1)


def test_nothing_is_said_from_too_few():
    (walk,) = lifts(walks((3, 5), (4, 5)))

    assert walk.mood is None and not walk.is_told and walk.count == 2


def test_an_entry_without_both_moods_does_not_count_as_no_change():
    (walk,) = lifts([*walks((3, 5), (3, 5), (3, 5)), Rated("Walk", mood_before=3), Rated("Walk", mood_after=9)])

    assert (walk.mood.mean, walk.mood.count, walk.count) == (2, 3, 5)


def test_zero_is_an_answer():
    (walk,) = lifts([Rated("Walk", pleasure=0)] * ENOUGH)

    assert walk.pleasure.mean == 0 and walk.is_told


def test_what_was_enjoyed_more_than_expected_is_told_from_the_pairs_alone():
    entries = [Rated("Post", pleasure=5, expected_pleasure=2)] * ENOUGH + [Rated("Post", pleasure=10)]

    (post,) = lifts(entries)

    assert post.pleasure_than_expected.mean == 3 and post.pleasure_than_expected.count == ENOUGH


def test_the_largest_rise_comes_first_and_what_has_no_mood_last():
    entries = [
        *walks(*[(3, 6)] * 3),
        *[Rated("Cook", mood_before=3, mood_after=4)] * 3,
        *[Rated("Read", pleasure=9)] * 3,
    ]

    assert [one.name for one in lifts(entries)] == ["Walk", "Cook", "Read"]


@given(st.lists(st.builds(Rated, st.sampled_from("abc"), points, points, points, points, points, points), max_size=40))
def test_every_entry_is_counted_once_and_no_mean_leaves_its_scale(entries):
    found = lifts(entries)

    assert sum(one.count for one in found) == len(entries)
    for one in found:
        for spread, low in ((one.mood, -10), (one.pleasure, 0), (one.mastery, 0), (one.pleasure_than_expected, -10)):
            assert spread is None or (low <= spread.mean <= 10 and ENOUGH <= spread.count <= one.count)


@pytest.mark.parametrize("count", range(6))
def test_a_spread_needs_enough(count):
    assert (spread_of([4] * count) is not None) == (count >= ENOUGH)
