"""Text packs as a service installed them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class InstrumentText(SQLModel, table=True):
    """A pack that was taken out keeps when and which; its words are gone, as the permission for them may be."""

    __tablename__ = "instrument_text"
    __table_args__ = (
        sa.ForeignKeyConstraint(["service_id"], ["service.id"]),
        sa.Index(
            "uq_instrument_text_installed",
            "service_id",
            "instrument",
            unique=True,
            postgresql_where=sa.text("removed_at is null"),
        ),
    )

    service_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    instrument: str = Field(max_length=40)
    version: str = Field(max_length=20)
    fingerprint: str = Field(max_length=64)
    pack: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    installed_at: datetime
    removed_at: datetime | None = None
