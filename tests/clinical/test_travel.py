"""A device in another time zone: who is asked, who is followed, and who is left alone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.clinical.travel import Arrival, ZonePolicy, is_same_clock, may_be_made_up, on_arrival

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
WINTER = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def met(here, *, home=LONDON, policy=ZonePolicy.ASK, declined=None):
    return on_arrival(home, ZoneInfo(here), policy=policy, declined=declined, now=WINTER)


def test_somebody_elsewhere_is_asked_and_at_home_is_not():
    assert met("America/New_York") is Arrival.ASK
    assert met("Europe/London") is Arrival.NOTHING


def test_a_place_that_was_declined_is_not_asked_about_again_and_another_is():
    assert met("America/New_York", declined="America/New_York") is Arrival.NOTHING
    assert met("Asia/Tokyo", declined="America/New_York") is Arrival.ASK


def test_whoever_wants_it_is_followed_without_a_question_even_to_where_they_once_declined():
    assert met("America/New_York", policy=ZonePolicy.ALWAYS, declined="America/New_York") is Arrival.FOLLOW


def test_whoever_does_not_want_to_be_asked_is_not():
    assert met("America/New_York", policy=ZonePolicy.NEVER) is Arrival.NOTHING


@pytest.mark.parametrize("made_up", ["UTC", "Etc/UTC", "Etc/GMT+5", "GMT", "Zulu", "EST5EDT", "Atlantic/Reykjavik"])
def test_nobody_is_followed_without_a_word_to_where_a_browser_may_only_pretend_to_be(made_up):
    assert may_be_made_up(ZoneInfo(made_up))
    assert met(made_up, policy=ZonePolicy.ALWAYS) is Arrival.ASK
    assert met(made_up, policy=ZonePolicy.ALWAYS, declined=made_up) is Arrival.NOTHING


@pytest.mark.parametrize("same", ["Europe/Jersey", "Europe/Belfast", "GB"])
def test_another_name_for_the_same_clock_is_no_journey(same):
    assert met(same, policy=ZonePolicy.ALWAYS) is Arrival.NOTHING


def test_a_clock_that_is_the_same_only_in_winter_is_another():
    assert not is_same_clock(LONDON, ZoneInfo("Africa/Abidjan"), WINTER)
    assert is_same_clock(NEW_YORK, ZoneInfo("America/Toronto"), WINTER)
