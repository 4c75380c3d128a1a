"""Letting reminders go to a browser, and no longer."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from app.kit import crypto
from app.kit.errors import NotFound
from app.kit.push import Browser
from app.kit.work import Work
from app.notifications.kinds import DeviceEnd
from app.notifications.reminder_tables import PushSubscription

# Each is called in turn, ten seconds at most, while the message is ours alone to send for a minute.
MOST = 5
SEEN_EVERY = timedelta(days=1)
# Whoever has not opened Braid in a browser for so long may have given the device away.
UNSEEN_FOR = timedelta(days=60)


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
        row.sqlmodel_update(values | {"device": name, "seen_at": work.now, "ended_at": None, "ended_why": None})
    else:
        if work.now - row.seen_at > SEEN_EVERY:
            row.seen_at = work.now
            work.record("device.seen", person=person_id, device=row.id)
        return row.id
    work.record("device.added", person=person_id, device=row.id)
    work.session.flush()
    _keep_to_the_most(work, person_id)
    return row.id


def renew_device(work: Work, *, person_id: UUID, device_id: UUID, browser: Browser, name: str) -> UUID | None:
    """A browser that reminders went to is opened, and says where it is reached now; None where it is to let go of that.

    What somebody ended stays ended; what was only unseen begins again.
    """
    row = _mine(work, person_id, device_id)
    if row is None or row.ended_why not in (None, DeviceEnd.UNSEEN):
        return None
    if row.ended_at is None and row.endpoint != browser.endpoint:
        _end(work, row, DeviceEnd.MOVED)
    return add_device(work, person_id=person_id, browser=browser, name=name)


def remove_device(work: Work, *, person_id: UUID, device_id: UUID) -> None:
    """Send somebody's reminders to a browser no longer; NotFound where it is not theirs."""
    row = _mine(work, person_id, device_id)
    if row is None:
        raise NotFound
    if row.ended_at is None:
        _end(work, row, DeviceEnd.REMOVED)


def let_go_of_unseen(work: Work) -> int:
    """Send nothing more to browsers in which Braid has not been opened for long; returns how many there were."""
    unseen = work.session.execute(
        sa.select(PushSubscription.person_id, PushSubscription.id)
        .where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.ended_at.is_(None),
            PushSubscription.seen_at < work.now - UNSEEN_FOR,
        )
        .with_for_update()
    ).all()
    for person_id, device_id in unseen:
        # Past the model, which would unseal what is read by nobody here.
        work.session.execute(
            sa.update(PushSubscription)
            .where(PushSubscription.service_id == work.service_id, PushSubscription.id == device_id)
            .values(ended_at=work.now, ended_why=DeviceEnd.UNSEEN)
        )
        work.record("device.unseen", person=person_id, device=device_id)
    return len(unseen)


def _mine(work: Work, person_id: UUID, device_id: UUID) -> PushSubscription | None:
    return work.session.execute(
        sa.select(PushSubscription)
        .where(
            PushSubscription.service_id == work.service_id,
            PushSubscription.person_id == person_id,
            PushSubscription.id == device_id,
        )
        .with_for_update()
    ).scalar_one_or_none()


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
        _end(work, row, DeviceEnd.CROWDED)


def _end(work: Work, row: PushSubscription, why: DeviceEnd) -> None:
    row.ended_at, row.ended_why = work.now, why
    work.record("device.removed", person=row.person_id, device=row.id)
