"""Why somebody is on the review list, in words from what put them there, and what came since."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from app.clinical.instruments import Instrument
from app.kit import say
from app.kit.work import Work
from app.questionnaires.tables import Response, ResponseVoid
from app.questionnaires.void_queries import BY_PATIENT
from app.safety.review_kinds import ReviewKind

About = Mapping[str, Any]


class Taken(NamedTuple):
    """The totals of one measure, the oldest first, when the last was sent, and when those were that were made void."""

    totals: list[int]
    last_at: datetime
    void: Sequence[datetime] = ()


_STANDS = ResponseVoid.response_id.is_(None)
SCORED = (
    sa.select(
        Response.patient_id,
        Response.instrument,
        sa.func.array_agg(aggregate_order_by(Response.total, Response.submitted_at, Response.seq))
        .filter(_STANDS)
        .label("totals"),
        sa.func.max(Response.submitted_at).filter(_STANDS).label("last_at"),
        sa.func.array_agg(Response.submitted_at).filter(~_STANDS).label("void"),
    )
    .outerjoin(
        ResponseVoid,
        sa.and_(ResponseVoid.service_id == Response.service_id, ResponseVoid.response_id == Response.id),
    )
    .where(
        Response.service_id == sa.bindparam("service"),
        Response.patient_id == sa.any_(sa.bindparam("patients", type_=ARRAY(sa.Uuid))),
        Response.total.is_not(None),
        BY_PATIENT,
    )
    .group_by(Response.patient_id, Response.instrument)
)


def taken(work: Work, patients: list[UUID]) -> dict[UUID, dict[str, Taken]]:
    """What each of these patients scored, by measure."""
    found: dict[UUID, dict[str, Taken]] = {}
    for row in work.read(SCORED, {"service": work.service_id, "patients": patients}):
        if row.totals:
            found.setdefault(row.patient_id, {})[row.instrument] = Taken(row.totals, row.last_at, row.void or ())
    return found


def told(kind: ReviewKind, about: About, instruments: Mapping[str, Instrument], zone: ZoneInfo) -> str:
    """One cause in a sentence."""
    return _rose(about, instruments, zone) if kind is ReviewKind.WORSE else _stopped(about, instruments)


def in_short(
    kind: ReviewKind,
    causes: Sequence[About],
    taken: Mapping[str, Taken],
    instruments: Mapping[str, Instrument],
    zone: ZoneInfo,
) -> str:
    """An open entry in a sentence or two: the latest cause of each measure, then what came since."""
    latest: dict[str, About] = {}
    for about in causes:
        latest[about.get("measure", "")] = about
    said = [told(kind, about, instruments, zone) for about in latest.values()]
    said += [void_since(about, taken[key].void, zone) for key, about in latest.items() if key in taken]
    return " ".join(filter(None, [*said, *since(kind, latest.values(), taken, instruments, zone)]))


def since(
    kind: ReviewKind,
    causes: Iterable[About],
    taken: Mapping[str, Taken],
    instruments: Mapping[str, Instrument],
    zone: ZoneInfo,
) -> list[str]:
    """What was answered after the causes: it is said, and takes nobody off the list."""
    found = []
    for about in causes:
        for key in [about["measure"]] if kind is ReviewKind.WORSE else about["measures"]:
            if key in taken and _is_after(kind, about, taken[key].last_at, zone):
                last, at = taken[key].totals[-1], taken[key].last_at
                found.append(f"Since then {_short(key, instruments)} {last}, {say.day(at, zone)}.")
    return list(dict.fromkeys(found))


def void_since(about: About, void: Iterable[datetime], zone: ZoneInfo) -> str:
    """That answers a rise was worked out from were made void since; it takes nobody off the list. Empty for none."""
    counted = [datetime.fromisoformat(about[name]) for name in ("before_at", "latest_at") if name in about]
    gone = [say.day(at, zone) for at in counted if at in set(void)]
    return f"The answers of {say.listed(gone)} were made void since." if gone else ""


def _is_after(kind: ReviewKind, about: About, at: datetime, zone: ZoneInfo) -> bool:
    if kind is ReviewKind.WORSE:
        return at > datetime.fromisoformat(about["latest_at"])
    return at.astimezone(zone).date() >= date.fromisoformat(about["due_on"][-1])


def _rose(about: About, instruments: Mapping[str, Instrument], zone: ZoneInfo) -> str:
    before = datetime.fromisoformat(about["before_at"])
    short = _short(about["measure"], instruments)
    return f"{short} rose from {about['before']} on {say.day(before, zone)} to {about['latest']}."


def _stopped(about: About, instruments: Mapping[str, Instrument]) -> str:
    shorts = [_short(key, instruments) for key in about["measures"]]
    days = say.listed([say.day(date.fromisoformat(on)) for on in about["due_on"]])
    return f"{say.listed(shorts)} did not come, due on {days}."


def _short(key: str, instruments: Mapping[str, Instrument]) -> str:
    # A questionnaire the service has no longer is still what put somebody here.
    return instruments[key].short if key in instruments else key.upper()
