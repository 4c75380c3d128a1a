"""Turning reminders off and on, pausing them, and setting their limits. Nothing of it changes anybody's course."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.kit.errors import Conflict
from app.kit.work import Work
from app.notifications.kinds import SwitchScope
from app.notifications.reminder_tables import ReminderSettings, ReminderSwitch


class QuietForEver(Conflict):
    title = "Quiet hours need a beginning and an end"
    words = "From and until are the same time, which would be quiet for ever. To have none at all, pause everything."


def switch_off(
    work: Work,
    *,
    person_id: UUID,
    scope: SwitchScope,
    which: str = "",
    until_at: datetime | None = None,
    said_by: str = "settings",
) -> None:
    """Turn something off, for good or until a moment. Said again, it holds as was said last."""
    row = {
        "service_id": work.service_id,
        "id": sa.func.gen_random_uuid(),
        "person_id": person_id,
        "scope": scope,
        "which": which,
        "off_at": work.now,
        "said_by": said_by,
        "until_at": until_at,
    }
    found = insert(ReminderSwitch).values(row)
    work.session.execute(
        found.on_conflict_do_update(
            index_elements=["service_id", "person_id", "scope", "which"],
            index_where=sa.text("on_at is null"),
            set_={"until_at": until_at, "off_at": work.now, "said_by": said_by},
        )
    )
    work.record("reminders.turned-off", person=person_id, scope=scope.value, which=which, said_by=said_by)


def switch_on(work: Work, *, person_id: UUID, scope: SwitchScope, which: str = "") -> None:
    """Turn something on again; where it is on already nothing happens."""
    row = work.session.execute(
        sa.select(ReminderSwitch)
        .where(
            ReminderSwitch.service_id == work.service_id,
            ReminderSwitch.person_id == person_id,
            ReminderSwitch.scope == scope,
            ReminderSwitch.which == which,
            ReminderSwitch.on_at.is_(None),
        )
        .with_for_update()
    ).scalar_one_or_none()
    if row is not None:
        row.on_at = work.now
        work.record("reminders.turned-on", person=person_id, scope=scope.value, which=which)


def save_settings(work: Work, *, person_id: UUID, **changes: Any) -> None:
    """Change some of somebody's settings; refuses quiet hours that have no end (QuietForEver)."""
    if "quiet_from" in changes and changes["quiet_from"] == changes.get("quiet_to"):
        raise QuietForEver
    work.one_at_a_time("reminder-settings", person_id)
    row = work.session.get(ReminderSettings, (work.service_id, person_id))
    if row is None:
        work.add(ReminderSettings(person_id=person_id, **changes))
    else:
        for name, value in changes.items():
            setattr(row, name, value)
        row.version += 1
    work.record("reminders.settings-changed", person=person_id, changed=sorted(changes))
