"""python -m bench.recurrence: one week of something that repeats, 1, 5 and 10 years after it began, beside two others.

dateutil is asked for naive times and given its zone afterwards, which is its quickest way; recurring-ical-events reads
a calendar that was parsed before. All are asked the same in turn, on one core, and must find the same. The floor is
what it takes to make the occurrences that are found.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as Clock
from functools import partial
from zoneinfo import ZoneInfo

import recurring_ical_events
from dateutil import rrule
from icalendar import Calendar

from app.clinical import recurrence_ical
from app.clinical.recurrence import Freq, Occurrence, Rule, Segment, Series, expand
from app.clinical.recurrence_ical import Entry

LONDON = ZoneInfo("Europe/London")
BEGAN = date(2016, 1, 4)
NINE = Clock(9)
YEARS = (1, 5, 10)
RULES = {
    "every day": (Rule(freq=Freq.DAILY), BEGAN),
    "Monday, Wednesday, Friday": (Rule(freq=Freq.WEEKLY, weekdays=(0, 2, 4)), BEGAN),
    "every other Monday": (Rule(freq=Freq.WEEKLY, weekdays=(0,), every=2), BEGAN),
    "monthly on the 15th": (Rule(freq=Freq.MONTHLY, month_day=15), date(2016, 1, 15)),
    "monthly on the 31st": (Rule(freq=Freq.MONTHLY, month_day=31), date(2016, 1, 31)),
}
Ask = Callable[[date, date], list[datetime]]


def ours(rule: Rule, begins: date) -> Ask:
    series = Series((Segment(begins, rule, begins, at=NINE),))

    def ask(first: date, last: date) -> list[datetime]:
        return [datetime.combine(one.on, NINE, tzinfo=LONDON) for one in expand(series, first, last)]

    return ask


def in_dateutil(body: str) -> Ask:
    (event,) = Calendar.from_ical(body).events
    said, begins = event["rrule"].to_ical().decode(), event["dtstart"].dt

    def ask(first: date, last: date) -> list[datetime]:
        # Made anew as a page would make it: asked twice, it answers from what it kept.
        found = rrule.rrulestr(said, dtstart=begins)
        window = (datetime.combine(first, Clock()), datetime.combine(last, Clock.max))
        return [one.replace(tzinfo=LONDON) for one in found.between(*window, inc=True)]

    return ask


def in_recurring_ical_events(body: str) -> Ask:
    calendar = Calendar.from_ical(body)

    def ask(first: date, last: date) -> list[datetime]:
        found = recurring_ical_events.of(calendar).between(first, last + timedelta(days=1))
        return sorted(event["dtstart"].dt for event in found)

    return ask


def floor(found: list[datetime]) -> Callable[[], object]:
    days = [one.date() for one in found]
    return lambda: [Occurrence(on, on, NINE, None) for on in days]


def micros(act: Callable[[], object], rounds: int) -> float:
    """The least of so many rounds, in time of the processor: others on the machine would show in any other."""
    began = time.thread_time()
    act()
    times = max(1, int(0.02 / max(time.thread_time() - began, 1e-7)))
    took = []
    for _ in range(rounds):
        began = time.thread_time()
        for _ in range(times):
            act()
        took.append((time.thread_time() - began) / times)
    return min(took) * 1e6


def calendar_of(rule: Rule, begins: date) -> str:
    series = Series((Segment(begins, rule, begins, at=NINE),))
    entry = Entry("bench", series, "Bench", 0, datetime(2016, 1, 1, tzinfo=UTC))
    return recurrence_ical.calendar([entry], name="Bench", zone="Europe/London").to_ical().decode()


def windows(rounds: int) -> None:
    print(f"{'A week, in µs':28} {'years':>5} {'found':>5} {'floor':>8} {'braid':>8} {'dateutil':>9} {'r-i-e':>9} "
          f"{'dateutil x':>10} {'r-i-e x':>8}")  # fmt: skip
    for name, (rule, begins) in RULES.items():
        body = calendar_of(rule, begins)
        asks = (ours(rule, begins), in_dateutil(body), in_recurring_ical_events(body))
        for years in YEARS:
            first = date(BEGAN.year + years, 1, 11)
            last = first + timedelta(days=6)
            answers = [ask(first, last) for ask in asks]
            assert answers[0] == answers[1] == answers[2], (name, years, answers)
            took = [micros(partial(ask, first, last), rounds) for ask in asks]
            least = micros(floor(answers[0]), rounds) if answers[0] else 0.0
            print(f"{name:28} {years:5} {len(answers[0]):5} {least:8.1f} {took[0]:8.1f} {took[1]:9.0f} {took[2]:9.0f} "
                  f"{took[1] / took[0]:10.0f} {took[2] / took[0]:8.0f}")  # fmt: skip


def many(count: int) -> None:
    """What a planner asks: so many series up to two years old, eight days of each."""
    kinds = [rule for rule, _ in RULES.values()]
    every = []
    for number in range(count):
        begins = BEGAN + timedelta(days=number % 730)
        every.append(Series((Segment(begins, kinds[number % len(kinds)], begins, at=NINE),)))
    first = BEGAN + timedelta(days=730)
    began = time.thread_time()
    found = sum(len(expand(series, first, first + timedelta(days=7))) for series in every)
    print(f"\n{count} series, eight days of each: {time.thread_time() - began:.3f} s, {found} occurrences")


def writing(count: int) -> None:
    """What a feed takes: so many series as the bytes a calendar reads."""
    stamp = datetime(2016, 1, 1, tzinfo=UTC)
    entries = []
    for number in range(count):
        rule, begins = list(RULES.values())[number % len(RULES)]
        series = Series((Segment(begins, rule, begins, at=NINE),))
        entries.append(Entry(f"bench-{number}", series, "Bench", 0, stamp))
    took = micros(lambda: recurrence_ical.calendar(entries, name="Bench", zone="Europe/London").to_ical(), 5)
    print(f"a feed of {count} series: {took / 1000:.1f} ms")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--series", type=int, default=5000)
    said = asked.parse_args()
    windows(said.rounds)
    many(said.series)
    writing(50)


if __name__ == "__main__":
    main()
