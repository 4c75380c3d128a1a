"""What a patient has planned: each activity with its rules, as the core takes them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.clinical import recurrence_words
from app.clinical.recurrence import Occurrence, Override, Rule, Segment, Series, expand, segment_of
from app.diary.kinds import Category, SeriesKind, Source
from app.diary.tables import ActivityOverride, ActivitySegment, ActivitySeries
from app.kit.errors import NotFound
from app.kit.work import Work


@dataclass(frozen=True)
class Activity:
    """Something planned, with all that is known of it; `version` rises with each change."""

    id: UUID
    kind: SeriesKind
    title: str
    category: Category | None
    place: str
    company: str
    difficulty: int | None
    expected_pleasure: int | None
    expected_mastery: int | None
    source: Source
    version: int
    series: Series
    epochs: dict[date, int]

    def between(self, first: date, last: date) -> list[Occurrence]:
        """What is planned of it from one day to another, both included."""
        return expand(self.series, first, last) if self.series.segments else []

    def occurrence(self, named_on: date) -> Occurrence | None:
        """The one that has this name, wherever it was moved; None where there is none."""
        if not self.series.segments:
            return None
        override = self.series.overrides.get(named_on)
        on = (override and override.moved_to) or named_on
        return next((one for one in expand(self.series, on, on) if one.named_on == named_on), None)

    def segment(self, named_on: date) -> Segment:
        return segment_of(self.series, named_on)

    def repeats(self, named_on: date) -> str:
        """How it repeats, in a few words; empty for once."""
        return recurrence_words.short(self.segment(named_on).rule)


_OF_PATIENT = (
    ActivitySeries.service_id == sa.bindparam("service"),
    ActivitySeries.patient_id == sa.bindparam("patient"),
)
_SERIES_COLUMNS: tuple[Any, ...] = (
    ActivitySeries.id,
    ActivitySeries.kind,
    ActivitySeries.title,
    ActivitySeries.category,
    ActivitySeries.place,
    ActivitySeries.company,
    ActivitySeries.difficulty,
    ActivitySeries.expected_pleasure,
    ActivitySeries.expected_mastery,
    ActivitySeries.source,
    ActivitySeries.version,
)
SERIES = sa.select(*_SERIES_COLUMNS).where(*_OF_PATIENT).order_by(ActivitySeries.made_at, ActivitySeries.id)
_SEGMENTS_COLUMNS: tuple[Any, ...] = (
    ActivitySegment.series_id,
    ActivitySegment.from_on,
    ActivitySegment.to_on,
    ActivitySegment.freq,
    ActivitySegment.every,
    ActivitySegment.weekdays,
    ActivitySegment.month_day,
    ActivitySegment.month_nth,
    ActivitySegment.month_weekday,
    ActivitySegment.phase_on,
    ActivitySegment.until_on,
    ActivitySegment.at,
    ActivitySegment.minutes,
    ActivitySegment.remind_before,
    ActivitySegment.remind_at,
)
SEGMENTS = (
    sa.select(*_SEGMENTS_COLUMNS)
    .join(
        ActivitySeries,
        sa.and_(
            ActivitySeries.service_id == ActivitySegment.service_id, ActivitySeries.id == ActivitySegment.series_id
        ),
    )
    .where(*_OF_PATIENT)
    .order_by(ActivitySegment.series_id, ActivitySegment.from_on)
)
OVERRIDES = (
    sa.select(
        ActivityOverride.series_id,
        ActivityOverride.named_on,
        ActivityOverride.act,
        ActivityOverride.moved_to,
        ActivityOverride.at,
        ActivityOverride.minutes,
        ActivityOverride.epoch,
    )
    .join(
        ActivitySeries,
        sa.and_(
            ActivitySeries.service_id == ActivityOverride.service_id, ActivitySeries.id == ActivityOverride.series_id
        ),
    )
    .where(*_OF_PATIENT)
)


def activities(work: Work, patient: Patient) -> list[Activity]:
    """Everything a patient has ever planned, in the order it was."""
    asked = {"service": work.service_id, "patient": patient.id}
    return put_together(
        work.read(SERIES, asked).all(), work.read(SEGMENTS, asked).all(), work.read(OVERRIDES, asked).all()
    )


def activity(work: Work, patient: Patient, series_id: UUID) -> Activity:
    """One of a patient's activities; another's is as unknown as none."""
    found = next((one for one in activities(work, patient) if one.id == series_id), None)
    if found is None:
        raise NotFound
    return found


def put_together(series: Iterable[Any], segments: Iterable[Any], overrides: Iterable[Any]) -> list[Activity]:
    """Rows of series with those of their segments and overrides."""
    of_series: dict[UUID, list[Segment]] = defaultdict(list)
    for row in segments:
        of_series[row.series_id].append(_segment(row))
    decided: dict[UUID, dict[date, Override]] = defaultdict(dict)
    epochs: dict[UUID, dict[date, int]] = defaultdict(dict)
    for row in overrides:
        decided[row.series_id][row.named_on] = Override(row.act, row.moved_to, row.at, row.minutes)
        epochs[row.series_id][row.named_on] = row.epoch
    return [
        Activity(
            id=row.id,
            kind=row.kind,
            title=row.title,
            category=row.category,
            place=row.place,
            company=row.company,
            difficulty=row.difficulty,
            expected_pleasure=row.expected_pleasure,
            expected_mastery=row.expected_mastery,
            source=row.source,
            version=row.version,
            series=Series(tuple(of_series[row.id]), decided[row.id]),
            epochs=epochs[row.id],
        )
        for row in series
    ]


def _segment(row: Any) -> Segment:
    return Segment(
        from_on=row.from_on,
        rule=Rule(
            freq=row.freq,
            every=row.every,
            weekdays=tuple(row.weekdays),
            month_day=row.month_day,
            month_nth=row.month_nth,
            month_weekday=row.month_weekday,
        ),
        phase_on=row.phase_on,
        to=row.to_on,
        until_on=row.until_on,
        at=row.at,
        minutes=row.minutes,
        remind_before=row.remind_before,
        remind_at=row.remind_at,
    )
