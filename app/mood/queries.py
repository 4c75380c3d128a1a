"""How somebody felt: the numbers they gave by themselves and those beside their activities, as one course."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from app.accounts.queries import Patient
from app.accounts.tables import Service
from app.clinical.local_time import instant, local_day
from app.clinical.mood import REMEMBERED_AFTER, SCALES, STANDARD, Felt, Scale
from app.diary.kinds import Outcome
from app.diary.tables import ActivityLog, ActivitySeries
from app.kit.crypto import SealedJson, SealedText
from app.kit.errors import NotFound
from app.kit.work import Work
from app.mood.kinds import Source
from app.mood.tables import MoodRating

DAY = timedelta(days=1)
# The diary rates on this one, whatever the service chose for mood by itself.
DIARY_SCALE = Scale()
# What a service's settings call the scale it chose.
SETTING = "mood_scale"
_LITTLE_BEFORE = (Source.BEFORE, Source.RATED, Source.AFTER)


@dataclass(frozen=True)
class Mood:
    """One number, when it was felt on the patient's calendar, and where it came from.

    `at` is None where only the day is known; `felt_at` then stands for its place among others. `activity` and `note`
    are the patient's words, empty where they are not for whoever asked.
    """

    id: UUID
    source: Source
    value: int
    scale: Scale
    on: date
    at: time | None
    felt_at: datetime
    sent_at: datetime
    activity: str = ""
    note: str = ""

    @property
    def words(self) -> str:
        return self.scale.words(self.value)

    @property
    def remembered(self) -> bool:
        """Whether it was given so much later that it is remembered rather than felt."""
        return self.sent_at - self.felt_at > REMEMBERED_AFTER

    @property
    def felt(self) -> Felt:
        return Felt(self.on, self.value, self.scale)


def _none(kind: Any) -> Any:
    return sa.type_coerce(sa.cast(sa.null(), kind), kind)


def _sealed_none(kind: Any) -> Any:
    return sa.type_coerce(sa.cast(sa.null(), sa.LargeBinary), kind)


_rated_on = sa.cast(sa.func.timezone(MoodRating.zone, MoodRating.felt_at), sa.Date)
_RATED: Any = (
    sa.select(
        MoodRating.id,
        sa.literal(Source.RATED.value).label("source"),
        MoodRating.value,
        MoodRating.low,
        MoodRating.felt_at,
        MoodRating.zone,
        MoodRating.sent_at,
        _rated_on.label("felt_on"),
        _none(sa.Time).label("at"),
        _sealed_none(SealedJson).label("planned"),
        MoodRating.doing.label("doing"),
        ActivitySeries.title.label("title"),
        MoodRating.note.label("note"),
    )
    .outerjoin(
        ActivitySeries,
        sa.and_(ActivitySeries.service_id == MoodRating.service_id, ActivitySeries.id == MoodRating.series_id),
    )
    .where(
        MoodRating.service_id == sa.bindparam("service"),
        MoodRating.patient_id == sa.bindparam("patient"),
        MoodRating.superseded_by.is_(None),
        MoodRating.value.is_not(None),
        # A day longer on both sides than any zone makes it, for the index; then the day where they were.
        MoodRating.felt_at >= sa.bindparam("since"),
        MoodRating.felt_at < sa.bindparam("until"),
        _rated_on.between(sa.bindparam("first"), sa.bindparam("last")),
    )
)


def _beside(source: Source, value: Any, at: Any) -> Any:
    """The numbers beside activities, given before or after them."""
    return sa.select(
        ActivityLog.id,
        sa.literal(source.value),
        value,
        sa.literal(DIARY_SCALE.low),
        at,
        ActivityLog.zone,
        ActivityLog.recorded_at,
        ActivityLog.done_on,
        ActivityLog.done_at,
        ActivityLog.planned,
        ActivityLog.title,
        _sealed_none(SealedText),
        _sealed_none(SealedText),
    ).where(
        ActivityLog.service_id == sa.bindparam("service"),
        ActivityLog.patient_id == sa.bindparam("patient"),
        ActivityLog.done_on.between(sa.bindparam("first"), sa.bindparam("last")),
        ActivityLog.superseded_by.is_(None),
        ActivityLog.outcome != Outcome.WITHDRAWN,
        value.is_not(None),
    )


MOODS = sa.union_all(
    _RATED,
    _beside(Source.BEFORE, ActivityLog.mood_before, ActivityLog.mood_before_at),
    _beside(Source.AFTER, ActivityLog.mood_after, ActivityLog.mood_after_at),
)
_all = MOODS.subquery("moods")
_WORDS = ("planned", "doing", "title", "note")
# The same for those who may see how somebody is and not what they wrote: nothing sealed leaves the database.
NUMBERS = sa.select(*(column for column in _all.c if column.name not in _WORDS))


def moods(work: Work, patient: Patient, since: date, until: date) -> list[Mood]:
    """Every number of these days, both included, in the order it was felt, with the patient's own words beside it."""
    return _read(work, patient, MOODS, since, until)


def numbers(work: Work, patient: Patient, since: date, until: date) -> list[Mood]:
    """The same without a word of the patient's. An activity's planned time is not known then, only its day."""
    return _read(work, patient, NUMBERS, since, until)


def asked_for(work: Work, patient: Patient, since: date, until: date) -> dict[str, Any]:
    """What `MOODS` and `NUMBERS` are to be read with for these days, both included."""
    return {
        "service": work.service_id,
        "patient": patient.id,
        "first": since,
        "last": until,
        "since": instant(since - DAY, time(), patient.zone),
        "until": instant(until + 2 * DAY, time(), patient.zone),
    }


def _read(work: Work, patient: Patient, statement: Any, since: date, until: date) -> list[Mood]:
    found = [_mood(row) for row in work.read(statement, asked_for(work, patient, since, until))]
    return sorted(found, key=lambda one: (one.on, one.felt_at, _LITTLE_BEFORE.index(one.source), one.sent_at))


def _mood(row: Any) -> Mood:
    source, zone = Source(row.source), ZoneInfo(row.zone)
    at, felt_at = _when(row, source, zone)
    return Mood(
        id=row.id,
        source=source,
        value=row.value,
        scale=Scale(row.low),
        on=row.felt_on,
        at=at,
        felt_at=felt_at,
        sent_at=row.sent_at,
        activity=getattr(row, "title", None) or getattr(row, "doing", None) or "",
        note=getattr(row, "note", None) or "",
    )


def _when(row: Any, source: Source, zone: ZoneInfo) -> tuple[time | None, datetime]:
    """The time of day and the instant at which a number was felt. One beside an activity goes by the activity."""
    if source is Source.RATED:
        return row.felt_at.astimezone(zone).time(), row.felt_at
    planned: Mapping[str, Any] = getattr(row, "planned", None) or {}
    at = row.at or (time.fromisoformat(planned["at"]) if planned.get("at") else None)
    if at is not None:
        minutes = (planned.get("minutes") or 0) if source is Source.AFTER else 0
        felt_at = instant(row.felt_on, at, zone) + timedelta(minutes=minutes)
        return felt_at.astimezone(zone).time(), felt_at
    if row.felt_at and local_day(row.felt_at, zone) == row.felt_on:
        return row.felt_at.astimezone(zone).time(), row.felt_at
    return None, instant(row.felt_on, time(12), zone)


@dataclass(frozen=True)
class Rating:
    """One rating that stands, as its own page shows it."""

    id: UUID
    value: int
    scale: Scale
    note: str
    doing: str
    series_id: UUID | None
    named_on: date | None
    felt_at: datetime
    zone: ZoneInfo

    @property
    def activity(self) -> tuple[UUID, date] | None:
        """The occurrence that it goes with."""
        return (self.series_id, self.named_on) if self.series_id and self.named_on else None

    @property
    def on(self) -> date:
        return local_day(self.felt_at, self.zone)

    @property
    def at(self) -> time:
        return self.felt_at.astimezone(self.zone).time()


def rating_of(work: Work, patient: Patient, rating_id: UUID) -> Rating:
    """One rating that stands, by its id."""
    row = work.session.get(MoodRating, (work.service_id, rating_id))
    if row is None or row.patient_id != patient.id or row.superseded_by or row.value is None:
        raise NotFound
    return of_row(row)


def standing(work: Work, patient: Patient, rating_id: UUID) -> Rating | None:
    """The rating that one by its id was corrected to, or itself; None where it was taken back."""
    row = work.session.get(MoodRating, (work.service_id, rating_id))
    while row is not None and row.superseded_by and row.superseded_by != row.id:
        row = work.session.get(MoodRating, (work.service_id, row.superseded_by))
    return of_row(row) if row is not None and row.patient_id == patient.id and row.value is not None else None


def kept_on(work: Work, patient: Patient, rating_id: str) -> date | None:
    """The day of a number that is kept under an id, whatever was said since; None where there is none of theirs."""
    try:
        row = work.session.get(MoodRating, (work.service_id, UUID(rating_id)))
    except ValueError:
        return None
    return of_row(row).on if row is not None and row.patient_id == patient.id else None


def of_row(row: MoodRating) -> Rating:
    return Rating(
        row.id,
        row.value,
        Scale(row.low, row.high),
        row.note,
        row.doing,
        row.series_id,
        row.named_on,
        row.felt_at,
        ZoneInfo(row.zone),
    )


def scale_of(work: Work) -> Scale:
    """The scale that the service rates on now; each rating keeps the one it was given on."""
    settings = work.session.execute(sa.select(Service.settings).where(Service.id == work.service_id)).scalar_one()
    return scale_in(settings)


def scale_in(settings: Mapping[str, Any]) -> Scale:
    """The scale that a service's settings name, or the standard one."""
    return SCALES.get(settings.get(SETTING, STANDARD), SCALES[STANDARD])
