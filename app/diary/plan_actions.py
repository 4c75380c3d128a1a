"""Planning an activity, and changing what is planned: one occurrence, those from a day on, or all that are left."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.accounts.queries import Patient
from app.clinical.recurrence import (
    Act,
    Freq,
    Override,
    Rule,
    Segment,
    Series,
    changed_from,
    ended_from,
    first_on,
    moved_rule,
)
from app.diary import log_queries, plan_queries
from app.diary.kinds import Category, SeriesKind, Source
from app.diary.plan_queries import Activity
from app.diary.tables import ActivityEdit, ActivityOverride, ActivitySegment, ActivitySeries
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work

DAY = timedelta(days=1)
# Dates and rules only, so that what was there before a change can be put back.
_SERIES = TypeAdapter(Series)


class Scope(StrEnum):
    """How far a change reaches."""

    ONE = "one"
    LATER = "later"
    ALL = "all"


class Stale(Conflict):
    title = "This was changed somewhere else"
    words = "What you typed is kept below, beside what is saved now."


@dataclass(frozen=True)
class About:
    """What an activity is; it holds for all of it at once, and what was logged keeps what it said."""

    title: str
    category: Category | None = None
    place: str = ""
    company: str = ""
    difficulty: int | None = None
    expected_pleasure: int | None = None
    expected_mastery: int | None = None
    kind: SeriesKind = SeriesKind.ACTIVITY


@dataclass(frozen=True)
class When:
    """When it is planned. `on` is its first day, or for one occurrence its new day."""

    on: date
    rule: Rule
    at: time | None = None
    minutes: int | None = None
    until_on: date | None = None
    remind_before: int | None = None
    remind_at: time | None = None


def segment_for(when: When) -> Segment:
    """The plan from its first day on, snapped to a day that the rule has."""
    begins = first_on(when.rule, when.on)
    return Segment(
        from_on=begins,
        rule=when.rule,
        phase_on=begins,
        until_on=when.until_on,
        at=when.at,
        minutes=when.minutes,
        remind_before=when.remind_before if when.at else None,
        remind_at=None if when.at else when.remind_at,
    )


def plan_activity(
    work: Work,
    *,
    patient: Patient,
    series_id: UUID,
    about: About,
    when: When,
    source: Source = Source.PATIENT,
    source_id: UUID | None = None,
) -> Activity:
    """Put an activity in the diary. The id came with the form: sent twice, it is planned once."""
    stored = work.session.get(ActivitySeries, (work.service_id, series_id))
    if stored is not None:
        if stored.patient_id != patient.id:
            raise NotFound
        return plan_queries.activity(work, patient, series_id)
    work.add(
        ActivitySeries(
            id=series_id,
            patient_id=patient.id,
            source=source,
            source_id=source_id,
            made_at=work.now,
            made_by=work.actor.id,
            **_about(about),
        )
    )
    work.add(_row(series_id, segment_for(when)))
    work.record("activity.planned", patient=patient.id, series=series_id, kind=about.kind.value, source=source.value)
    return plan_queries.activity(work, patient, series_id)


def change_activity(
    work: Work,
    *,
    patient: Patient,
    activity: Activity,
    named_on: date,
    scope: Scope,
    about: About,
    when: When,
    version: int,
    edit_id: UUID,
) -> None:
    """Change what is planned, as far as `scope` reaches; raises Stale where somebody changed it since the page."""
    if _made_before(work, activity, edit_id):
        return
    series = changed(activity, named_on, scope, when, first_to_change(work, patient, activity))
    what = f"changed-{scope.value}"
    _store(work, patient, activity, series, version=version, edit_id=edit_id, what=what, about=about)


def stop_activity(
    work: Work,
    *,
    patient: Patient,
    activity: Activity,
    named_on: date,
    scope: Scope,
    version: int,
    edit_id: UUID,
) -> None:
    """Take one occurrence, the later ones or all that are left out of the diary. What was logged stays."""
    if _made_before(work, activity, edit_id):
        return
    if scope is Scope.ONE:
        overrides = {**activity.series.overrides, named_on: Override(Act.SKIP)}
        series = Series(activity.series.segments, overrides)
    else:
        earliest = first_to_change(work, patient, activity)
        series = ended_from(activity.series, max(named_on, earliest) if scope is Scope.LATER else earliest)
    _store(work, patient, activity, series, version=version, edit_id=edit_id, what=f"stopped-{scope.value}")


def undo_edit(work: Work, *, patient: Patient, edit_id: UUID) -> Activity:
    """Put an activity back as it was before its last change; raises Stale where there was another change since."""
    edit = work.session.get(ActivityEdit, (work.service_id, edit_id))
    if edit is None:
        raise NotFound
    activity = plan_queries.activity(work, patient, edit.series_id)
    if edit.version != activity.version:
        raise Stale
    back = _read(edit.before)
    _store(work, patient, activity, back, version=activity.version, edit_id=None, what="change-undone")
    return activity


def first_to_change(work: Work, patient: Patient, activity: Activity) -> date:
    """From which day "all" reaches: today, or tomorrow where today's was already said to be done or not."""
    today = work.now.astimezone(patient.zone).date()
    return today + DAY if log_queries.about(work, patient, activity.id, today) else today


def about_of(activity: Activity) -> About:
    """What an activity is now."""
    return About(
        activity.title,
        activity.category,
        activity.place,
        activity.company,
        activity.difficulty,
        activity.expected_pleasure,
        activity.expected_mastery,
        activity.kind,
    )


def changed(activity: Activity, named_on: date, scope: Scope, when: When, earliest: date) -> Series:
    """What would be planned after a change; no day before `earliest` changes but the one that is named."""
    was_on = (activity.series.overrides.get(named_on) or Override(Act.CHANGE)).moved_to or named_on
    segment = activity.segment(named_on)
    if scope is Scope.ONE:
        change = Override(
            Act.CHANGE,
            moved_to=when.on if when.on != named_on else None,
            at=when.at if when.at != segment.at else None,
            minutes=when.minutes if when.minutes != segment.minutes else None,
        )
        return Series(activity.series.segments, {**activity.series.overrides, named_on: change})
    rule = when.rule
    if rule == segment.rule and when.on != was_on:
        rule = moved_rule(rule, was_on, when.on)
    begins = max(earliest, min(named_on, when.on)) if scope is Scope.LATER else earliest
    if rule.freq is Freq.ONCE:
        begins = max(earliest, when.on)
    new = segment_for(replace(when, on=begins, rule=rule))
    return changed_from(
        activity.series, begins, replace(new, phase_on=segment.phase_on) if rule == segment.rule else new
    )


def _made_before(work: Work, activity: Activity, edit_id: UUID) -> bool:
    made = work.session.get(ActivityEdit, (work.service_id, edit_id))
    if made is not None and made.series_id != activity.id:
        raise NotFound
    return made is not None


def _store(
    work: Work,
    patient: Patient,
    activity: Activity,
    series: Series,
    *,
    version: int,
    edit_id: UUID | None,
    what: str,
    about: About | None = None,
) -> None:
    values: dict[str, Any] = {"version": version + 1} | (_about(about) if about else {})
    mine = (ActivitySeries.service_id == work.service_id, ActivitySeries.id == activity.id)
    taken = work.session.execute(
        sa.update(ActivitySeries).where(*mine, ActivitySeries.version == version).values(values)
    )
    if taken.rowcount != 1:
        raise Stale
    if edit_id is not None:
        work.add(
            ActivityEdit(
                id=edit_id,
                series_id=activity.id,
                made_at=work.now,
                version=version + 1,
                before=_written(activity.series),
            )
        )
    of_series = (ActivitySegment.service_id == work.service_id, ActivitySegment.series_id == activity.id)
    work.session.execute(sa.delete(ActivitySegment).where(*of_series))
    for segment in series.segments:
        work.add(_row(activity.id, segment))
    _decide(work, activity, series)
    work.record(f"activity.{what}", patient=patient.id, series=activity.id)


def _decide(work: Work, activity: Activity, series: Series) -> None:
    was, now = activity.series.overrides, series.overrides
    of_series = (ActivityOverride.service_id == work.service_id, ActivityOverride.series_id == activity.id)
    gone = [on for on in was if now.get(on) != was[on]]
    work.session.execute(sa.delete(ActivityOverride).where(*of_series, ActivityOverride.named_on.in_(gone)))
    for on, one in now.items():
        if was.get(on) != one:
            work.add(
                ActivityOverride(
                    series_id=activity.id,
                    named_on=on,
                    act=one.act,
                    moved_to=one.moved_to,
                    at=one.at,
                    minutes=one.minutes,
                    epoch=activity.epochs.get(on, 0) + _is_later(activity, series, on),
                    decided_at=work.now,
                )
            )


def _is_later(activity: Activity, series: Series, named_on: date) -> bool:
    """Whether one occurrence moved to a later time: then its reminder comes anew, even if one was sent."""
    was, now = activity.occurrence(named_on), replace(activity, series=series).occurrence(named_on)
    if was is None or now is None:
        return False
    return (now.on, now.at or time()) > (was.on, was.at or time())


def _about(about: About) -> dict[str, Any]:
    return {
        "kind": about.kind,
        "title": about.title,
        "category": about.category,
        "place": about.place,
        "company": about.company,
        "difficulty": about.difficulty,
        "expected_pleasure": about.expected_pleasure,
        "expected_mastery": about.expected_mastery,
    }


def _row(series_id: UUID, segment: Segment) -> ActivitySegment:
    rule = segment.rule
    return ActivitySegment(
        series_id=series_id,
        from_on=segment.from_on,
        to_on=segment.to,
        freq=rule.freq,
        every=rule.every,
        weekdays=list(rule.weekdays),
        month_day=rule.month_day,
        month_nth=rule.month_nth,
        month_weekday=rule.month_weekday,
        phase_on=segment.phase_on,
        until_on=segment.until_on,
        at=segment.at,
        minutes=segment.minutes,
        remind_before=segment.remind_before,
        remind_at=segment.remind_at,
    )


def _written(series: Series) -> dict[str, Any]:
    return _SERIES.dump_python(series, mode="json")  # type: ignore[no-any-return]


def _read(body: dict[str, Any]) -> Series:
    return _SERIES.validate_python(body)
