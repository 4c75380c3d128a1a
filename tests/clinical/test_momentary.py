"""When somebody is asked, how each prompt ends, and how many were answered."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical import momentary
from app.clinical.momentary import Compliance, Prompt, Standing, Times, Withheld
from app.clinical.momentary_protocols import NOTHING, Protocol, read_answers
from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import Limits

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
MARCH_3 = date(2026, 3, 3)
MINUTE = timedelta(minutes=1)
SCALE = {"key": "mood", "type": "scale-0-10", "short": "Mood", "label": "Your mood?", "low": "low", "high": "good"}


def protocol(**more) -> Protocol:
    return Protocol.model_validate(
        {
            "key": "three",
            "title": "Three",
            "version": "1",
            "for": ["start"],
            "days": 7,
            "expires_after": 60,
            "late": "refuse",
            "windows": [
                {"key": "morning", "label": "Morning", "from": "09:00", "to": "11:00"},
                {"key": "noon", "label": "Noon", "at": "13:00"},
                {"key": "evening", "label": "Evening", "from": "18:00", "to": "20:00"},
            ],
            "items": [
                SCALE,
                {"key": "sleep", "type": "number", "short": "Sleep", "label": "Hours?", "min": 0, "max": 24,
                 "windows": ["morning"]},
                {"key": "say", "type": "long-text", "short": "Words", "label": "More?", "required": False},
            ],
            "licence": "ours",
            "source": "ours",
        }
        | more
    )  # fmt: skip


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 3, hour, minute, tzinfo=UTC)


TIMES = Times(at(9), at(10), at(12))
ASKED = {"times": TIMES, "asked_at": at(9)}


# Drawing


@given(st.text(max_size=20), st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 20))
def test_the_same_seed_draws_the_same_and_each_time_is_in_its_window(seed, first_on, days):
    three = protocol()
    drawn = momentary.draw(three, seed, first_on, days)

    assert drawn == momentary.draw(three, seed, first_on, days)
    assert [one.number for one in drawn] == list(range(1, 3 * days + 1))
    for one in drawn:
        first, last = three.window(one.window).ends
        assert first <= one.at < last or first == last == one.at
    # One more day changes nothing of those before it.
    assert momentary.draw(three, seed, first_on, days + 1)[: len(drawn)] == drawn


def test_every_minute_of_a_window_is_drawn_and_none_much_more_often_than_another():
    drawn = momentary.draw(protocol(), "a seed", MARCH_3, 12_000)
    count = Counter(one.at for one in drawn if one.window == "morning")

    # 100 of each are expected; five standard deviations to either side.
    assert len(count) == 120 and min(count.values()) > 50 and max(count.values()) < 150


def test_another_seed_draws_other_times():
    assert momentary.draw(protocol(), "a", MARCH_3, 7) != momentary.draw(protocol(), "b", MARCH_3, 7)


def test_there_is_nothing_to_draw_for_no_days():
    with pytest.raises(ValueError, match="no day"):
        momentary.draw(protocol(), "a", MARCH_3, 0)


@given(
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]),
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.integers(5, 720),
    st.sampled_from(["refuse", "accept-as-late"]),
)
def test_prompts_follow_each_other_and_only_one_can_be_answered_at_a_time(zone, first_on, minutes, late):
    three = protocol(expires_after=minutes, late=late)
    found = momentary.times(three, momentary.draw(three, "s", first_on, 5), ZoneInfo(zone))

    for one in found:
        assert one.due_at < one.expires_at <= one.closes_at
        assert one.expires_at - one.due_at <= minutes * MINUTE
        assert late == "accept-as-late" or one.closes_at == one.expires_at
    assert all(a.closes_at <= b.due_at for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 28, 13, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 12, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 12, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 13, tzinfo=UTC)),
    ],
)
def test_one_o_clock_is_one_o_clock_on_the_days_the_clocks_change(on, due):
    three = protocol()
    drawn = momentary.draw(three, "s", on, 1)

    assert momentary.times(three, drawn, LONDON)[1].due_at == due


def test_what_was_drawn_is_on_the_clock_wherever_somebody_is():
    three = protocol()
    drawn = momentary.draw(three, "s", MARCH_3, 1)

    here, there = (momentary.times(three, drawn, zone)[1].due_at for zone in (LONDON, NEW_YORK))
    assert there - here == timedelta(hours=5)


def test_a_prompt_is_over_when_the_next_is_due_and_late_until_the_day_is_over():
    long = protocol(expires_after=720, late="accept-as-late")
    first, noon, last = momentary.times(long, momentary.draw(long, "s", MARCH_3, 1), LONDON)

    assert (first.expires_at, first.closes_at) == (noon.due_at, noon.due_at)
    assert last.closes_at == datetime(2026, 3, 4, tzinfo=UTC)
    short = momentary.times(protocol(late="accept-as-late"), momentary.draw(protocol(), "s", MARCH_3, 1), LONDON)
    assert (short[1].expires_at, short[1].closes_at) == (noon.due_at + 60 * MINUTE, last.due_at)


# How a prompt ends


@pytest.mark.parametrize(
    ("known", "now", "standing"),
    [
        ({"asked_at": None}, at(8, 59), Standing.TO_COME),
        ({"asked_at": None}, at(9), Standing.OPEN),
        ({}, at(9, 59), Standing.OPEN),
        ({}, at(10), Standing.EXPIRED),
        ({}, at(13), Standing.EXPIRED),
        ({"asked_at": None}, at(10), Standing.WITHHELD),
        ({"said_at": at(9)}, at(9), Standing.ANSWERED),
        ({"said_at": at(9, 59)}, at(13), Standing.ANSWERED),
        ({"said_at": at(10)}, at(13), Standing.LATE),
        ({"withheld": Withheld.OFF}, at(9, 30), Standing.WITHHELD),
        ({"withheld": Withheld.OFF}, at(13), Standing.WITHHELD),
        ({"ended_at": at(8)}, at(8, 30), Standing.WITHHELD),
        ({"ended_at": at(9, 30)}, at(9, 45), Standing.WITHHELD),
        ({"ended_at": at(10)}, at(13), Standing.EXPIRED),
        ({"ended_at": at(9, 30), "said_at": at(9, 10)}, at(13), Standing.ANSWERED),
    ],
)
def test_where_a_prompt_stands(known, now, standing):
    assert Prompt(**ASKED | known).standing(now) is standing


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({}, None),
        ({"asked_at": None}, Withheld.OUTAGE),
        ({"withheld": Withheld.TRAVEL, "ended_at": at(8)}, Withheld.TRAVEL),
        ({"ended_at": at(9, 30)}, Withheld.ENDED_EARLY),
        ({"said_at": at(9, 5), "ended_at": at(9, 30)}, None),
    ],
)
def test_why_nobody_was_asked(known, why):
    assert Prompt(**ASKED | known).why_withheld(at(13)) is why


@pytest.mark.parametrize(
    ("known", "said_at", "taken"),
    [
        ({}, at(9), True),
        ({}, at(8, 59), False),
        ({}, at(11, 59), True),
        ({}, at(12), False),
        ({"asked_at": None}, at(9, 30), False),
        ({"withheld": Withheld.OFF}, at(9, 30), False),
        ({"ended_at": at(9, 30)}, at(9, 29), True),
        ({"ended_at": at(9, 30)}, at(9, 30), False),
    ],
)
def test_whether_an_answer_is_taken(known, said_at, taken):
    assert Prompt(**ASKED | known).takes(said_at) is taken


@pytest.mark.parametrize(
    ("limits", "off", "now", "why"),
    [
        ({}, None, at(9), None),
        ({}, None, at(9, 59), None),
        ({}, None, at(10), Withheld.OUTAGE),
        ({"active": False}, Reason.PAUSED, at(9), Withheld.TREATMENT_ENDED),
        ({}, Reason.PAUSED, at(9), Withheld.PAUSED),
        ({}, Reason.KIND_OFF, at(11), Withheld.OFF),
        ({"quiet_to": time(9)}, None, at(9), None),
        ({"quiet_to": time(9, 1)}, None, at(9), Withheld.QUIET_HOURS),
        ({"quiet_to": time(9, 1)}, None, at(11), Withheld.QUIET_HOURS),
    ],
)
def test_why_somebody_is_not_asked_what_is_due(limits, off, now, why):
    assert momentary.why_not(TIMES, limits=Limits(LONDON, **limits), off=off, now=now) is why


# Compliance


def known(**more) -> st.SearchStrategy[Prompt]:
    moments = st.none() | st.integers(-60, 300).map(lambda minutes: at(9) + minutes * MINUTE)
    return st.builds(
        Prompt,
        times=st.just(TIMES),
        asked_at=st.none() | st.just(at(9)),
        withheld=st.none() | st.sampled_from(Withheld),
        said_at=moments.map(lambda one: one if one and TIMES.due_at <= one < TIMES.closes_at else None),
        ended_at=moments,
    )


@given(st.lists(known(), max_size=12), st.integers(-60, 400))
def test_every_prompt_is_counted_once_and_shares_are_of_those_asked_alone(prompts, minutes):
    now = at(9) + minutes * MINUTE
    found = momentary.compliance(prompts, now)

    assert found.all == len(prompts)
    assert found.not_asked == sum(one.standing(now) is Standing.WITHHELD for one in prompts)
    assert found.share is None or 0 <= found.share <= found.share_with_late <= 1
    assert momentary.compliance_words(found).endswith(".")


@given(known())
def test_once_it_is_over_a_prompt_has_an_end_for_good(prompt):
    ends = {Standing.ANSWERED, Standing.LATE, Standing.EXPIRED, Standing.WITHHELD}

    assert prompt.standing(at(12)) in ends
    assert prompt.standing(at(12)) is prompt.standing(at(23))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Compliance(), "Nothing that was asked is over yet."),
        (Compliance(answered=2, expired=1), "Answered 2 of 3 asked in time (67%). 1 ran out."),
        (Compliance(answered=1, late=1), "Answered 1 of 2 asked in time (50%), and 1 more late."),
        (
            Compliance(answered=1, open=1, to_come=4, withheld={Withheld.OFF: 2, Withheld.TRAVEL: 1}),
            "Answered 1 of 1 asked in time (100%). 3 not asked and not counted: 2 turned off by the patient,"
            " 1 skipped by a change of time zone. 1 open now. 4 still to come.",
        ),
    ],
)
def test_compliance_is_said_exactly(found, words):
    assert momentary.compliance_words(found) == words


# Answers


def test_an_item_is_asked_in_its_windows_alone():
    assert [item.key for item in protocol().asked_in("morning")] == ["mood", "sleep", "say"]
    assert [item.key for item in protocol().asked_in("noon")] == ["mood", "say"]


@pytest.mark.parametrize(
    ("posted", "values", "problems"),
    [
        ({"mood": "0"}, {"mood": 0}, {}),
        ({"mood": "10", "say": " Rain. "}, {"mood": 10, "say": "Rain."}, {}),
        ({"mood": "11"}, {}, {"mood": "Choose a whole number from 0 to 10 for “Your mood?”."}),
        ({}, {}, {"mood": "Choose an answer to “Your mood?”."}),
        ({"mood": "5", "sleep": "7"}, {"mood": 5}, {}),
    ],
)
def test_what_is_answered_is_read_by_the_keys_of_the_items(posted, values, problems):
    assert read_answers(protocol(), "noon", posted) == (values, problems)


def test_where_nothing_has_to_be_answered_something_has():
    free = protocol(items=[SCALE | {"required": False}])

    assert read_answers(free, "noon", {}) == ({}, {"mood": NOTHING})


# What a protocol may say


def window(key, **more):
    return {"key": key, "label": key, **more}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"windows": [window("a", at="09:00"), window("a", at="10:00")]}, 'window "a" is there twice'),
        ({"windows": [window("a", at="10:00"), window("b", at="09:00")]}, '"b" begins before "a" is over'),
        ({"windows": [window("a", at="10:00"), window("b", at="10:00")]}, '"b" begins before "a" is over'),
        ({"windows": [window("a", **{"from": "09:00", "to": "11:00"}), window("b", at="10:00")]}, "begins before"),
        ({"windows": [window("a")]}, 'needs either "at" or both'),
        ({"windows": [window("a", at="09:00", to="10:00")]}, 'needs either "at" or both'),
        ({"windows": [window("a", **{"from": "10:00", "to": "09:00"})]}, "ends before it begins"),
        ({"windows": [window("a", at="04:59")]}, "asks before 05:00"),
        ({"windows": [window("a", at=900)]}, "is not a time of day"),
        ({"windows": [window("a", at="noon")]}, '"noon" is not a time of day'),
        ({"items": [SCALE, SCALE]}, 'item "mood" is there twice'),
        ({"items": [SCALE | {"key": "waited"}]}, "cannot be the key of an item"),
        ({"items": [SCALE | {"windows": ["night"]}]}, 'there is no window "night"'),
        ({"items": [SCALE | {"windows": ["noon"]}]}, 'nothing is asked in window "morning"'),
        ({"items": [SCALE | {"prefill": {"worksheet": "a", "field": "b"}}]}, "has a prefill"),
        ({"days": 61}, "less than or equal to 60"),
        ({"expires_after": 4}, "greater than or equal to 5"),
        ({"for": []}, "at least 1 item"),
    ],
)
def test_a_protocol_that_makes_no_sense_is_refused(changed, problem):
    with pytest.raises(ValueError, match=problem):
        protocol(**changed)


def test_a_protocol_that_was_kept_reads_as_the_same():
    three = protocol()

    assert Protocol.model_validate(three.model_dump(mode="json", by_alias=True)) == three
