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
    create_schedule()
    create_sittings()


def downgrade() -> None:
    drop_sittings()
    op.drop_table("questionnaire_schedule")
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


def create_schedule() -> None:
    acts = ("changed", "requested", "ending", "withdrawn")
    timings = ("before-every-session", "weekly", "start-and-end", "after-module", "on-demand", "not-asked")
    op.create_table(
        "questionnaire_schedule",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "act", sa.Enum(*acts, name="act", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("instrument", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column(
            "timing",
            sa.Enum(*timings, name="timing", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("withdraws", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.CheckConstraint("(act = 'changed') = (timing is not null)", name=op.f("ck_questionnaire_schedule_timed")),
        sa.CheckConstraint(
            "(act = 'withdrawn') = (withdraws is not null)", name=op.f("ck_questionnaire_schedule_withdrawn")
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_questionnaire_schedule_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "decided_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_questionnaire_schedule_service_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "withdraws"],
            ["questionnaire_schedule.service_id", "questionnaire_schedule.id"],
            name=op.f("fk_questionnaire_schedule_service_id_withdraws"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_questionnaire_schedule")),
    )
    op.create_index(
        "ix_questionnaire_schedule_patient", "questionnaire_schedule", ["service_id", "patient_id", "seq"], unique=False
    )
    rls.isolate(op, "questionnaire_schedule")
    rls.grant(op, "questionnaire_schedule", "select, insert")


def create_sittings() -> None:
    added = (
        sa.Column("reasons", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("respondent", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="patient"),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False, server_default=""),
        sa.Column("way", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="online"),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("instrument_text_id", sa.Uuid(), nullable=True),
    )
    for column in added:
        op.add_column("response", column)
        if column.server_default is not None:
            # What was sent before there was a choice was sent so; whoever sends from now on says.
            op.alter_column("response", column.name, server_default=None)
    for column, table in (("taken_by", "person"), ("instrument_text_id", "instrument_text")):
        op.create_foreign_key(
            op.f(f"fk_response_service_id_{column}"), "response", table, ["service_id", column], ["service_id", "id"]
        )
    op.create_table(
        "response_void",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("voided_by", sa.Uuid(), nullable=False),
        sa.Column("voided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "response_id"],
            ["response.service_id", "response.id"],
            name=op.f("fk_response_void_service_id_response_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_response_void_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "voided_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_response_void_service_id_voided_by"),
        ),
        sa.PrimaryKeyConstraint("service_id", "response_id", name=op.f("pk_response_void")),
    )
    op.create_index("ix_response_void_patient", "response_void", ["service_id", "patient_id"])
    op.create_table(
        "sitting_paging",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("paging", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("chosen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_sitting_paging_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "person_id", name=op.f("pk_sitting_paging")),
    )
    rls.isolate(op, "sitting_paging")
    rls.grant(op, "sitting_paging", "select, insert, update")
    rls.isolate(op, "response_void")
    rls.grant(op, "response_void", "select, insert")


def drop_sittings() -> None:
    op.drop_table("sitting_paging")
    op.drop_table("response_void")
    for column in ("instrument_text_id", "taken_by"):
        op.drop_constraint(op.f(f"fk_response_service_id_{column}"), "response", type_="foreignkey")
    for name in ("instrument_text_id", "taken_by", "way", "about", "respondent", "words", "reasons"):
        op.drop_column("response", name)
