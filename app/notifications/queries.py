"""What was sent, for the developers' mailbox."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kit.columns import just
from app.kit.work import Work
from app.notifications.kinds import ReminderState
from app.notifications.reminder_tables import Reminder
from app.notifications.tables import Outbox


@dataclass(frozen=True)
class SentLetter:
    """A letter as the developers' mailbox shows it."""

    address: str
    subject: str
    body: str
    made_at: datetime
    sent_at: datetime | None
    zone: ZoneInfo

    @property
    def link(self) -> str:
        """The address on a line of its own that the letter is about, as a path of ours."""
        lines = (line.strip() for line in self.body.splitlines())
        found = next((line for line in lines if line.startswith(("http://", "https://"))), "")
        return urlsplit(found).path


def letters(session: Session, zone: ZoneInfo, *, limit: int = 50) -> list[SentLetter]:
    """The newest letters of one service first."""
    rows = session.execute(sa.select(Outbox).order_by(Outbox.made_at.desc(), Outbox.id).limit(limit)).scalars()
    return [SentLetter(row.address, row.subject, row.body, row.made_at, row.sent_at, zone) for row in rows]


def reminders_due(work: Work, since: datetime, until: datetime) -> list[datetime]:
    """The moments after one and until another at which reminders are due that are still to go, in order."""
    rows = work.session.execute(
        sa.select(Reminder.due_at)
        .distinct()
        .where(
            Reminder.service_id == work.service_id,
            just(Reminder.state, ReminderState.PENDING),
            Reminder.due_at > since,
            Reminder.due_at <= until,
        )
        .order_by(Reminder.due_at)
    )
    return list(rows.scalars())
