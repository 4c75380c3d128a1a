"""Bank holidays by rule, as the government published them, and what a service says of its own days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clinical import hours
from app.clinical.bank_holidays import Calendar, easter_sunday, england_and_wales, is_bank_holiday
from app.clinical.hours import Hours

LONDON = ZoneInfo("Europe/London")
# As published on gov.uk for England and Wales.
PUBLISHED = {
    2024: ["01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"],
    2025: ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"],
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"],
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_bank_holidays_of_a_year_are_those_that_were_published(year):
    assert [f"{day:%m-%d}" for day in sorted(england_and_wales(year))] == PUBLISHED[year]


def test_no_bank_holiday_falls_on_a_weekend_and_every_year_has_eight():
    for year in range(2024, 2124):
        assert len(england_and_wales(year)) == 8
        assert all(day.weekday() < 5 for day in england_and_wales(year))


@pytest.mark.parametrize(("year", "on"), [(2000, "04-23"), (2008, "03-23"), (2026, "04-05"), (2038, "04-25")])
def test_easter_is_on_its_sunday(year, on):
    assert f"{easter_sunday(year):%m-%d}" == on


def test_a_service_that_keeps_none_works_on_them():
    good_friday = date(2026, 4, 3)

    assert is_bank_holiday(good_friday, Calendar.ENGLAND_AND_WALES)
    assert not Hours(calendar=Calendar.ENGLAND_AND_WALES).works_on(good_friday)
    assert Hours().works_on(good_friday)


def test_a_service_closes_and_opens_on_days_of_its_own():
    christmas_eve, sunday, good_friday = date(2026, 12, 24), date(2026, 3, 8), date(2026, 4, 3)
    week = Hours(
        calendar=Calendar.ENGLAND_AND_WALES,
        closed_on=frozenset({christmas_eve}),
        open_on=frozenset({sunday, good_friday}),
    )

    assert [week.works_on(day) for day in (christmas_eve, sunday, good_friday)] == [False, True, True]


def test_minutes_go_on_after_the_holidays_where_they_stopped():
    week = Hours(calendar=Calendar.ENGLAND_AND_WALES, closed_on=frozenset({date(2026, 12, 24)}))
    answered = datetime(2026, 12, 23, 16, 40, tzinfo=UTC)

    # Wednesday; closed on Thursday, Christmas Day, the weekend, and the Monday for Boxing Day.
    by = hours.read_by(answered, within=timedelta(minutes=30), hours=week, zone=LONDON)

    assert by == datetime(2026, 12, 29, 9, 10, tzinfo=LONDON)


def test_a_service_closed_for_months_promises_nothing():
    closed = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(100))

    with pytest.raises(ValueError, match="never opens"):
        hours.next_opening(datetime(2026, 1, 1, tzinfo=UTC), hours=Hours(closed_on=closed), zone=LONDON)
