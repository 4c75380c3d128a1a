"""What one process does that plans or sends, as many of which run at once and any of which may be killed."""

import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from app.config import Settings
from app.diary import jobs, reminder_queries
from app.kit import crypto, db
from app.notifications import dispatch_jobs
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.sending import Address, Message, Outcome, Sent
from tests.conftest import TEST_KEY

STILL = {ReminderKind.ACTIVITY: reminder_queries.still_wanted}


class Provider:
    """A provider that writes down each call before it answers: what stands there was accepted."""

    redo_if_unsure = True

    def __init__(self, file: Path) -> None:
        self._calls = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, message: Message, to: Address) -> Sent:
        os.write(self._calls, f"{message.key}\n".encode())
        return Sent(Outcome.SENT)

    def look_up(self, key: str) -> Outcome | None:
        return None


def run(what: str, url: str, service_id: UUID, now: datetime, file: Path) -> None:
    """Plan, or send until nothing is left to send."""
    crypto.use(Settings(secret_key=TEST_KEY).key())
    engine = db.connect(url, pool_size=1)
    if what == "plan":
        jobs.plan(engine, service_id, clock=lambda: now)
        return
    senders = {Channel.EMAIL: Provider(file)}
    # Until two looks in a row find nothing: what somebody else holds comes free again.
    empty = 0
    while empty < 2:
        decided = dispatch_jobs.dispatch(engine, service_id, clock=lambda: now, senders=senders, still=STILL)
        empty = 0 if decided else empty + 1
