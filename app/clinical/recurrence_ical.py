"""A series as iCalendar says it (RFC 5545): a calendar that reads it shows what `recurrence.expand` finds, no more.

Times are floating (3.3.5): nine is nine wherever somebody is. Each segment is an event of its own, under a name that
lasts as long as the segment begins on that day. What was decided of one occurrence goes by the day that names it
(RECURRENCE-ID), wherever it was moved. Days 29 to 31 of short months are their last, said without RFC 7529, which few
calendars know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from icalendar import Alarm, Calendar, Event

from app.clinical.recurrence import Act, Freq, Occurrence, Segment, Series, days, occurrence, segment_of

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SHORTEST_MONTH = 28
# Calendars may ask less often; many do not look at this at all.
ASK_EVERY = timedelta(hours=4)


@dataclass(frozen=True)
class Entry:
    """A series with what a calendar shows of it. `key` begins the names of its events and never changes.

    `sequence` rises with each change (3.8.7.4). `alerts` asks the calendar itself to remind, where Braid does.
    """

    key: str
    series: Series
    summary: str
    sequence: int
    changed_at: datetime
    alerts: bool = False


def calendar(entries: list[Entry], *, name: str, zone: str) -> Calendar:
    """A calendar that is read again and again. Stamps say when each was last changed (3.8.7.2, without METHOD).

    `zone` is where somebody lives: calendars on the web take floating times for UTC without it.
    """
    made = Calendar()
    made.add("prodid", "-//Braid//Plans//EN")
    made.add("version", "2.0")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", zone)
    made.add("refresh-interval", ASK_EVERY, parameters={"VALUE": "DURATION"})
    for entry in entries:
        for event in events(entry):
            made.add_component(event)
    return made


def published(entries: list[Entry], *, name: str, zone: str, now: datetime) -> Calendar:
    """A calendar handed out once, with no promise of changes (RFC 5546, PUBLISH): stamps say when that was."""
    made = calendar(entries, name=name, zone=zone)
    made.add("method", "PUBLISH")
    for event in made.events:
        event.DTSTAMP = now
    return made


def events(entry: Entry) -> list[Event]:
    """A series as events; none where nothing of it is left."""
    series = entry.series
    found = [event for segment in series.segments for event in _of_segment(entry, segment)]
    for named_on, override in sorted(series.overrides.items()):
        if override.act is Act.CHANGE and series.segments and not _plans(segment_of(series, named_on), named_on):
            found.append(_event(entry, f"{_name(named_on)}-alone", _named(series, named_on)))
    return found


def _of_segment(entry: Entry, segment: Segment) -> Iterator[Event]:
    decided = {on: one for on, one in sorted(entry.series.overrides.items()) if _plans(segment, on)}
    skipped = {on for on, one in decided.items() if one.act is Act.SKIP}
    changed = [_named(entry.series, on) for on, one in decided.items() if one.act is Act.CHANGE]
    first = next(_days(segment), None)
    if first is None or all(on in skipped for on in _days(segment, len(skipped) + 1)):
        return
    name = _name(segment.from_on)
    if segment.rule.freq is Freq.ONCE:
        yield _event(entry, name, _named(entry.series, first))
        return
    master = _event(entry, name, Occurrence(first, first, segment.at, segment.minutes))
    master.add("rrule", _rule(segment))
    if skipped:
        master.add("exdate", [_moment(on, segment.at) for on in sorted(skipped)])
    yield master
    for one in changed:
        event = _event(entry, name, one)
        event.add("recurrence-id", _moment(one.named_on, segment.at))
        yield event


def _days(segment: Segment, most: int = 1) -> Iterator[date]:
    """The first so many days of a segment, or as many as it has."""
    last = segment.last_on or date.max - timedelta(days=32 * segment.rule.every)
    yield from islice(days(segment.rule, segment.phase_on, segment.from_on, last), most)


def _plans(segment: Segment, on: date) -> bool:
    return segment.holds(on) and on in days(segment.rule, segment.phase_on, on, on)


def _named(series: Series, named_on: date) -> Occurrence:
    found = occurrence(series, named_on)
    assert found is not None
    return found


def _event(entry: Entry, name: str, planned: Occurrence) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}-{name}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", entry.summary)
    event.add("class", "PRIVATE")
    event.add("dtstart", _moment(planned.on, planned.at))
    if planned.at and planned.minutes:
        event.add("duration", timedelta(minutes=planned.minutes))
    if planned.at is None:
        # Something for any time of the day leaves the day free.
        event.add("transp", "TRANSPARENT")
    before = _before(segment_of(entry.series, planned.named_on), planned)
    if entry.alerts and before is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.summary)
        alarm.add("trigger", -before)
        event.add_component(alarm)
    return event


def _before(segment: Segment, planned: Occurrence) -> timedelta | None:
    """How long before it begins somebody wants to be reminded; a day begins at midnight (3.8.6.3)."""
    if segment.remind_before is not None:
        return timedelta(minutes=segment.remind_before)
    if segment.remind_at is None:
        return None
    begins = datetime.combine(planned.on, planned.at or time())
    return begins - datetime.combine(planned.on, segment.remind_at)


def _rule(segment: Segment) -> dict[str, Any]:
    rule = segment.rule
    said: dict[str, Any] = {"freq": rule.freq.value.upper()}
    if rule.every > 1:
        said["interval"] = rule.every
    if rule.weekdays:
        said |= {"byday": [WEEKDAYS[day] for day in sorted(rule.weekdays)], "wkst": "MO"}
    if rule.month_day is not None and rule.month_day > SHORTEST_MONTH:
        said |= {"bymonthday": list(range(SHORTEST_MONTH, rule.month_day + 1)), "bysetpos": -1}
    elif rule.month_day is not None:
        said["bymonthday"] = rule.month_day
    if rule.month_nth is not None and rule.month_weekday is not None:
        said["byday"] = f"{rule.month_nth}{WEEKDAYS[rule.month_weekday]}"
    if segment.last_on is not None:
        said["until"] = _moment(segment.last_on, segment.at)
    return said


def _moment(on: date, at: time | None) -> date | datetime:
    return on if at is None else datetime.combine(on, at)


def _name(on: date) -> str:
    return on.strftime("%Y%m%d")
