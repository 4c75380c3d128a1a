"""Lanes of different kinds over one axis of days, and small drawings on one scale."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import chart_lanes, chart_multiples
from app.kit.chart import Band
from app.kit.chart_lanes import Bar, Bars, Marks, Span, Spans, Values

FIRST, LAST = dt.date(2026, 3, 3), dt.date(2026, 5, 12)
BANDS = (Band(0, 9, "Mild"), Band(10, 27, "Severe"))


def on(days: int) -> dt.date:
    return FIRST + dt.timedelta(days=days)


def drawn(*lanes, first=FIRST, last=LAST):
    return chart_lanes.pictures(lanes, first, last)


def said(picture) -> list[str]:
    return [one.words for one in picture.words]


def test_it_is_drawn_360_and_720_wide():
    both = drawn(Marks("Sessions", (), (on(7),)))

    assert (both.narrow.width, both.wide.width) == (360, 720)


def test_what_happened_on_one_day_stands_above_itself_in_every_lane():
    wide = drawn(
        Values("PHQ-9", (), ((on(0), 17.0), (on(14), 12.0)), 0, 27, BANDS),
        Values("Mood", (), ((on(14), 5.0),), 0, 10, is_joined=False),
        Marks("Sessions", (), (on(14),)),
    ).wide

    scores = [one.x for one in wide.circles if one.kind == "dot"]
    session = next(one for one in wide.rects if one.kind == "solid")
    line = next(one for one in wide.strokes if one.kind == "mark")
    assert scores[1] == scores[2] == session.x + 9 == line.x1 == line.x2


def test_a_session_runs_as_a_line_through_all_lanes():
    wide = drawn(Values("PHQ-9", (), ((on(0), 17.0),), 0, 27, BANDS), Marks("Sessions", (), (on(7),))).wide

    line = next(one for one in wide.strokes if one.kind == "mark")
    assert line.y1 < min(one.y for one in wide.rects) and line.y2 > max(one.y for one in wide.rects)


def test_each_lane_is_named_and_says_what_its_scale_means():
    both = drawn(Values("PHQ-9", ("0 to 27", "lower is better"), ((on(0), 17.0),), 0, 27, BANDS))

    assert {"PHQ-9", "0 to 27", "lower is better", "Severe", "17"} <= set(said(both.wide))
    assert next(one.more for one in both.narrow.words if one.words == "PHQ-9") == "0 to 27, lower is better"


def test_a_bar_says_how_many_of_how_many_where_there_is_room():
    weeks = tuple(Bar(on(7 * n), on(7 * n + 6), 3, 5) for n in range(10))

    assert "3 of 5" in said(drawn(Bars("Activities", (), weeks)).wide)
    assert "3/5" in said(drawn(Bars("Activities", (), weeks)).narrow)
    assert not {"3 of 5", "3/5"} & set(said(drawn(Bars("Activities", (), weeks), last=on(700)).narrow))


def test_a_step_is_solid_to_its_last_day_and_dotted_since():
    wide = drawn(Spans("Steps", (), (Span("Low mood", on(0), on(7), LAST), Span("Relaxing", on(7), on(14))))).wide

    idle = [one for one in wide.strokes if one.kind == "idle"]
    first = next(one for one in wide.rects if one.kind == "tint")
    assert len(idle) == 1
    assert idle[0].x1 == pytest.approx(first.x + first.width, abs=0.2)


def test_what_is_outside_the_days_shown_is_left_out_and_keeps_the_numbers_of_the_rest():
    wide = drawn(
        Values("PHQ-9", (), ((on(-7), 20.0), (on(7), 12.0)), 0, 27, BANDS), Marks("Sessions", (), (on(8),), 4)
    ).wide

    assert "12" in said(wide) and "20" not in said(wide)
    assert "4" in said(wide)


def test_days_that_run_backwards_are_refused():
    with pytest.raises(ValueError, match="last day is before the first"):
        drawn(first=LAST, last=FIRST)


@given(
    scores=st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 27)), min_size=1, max_size=40, unique_by=lambda p: p[0]
    ),
    sessions=st.sets(st.integers(0, 200), max_size=30),
    span=st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted),
    length=st.integers(0, 200),
)
def test_nothing_is_drawn_outside_the_drawing(scores, sessions, span, length):
    lanes = (
        Values("PHQ-9", ("0 to 27",), tuple((on(d), float(v)) for d, v in sorted(scores)), 0, 27, BANDS),
        Bars("Activities", ("done",), (Bar(on(0), on(6), 2, 3),)),
        Marks("Sessions", ("held",), tuple(on(d) for d in sorted(sessions))),
        Spans("Steps", ("begun",), (Span("Working with thoughts", on(span[0]), on(span[1]), on(200)),)),
    )
    for picture in vars(drawn(*lanes, last=on(length))).values():
        for one in picture.rects:
            assert 0 <= one.x <= one.x + one.width <= picture.width and one.y + one.height <= picture.height
        for one in picture.circles:
            assert 0 <= one.x <= picture.width and 0 <= one.y <= picture.height
        for one in picture.words:
            assert 0 <= one.x <= picture.width and 0 < one.y < picture.height


def test_small_drawings_share_their_days_and_their_scale():
    early, late = chart_multiples.multiples([[(on(0), 3), (on(7), 0)], [(on(7), 0), (on(14), 3)]], 0, 3)

    assert early.dots[1] == late.dots[0]
    assert early.dots[0][1] == late.dots[1][1] < early.dots[1][1]
    assert len(early.grid) == 4


def test_a_small_drawing_of_nothing_is_empty_and_a_scale_of_no_height_is_refused():
    assert chart_multiples.multiples([[]], 0, 3)[0].dots == ()
    with pytest.raises(ValueError, match="low end"):
        chart_multiples.multiples([[(on(0), 1)]], 3, 3)
