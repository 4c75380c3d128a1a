"""Planning an activity, and changing what is planned: one occurrence, those from a day on, or all that are left."""

from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.accounts.queries import Patient
from app.clinical.planning import Scope, When, changed, segment_for
from app.clinical.recurrence import Act, Override, Segment, Series, ended_from
from app.diary import plan_queries, reminder_actions, reminder_queries, scope_queries
from app.diary.kinds import Category, SeriesKind, Source
from app.diary.plan_queries import Activity
from app.diary.tables import ActivityEdit, ActivityOverride, ActivitySegment, ActivitySeries
from app.kit.errors import Conflict, NotFound
from app.kit.work import Work

# What was there before a change, so that it can be put back.
_SERIES = TypeAdapter(Series)


class Stale(Conflict):
    title = "This was changed somewhere else"
    words = "Nothing of this was saved. Open your diary to see how it is planned now."


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


_ABOUT = TypeAdapter(About)


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
    work.one_at_a_time("diary", patient.id)
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
            changed_at=work.now,
            made_by=work.actor.id,
            **_about(about),
        )
    )
    work.add(_row(series_id, segment_for(when)))
    work.record("activity.planned", patient=patient.id, series=series_id, kind=about.kind.value, source=source.value)
    reminder_actions.replan(work, patient=patient, series_ids={series_id})
    return plan_queries.activity(work, patient, series_id)


def change_activity(
    work: Work,
    *,
    patient: Patient,
    activity: Activity,
    named_on: date,
    scope: Scope | None,
    about: About,
    when: When,
    version: int,
    edit_id: UUID,
) -> None:
    """Change what is planned, as far as `scope` reaches, and what it is; with no scope only what it is.

    Raises Stale where somebody changed it since the page was opened.
    """
    work.one_at_a_time("diary", patient.id)
    if was_made(work, activity, edit_id):
        return
    series = activity.series
    if scope is not None:
        series = changed(activity.series, named_on, scope, when, scope_queries.first_to_change(work, patient, activity))
    what = f"changed-{scope.value if scope else 'name'}"
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
    work.one_at_a_time("diary", patient.id)
    if was_made(work, activity, edit_id):
        return
    if scope is Scope.ONE:
        overrides = {**activity.series.overrides, named_on: Override(Act.SKIP)}
        series = Series(activity.series.segments, overrides)
    else:
        earliest = scope_queries.first_to_change(work, patient, activity)
        series = ended_from(activity.series, max(named_on, earliest) if scope is Scope.LATER else earliest)
    _store(work, patient, activity, series, version=version, edit_id=edit_id, what=f"stopped-{scope.value}")


def was_made(work: Work, activity: Activity, edit_id: UUID) -> bool:
    """Whether this very change of it was made already: the form was sent twice."""
    made = work.session.get(ActivityEdit, (work.service_id, edit_id))
    if made is not None and made.series_id != activity.id:
        raise NotFound
    return made is not None


def undo_edit(work: Work, *, patient: Patient, edit_id: UUID) -> Activity:
    """Put an activity back as it was before its last change; raises Stale where there was another change since.

    Sent twice, it is put back once.
    """
    work.one_at_a_time("diary", patient.id)
    edit = work.session.get(ActivityEdit, (work.service_id, edit_id))
    if edit is None:
        raise NotFound
    activity = plan_queries.activity(work, patient, edit.series_id)
    back = _SERIES.validate_python(edit.before)
    about = _ABOUT.validate_python(edit.about_before)
    if edit.version + 1 == activity.version and (back, about) == (activity.series, about_of(activity)):
        return activity
    if edit.version != activity.version:
        raise Stale
    _store(work, patient, activity, back, version=activity.version, edit_id=None, what="change-undone", about=about)
    return activity


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
    values: dict[str, Any] = {"version": version + 1, "changed_at": work.now} | (_about(about) if about else {})
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
                before=_SERIES.dump_python(activity.series, mode="json"),
                about_before=_ABOUT.dump_python(about_of(activity), mode="json"),
            )
        )
    # Before it is asked which reminders have left: one that leaves just then would be nobody's to send anew.
    reminder_actions.hold(work, patient=patient)
    series = reminder_queries.reminded_anew(work, patient, activity, series)
    of_series = (ActivitySegment.service_id == work.service_id, ActivitySegment.series_id == activity.id)
    work.session.execute(sa.delete(ActivitySegment).where(*of_series))
    for segment in series.segments:
        work.add(_row(activity.id, segment))
    _decide(work, activity, series)
    work.record(f"activity.{what}", patient=patient.id, series=activity.id)
    reminder_actions.replan(work, patient=patient, series_ids={activity.id})


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
                    any_time=one.any_time,
                    any_length=one.any_length,
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
        remind_anyway=segment.remind_anyway,
        epoch=segment.epoch,
    )
