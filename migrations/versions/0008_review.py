"""Who is to be reviewed, and free text that waits to be read."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.kit import rls

revision = "0008"
down_revision = "0007"

# The review list is made by `create_review` and of these tables; text that waits to be read has functions of its own.
REVIEW = ["review", "review_event"]


def upgrade() -> None:
    create_review()
    for table in REVIEW:
        rls.isolate(op, table)
    rls.grant(op, "review", "select, insert, update")
    rls.grant(op, "review_event", "select, insert")


def downgrade() -> None:
    op.drop_table("review_event")
    op.drop_table("review")


def create_review() -> None:
    op.create_table(
        "review",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("worse", "missing", name="reviewkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_review_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_patient", "review", ["service_id", "patient_id"], unique=False)
    op.create_index("ix_review_closed", "review", ["service_id", "closed_at"], unique=False)
    op.create_index(
        "uq_review_open",
        "review",
        ["service_id", "patient_id", "kind"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "review_event",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "opened", "added", "reviewed", name="reviewstep", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("about", JSONB(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "by_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_review_event_service_id_by_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "review_id"],
            ["review.service_id", "review.id"],
            name=op.f("fk_review_event_service_id_review_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_review_event")),
    )
    op.create_index("ix_review_event_review", "review_event", ["service_id", "review_id", "seq"], unique=False)
