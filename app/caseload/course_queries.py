"""All that is on the Course page: scores, mood, activities, sessions and steps, read once and by day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical.instruments import Instrument
from app.diary import plan_queries
from app.diary.kinds import Outcome
from app.diary.tables import ActivityLog
from app.kit.work import Work
from app.mood import queries as mood
from app.programme import queries as programme
from app.programme.history import Happened
from app.programme.queries import Plan
from app.questionnaires import queries as questionnaires
from app.questionnaires.queries import Answered

DAY, WEEK = timedelta(days=1), timedelta(days=7)
DONE = frozenset({Outcome.DONE, Outcome.PARTLY})


@dataclass(frozen=True)
class Period:
    """The days that are shown, both included; `key` is which choice they are."""

    key: str
    first: date
    last: date

    def __contains__(self, on: date) -> bool:
        return self.first <= on <= self.last

    @property
    def weeks(self) -> list[tuple[date, date]]:
        """The weeks from Monday to Sunday that it touches, the first and the last as far as they are in it."""
        monday, found = self.first - timedelta(days=self.first.weekday()), []
        while monday <= self.last:
            found.append((max(monday, self.first), min(monday + 6 * DAY, self.last)))
            monday += WEEK
        return found


@dataclass(frozen=True)
class Scores:
    """One measure over the period: its totals by day, oldest first."""

    instrument: Instrument
    totals: tuple[tuple[date, int], ...]


@dataclass(frozen=True)
class Step:
    """One step by its days: begun, last worked on, and done where it is."""

    title: str
    begun_on: date
    last_on: date
    done_on: date | None


@dataclass(frozen=True)
class Done:
    """Of what was planned or said of from one day to another, how much was done, in part or in whole."""

    first_on: date
    last_on: date
    count: int
    of: int


@dataclass(frozen=True)
class Course:
    """What happened in the period. `sessions` are all there were, so that each keeps its number."""

    period: Period
    began_on: date
    scores: tuple[Scores, ...]
    moods: tuple[tuple[date, float], ...]
    activities: tuple[Done, ...]
    sessions: tuple[date, ...]
    steps: tuple[Step, ...]

    @property
    def sessions_shown(self) -> list[tuple[int, date]]:
        """The sessions of the period with their numbers."""
        return [(number, on) for number, on in enumerate(self.sessions, 1) if on in self.period]

    @property
    def is_empty(self) -> bool:
        several = (*(one.totals for one in self.scores), self.moods, self.activities, self.sessions, self.steps)
        return not any(several)


_moods = mood.NUMBERS.subquery("moods")
# In one statement: what was said of activities, and every number that somebody gave their mood.
_DAYS = sa.union_all(
    sa.select(
        ActivityLog.done_on.label("on"),
        ActivityLog.series_id.label("series_id"),
        ActivityLog.named_on.label("named_on"),
        ActivityLog.outcome.label("outcome"),
        sa.cast(sa.null(), sa.SmallInteger).label("value"),
    ).where(
        ActivityLog.service_id == sa.bindparam("service"),
        ActivityLog.patient_id == sa.bindparam("patient"),
        ActivityLog.done_on.between(sa.bindparam("first"), sa.bindparam("last")),
        ActivityLog.superseded_by.is_(None),
        ActivityLog.outcome != Outcome.WITHDRAWN,
    ),
    sa.select(
        _moods.c.felt_on,
        sa.cast(sa.null(), sa.Uuid),
        sa.cast(sa.null(), sa.Date),
        sa.cast(sa.null(), sa.String),
        _moods.c.value,
    ),
)


@dataclass(frozen=True)
class Known:
    """What is read before a period is chosen: the plan, all scores, and the first day of either."""

    plan: Plan | None
    given: list[Answered]
    began_on: date


def known(work: Work, patient: Patient) -> Known:
    """The patient's plan and scores, and the day on which the course began."""
    plan = programme.plan_or_none(work, patient)
    # What a course is replayed from has every total already.
    given = _given(plan, patient) if plan else questionnaires.answered(work, patient)
    days = [one.submitted_at.date() for one in given[:1]]
    if plan:
        days.append(plan.started_at.astimezone(patient.zone).date())
    today = work.now.astimezone(patient.zone).date()
    return Known(plan, given, min(days, default=today))


def _given(plan: Plan, patient: Patient) -> list[Answered]:
    rows = [row for row in plan.rows if row.kind == "measure-taken" and row.step]
    rows.sort(key=lambda row: (row.effective_at, row.seq))
    return [
        Answered(
            row.id, row.step or "", row.effective_at.astimezone(patient.zone), row.body["total"], row.body["band"], {}
        )
        for row in rows
    ]


def course(
    work: Work,
    patient: Patient,
    of: Known,
    period: Period,
    instruments: Mapping[str, Instrument],
    *,
    with_diary: bool,
) -> Course:
    """Everything of the period; mood and activities only where whoever looks may read the diary."""
    days = _days(work, patient, period) if with_diary else []
    logs = [row for row in days if row.value is None]
    return Course(
        period=period,
        began_on=of.began_on,
        scores=tuple(_scores(of.given, instruments, period)),
        moods=tuple((row.on, float(row.value)) for row in days if row.value is not None),
        activities=tuple(_activities(work, patient, logs, period)) if with_diary else (),
        sessions=tuple(sessions(of.plan, patient)),
        steps=tuple(_steps(of.plan, patient, period)),
    )


def _days(work: Work, patient: Patient, period: Period) -> list[Any]:
    return work.read(_DAYS, mood.asked_for(work, patient, period.first, period.last)).all()


def _scores(given: Sequence[Answered], instruments: Mapping[str, Instrument], period: Period) -> Iterable[Scores]:
    for key, instrument in instruments.items():
        # The later of two on one day stands for the day.
        by_day = {
            one.submitted_at.date(): one.total for one in given if one.instrument == key and one.total is not None
        }
        totals = tuple((on, total) for on, total in by_day.items() if on in period)
        if by_day and instrument.range:
            yield Scores(instrument, totals)


def _activities(work: Work, patient: Patient, logs: Sequence[Any], period: Period) -> Iterable[Done]:
    today = work.now.astimezone(patient.zone).date()
    last = min(period.last, today)
    planned = plan_queries.activities(work, patient)
    due = {(activity.id, one.named_on): one.on for activity in planned for one in activity.between(period.first, last)}
    days = list(due.values())
    # What was done without a plan counts, and what was planned and is no longer, once somebody said how it went.
    days += [row.on for row in logs if (row.series_id, row.named_on) not in due]
    done = [row.on for row in logs if row.outcome in DONE]
    for first_on, last_on in period.weeks:
        of = sum(first_on <= on <= last_on for on in days)
        if of:
            yield Done(first_on, last_on, min(sum(first_on <= on <= last_on for on in done), of), of)


def sessions(plan: Plan | None, patient: Patient) -> list[date]:
    """The days on which something was recorded as done in a session."""
    if plan is None:
        return []
    gone = {row.supersedes for row in plan.rows if row.kind in ("undone", "corrected")}
    held = [row for row in plan.rows if row.kind == "done-elsewhere" and row.id not in gone]
    days = {row.effective_at.astimezone(patient.zone).date() for row in held if row.body.get("mode") == "in-clinic"}
    return sorted(days)


def _steps(plan: Plan | None, patient: Patient, period: Period) -> Iterable[Step]:
    if plan is None:
        return
    worked: dict[str, list[date]] = {}
    for row in plan.rows:
        if row.step and _is_work(row):
            worked.setdefault(row.step, []).append(row.effective_at.astimezone(patient.zone).date())
    found = []
    for one in plan.course.standings:
        days = worked.get(one.step, [])
        done_on = one.completed_at.astimezone(patient.zone).date() if one.completed_at else None
        days = [*days, done_on] if done_on else days
        if days and min(days) <= period.last and (done_on is None or done_on >= period.first):
            found.append(Step(one.title, min(days), done_on or max(days), done_on))
    yield from sorted(found, key=lambda one: (one.begun_on, one.last_on))


def _is_work(row: Happened) -> bool:
    if row.source == "evidence":
        return row.kind in ("step-opened", "page-passed", "activity-done", "technique-practised")
    return row.source == "decision" and row.kind == "done-elsewhere"
