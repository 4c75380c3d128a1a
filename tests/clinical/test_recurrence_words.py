"""A plan in words, as somebody would say it."""

from datetime import date

import pytest

from app.clinical import recurrence_words
from app.clinical.recurrence import Freq, Rule, Segment


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"freq": "once"}, ""),
        ({"freq": "daily"}, "every day"),
        ({"freq": "daily", "every": 2}, "every other day"),
        ({"freq": "daily", "every": 10}, "every 10 days"),
        ({"freq": "weekly", "weekdays": [3]}, "every Thursday"),
        ({"freq": "weekly", "weekdays": [4, 0, 2]}, "every Monday, Wednesday and Friday"),
        ({"freq": "weekly", "weekdays": [0, 3], "every": 2}, "every other week on Monday and Thursday"),
        ({"freq": "weekly", "weekdays": [0, 1, 2, 3, 4, 5, 6]}, "every day"),
        ({"freq": "weekly", "weekdays": [0, 1, 2, 3, 4, 5, 6], "every": 3}, "every day of every 3 weeks"),
        ({"freq": "monthly", "month_day": 1}, "every month on the 1st"),
        ({"freq": "monthly", "month_day": 22}, "every month on the 22nd"),
        ({"freq": "monthly", "month_day": 13, "every": 3}, "every 3 months on the 13th"),
        ({"freq": "monthly", "month_day": 30}, "every month on the 30th, or the last day of a shorter month"),
        ({"freq": "monthly", "month_day": 31}, "every month on the last day"),
        ({"freq": "monthly", "month_nth": -1, "month_weekday": 4}, "every month on the last Friday"),
        (
            {"freq": "monthly", "month_nth": 2, "month_weekday": 1, "every": 2},
            "every other month on the second Tuesday",
        ),
    ],
)
def test_a_rule_in_words(rule, words):
    assert recurrence_words.told(Rule.model_validate(rule)) == words


def test_a_narrow_column_has_short_days():
    assert recurrence_words.short(Rule(freq=Freq.WEEKLY, weekdays=(0, 2, 4))) == "Mon, Wed, Fri"
    assert recurrence_words.short(Rule(freq=Freq.WEEKLY, weekdays=(3,))) == "every Thursday"


def test_an_end_is_told_with_its_weekday():
    segment = Segment(date(2026, 11, 2), Rule(freq=Freq.DAILY), date(2026, 11, 2), until_on=date(2026, 12, 4))

    assert recurrence_words.until(segment) == "until Friday 4 December 2026"
