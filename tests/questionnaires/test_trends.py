"""Scores over time in words: a patient's without a verdict, staff's with reliable change."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from app.questionnaires import queries, trends
from app.questionnaires.queries import Answered
from tests.questionnaires.answers import totalling

LONDON = ZoneInfo("Europe/London")
FIRST = datetime(2026, 3, 3, 10, tzinfo=UTC)


def weekly(library, *totals: int) -> list[Answered]:
    """PHQ-9s a week apart from Tuesday 3 March, oldest first."""
    bands = library.instruments["phq-9"].bands
    return [
        Answered(
            uuid4(),
            "phq-9",
            FIRST + timedelta(weeks=week),
            total,
            next(band.label for band in bands if total in band),
            totalling(total),
        )
        for week, total in enumerate(totals)
    ]


def for_staff(library, *totals: int):
    (trend,) = trends.for_staff(weekly(library, *totals), library.instruments, LONDON)
    return trend


def for_patient(library, *totals: int):
    (trend,) = trends.for_patient(weekly(library, *totals), library.instruments, LONDON)
    return trend


def test_a_questionnaire_never_answered_has_no_trend(library):
    assert trends.for_staff([], library.instruments, LONDON) == []


@pytest.mark.parametrize(
    ("totals", "sentence"),
    [
        ((17,), "17 on Tuesday 3 March: moderately severe. Caseness is 10 or more."),
        ((17, 12), "12 on Tuesday 10 March, 17 at first. Down 5. Not yet a reliable change (6)."),
        ((17, 13, 11), "11 on Tuesday 17 March, 17 at first. Down 6. A reliable change (6)."),
        ((12, 15), "15 on Tuesday 10 March, 12 at first. Up 3. Not a reliable change (6)."),
        ((12, 18), "18 on Tuesday 10 March, 12 at first. Up 6. A reliable change for the worse (6)."),
        ((12, 5, 12), "12 on Tuesday 17 March, 12 at first. No change."),
    ],
)
def test_staff_read_the_change_from_first_and_whether_it_is_reliable(library, totals, sentence):
    assert for_staff(library, *totals).sentence == sentence


@pytest.mark.parametrize(
    ("totals", "flag"),
    [
        ((12, 17), ""),
        ((17, 12, 16), ""),
        ((12, 18), "PHQ-9 is up 6 from the first, 12 on Tuesday 3 March: reliably worse (6)."),
        ((17, 10, 16), "PHQ-9 is up 6 from the best, 10 on Tuesday 10 March: reliably worse (6)."),
    ],
)
def test_staff_are_shown_a_reliable_rise_from_the_first_or_the_best(library, totals, flag):
    assert for_staff(library, *totals).flag == flag


def test_the_patient_reads_the_change_and_what_may_be_chance_and_no_verdict(library):
    assert for_patient(library, 17).sentence == (
        "17 out of 27 on Tuesday 3 March. This is your first, so there is nothing to compare it with yet."
    )
    assert for_patient(library, 17, 13, 12).sentence == (
        "12 out of 27 on Tuesday 17 March. "
        "Down 1 since last time, Tuesday 10 March. That may be chance. "
        "Down 5 since your first, Tuesday 3 March. That may be chance."
    )
    assert for_patient(library, 10, 16).sentence == (
        "16 out of 27 on Tuesday 10 March. Up 6 since last time, Tuesday 3 March. "
        "That is more than it usually moves by chance."
    )
    assert for_patient(library, 10, 10).sentence.endswith("The same as last time, Tuesday 3 March.")
    assert for_patient(library, 17, 6).flag == ""


def test_the_chart_has_the_questionnaires_range_its_own_bands_and_a_row_for_each_day(library):
    chart = for_patient(library, 17, 12).chart

    assert [(str(on), value) for on, value in chart.rows] == [("2026-03-03", "17"), ("2026-03-10", "12")]
    assert [band.words for band in chart.wide.bands] == ["Minimal", "Mild", "Moderate", "Moderately severe", "Severe"]


def test_the_later_of_two_on_one_day_stands_for_the_day(library):
    first, second = weekly(library, 17, 12)
    later = Answered(second.id, "phq-9", FIRST + timedelta(hours=2), 12, "Moderate", second.answers)

    (trend,) = trends.for_staff([first, later], library.instruments, LONDON)

    assert [value for _, value in trend.chart.rows] == ["12"]


def test_a_result_is_compared_with_what_came_before_it_and_not_after(library):
    given = weekly(library, 17, 13, 4)

    told = trends.result(given[1], given, library.instruments["phq-9"], LONDON)

    assert told is not None
    assert (told.total, told.band, told.lowest_of_band, told.highest_of_band) == (13, "moderate", 10, 14)
    assert told.since == ("Down 4 since last time, Tuesday 3 March. That may be chance.",)


def test_a_weekly_questionnaire_is_due_again_a_week_later_by_the_day(library):
    (one,) = weekly(library, 17)

    assert queries.due_again(one) == datetime(2026, 3, 10, tzinfo=UTC)
