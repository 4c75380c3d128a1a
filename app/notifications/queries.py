"""What was sent, for the developers' mailbox."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.notifications.tables import Outbox


@dataclass(frozen=True)
class SentLetter:
    """A letter as the developers' mailbox shows it."""

    address: str
    subject: str
    body: str
    made_at: datetime
    sent_at: datetime | None


def letters(session: Session, *, limit: int = 50) -> list[SentLetter]:
    """The newest letters of one service first."""
    rows = session.execute(sa.select(Outbox).order_by(Outbox.made_at.desc(), Outbox.id).limit(limit)).scalars()
    return [SentLetter(row.address, row.subject, row.body, row.made_at, row.sent_at) for row in rows]
