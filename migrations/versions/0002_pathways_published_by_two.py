"""Pathways are drafted, published by two, tried on the caseload and moved to; what was announced can be proved."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.kit import rls

revision = "0002"
down_revision = "0001"

ISOLATED = [
    "pathway_draft",
    "pathway_edition",
    "pathway_proposal",
    "what_if",
    "what_if_line",
    "move_plan",
    "moved",
    "incident",
    "decision_for_many",
]
APPEND_ONLY = {"pathway_edition", "what_if_line"}


def upgrade() -> None:
    add_columns()
    create_tables()
    for table in ISOLATED:
        rls.isolate(op, table)
        rls.grant(op, table, "select, insert" if table in APPEND_ONLY else "select, insert, update")
    # A published version is never changed, whatever the code says: all that may be said of it later is that it retired.
    op.execute("revoke update, delete on pathway_version from braid_app, braid_worker")
    op.execute("grant update (retired_at) on pathway_version to braid_app, braid_worker")


def add_columns() -> None:
    op.add_column(
        "course_summary", sa.Column("announced", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
    )
    op.add_column("enrolment", sa.Column("moved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("pathway_version", sa.Column("asked_by", sa.Uuid(), nullable=True))
    op.add_column("pathway_version", sa.Column("base_id", sa.Uuid(), nullable=True))
    op.add_column("pathway_version", sa.Column("signed", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_pathway_version_service_id_base_id"),
        "pathway_version",
        "pathway_version",
        ["service_id", "base_id"],
        ["service_id", "id"],
    )


def create_tables() -> None:
    op.create_table(
        "decision_for_many",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("outcomes", JSONB(), nullable=False),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("undone", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "decided_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_decision_for_many_service_id_decided_by"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_decision_for_many")),
    )
    op.create_table(
        "pathway_draft",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "begun_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_pathway_draft_service_id_begun_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "ended_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_pathway_draft_service_id_ended_by"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_pathway_draft")),
    )
    op.create_table(
        "incident",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("found_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_again_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "closed_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_incident_service_id_closed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_incident_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_incident")),
    )
    op.create_index(
        "uq_incident_open",
        "incident",
        ["service_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "pathway_edition",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "base_id"],
            ["pathway_version.service_id", "pathway_version.id"],
            name=op.f("fk_pathway_edition_service_id_base_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "draft_id"],
            ["pathway_draft.service_id", "pathway_draft.id"],
            name=op.f("fk_pathway_edition_service_id_draft_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "saved_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_pathway_edition_service_id_saved_by"),
        ),
        sa.PrimaryKeyConstraint("service_id", "draft_id", "number", name=op.f("pk_pathway_edition")),
    )
    op.create_table(
        "pathway_proposal",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "published",
                "sent-back",
                "withdrawn",
                name="answered",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("version_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "answered_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_pathway_proposal_service_id_answered_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "asked_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_pathway_proposal_service_id_asked_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "draft_id"],
            ["pathway_draft.service_id", "pathway_draft.id"],
            name=op.f("fk_pathway_proposal_service_id_draft_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "version_id"],
            ["pathway_version.service_id", "pathway_version.id"],
            name=op.f("fk_pathway_proposal_service_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_pathway_proposal")),
    )
    op.create_index(
        "uq_pathway_proposal_open",
        "pathway_proposal",
        ["service_id", "draft_id"],
        unique=True,
        postgresql_where=sa.text("answered_at is null"),
    )
    op.create_table(
        "what_if",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Uuid(), nullable=True),
        sa.Column("from_ids", JSONB(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("new_core", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("patients", sa.Integer(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("stopped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "asked_by"], ["person.service_id", "person.id"], name=op.f("fk_what_if_service_id_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "draft_id"],
            ["pathway_draft.service_id", "pathway_draft.id"],
            name=op.f("fk_what_if_service_id_draft_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "to_id"],
            ["pathway_version.service_id", "pathway_version.id"],
            name=op.f("fk_what_if_service_id_to_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_what_if")),
    )
    op.create_table(
        "move_plan",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("what_if_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("but", JSONB(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("planned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("undone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "agreed_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_move_plan_service_id_agreed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "ended_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_move_plan_service_id_ended_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "planned_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_move_plan_service_id_planned_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "to_id"],
            ["pathway_version.service_id", "pathway_version.id"],
            name=op.f("fk_move_plan_service_id_to_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "undone_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_move_plan_service_id_undone_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "what_if_id"],
            ["what_if.service_id", "what_if.id"],
            name=op.f("fk_move_plan_service_id_what_if_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_move_plan")),
    )
    op.create_table(
        "what_if_line",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("what_if_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("outcomes", JSONB(), nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_what_if_line_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "what_if_id"],
            ["what_if.service_id", "what_if.id"],
            name=op.f("fk_what_if_line_service_id_what_if_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "what_if_id", "patient_id", name=op.f("pk_what_if_line")),
    )
    op.create_table(
        "moved",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=True),
        sa.Column("why", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("back_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("back_why", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "decision_id"],
            ["decision.service_id", "decision.id"],
            name=op.f("fk_moved_service_id_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "from_id"],
            ["pathway_version.service_id", "pathway_version.id"],
            name=op.f("fk_moved_service_id_from_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_moved_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "plan_id"],
            ["move_plan.service_id", "move_plan.id"],
            name=op.f("fk_moved_service_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "plan_id", "patient_id", name=op.f("pk_moved")),
    )


def downgrade() -> None:
    for table in reversed(ISOLATED):
        op.drop_table(table)
    for column in ("signed", "base_id", "asked_by"):
        op.drop_column("pathway_version", column)
    op.drop_column("enrolment", "moved_at")
    op.drop_column("course_summary", "announced")
    rls.grant(op, "pathway_version")
