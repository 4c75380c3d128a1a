"""Letting reminders go to a browser, and no longer."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from app.kit import crypto
from app.kit.errors import NotFound
from app.kit.push import Browser
from app.kit.work import Work
from app.notifications.reminder_tables import PushSubscription

# Each is called in turn, ten seconds at most, while the message is ours alone to send for a minute.
MOST = 5
SEEN_EVERY = timedelta(days=1)


def add_device(work: Work, *, person_id: UUID, browser: Browser, name: str) -> UUID:
    """Let somebody's reminders go to a browser: theirs alone, whoever used it before."""
    fingerprint = crypto.fingerprint(browser.endpoint)
    work.one_at_a_time("device", UUID(bytes=fingerprint[:16]))
    row = work.session.execute(
        sa.select(PushSubscription).where(
            PushSubscription.service_id == work.service_id, PushSubscription.fingerprint == fingerprint
        )
    ).scalar_one_or_none()
    values = {"person_id": person_id, "endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth}
    if row is None:
        row = PushSubscription(fingerprint=fingerprint, device=name, made_at=work.now, seen_at=work.now, **values)
        work.add(row)
    elif row.ended_at is not None or any(getattr(row, column) != value for column, value in values.items()):
        row.sqlmodel_update(values | {"device": name, "seen_at": work.now, "ended_at": None})
    else:
        if work.now - row.seen_at > SEEN_EVERY:
            row.seen_at = work.now
            work.record("device.seen", person=person_id, device=row.id)
        return row.id
    work.record("device.added", person=person_id, device=row.id)
    work.session.flush()
    _keep_to_the_most(work, person_id)
    return row.id


def remove_device(work: Work, *, person_id: UUID, device_id: UUID) -> None:
    """Send somebody's reminders to a browser no longer; NotFound where it is not theirs."""
    row = work.session.execute(
        sa.select(PushSubscription)
        .where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.person_id == person_id,
            PushSubscription.id == device_id,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        _end(work, row)


def _keep_to_the_most(work: Work, person_id: UUID) -> None:
    rows = work.session.execute(
        sa.select(PushSubscription)
        .where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.person_id == person_id,
            PushSubscription.ended_at.is_(None),
        )
        .order_by(PushSubscription.seen_at.desc(), PushSubscription.made_at.desc())
        .offset(MOST)
    ).scalars()
    for row in rows:
        _end(work, row)


def _end(work: Work, row: PushSubscription) -> None:
    row.ended_at = work.now
    work.record("device.removed", person=row.person_id, device=row.id)
