"""A course on one axis of days: its drawing, what it says in a few sentences, and the same week by week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.accounts.queries import Patient
from app.caseload.course_queries import Course, Scores
from app.clinical import outcomes
from app.clinical.outcome_words import moved
from app.clinical.outcomes import Change
from app.kit import chart_lanes as lanes
from app.kit import say
from app.kit.chart import Band
from app.kit.chart_lanes import Lane, Pictures

_CHANGES = {
    Change.IMPROVED: "a reliable change ({size})",
    Change.DETERIORATED: "a reliable change for the worse ({size})",
    Change.NONE: "not a reliable change ({size})",
}
_TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True)
class Week:
    """One week of the course in words, a cell for each measure; empty where there was nothing."""

    first_on: date
    scores: tuple[str, ...]
    mood: str
    activities: str
    sessions: str
    steps: str

    @property
    def is_empty(self) -> bool:
        return not any((*self.scores, self.mood, self.activities, self.sessions, self.steps))


@dataclass(frozen=True)
class Shown:
    """The Course page: a title for the drawing, the sentence first and then the others, both drawings and the table."""

    title: str
    first: str
    others: tuple[str, ...]
    drawn: Pictures
    bands: tuple[tuple[str, str], ...]
    shorts: tuple[str, ...]
    weeks: tuple[Week, ...]


def for_staff(course: Course, patient: Patient) -> Shown:
    """The course with whether its changes are reliable ones."""
    scores = [_reported(one) for one in course.scores if one.totals]
    first = "; ".join(scores) + "." if scores else "No score in these days."
    return _shown(course, f"{say.possessive(patient.given_name)} course", first, tuple(_said(course)))


def for_patient(course: Course) -> Shown:
    """The same for the patient, with no verdict."""
    scores = [_told(one) for one in course.scores if one.totals]
    first = " ".join(scores) if scores else "No score in these days."
    return _shown(course, "Your course", first, tuple(_told_besides(course)))


def _shown(course: Course, whose: str, first: str, others: tuple[str, ...]) -> Shown:
    parts = ["scores", "mood", "activities", "sessions", "steps"]
    named = f"{whose} from {say.date(course.period.first)} to {say.date(course.period.last)}"
    return Shown(
        title=f"{named}: {say.listed(parts)}",
        first=first,
        others=others,
        drawn=lanes.pictures(list(_lanes(course)), course.period.first, course.period.last),
        bands=tuple(
            (one.instrument.short, say.listed([band.label for band in one.instrument.bands]))
            for one in course.scores
            if one.totals
        ),
        shorts=tuple(one.instrument.short for one in course.scores),
        weeks=tuple(_weeks(course)),
    )


def _lanes(course: Course) -> Iterator[Lane]:
    for place, one in enumerate(course.scores):
        if one.totals:
            yield _score_lane(one, is_second=place % 2 == 1)
    if course.moods:
        yield lanes.Values("Mood", ("0 to 10", "higher is better"), course.moods, 0, 10, is_joined=False)
    if course.activities:
        bars = tuple(lanes.Bar(one.first_on, one.last_on, one.count, one.of) for one in course.activities)
        yield lanes.Bars("Activities", ("done of planned", "by week"), bars)
    if numbered := course.sessions_shown:
        days = tuple(on for _, on in numbered)
        yield lanes.Marks("Sessions", ("in their order",), days, first_number=numbered[0][0])
    if course.steps:
        yield lanes.Spans("Steps", ("dots: nothing since",), tuple(_spans(course)))


def _score_lane(one: Scores, *, is_second: bool) -> Lane:
    asked = one.instrument
    assert asked.range is not None
    ends = f"{asked.range.lowest} to {asked.range.highest}"
    return lanes.Values(
        asked.short,
        (ends, "lower is better"),
        tuple((on, float(total)) for on, total in one.totals),
        asked.range.lowest,
        asked.range.highest,
        tuple(Band(band.lowest, band.highest, band.label) for band in asked.bands),
        is_second=is_second,
    )


def _spans(course: Course) -> Iterator[lanes.Span]:
    for one in course.steps:
        yield lanes.Span(one.title, one.begun_on, one.last_on, None if one.done_on else course.period.last)


def _reported(one: Scores) -> str:
    (first_on, first), (last_on, last) = one.totals[0], one.totals[-1]
    short = one.instrument.short
    if len(one.totals) == 1:
        return f"{short} {last} on {say.day(last_on)}"
    weeks = round((last_on - first_on).days / 7)
    span = f" in {say.plural(weeks, 'week')}" if weeks else ""
    size = one.instrument.reliable_change
    if size is None:
        return f"{short} from {first} to {last}{span}"
    change = outcomes.reliable_change(first, last, threshold=size)
    return f"{short} from {first} to {last}{span}, {_CHANGES[change].format(size=size)}"


def _told(one: Scores) -> str:
    (first_on, first), (last_on, last) = one.totals[0], one.totals[-1]
    if len(one.totals) == 1:
        return f"Your {one.instrument.short} was {last} on {say.day(last_on)}."
    between = f"{first} on {say.day(first_on)} and {last} on {say.day(last_on)}"
    return f"Your {one.instrument.short} was {between}: {moved(first, last)}."


def _said(course: Course) -> Iterator[str]:
    if course.moods:
        values = [value for _, value in course.moods]
        yield f"Mood was between {min(values):g} and {max(values):g}, over {say.plural(len(values), 'number')}."
    if course.activities:
        count, of = _done(course)
        yield f"{count} of {say.plural(of, 'activity', 'activities')} done, at least in part."
    if numbered := course.sessions_shown:
        yield f"{say.plural(len(numbered), 'session')} recorded."


def _told_besides(course: Course) -> Iterator[str]:
    if course.moods:
        values = [value for _, value in course.moods]
        times = say.plural(len(values), "time")
        yield f"You gave your mood a number {times}, between {min(values):g} and {max(values):g}."
    if course.activities:
        count, of = _done(course)
        yield f"You did {count} of the {say.plural(of, 'thing')} in your diary, at least in part."
    if numbered := course.sessions_shown:
        yield f"You met {_TIMES.get(len(numbered), say.plural(len(numbered), 'time'))}."


def _done(course: Course) -> tuple[int, int]:
    return sum(one.count for one in course.activities), sum(one.of for one in course.activities)


def _weeks(course: Course) -> Iterator[Week]:
    done = {one.first_on: one for one in course.activities}
    for first, last in course.period.weeks:
        activity = done.get(first)
        yield Week(
            first_on=first,
            scores=tuple(
                say.listed([str(total) for on, total in one.totals if first <= on <= last]) for one in course.scores
            ),
            mood=_moods([value for on, value in course.moods if first <= on <= last]),
            activities=f"{activity.count} of {activity.of}" if activity else "",
            sessions=say.listed([f"Session {number}" for number, on in course.sessions_shown if first <= on <= last]),
            steps="; ".join(_events(course, first, last)),
        )


def _moods(values: list[float]) -> str:
    if not values:
        return ""
    ends = f"{min(values):g} to {max(values):g}" if min(values) < max(values) else f"{values[0]:g}"
    return f"{ends}, {say.plural(len(values), 'number')}"


def _events(course: Course, first: date, last: date) -> Iterator[str]:
    for one in course.steps:
        begun, done = first <= one.begun_on <= last, one.done_on is not None and first <= one.done_on <= last
        if begun or done:
            yield f"{one.title} {'begun and done' if begun and done else 'done' if done else 'begun'}"
