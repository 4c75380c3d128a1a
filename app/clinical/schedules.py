"""What somebody is asked to fill in, from when to when and why; when they are reminded of it, and what they missed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.clinical.local_time import instant, local_day

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A questionnaire for a session is asked from so many days before it, and one about a module until so many days after.
BEFORE_SESSION = timedelta(days=2)
AFTER_MODULE = timedelta(days=14)
# The time of day at which somebody is reminded, and after how many days once more.
REMIND_AT = time(10)
REMIND_AGAIN = timedelta(days=2)


class Timing(StrEnum):
    """When a questionnaire is asked: the ways an instrument names (`instrument_parts.When`), or never by itself."""

    BEFORE_EVERY_SESSION = "before-every-session"
    WEEKLY = "weekly"
    START_AND_END = "start-and-end"
    AFTER_MODULE = "after-module"
    ON_DEMAND = "on-demand"
    NOT_ASKED = "not-asked"


class Why(StrEnum):
    """Why a questionnaire is asked for now. The first of several is the one that is told."""

    REQUESTED = "requested"
    SESSION = "session"
    END = "end"
    START = "start"
    MODULE = "module"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for one answer: from that moment on, or from the beginning of a later day."""

    id: str
    asked_at: datetime
    for_on: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """How one questionnaire is asked of somebody: at these times, no earlier than on `from_on`, and on request."""

    instrument: str
    timing: Timing
    from_on: date | None = None
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """A module that was done, anywhere, and when."""

    module: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """What schedules go by, in the person's own time zone.

    It is `ending_at` from the moment every core step was done or waived, or staff said that treatment is ending.
    `sessions` are the starts of every session that is known, past and to come, in any order.
    """

    zone: ZoneInfo
    began_at: datetime | None = None
    ending_at: datetime | None = None
    finished: tuple[Finished, ...] = ()
    sessions: tuple[datetime, ...] = ()
    # When its pathway asks which questionnaire; the others are asked when they say themselves.
    measures: Mapping[str, Timing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """One questionnaire that is asked for from `since` to before `until`, and open without an end where that is None.

    `about` is the module it is about, or empty; `session` the start of the session that it is for.
    """

    instrument: str
    why: Why
    since: datetime
    until: datetime | None = None
    about: str = ""
    session: datetime | None = None


# When each questionnaire was last answered, by the questionnaire and the module it was about; void answers left out.
Answered = Mapping[tuple[str, str], datetime]


def due(schedule: Iterable[Asked], answered: Answered, course: Course, now: datetime) -> tuple[Due, ...]:
    """What somebody is asked for at this moment, in the order of the schedule; each once, whatever it is asked for."""
    return tuple(one for asked in schedule for one in _merged(_open(_asks(asked, answered, course, now), now)))


def open_requests(asked: Asked, answered: Answered, course: Course) -> tuple[Request, ...]:
    """The answers that were asked for and have not come, whether their day has or not."""
    last = _last(asked, answered)
    return tuple(one for one in asked.requests if last is None or last < _requested_from(one, course))


def next_due(asked: Asked, answered: Answered, course: Course, now: datetime) -> datetime | None:
    """When this questionnaire is asked for next after this moment; None where no such moment is known yet."""
    return min((one.since for one in _asks(asked, answered, course, now) if one.since > now), default=None)


def reminders(
    schedule: Iterable[Asked], answered: Answered, course: Course, now: datetime, until: datetime
) -> dict[date, tuple[Due, ...]]:
    """The days on which somebody is reminded until that moment, as it looks now, and of what.

    At ten in the morning, when it has become due, and once more two days later. One reminder is for all of a day.
    """
    found: dict[date, list[Due]] = {}
    for asked in schedule:
        for one in _asks(asked, answered, course, now):
            for on in reminded_on(one, course.zone):
                if instant(on, REMIND_AT, course.zone) < until:
                    found.setdefault(on, []).append(one)
    return {on: tuple(several) for on, several in sorted(found.items())}


def reminded_on(one: Due, zone: ZoneInfo) -> tuple[date, ...]:
    """The days on which somebody is reminded of it: the first ten in the morning from `since` on, and one later."""
    first = local_day(one.since, zone)
    if instant(first, REMIND_AT, zone) < one.since:
        first += DAY
    days = (first, first + REMIND_AGAIN)
    return tuple(on for on in days if one.until is None or instant(on, REMIND_AT, zone) < one.until)


def unanswered(asked: Asked, answered: Answered, course: Course, today: date) -> tuple[date, ...]:
    """The days on which it fell due since it was last answered and that have gone by whole, in order.

    Of what is asked every week and before every session; of the rest none can be missed twice in a row.
    """
    if asked.timing not in (Timing.WEEKLY, Timing.BEFORE_EVERY_SESSION):
        return ()
    last, missed = _last(asked, answered), list[date]()
    now = instant(today, time(), course.zone)
    if asked.timing is Timing.BEFORE_EVERY_SESSION:
        since = last or _begun(asked, course) or now
        known = sorted({local_day(one, course.zone) for one in course.sessions if since < one})
        missed = [on for on in known if on < today]
        if len(missed) < len(known):
            return tuple(missed)
    on = local_day(_weekly_from(asked, last, course, now), course.zone)
    on = max(on, missed[-1] + WEEK) if missed else on
    while on < today:
        missed.append(on)
        on += WEEK
    return tuple(missed)


def _asks(asked: Asked, answered: Answered, course: Course, now: datetime) -> Iterator[Due]:
    """Everything it is or will be asked for, as far as that is known, unless it was answered since."""
    last = _last(asked, answered)
    for request in open_requests(asked, answered, course):
        yield Due(asked.instrument, Why.REQUESTED, _requested_from(request, course))
    match asked.timing:
        case Timing.WEEKLY:
            yield Due(asked.instrument, Why.WEEKLY, _weekly_from(asked, last, course, now))
        case Timing.BEFORE_EVERY_SESSION:
            yield from _before_sessions(asked, last, course, now)
        case Timing.START_AND_END:
            yield from _at_the_ends(asked, last, course)
        case Timing.AFTER_MODULE:
            yield from _after_modules(asked, answered, course)


def _requested_from(request: Request, course: Course) -> datetime:
    if request.for_on is None:
        return request.asked_at
    return max(request.asked_at, instant(request.for_on, time(), course.zone))


def _before_sessions(asked: Asked, last: datetime | None, course: Course, now: datetime) -> Iterator[Due]:
    sessions = sorted(set(course.sessions))
    if not any(now < start for start in sessions):
        yield Due(asked.instrument, Why.WEEKLY, _weekly_from(asked, last, course, now))
        return
    for before, start in pairwise((None, *sessions)):
        assert start is not None
        opens = instant(local_day(start, course.zone) - BEFORE_SESSION, time(), course.zone)
        # What was answered for the session before says nothing of this one. Before the first, a week is no long time.
        counts_from = before or instant(local_day(start, course.zone) - WEEK, time(), course.zone)
        since = _not_before(asked, course, max(opens, counts_from))
        if since < start and (last is None or last < counts_from):
            yield Due(asked.instrument, Why.SESSION, since, until=start, session=start)


def _at_the_ends(asked: Asked, last: datetime | None, course: Course) -> Iterator[Due]:
    if course.began_at is None:
        return
    why, since = (Why.END, course.ending_at) if course.ending_at else (Why.START, course.began_at)
    if last is None or last < since:
        yield Due(asked.instrument, why, _not_before(asked, course, since))


def _after_modules(asked: Asked, answered: Answered, course: Course) -> Iterator[Due]:
    for done in course.finished:
        on = local_day(done.at, course.zone)
        # One that asks about no module in particular is answered about none.
        given = (answered.get((asked.instrument, about)) for about in (done.module, ""))
        last = max((at for at in given if at is not None), default=None)
        if (asked.from_on is None or asked.from_on <= on) and (last is None or last < done.at):
            until = instant(on + AFTER_MODULE + DAY, time(), course.zone)
            yield Due(asked.instrument, Why.MODULE, done.at, until=until, about=done.module)


def _weekly_from(asked: Asked, last: datetime | None, course: Course, now: datetime) -> datetime:
    """A week after the day of the last answer: by the day, or each week's would be due a little later than the last."""
    if last is None:
        return _begun(asked, course) or instant(local_day(now, course.zone), time(), course.zone)
    return _not_before(asked, course, instant(local_day(last, course.zone) + WEEK, time(), course.zone))


def _begun(asked: Asked, course: Course) -> datetime | None:
    """From when on it is asked at all, as far as that is known."""
    if asked.from_on is None:
        return course.began_at
    first = instant(asked.from_on, time(), course.zone)
    return max(first, course.began_at) if course.began_at else first


def _not_before(asked: Asked, course: Course, moment: datetime) -> datetime:
    return max(moment, instant(asked.from_on, time(), course.zone)) if asked.from_on else moment


def _last(asked: Asked, answered: Answered) -> datetime | None:
    return max((at for (instrument, _), at in answered.items() if instrument == asked.instrument), default=None)


def _open(found: Iterable[Due], now: datetime) -> list[Due]:
    return [one for one in found if one.since <= now and (one.until is None or now < one.until)]


def _merged(found: Sequence[Due]) -> list[Due]:
    """What is asked for several reasons at once is asked once, for the first of them, since the earliest."""
    ranks = {why: place for place, why in enumerate(Why)}
    by_about: dict[str, list[Due]] = {}
    for one in found:
        by_about.setdefault(one.about, []).append(one)
    first = (min(several, key=lambda one: ranks[one.why]) for several in by_about.values())
    return [replace(one, since=min(each.since for each in by_about[one.about])) for one in first]
