"""What is asked when: every way to ask, why, until when, when somebody is reminded of it, and what was missed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical import schedules
from app.clinical.instrument_parts import When
from app.clinical.local_time import instant, local_day
from app.clinical.schedules import Asked, Course, Finished, Request, Timing, Why

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


def at(day, hour=12, minute=0, month=3):
    """A moment in March 2026, where the third is a Tuesday and the clocks go forward on the 29th."""
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


BEGAN = at(3, 10)


def course(**given):
    return Course(**{"zone": LONDON, "began_at": BEGAN} | given)


def due(timing, now, *, answered=None, on=None, about="", from_on=None, requests=(), **given):
    """What one questionnaire is due for, as a list of reasons with the local day each began."""
    asked = Asked("phq-9", Timing(timing), from_on, tuple(requests))
    latest = {("phq-9", about): answered} if answered else {}
    return [
        (one.why.value, local_day(one.since, LONDON).day)
        for one in schedules.due([asked], latest, course(**given), now)
    ]


def test_every_way_an_instrument_names_is_a_way_to_ask():
    assert {one.value for one in When} == {one.value for one in Timing} - {Timing.NOT_ASKED.value}


@pytest.mark.parametrize(
    ("answered", "now", "found"),
    [
        (None, at(3, 9), []),
        (None, at(3, 10), [("weekly", 3)]),
        (None, at(30), [("weekly", 3)]),
        (at(3, 23, 59), at(9, 23, 59), []),
        (at(3, 23, 59), at(10, 0), [("weekly", 10)]),
        (at(3, 11), at(28), [("weekly", 10)]),
        # The clocks go forward in between, and it is still by the day.
        (at(24, 18), at(30, 23, 59), []),
        (at(24, 18), at(31, 0), [("weekly", 31)]),
    ],
)
def test_what_is_asked_every_week_is_due_a_week_after_the_day_of_the_last(answered, now, found):
    assert due("weekly", now, answered=answered) == found


@pytest.mark.parametrize(
    ("answered", "now", "found"),
    [
        (None, at(9, 23, 59), []),
        (None, at(10, 0), [("session", 10)]),
        (None, at(12, 14, 59), [("session", 10)]),
        # The first has begun, and the next is not near.
        (None, at(12, 15), []),
        (None, at(24, 0), [("session", 24)]),
        # An answer in the week before the first counts, a longer ago one does not.
        (at(5, 0), at(11), []),
        (at(4, 23, 59), at(11), [("session", 10)]),
        # What was answered before the first says nothing of the second.
        (at(12, 14), at(24), [("session", 24)]),
        (at(12, 16), at(24), []),
    ],
)
def test_before_every_session_from_two_days_before_until_it_begins(answered, now, found):
    assert due("before-every-session", now, answered=answered, sessions=(at(26, 15), at(12, 15))) == found


def test_before_a_session_it_says_which_and_ends_when_it_begins():
    (one,) = schedules.due([Asked("phq-9", Timing.BEFORE_EVERY_SESSION)], {}, course(sessions=(at(12, 15),)), at(11))

    assert (one.session, one.until) == (at(12, 15), at(12, 15))


@pytest.mark.parametrize("sessions", [(), (at(4, 15),)])
def test_with_no_session_to_come_it_is_asked_every_week(sessions):
    assert due("before-every-session", at(11), answered=at(4), sessions=sessions) == [("weekly", 11)]
    assert due("before-every-session", at(10), answered=at(4), sessions=sessions) == []


@pytest.mark.parametrize(
    ("answered", "ending", "now", "found"),
    [
        (None, None, at(3, 9), []),
        (None, None, at(20), [("start", 3)]),
        (at(3, 11), None, at(31), []),
        (at(3, 11), at(20), at(19), []),
        (at(3, 11), at(20), at(20), [("end", 20)]),
        (at(20, 13), at(20), at(31), []),
        # One answer is enough for both.
        (None, at(20), at(21), [("end", 20)]),
    ],
)
def test_at_the_start_and_once_more_at_the_end(answered, ending, now, found):
    assert due("start-and-end", now, answered=answered, ending_at=ending) == found


def test_who_is_on_no_course_has_neither_start_nor_end():
    assert due("start-and-end", at(9), began_at=None) == []
    assert due("weekly", at(9), began_at=None) == [("weekly", 9)]


@pytest.mark.parametrize(
    ("answered", "about", "now", "found"),
    [
        (None, "", at(5, 11), []),
        (None, "", at(5, 12), [("module", 5)]),
        (None, "", at(19, 23, 59), [("module", 5)]),
        (None, "", at(20, 0), []),
        (at(6), "thoughts", at(7), []),
        (at(6), "relaxing", at(7), [("module", 5)]),
        (at(6), "", at(7), []),
        (at(4), "thoughts", at(7), [("module", 5)]),
    ],
)
def test_after_a_module_for_fourteen_days_and_about_it(answered, about, now, found):
    done = (Finished("thoughts", at(5)),)
    assert due("after-module", now, answered=answered, about=about, finished=done) == found


def test_two_modules_are_asked_about_one_by_one():
    done = (Finished("thoughts", at(5)), Finished("relaxing", at(6)))
    found = schedules.due([Asked("understanding", Timing.AFTER_MODULE)], {}, course(finished=done), at(7))

    assert [(one.about, local_day(one.since, LONDON).day) for one in found] == [("thoughts", 5), ("relaxing", 6)]


@pytest.mark.parametrize("timing", ["on-demand", "not-asked"])
def test_what_is_not_asked_by_itself_is_asked_only_on_request(timing):
    assert due(timing, at(31)) == []
    assert due(timing, at(9), requests=[Request("1", at(9, 11))]) == [("requested", 9)]


@pytest.mark.parametrize(
    ("answered", "for_on", "now", "found"),
    [
        (None, None, at(9, 10), []),
        (None, None, at(31), [("requested", 9)]),
        (at(9, 10), None, at(12), [("requested", 9)]),
        (at(9, 12), None, at(12), []),
        (None, date(2026, 3, 13), at(12, 23, 59), []),
        (None, date(2026, 3, 13), at(13, 0), [("requested", 13)]),
        # Asked for a day: what was answered before that day is not that day's.
        (at(12), date(2026, 3, 13), at(14), [("requested", 13)]),
        (at(13), date(2026, 3, 13), at(14), []),
        # A day that has gone by is from now on.
        (None, date(2026, 3, 2), at(10), [("requested", 9)]),
    ],
)
def test_on_request_until_it_is_answered(answered, for_on, now, found):
    assert due("on-demand", now, answered=answered, requests=[Request("1", at(9, 11), for_on)]) == found


def test_what_is_asked_for_two_reasons_is_asked_once_since_the_earlier():
    assert due("weekly", at(12), answered=at(3, 11), requests=[Request("1", at(12, 9))]) == [("requested", 10)]


@pytest.mark.parametrize("timing", ["weekly", "before-every-session", "start-and-end", "after-module"])
def test_nothing_is_asked_before_the_day_it_is_to_be_asked_from(timing):
    given = {"from_on": date(2026, 3, 16), "finished": (Finished("thoughts", at(17)),)}

    assert due(timing, at(15, 23, 59), **given) == []
    assert [day for _, day in due(timing, at(18), **given)] == [17 if timing == "after-module" else 16]


def test_a_module_done_before_that_day_is_not_asked_about():
    assert due("after-module", at(7), from_on=date(2026, 3, 6), finished=(Finished("thoughts", at(5)),)) == []


# When next


def next_day(timing, now, answered=None, **given):
    latest = {("phq-9", ""): answered} if answered else {}
    found = schedules.next_due(Asked("phq-9", Timing(timing)), latest, course(**given), now)
    return found and local_day(found, LONDON)


def test_the_next_time_is_told_where_it_is_known():
    assert next_day("weekly", at(4), answered=at(3, 11)) == date(2026, 3, 10)
    assert next_day("weekly", at(12), answered=at(3, 11)) is None
    assert next_day("before-every-session", at(4), sessions=(at(12, 15),)) == date(2026, 3, 10)
    assert next_day("start-and-end", at(4), answered=at(3, 11)) is None
    assert next_day("not-asked", at(4)) is None


# Reminders


def reminded(timing, now, until, answered=None, **given):
    latest = {("phq-9", ""): answered} if answered else {}
    found = schedules.reminders([Asked("phq-9", Timing(timing))], latest, course(**given), now, until)
    return [on.day for on in found]


def test_somebody_is_reminded_on_the_day_it_is_due_and_once_more_two_days_later():
    assert reminded("weekly", at(9), at(31), answered=at(3, 11)) == [10, 12]
    assert reminded("weekly", at(9), at(11), answered=at(3, 11)) == [10]


def test_what_became_due_after_ten_in_the_morning_is_reminded_of_on_the_next_day():
    done = (Finished("thoughts", at(5, 10, 1)),)
    assert reminded("after-module", at(6), at(31), finished=done) == [6, 8]
    assert reminded("after-module", at(6), at(31), finished=(Finished("thoughts", at(5, 10)),)) == [5, 7]


def test_nobody_is_reminded_of_a_session_that_has_begun():
    assert reminded("before-every-session", at(9), at(31), sessions=(at(12, 9),)) == [10]
    assert reminded("before-every-session", at(9), at(31), sessions=(at(12, 15),)) == [10, 12]


def test_one_reminder_is_for_all_that_are_due_on_a_day():
    asked = [Asked("phq-9", Timing.WEEKLY), Asked("gad-7", Timing.WEEKLY)]
    latest = {("phq-9", ""): at(3, 11), ("gad-7", ""): at(5)}

    found = schedules.reminders(asked, latest, course(), at(9), at(31))

    assert {on: tuple(one.instrument for one in several) for on, several in found.items()} == {
        date(2026, 3, 10): ("phq-9",), date(2026, 3, 12): ("phq-9", "gad-7"), date(2026, 3, 14): ("gad-7",),
    }  # fmt: skip


# What was missed


def missed(timing, today, answered=None, **given):
    latest = {("phq-9", ""): answered} if answered else {}
    found = schedules.unanswered(Asked("phq-9", Timing(timing)), latest, course(**given), date(2026, 3, today))
    return [on.day for on in found]


def test_a_due_day_is_missed_once_it_has_gone_by_whole():
    assert missed("weekly", 10, answered=at(3, 11)) == []
    assert missed("weekly", 11, answered=at(3, 11)) == [10]
    assert missed("weekly", 17, answered=at(3, 11)) == [10]
    assert missed("weekly", 18, answered=at(3, 11)) == [10, 17]
    assert missed("weekly", 11) == [3, 10]


def test_before_sessions_each_session_without_an_answer_is_missed():
    sessions = (at(5), at(12), at(19), at(26))
    assert missed("before-every-session", 20, answered=at(4), sessions=sessions) == [5, 12, 19]
    assert missed("before-every-session", 20, answered=at(11), sessions=sessions) == [12, 19]


def test_after_the_last_known_session_the_weeks_are_missed():
    assert missed("before-every-session", 31, answered=at(4), sessions=(at(12),)) == [12, 19, 26]
    assert missed("before-every-session", 18, answered=at(3, 11)) == [10, 17]


@pytest.mark.parametrize("timing", ["start-and-end", "after-module", "on-demand", "not-asked"])
def test_what_is_asked_once_is_not_missed_twice_in_a_row(timing):
    assert missed(timing, 31, finished=(Finished("thoughts", at(5)),)) == []


# Whatever the schedule

MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC))
DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 30))
REQUESTS = st.builds(Request, st.uuids().map(str), MOMENTS, st.none() | DAYS)
ASKED = st.builds(
    Asked,
    st.sampled_from(["a", "b"]),
    st.sampled_from(Timing),
    st.none() | DAYS,
    st.lists(REQUESTS, max_size=2).map(tuple),
)
SCHEDULES = st.lists(ASKED, max_size=2, unique_by=lambda one: one.instrument)
COURSES = st.builds(
    Course,
    st.sampled_from([LONDON, ZoneInfo("Pacific/Apia"), ZoneInfo("America/New_York")]),
    st.none() | MOMENTS,
    st.none() | MOMENTS,
    st.lists(
        st.builds(Finished, st.sampled_from(["x", "y"]), MOMENTS), max_size=2, unique_by=lambda one: one.module
    ).map(tuple),
    st.lists(MOMENTS, max_size=3).map(tuple),
)
ANSWERED = st.dictionaries(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["", "x"])), MOMENTS)


@given(SCHEDULES, ANSWERED, COURSES, MOMENTS)
def test_what_is_due_is_due_now_and_each_thing_once(schedule, answered, given_course, now):
    found = schedules.due(schedule, answered, given_course, now)

    assert all(one.since <= now and (one.until is None or now < one.until) for one in found)
    assert len({(one.instrument, one.about) for one in found}) == len(found)
    assert all(one.why is not Why.SESSION or now < one.session for one in found)


@given(SCHEDULES, ANSWERED, COURSES, MOMENTS)
def test_whoever_answers_what_is_due_is_asked_for_it_no_more(schedule, answered, given_course, now):
    found = schedules.due(schedule, answered, given_course, now)
    since = answered | {(one.instrument, one.about): now for one in found}

    again = schedules.due(schedule, since, given_course, now)

    assert not {(one.instrument, one.about) for one in found} & {(one.instrument, one.about) for one in again}


@given(SCHEDULES, ANSWERED, COURSES, MOMENTS)
def test_nobody_is_reminded_of_one_thing_more_than_twice_or_before_it_is_due(schedule, answered, given_course, now):
    zone = given_course.zone
    for one in schedules.due(schedule, answered, given_course, now):
        days = schedules.reminded_on(one, zone)
        assert len(days) <= 2
        assert all(one.since <= instant(on, time(10), zone) for on in days)
        assert all(one.until is None or instant(on, time(10), zone) < one.until for on in days)


@given(ASKED, ANSWERED, COURSES, MOMENTS)
def test_the_next_time_is_to_come_and_it_is_due_then(asked, answered, given_course, now):
    following = schedules.next_due(asked, answered, given_course, now)

    if following is not None:
        assert following > now
        if asked.timing is not Timing.BEFORE_EVERY_SESSION:
            assert schedules.due([asked], answered, given_course, following)


@given(ASKED, ANSWERED, COURSES, DAYS)
def test_days_that_were_missed_are_past_and_in_order(asked, answered, given_course, today):
    found = schedules.unanswered(asked, answered, given_course, today)

    assert list(found) == sorted(set(found))
    assert all(on < today for on in found)
