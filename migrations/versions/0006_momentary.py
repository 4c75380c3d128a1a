"""Momentary assessment: what somebody is asked, and each prompt with what became of it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.kit import rls

revision = "0006"
down_revision = "0005"

ISOLATED = ["momentary_assignment", "momentary_prompt"]
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    _assignments()
    _prompts()
    for table in ISOLATED:
        rls.isolate(op, table)
    # What was assigned and drawn stays as it was; only its end, and what became of a prompt, are added.
    rls.grant(op, "momentary_assignment", "select, insert")
    op.execute("grant update (ended_at, ended_by, end_reason) on momentary_assignment to braid_app, braid_worker")
    rls.grant(op, "momentary_prompt", "select, insert")
    became = "zone, due_at, expires_at, closes_at, decided_at, withheld, shown_at, said_at, arrived_at, answers"
    op.execute(f"grant update ({became}) on momentary_prompt to braid_app, braid_worker")


def _assignments() -> None:
    op.create_table(
        "momentary_assignment",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("protocol", TEXT(length=40), nullable=False),
        sa.Column("version", TEXT(length=20), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("start", "end", "period", name="purpose", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("seed", TEXT(length=40), nullable=False),
        sa.Column("assigned_at", MOMENT(), nullable=False),
        sa.Column("assigned_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", MOMENT(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("days between 1 and 60", name=op.f("ck_momentary_assignment_days")),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name=op.f("ck_momentary_assignment_ended")),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_momentary_assignment_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "assigned_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_momentary_assignment_service_id_assigned_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "ended_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_momentary_assignment_service_id_ended_by"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_momentary_assignment")),
    )
    op.create_index("ix_momentary_assignment_patient", "momentary_assignment", ["service_id", "patient_id"])


def _prompts() -> None:
    op.create_table(
        "momentary_prompt",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.SmallInteger(), nullable=False),
        sa.Column("slot", TEXT(length=60), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("local_at", sa.Time(), nullable=False),
        sa.Column("zone", TEXT(length=60), nullable=False),
        sa.Column("due_at", MOMENT(), nullable=False),
        sa.Column("expires_at", MOMENT(), nullable=False),
        sa.Column("closes_at", MOMENT(), nullable=False),
        sa.Column("decided_at", MOMENT(), nullable=True),
        sa.Column(
            "withheld",
            sa.Enum(
                "quiet-hours", "off", "paused", "treatment-ended", "ended-early", "travel", "outage",
                name="withheld", native_enum=False, create_constraint=True, length=40,
            ),
            nullable=True,
        ),
        sa.Column("shown_at", MOMENT(), nullable=True),
        sa.Column("said_at", MOMENT(), nullable=True),
        sa.Column("arrived_at", MOMENT(), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "due_at < expires_at and expires_at <= closes_at", name=op.f("ck_momentary_prompt_times")
        ),
        sa.CheckConstraint(
            "withheld is null or decided_at is not null", name=op.f("ck_momentary_prompt_decided")
        ),
        sa.CheckConstraint("(said_at is null) = (answers is null)", name=op.f("ck_momentary_prompt_answered")),
        sa.CheckConstraint(
            "said_at is null or (withheld is null and said_at <= arrived_at)", name=op.f("ck_momentary_prompt_said")
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "assignment_id"],
            ["momentary_assignment.service_id", "momentary_assignment.id"],
            name=op.f("fk_momentary_prompt_service_id_assignment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_momentary_prompt_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_momentary_prompt")),
        sa.UniqueConstraint(
            "service_id", "assignment_id", "number", name=op.f("uq_momentary_prompt_service_id_assignment_id_number")
        ),
    )  # fmt: skip
    op.create_index(
        "ix_momentary_prompt_undecided",
        "momentary_prompt",
        ["service_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("decided_at is null"),
    )
    op.create_index("ix_momentary_prompt_patient", "momentary_prompt", ["service_id", "patient_id", "due_at"])


def downgrade() -> None:
    for table in reversed(ISOLATED):
        op.drop_table(table)
