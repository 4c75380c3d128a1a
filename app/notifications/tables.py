"""The outbox: what is to be sent, to whom, and what became of it."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.kit.crypto import SealedText


class Outbox(SQLModel, table=True):
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id", "person_id"], ["person.service_id", "person.id"]),
        sa.UniqueConstraint("service_id", "dedupe_key"),
        sa.Index("ix_outbox_due", "due_at", postgresql_where=sa.text("sent_at is null and given_up_at is null")),
        sa.Index("ix_outbox_person", "service_id", "person_id"),
        sa.Index(
            "ix_outbox_given_up", "service_id", "given_up_at", postgresql_where=sa.text("given_up_at is not null")
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID
    channel: str = Field(default="email", max_length=20)
    kind: str = Field(max_length=60)
    dedupe_key: str = Field(max_length=120)
    address: str = Field(sa_type=SealedText)
    subject: str = Field(max_length=200)
    body: str = Field(sa_type=SealedText)
    # Where its reader turns such letters off; none where somebody asked for it or has to have it.
    off: str | None = Field(default=None, sa_type=SealedText)
    made_at: datetime
    due_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    given_up_why: str | None = Field(default=None, max_length=120)
