"""Planning the diary's reminders: with every change of what is planned, and again and again for the days to come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import Patient
from app.clinical.reminders import AHEAD, LATE, Channel, ReminderKind, Wanted
from app.diary import reminder_queries, standing_queries
from app.diary.tables import ReminderPlan
from app.kit.columns import recordset
from app.kit.work import Work
from app.notifications import reminder_actions

# Far enough back to find a reminder that a journey moved into the past: no two zones are further apart.
JUMPED = timedelta(hours=26)
# So long what was planned is left alone where nothing it was made of has changed. Whatever else became of the rows that
# it came to, by somebody's hand or a fault, is put right by then.
SURE_FOR = timedelta(hours=6)

_ROWS = recordset(ReminderPlan, "patient_id", "made_of", "whole_until_at")
_INSERT = insert(ReminderPlan.__table__).from_select(
    ["service_id", *_ROWS.c.keys()], sa.select(sa.bindparam("service", type_=sa.Uuid), _ROWS)
)
KEPT = _INSERT.on_conflict_do_update(
    index_elements=["service_id", "patient_id"],
    set_={name: _INSERT.excluded[name] for name in ("made_of", "whole_until_at")},
)


def hold(work: Work, *, patient: Patient) -> None:
    """Let no reminder of a patient's leave until this is committed."""
    reminder_actions.lock(work, patient.id)


def replan(work: Work, *, patient: Patient, series_ids: Collection[UUID] | None = None) -> None:
    """Make a patient's reminders those that the diary asks for now, or those of some series only."""
    # Before the diary is read: what is read while another changes it would be written over what they wrote.
    reminder_actions.lock(work, patient.id)
    until = work.now + AHEAD
    found = reminder_queries.asking(work, {patient.id: patient.zone}, work.now - JUMPED, until)[patient.id]
    wanted = [one for one in found.wanted if series_ids is None or one.series_id in series_ids]
    _reconcile(work, {patient.id: wanted}, until, series_ids)


def replan_free(work: Work, patient_ids: Sequence[UUID]) -> set[UUID]:
    """The same for those patients whose reminders nobody plans or sends at this moment; returns whose."""
    free = reminder_actions.lock_free(work, patient_ids)
    # Read once their locks are ours, for a zone may have changed until then.
    zones = reminder_queries.zones(work, free)
    travelled = reminder_actions.planned_elsewhere(work, zones)
    _replan_for_long(work, {who: zone for who, zone in zones.items() if who in travelled}, JUMPED)
    _replan_for_long(work, {who: zone for who, zone in zones.items() if who not in travelled}, LATE)
    return free


def replan_alone(work: Work, patient_id: UUID) -> None:
    """The same for one of them, whoever has to be waited for."""
    reminder_actions.lock(work, patient_id)
    _replan_for_long(work, reminder_queries.zones(work, [patient_id]), JUMPED)


def _replan_for_long(work: Work, zones: Mapping[UUID, ZoneInfo], back: timedelta) -> None:
    """Plan, and keep what it was planned from: until that changes or more comes near, it need not be done again."""
    if not zones:
        return
    until = work.now + AHEAD
    found = reminder_queries.asking(work, zones, work.now - back, until + SURE_FOR)
    near = {who: [each for each in one.wanted if each.due_at < until] for who, one in found.items()}
    ways = _reconcile(work, near, until)
    kept = []
    for who, one in found.items():
        made_of = standing_queries.made_of(str(zones[who]), ways[who], standing_queries.mark_of(one.marks))
        later = (each.due_at for each in one.wanted if each.due_at >= until)
        kept.append(
            {"patient_id": str(who), "made_of": made_of, "whole_until_at": min(later, default=until + SURE_FOR)}
        )
    _keep(work, kept)


def _reconcile(
    work: Work,
    wanted: Mapping[UUID, Sequence[Wanted]],
    until: datetime,
    series_ids: Collection[UUID] | None = None,
) -> dict[UUID, tuple[Channel, ...]]:
    return reminder_actions.reconcile_each(
        work,
        kind=ReminderKind.ACTIVITY,
        wanted=wanted,
        since=work.now - LATE,
        until=until,
        series_ids=series_ids,
    )


def _keep(work: Work, plans: list[dict[str, Any]]) -> None:
    rows = [plan | {"whole_until_at": plan["whole_until_at"].isoformat()} for plan in plans]
    work.session.execute(KEPT, {"service": work.service_id, "rows": rows})
