"""Where the lines, dots and words of a chart go."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import chart, render
from app.kit.chart import Band, Lane, Line, Mark
from tools import build_assets

FIRST = dt.date(2026, 10, 30)
MOODS = (3, 2, 3, None, 4, 4, 3, 5, 4, None, 5, 6, 4, 5)
BANDS = (Band(0, 4, "minimal"), Band(5, 9, "mild"), Band(10, 14, "moderate"), Band(15, 27, "severe"))


def daily(values, first_on=FIRST, every=1):
    return tuple((first_on + dt.timedelta(days=every * place), value) for place, value in enumerate(values))


def moods(**more):
    return chart.chart(Line(daily(MOODS), 0, 10, **more))


def test_a_day_without_a_number_breaks_the_line():
    drawn = moods().wide

    assert len(drawn.paths) == 3
    assert len(drawn.dots) == 12


def test_a_number_alone_between_two_gaps_is_a_dot_without_a_line():
    drawn = chart.chart(Line(daily((3, None, 4, None, 5)), 0, 10)).narrow

    assert drawn.paths == ()
    assert [dot.label for dot in drawn.dots] == ["3", "4", "5"]


def test_a_higher_value_is_drawn_higher_up():
    drawn = chart.chart(Line(daily((0, 10)), 0, 10)).wide

    low, high = drawn.dots
    assert high.y < low.y
    assert (low.y, high.y) == (drawn.bottom, drawn.top)


def test_the_number_at_a_dip_stands_below_its_point_and_at_a_peak_above():
    drawn = chart.chart(Line(daily((5, 3, 6, 4)), 0, 10)).wide

    dip, peak = drawn.dots[1:3]
    assert dip.label_y > dip.y
    assert peak.label_y < peak.y


def test_days_are_as_far_apart_as_they_are_in_the_calendar():
    points = ((FIRST, 1), (FIRST + dt.timedelta(days=1), 2), (FIRST + dt.timedelta(days=4), 3))

    first, second, third = chart.chart(Line(points, 0, 10)).wide.dots

    assert third.x - second.x == pytest.approx(3 * (second.x - first.x), abs=0.3)


def test_two_weeks_have_a_letter_and_a_number_for_each_day_on_a_phone():
    days = moods().narrow.days

    assert [(day.words, day.more) for day in days[:3]] == [("F", "30"), ("S", "31"), ("S", "1")]
    assert len(days) == 14


def test_a_long_course_names_only_the_days_that_fit():
    drawn = chart.chart(Line(daily((10,) * 40, every=7), 0, 27))

    for drawing in (drawn.narrow, drawn.wide):
        gaps = [later.at - earlier.at for earlier, later in pairwise(drawing.days)]
        assert min(gaps) >= 52


def test_crowded_points_keep_the_numbers_of_the_last_the_lowest_and_the_highest():
    values = [5] * 60
    values[20], values[40], values[59] = 1, 9, 6

    drawn = chart.chart(Line(daily(values), 0, 10)).narrow

    assert {"1", "9", "6"} <= {dot.label for dot in drawn.dots}
    assert len(drawn.dots) == 60


def test_two_points_that_are_near_each_other_cost_no_others_their_numbers():
    days = (0, 7, 8, 14, 21, 28)
    values = (18, 16, 15, 12, 9, 7)
    points = [(FIRST + dt.timedelta(days=day), value) for day, value in zip(days, values, strict=True)]

    drawn = chart.chart(Line(points, 0, 27, last_on=FIRST + dt.timedelta(days=120)), chart.STAFF).wide

    assert sum(not dot.label for dot in drawn.dots) == 1


def test_the_scale_is_marked_from_its_low_end_to_its_high_end():
    ticks = [tick.words for tick in moods().wide.ticks]

    assert ticks[0] == "0"
    assert ticks[-1] == "10"
    assert len(ticks) <= 5


def test_bands_leave_no_space_between_them():
    drawn = chart.chart(Line(daily((17, 12)), 0, 27, bands=BANDS)).wide

    for lower, upper in pairwise(drawn.bands):
        assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)
    assert drawn.bands[-1].y == drawn.top


def test_a_mark_outside_the_days_shown_is_left_out():
    line = Line(daily(MOODS), 0, 10, marks=(Mark(FIRST, "Session 1"), Mark(dt.date(2027, 1, 1), "Session 9")))

    assert [mark.words for mark in chart.chart(line).wide.marks] == ["Session 1"]


def test_the_table_has_every_day_with_its_gaps():
    rows = moods().rows

    assert rows[0] == (FIRST, "3")
    assert rows[3] == (dt.date(2026, 11, 2), None)
    assert len(rows) == 14


def test_both_sizes_show_the_same_values():
    drawn = moods()

    assert [dot.label for dot in drawn.narrow.dots] == [dot.label for dot in drawn.wide.dots]
    assert (drawn.narrow.width, drawn.wide.width) == chart.PATIENT


def test_half_values_are_written_as_they_are():
    assert chart.number(3.5) == "3.5"
    assert chart.number(3.0) == "3"


def test_a_chart_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one day"):
        chart.chart(Line((), 0, 10))
    with pytest.raises(ValueError, match="low end"):
        chart.chart(Line(daily((1,)), 10, 10))


@given(
    values=st.lists(st.none() | st.integers(0, 27), min_size=1, max_size=80),
    every=st.sampled_from((1, 7)),
    widths=st.sampled_from((chart.PATIENT, chart.STAFF)),
)
def test_nothing_is_drawn_outside_the_drawing(values, every, widths):
    drawn = chart.chart(Line(daily(values, every=every), 0, 27, bands=BANDS), widths)

    for drawing in (drawn.narrow, drawn.wide):
        for dot in drawing.dots:
            assert drawing.left <= dot.x <= drawing.right
            assert drawing.top <= dot.y <= drawing.bottom
            assert 0 < dot.label_y < drawing.height
        assert len(drawing.dots) == sum(value is not None for value in values)


@given(values=st.lists(st.integers(0, 27), min_size=2, max_size=80), every=st.sampled_from((1, 7)))
def test_no_two_numbers_are_written_over_each_other(values, every):
    for drawing in (drawn := chart.chart(Line(daily(values, every=every), 0, 27))).narrow, drawn.wide:
        told = sorted((dot for dot in drawing.dots if dot.label), key=lambda dot: dot.x)
        for earlier, later in pairwise(told):
            assert later.x - earlier.x >= 8


def test_a_caseload_line_is_on_one_scale_for_all():
    well, ill = chart.spark([0, 0], 0, 27), chart.spark([27, 27], 0, 27)

    assert well.y > ill.y
    assert chart.spark([], 0, 27) is None
    assert chart.spark([17], 0, 27).points.count(",") == 1


def test_a_chart_is_drawn_with_its_sentence_its_table_and_a_name_for_both_drawings():
    build_assets.main()
    lanes = (Lane("Morning walk", ((FIRST, "done"), (dt.date(2026, 10, 31), "partly"))),)

    html = render.part("components/chart.html", "chart", moods(lanes=lanes), "mood", "Mood each day", "Around 4.")

    assert html.count("<svg") == 2
    assert html.count('role="img"') == 2
    assert "Around 4." in html
    assert '<th scope="row">Fri 30 Oct</th><td>3</td><td>done</td>' in html
    assert "<td>no number</td>" in html
    assert "style=" not in html
