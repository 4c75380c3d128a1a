"""Mood, as it was felt and when it was sent."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from app.kit import rls

revision = "0005"
down_revision = "0004"

ISOLATED = ["mood_rating", "mood_times"]


def upgrade() -> None:
    op.create_table(
        "mood_rating",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=True),
        sa.Column("low", sa.SmallInteger(), nullable=False),
        sa.Column("high", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("named_on", sa.Date(), nullable=True),
        sa.Column("doing", sa.LargeBinary(), nullable=False),
        sa.Column("felt_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(series_id is null) = (named_on is null)", name=op.f("ck_mood_rating_named")),
        sa.CheckConstraint("felt_at <= sent_at", name=op.f("ck_mood_rating_felt")),
        sa.CheckConstraint("low between 0 and 1 and high = 10", name=op.f("ck_mood_rating_scale")),
        sa.CheckConstraint("value between low and high", name=op.f("ck_mood_rating_value")),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_mood_rating_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "series_id"],
            ["activity_series.service_id", "activity_series.id"],
            name=op.f("fk_mood_rating_service_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_mood_rating")),
    )
    op.create_index(
        "ix_mood_rating_current",
        "mood_rating",
        ["service_id", "patient_id", "felt_at"],
        unique=False,
        postgresql_where=sa.text("superseded_by is null"),
    )
    op.create_table(
        "mood_times",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("times", ARRAY(sa.Time()), nullable=False),
        sa.Column("chosen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_mood_times_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "patient_id", name=op.f("pk_mood_times")),
    )
    for table in ISOLATED:
        rls.isolate(op, table)
    # What was felt is never changed, whatever the code says: a correction stands beside it.
    rls.grant(op, "mood_rating", "select, insert")
    op.execute("grant update (superseded_by) on mood_rating to braid_app, braid_worker")
    rls.grant(op, "mood_times", "select, insert, update")


def downgrade() -> None:
    for table in reversed(ISOLATED):
        op.drop_table(table)
