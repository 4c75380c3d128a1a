"""Series as calendars read them: whatever is planned, other libraries read back just that, on both sides of a change
of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from app.clinical import recurrence_ical
from app.clinical.recurrence import (
    Act,
    Freq,
    Override,
    Rule,
    Segment,
    Series,
    changed_from,
    days,
    ended_from,
    expand,
)
from app.clinical.recurrence_ical import Entry
from tests.letters import LETTERS

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
BEGAN = date(2026, 1, 1)
# From before the clocks go forward until after they have gone back.
FIRST, LAST = date(2026, 3, 1), date(2026, 11, 15)
CHANGED_AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
DAILY = Rule(freq=Freq.DAILY)
# The hours that a change of the clocks leaves out or gives twice, and others.
TIMES = st.sampled_from([time(0), time(1), time(1, 30), time(1, 59), time(2), time(9), time(23, 59)]) | st.none()
LENGTHS = st.sampled_from([None, 1, 30, 90, 1440])


def entry(series: Series, **more: object) -> Entry:
    return Entry("a-series", series, **{"summary": "Walk", "sequence": 0, "changed_at": CHANGED_AT, **more})


def written(*series: Series, **more: object) -> bytes:
    entries = [entry(one, **more) for one in series]
    return recurrence_ical.calendar(entries, name="Plans", zone="Europe/London").to_ical()


def walk(rule: Rule = DAILY, from_on: date = BEGAN, **more: object) -> Series:
    return Series((Segment(from_on, rule, from_on, **{"at": time(9), **more}),))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    freq = draw(st.sampled_from(list(Freq)))
    every = 1 if freq is Freq.ONCE else draw(st.sampled_from([1, 1, 2, 3, 5]))
    if freq is Freq.WEEKLY:
        return Rule(freq=freq, every=every, weekdays=tuple(draw(st.sets(st.integers(0, 6), min_size=1))))
    if freq is Freq.MONTHLY and draw(st.booleans()):
        return Rule(freq=freq, every=every, month_day=draw(st.integers(1, 31) | st.sampled_from([28, 29, 30, 31])))
    if freq is Freq.MONTHLY:
        nth, weekday = draw(st.sampled_from([1, 2, 3, 4, -1, -2, -3, -4])), draw(st.integers(0, 6))
        return Rule(freq=freq, every=every, month_nth=nth, month_weekday=weekday)
    return Rule(freq=freq, every=every)


@st.composite
def segments(draw: st.DrawFn) -> tuple[Segment, ...]:
    begins = sorted(draw(st.sets(st.integers(0, 300), min_size=1, max_size=3)))
    found = []
    for n, day in enumerate(begins):
        from_on = BEGAN + day * DAY
        ends = begins[n + 1] if n + 1 < len(begins) else draw(st.none() | st.integers(day + 1, 400))
        phase_on = from_on + draw(st.integers(-20, 40)) * DAY
        until_on = draw(st.none() | st.integers(0, 200).map(lambda days, from_on=from_on: from_on + days * DAY))
        to = None if ends is None else BEGAN + ends * DAY
        found.append(Segment(from_on, draw(rules()), phase_on, to, until_on, draw(TIMES), draw(LENGTHS)))
    return tuple(found)


@st.composite
def any_series(draw: st.DrawFn) -> Series:
    """Whatever the tables can hold: also decisions about days that no rule gives any more, and all of them left out."""
    planned = draw(segments())
    given_days = [one.named_on for one in expand(Series(planned), BEGAN, LAST)]
    named = st.integers(0, 330).map(lambda day: BEGAN + day * DAY)
    if given_days:
        named = st.sampled_from(given_days) | st.sampled_from(given_days[:4]) | named
    override = st.just(Override(Act.SKIP)) | st.builds(
        Override,
        st.just(Act.CHANGE),
        moved_to=st.none() | st.integers(0, 330).map(lambda day: BEGAN + day * DAY),
        at=TIMES,
        minutes=LENGTHS,
        any_time=st.booleans(),
        any_length=st.booleans(),
    )
    return Series(planned, draw(st.dictionaries(named, override, max_size=8)))


def read_back(body: bytes) -> list[tuple[object, ...]]:
    """When things are in the window, as another library reads a calendar: days as days, times as instants."""
    found = []
    # A day more on both sides: what begins the day before may still be going on.
    for event in recurring_ical_events.of(Calendar.from_ical(body)).between(FIRST - DAY, LAST + 2 * DAY):
        start = event["dtstart"].dt
        timed = isinstance(start, datetime)
        if not FIRST <= (start.date() if timed else start) <= LAST:
            continue
        length = event["dtend"].dt - start if timed else None
        found.append((start.astimezone(UTC) if timed else start, length))
    return sorted(found, key=str)


def planned(series: Series) -> list[tuple[object, ...]]:
    """The same as it is planned here."""
    found: list[tuple[object, ...]] = []
    for one in expand(series, FIRST, LAST):
        start = one.starts_at(LONDON)
        if start is None:
            found.append((one.on, None))
        else:
            found.append((start, timedelta(minutes=one.minutes or 0)))
    return sorted(found, key=str)


@settings(max_examples=250)
@given(any_series())
def test_a_calendar_shows_what_is_planned_and_nothing_more_across_both_changes_of_the_clocks(series: Series) -> None:
    assert read_back(written(series)) == planned(series)


@settings(max_examples=60)
@given(any_series())
def test_no_two_events_have_one_name_and_what_was_decided_goes_by_its_first_day(series: Series) -> None:
    events = Calendar.from_ical(written(series)).events

    names = [(str(event["uid"]), event.get("recurrence-id") and event["recurrence-id"].dt) for event in events]
    assert len(names) == len(set(names))
    rules_of = {str(event["uid"]) for event in events if "rrule" in event}
    for uid, named in names:
        assert named is None or uid in rules_of
        on = named.date() if isinstance(named, datetime) else named
        assert on is None or series.overrides[on].act is Act.CHANGE


@settings(max_examples=60)
@given(any_series())
def test_what_was_written_is_read_and_written_again_as_the_same(series: Series) -> None:
    body = written(series)

    assert written(series) == body == Calendar.from_ical(body).to_ical()


@settings(max_examples=60)
@given(segments(), st.integers(0, 300))
def test_a_plan_that_was_changed_or_ended_from_a_day_on_is_read_as_it_is(parts: tuple[Segment, ...], day: int) -> None:
    series, on = Series(parts), BEGAN + day * DAY
    later = changed_from(series, on, Segment(on, Rule(freq=Freq.DAILY, every=2), on, at=time(10)))

    assert read_back(written(later)) == planned(later)
    assert read_back(written(ended_from(series, on))) == planned(ended_from(series, on))


def test_a_time_is_written_without_a_place_so_that_nine_is_nine_wherever_somebody_is() -> None:
    body = written(walk())

    assert b"DTSTART:20260101T090000\r\n" in body
    assert b"TZID" not in body and b"VTIMEZONE" not in body


def test_a_segment_keeps_its_name_when_a_later_one_begins_and_when_it_is_left() -> None:
    before = walk()
    after = changed_from(before, date(2026, 4, 1), Segment(date(2026, 4, 1), DAILY, BEGAN, at=time(10)))

    (old,) = Calendar.from_ical(written(before)).events
    first, second = Calendar.from_ical(written(after)).events
    assert old["uid"] == first["uid"] == "a-series-20260101" and second["uid"] == "a-series-20260401"
    assert first["rrule"]["until"] == [datetime(2026, 3, 31, 9)]


def test_one_that_is_left_out_is_an_exception_and_one_that_moved_goes_by_where_it_was() -> None:
    thursday, friday = date(2026, 3, 5), date(2026, 3, 6)
    skipped, moved = Override(Act.SKIP), Override(Act.CHANGE, moved_to=friday, at=time(15))
    series = Series(walk().segments, {thursday - DAY: skipped, thursday: moved})

    every, one = Calendar.from_ical(written(series)).events
    assert every["exdate"].dts[0].dt == datetime(2026, 3, 4, 9)
    assert one["uid"] == every["uid"] and one["recurrence-id"].dt == datetime(2026, 3, 5, 9)
    assert one["dtstart"].dt == datetime(2026, 3, 6, 15)


def test_a_series_of_which_everything_is_left_out_is_not_in_a_calendar() -> None:
    once = walk(Rule(freq=Freq.ONCE))
    week = walk(until_on=BEGAN + 6 * DAY)
    out = {on: Override(Act.SKIP) for on in days(DAILY, BEGAN, BEGAN, BEGAN + 6 * DAY)}

    assert recurrence_ical.events(entry(Series(once.segments, out))) == []
    assert recurrence_ical.events(entry(Series(week.segments, out))) == []


def test_what_is_for_any_time_is_a_whole_day_that_stays_free() -> None:
    (event,) = Calendar.from_ical(written(walk(at=None, minutes=30))).events

    assert event["dtstart"].dt == BEGAN and event["transp"] == "TRANSPARENT" and "duration" not in event


@settings(max_examples=100)
@given(st.text(LETTERS, max_size=200))
def test_no_title_adds_to_a_calendar_what_is_not_its_title(title: str) -> None:
    (event,) = Calendar.from_ical(written(walk(), summary=title)).events

    plain = recurrence_ical.events(entry(walk()))[0]
    assert set(event) == set(plain) and not event.subcomponents


def test_a_title_with_lines_of_its_own_stays_a_title() -> None:
    title = "Swim, then tea; see\r\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Other"
    (event,) = Calendar.from_ical(written(walk(), summary=title)).events

    assert str(event["summary"]) == title.replace("\r\n", "\n")
