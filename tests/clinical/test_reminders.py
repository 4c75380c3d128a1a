"""Which reminders may go, which rule holds one back, and what goes out together."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.reminder_reasons import Reason
from app.clinical.reminders import (
    Channel,
    Due,
    Left,
    Limits,
    Overdue,
    ReminderKind,
    before_quiet,
    gate,
    lost,
    paced,
    quiet_hours,
    sort_out,
)

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


def due(thing="walk", *, kind=ReminderKind.ACTIVITY, channel=Channel.PUSH, at=NOW, **more) -> Due:
    return Due(uuid4(), thing, kind, channel, at, more.pop("expires_at", at + HALF_HOUR), **more)


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=LONDON).astimezone(UTC)


def sorted_out(*ones, limits=None, left=(), counted=0, now=NOW, soon=()):
    return sort_out(ones, limits=limits or Limits(LONDON), left=left, counted=counted, now=now, soon=soon)


def things(verdict):
    return [[one.thing for one in message] for message in verdict.messages]


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins(clock, quiet):
    assert bool(quiet_hours(at("2026-03-03", clock), time(21), time(8), LONDON)) is quiet


def test_a_window_within_a_day_does_not_reach_into_the_night():
    assert quiet_hours(at("2026-03-03", "14:00"), time(13), time(15), LONDON)
    assert not quiet_hours(at("2026-03-03", "15:00"), time(13), time(15), LONDON)
    assert not quiet_hours(at("2026-03-04", "02:00"), time(13), time(15), LONDON)


def test_a_window_that_ends_when_it_begins_is_not_quiet_for_ever():
    assert not quiet_hours(NOW, time(21), time(21), LONDON)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 10), ("2026-10-24", 12), ("2026-06-01", 11)])
def test_quiet_hours_are_shorter_or_longer_in_the_night_the_clocks_change(day, hours):
    opens, closes = quiet_hours(at(day, "22:00"), time(21), time(8), LONDON)

    assert closes - opens == timedelta(hours=hours)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.times(), st.times())
def test_no_moment_is_quiet_for_longer_than_a_day(moment, begins, ends):
    moment = moment.replace(tzinfo=UTC)

    window = quiet_hours(moment, begins, ends, LONDON)

    if window:
        assert window[0] <= moment < window[1] and window[1] - window[0] < timedelta(hours=26)


def test_an_appointments_reminder_moves_to_before_quiet_hours_and_never_later():
    assert before_quiet(at("2026-03-04", "06:00"), time(21), time(8), LONDON) == at("2026-03-03", "20:45")
    assert before_quiet(at("2026-03-03", "22:00"), time(21), time(8), LONDON) == at("2026-03-03", "20:45")
    assert before_quiet(at("2026-03-03", "12:00"), time(21), time(8), LONDON) == at("2026-03-03", "12:00")


def test_an_activity_that_its_person_wants_in_quiet_hours_too_goes_by_every_way_and_by_no_other_rule():
    night = at("2026-03-03", "22:00")
    one = due(at=night, anyway=True)

    assert gate(one, limits=Limits(LONDON), at=night) is None
    assert gate(one, limits=Limits(LONDON), at=night + HALF_HOUR) is Reason.TOO_LATE
    assert gate(due(at=night, anyway=True, off=Reason.PAUSED), limits=Limits(LONDON), at=night) is Reason.PAUSED


def test_the_gate_gives_the_first_reason_that_there_is():
    quiet, night = Limits(LONDON), at("2026-03-03", "22:00")
    closed = Limits(LONDON, active=False)
    one = due(off=Reason.KIND_OFF, gone=Reason.ALREADY_SAID, at=night)

    assert gate(one, limits=closed, at=night + HALF_HOUR) is Reason.ACCOUNT_CLOSED
    assert gate(one, limits=quiet, at=night + HALF_HOUR) is Reason.KIND_OFF
    assert gate(due(gone=Reason.ALREADY_SAID, at=night), limits=quiet, at=night + HALF_HOUR) is Reason.ALREADY_SAID
    assert gate(due(at=night), limits=quiet, at=night + HALF_HOUR) is Reason.TOO_LATE
    assert gate(due(at=night), limits=quiet, at=night) is Reason.QUIET_HOURS
    assert gate(due(), limits=quiet, at=NOW) is None


@pytest.mark.parametrize(
    ("active", "off", "gone", "reason"),
    [
        (False, Reason.KIND_OFF, Reason.ALREADY_SAID, Reason.ACCOUNT_CLOSED),
        (False, None, None, Reason.ACCOUNT_CLOSED),
        (True, Reason.PAUSED, Reason.NOT_PLANNED, Reason.PAUSED),
        (True, None, Reason.ALREADY_SAID, Reason.ALREADY_SAID),
        (True, None, None, Reason.OUTAGE),
    ],
)
def test_after_an_outage_what_would_not_have_gone_in_any_case_says_why_and_the_rest_that_it_was_lost(
    active, off, gone, reason
):
    one = due(off=off, gone=gone)

    assert lost(one, limits=Limits(LONDON, active=active), at=NOW + timedelta(hours=5)) is reason


@pytest.mark.parametrize(
    ("kind", "channel", "held"),
    [
        (ReminderKind.MOOD, Channel.IN_APP, True),
        (ReminderKind.MOOD, Channel.PUSH, True),
        (ReminderKind.ACTIVITY, Channel.PUSH, True),
        (ReminderKind.ACTIVITY, Channel.IN_APP, False),
        (ReminderKind.SUMMARY, Channel.EMAIL, True),
        (ReminderKind.APPOINTMENT, Channel.SMS, False),
    ],
)
def test_in_quiet_hours_an_activity_is_shown_in_braid_a_prompt_not_and_an_appointment_is_said(kind, channel, held):
    night = at("2026-03-03", "22:00")

    verdict = sorted_out(due(kind=kind, channel=channel, at=night), now=night)

    assert list(verdict.held.values()) == ([Reason.QUIET_HOURS] if held else [])


def test_what_is_due_within_ten_minutes_goes_out_as_one_in_order():
    first, second = due("walk"), due("tea", at=NOW + timedelta(minutes=4))
    third, later = due("bath", at=NOW + timedelta(minutes=9)), due("mood", kind=ReminderKind.APPOINTMENT)

    verdict = sorted_out(first, soon=[third, second, later])

    assert things(verdict) == [["walk", "tea", "bath"]] and verdict.counts


def test_what_is_due_soon_stays_where_nothing_goes():
    held = due(off=Reason.SERIES_OFF)

    verdict = sorted_out(held, soon=[due("tea", at=NOW + timedelta(minutes=4))])

    assert verdict.messages == [] and list(verdict.held) == [held.id]


def test_what_would_be_quiet_when_it_is_due_is_not_brought_forward():
    evening = at("2026-03-03", "20:55")

    verdict = sorted_out(due(at=evening), soon=[due("tea", at=at("2026-03-03", "21:02"))], now=evening)

    assert things(verdict) == [["walk"]]


def test_one_reminder_by_three_ways_is_three_messages_and_one_of_the_days():
    ways = [due(channel=channel) for channel in (Channel.IN_APP, Channel.PUSH, Channel.EMAIL)]

    verdict = sorted_out(*ways, counted=3)

    assert things(verdict) == [["walk"]] * 3 and verdict.counts


def test_the_fifth_of_a_day_is_held_back():
    verdict = sorted_out(due(), counted=4)

    assert list(verdict.held.values()) == [Reason.DAY_CAP] and not verdict.counts


def test_a_new_date_does_not_begin_the_count_anew_within_a_day():
    left = [Left(f"walk-{n}", True, NOW - timedelta(hours=n + 1)) for n in range(4)]

    verdict = sorted_out(due(), left=left)

    assert list(verdict.held.values()) == [Reason.ROLLING_CAP]


@pytest.mark.parametrize("hours", [23, 24])
def test_the_same_four_times_each_day_are_never_over_the_limit(hours):
    """The clocks go forward in between, or not; and yesterday’s left a minute late."""
    ago = timedelta(hours=hours) - timedelta(minutes=1)
    left = [Left(f"walk-{n}", True, NOW - ago + n * timedelta(hours=3)) for n in range(4)]

    assert things(sorted_out(due("today"), left=left)) == [["today"]]


def test_what_went_together_counts_once():
    left = [Left(f"walk-{n}", n == 0, NOW - timedelta(hours=2)) for n in range(4)]

    assert things(sorted_out(due(), left=left, counted=1)) == [["walk"]]


def test_two_messages_are_ten_minutes_apart():
    last = NOW - timedelta(minutes=3)
    one = due()

    verdict = sorted_out(one, left=[Left("tea", True, last)], counted=1)

    assert verdict.messages == [] and verdict.waits == {one.id: last + timedelta(minutes=10)}


def test_what_would_be_too_late_by_then_goes_at_once():
    one = due(expires_at=NOW + timedelta(minutes=5))

    assert things(sorted_out(one, left=[Left("tea", True, NOW - timedelta(minutes=3))])) == [["walk"]]


def test_a_second_try_and_a_second_way_are_neither_counted_nor_kept_apart():
    again, way = due("walk", tried=True), due("tea", channel=Channel.EMAIL)
    left = [Left("tea", True, NOW - timedelta(minutes=1))]

    verdict = sorted_out(again, way, left=left, counted=4)

    assert things(verdict) == [["tea"], ["walk"]] and not verdict.counts and not verdict.held


def test_nobody_who_wants_none_a_day_gets_one():
    assert list(sorted_out(due(), limits=Limits(LONDON, most_a_day=0)).held.values()) == [Reason.DAY_CAP]


def test_an_appointment_is_neither_counted_nor_kept_apart():
    one = due(kind=ReminderKind.APPOINTMENT)

    verdict = sorted_out(one, left=[Left("tea", True, NOW)], counted=4)

    assert verdict.messages == [(one,)] and not verdict.counts


def test_after_an_outage_appointments_go_before_the_rest_and_no_minute_has_more_than_its_number():
    kinds = [ReminderKind.ACTIVITY] * 300 + [ReminderKind.APPOINTMENT] * 50 + [ReminderKind.SUMMARY] * 50
    overdue = [Overdue(UUID(int=n), UUID(int=n), kind, Channel.EMAIL) for n, kind in enumerate(kinds)]

    found = paced(overdue, now=NOW, a_minute=60)

    order = [next(one.kind for one in overdue if one.id == id) for id in sorted(found, key=found.__getitem__)]
    assert order == [ReminderKind.SUMMARY] * 50 + [ReminderKind.APPOINTMENT] * 50 + [ReminderKind.ACTIVITY] * 300
    moments = sorted(found.values())
    within = [sum(one <= other < one + timedelta(minutes=1) for other in moments) for one in moments]
    assert max(within) <= 60 and paced(overdue, now=NOW, a_minute=60) == found


def test_what_goes_to_one_person_by_one_way_has_one_place():
    somebody = uuid4()
    overdue = [Overdue(uuid4(), somebody, ReminderKind.ACTIVITY, Channel.PUSH) for _ in range(3)]

    assert len(set(paced(overdue, now=NOW, a_minute=60).values())) == 1


def test_what_is_tried_again_opens_no_way_past_the_cap_for_what_is_new():
    again, mail = due("walk", tried=True, channel=Channel.EMAIL), due("fifth", channel=Channel.EMAIL)
    fifth = due("fifth")

    verdict = sorted_out(again, fifth, mail, counted=4)

    assert verdict.messages == [(again,)] and not verdict.counts
    assert verdict.held == {fifth.id: Reason.DAY_CAP, mail.id: Reason.DAY_CAP}


def test_what_is_new_beside_what_is_tried_again_is_one_more_of_the_day():
    again, fresh = due("walk", tried=True, channel=Channel.EMAIL), due("tea")

    assert sorted_out(again, fresh, counted=3).counts
