"""Questionnaires on a schedule, taken by phone or void, in texts of the service's own."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.kit import rls

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_texts()


def downgrade() -> None:
    op.drop_table("instrument_text")


def create_texts() -> None:
    op.create_table(
        "instrument_text",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("pack", JSONB(), nullable=True),
        sa.Column("installed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_instrument_text_service_id")),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_instrument_text")),
    )
    op.create_index(
        "uq_instrument_text_installed",
        "instrument_text",
        ["service_id", "instrument"],
        unique=True,
        postgresql_where=sa.text("removed_at is null"),
    )
    rls.isolate(op, "instrument_text")
    rls.grant(op, "instrument_text", "select, insert, update")
