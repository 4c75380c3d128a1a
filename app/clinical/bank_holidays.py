"""Which days are bank holidays where a service is: worked out by rule, so that no year is ever missing."""

from datetime import date, timedelta
from enum import StrEnum
from functools import cache

MONDAY, SATURDAY = 0, 5


class Calendar(StrEnum):
    """Whose bank holidays a service keeps. Days of its own it says itself."""

    ENGLAND_AND_WALES = "england-and-wales"
    NONE = "none"


def is_bank_holiday(day: date, calendar: Calendar) -> bool:
    """Whether a day is a bank holiday, or the weekday given for one that falls on a weekend."""
    return calendar is Calendar.ENGLAND_AND_WALES and day in england_and_wales(day.year)


@cache
def england_and_wales(year: int) -> dict[date, str]:
    """The weekdays on which banks are closed in a year, each with its name.

    Banking and Financial Dealings Act 1971, schedule 1, with New Year’s Day and the first Monday in May, which have
    been proclaimed each year since 1974 and 1978. A day proclaimed once, as for a coronation, follows no rule.
    """
    easter = easter_sunday(year)
    found = {
        _from(date(year, 1, 1)): "New Year’s Day",
        easter - timedelta(days=2): "Good Friday",
        easter + timedelta(days=1): "Easter Monday",
        _monday_from(date(year, 5, 1)): "Early May bank holiday",
        _monday_from(date(year, 5, 25)): "Spring bank holiday",
        _monday_from(date(year, 8, 25)): "Summer bank holiday",
    }
    for day, name in ((date(year, 12, 25), "Christmas Day"), (date(year, 12, 26), "Boxing Day")):
        found[_next_free(day, found)] = name
    return found


def easter_sunday(year: int) -> date:
    """The Sunday of Easter in the Gregorian calendar, for any year from 1583.

    The anonymous algorithm as in Meeus, Astronomical Algorithms, second edition, chapter 8.
    """
    century, of_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _from(day: date) -> date:
    return day if day.weekday() < SATURDAY else _monday_from(day)


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _next_free(day: date, taken: dict[date, str]) -> date:
    # Christmas on a Saturday and Boxing Day on the Sunday move to the Monday and the Tuesday.
    while day.weekday() >= SATURDAY or day in taken:
        day += timedelta(days=1)
    return day
