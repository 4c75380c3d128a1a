"""The demonstration's stories as written: their moments, whatever day it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app.demo import playing, stories
from app.programme.content import Library

NOW = datetime(2026, 5, 14, 12, 30, tzinfo=UTC)
WEEK = [date(2026, 3, 26) + timedelta(days=day) for day in range(7)]


@pytest.mark.parametrize("today", WEEK, ids=lambda day: f"{day:%a}")
def test_on_whatever_day_it_is_loaded_staff_work_on_weekdays_and_stories_keep_their_order(library: Library, today):
    now = datetime(today.year, today.month, today.day, 6, 40, tzinfo=UTC)

    for story in stories.stories():
        acts = stories.acts(story, library.modules, by_staff=playing.BY_STAFF, now=now)

        assert [act.at for act in acts] == sorted(act.at for act in acts)
        assert acts[-1].at <= now
        assert len(acts) == len(stories.acts(story, library.modules, by_staff=playing.BY_STAFF, now=NOW))
        assert {act.at.weekday() for act in acts if act.do in playing.BY_STAFF} <= {0, 1, 2, 3, 4}


def test_who_the_stories_are_about_is_known_without_reading_what_happens():
    told = [(story.name, story.email, story.shows) for story in stories.stories()]

    assert [(one.name, one.email, one.shows) for one in stories.patients()] == told


@pytest.mark.parametrize(("hour", "minute", "day"), [(7, 59, 13), (8, 0, 14), (0, 5, 13), (23, 55, 14)])
def test_this_morning_is_yesterdays_where_it_has_not_come_yet(hour, minute, day):
    now = datetime(2026, 5, 14, hour, minute, tzinfo=stories.ZONE)

    assert stories.on_day("latest", "07:50", now=now) == datetime(2026, 5, day, 7, 50, tzinfo=stories.ZONE)


def test_what_lies_ahead_is_left_out(library: Library):
    told = [{"day": 0, "at": clock, "do": "ask", "step": "thoughts"} for clock in ("06:10", "23:10")]
    story = replace(stories.stories()[0], events=told, diary=[], mood={})

    acts = stories.acts(story, library.modules, by_staff=playing.BY_STAFF, now=NOW)

    assert [f"{act.at:%H:%M}" for act in acts] == ["06:10"]


@pytest.mark.parametrize("story", stories.stories(), ids=lambda story: story.name)
def test_every_nhs_number_is_of_the_range_for_tests_and_has_its_check_digit(story):
    digits = [int(sign) for sign in story.nhs_number]
    check = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11

    assert digits[:3] == [9, 9, 9]
    assert len(digits) == 10
    assert digits[9] == check % 11
