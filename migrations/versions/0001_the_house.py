"""The house: people, courses, questionnaires, alerts, letters and the record."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from app.kit import rls

revision = "0001"
down_revision = None


ISOLATED = [
    "audit_entry",
    "audit_cursor",
    "module_version",
    "pathway_version",
    "person",
    "draft",
    "known_device",
    "outbox",
    "patient_record",
    "sign_in",
    "sign_in_link",
    "staff_role",
    "supervision",
    "alert",
    "answer",
    "assignment",
    "course_summary",
    "decision",
    "enrolment",
    "evidence",
    "module_start",
    "response",
    "sign_in_seen",
    "alert_event",
    "feedback",
    "homework",
]
# What was decided, answered or sent is added to, never rewritten or removed.
APPEND_ONLY = {"audit_entry", "evidence", "decision", "answer", "feedback", "alert_event", "response", "module_version"}

APPEND_AUDIT = """
create function append_audit(bodies text[]) returns void language plpgsql as $$
declare
  service uuid := nullif(current_setting('app.service_id', true), '')::uuid;
  before bytea;
  last bigint;
  body text;
begin
  -- One appender at a time per service: order and hash are decided under this lock.
  perform pg_advisory_xact_lock(hashtextextended('audit:' || service::text, 0));
  select seq, hash into last, before from audit_entry where service_id = service order by seq desc limit 1;
  foreach body in array bodies loop
    last := coalesce(last, 0) + 1;
    before := sha256(coalesce(before, ''::bytea) || convert_to(last::text || body, 'UTF8'));
    insert into audit_entry (service_id, seq, at, actor_id, patient_id, event, body, hash)
    select service, last, (said->>'at')::timestamptz, (said->>'actor_id')::uuid,
           (said->>'patient_id')::uuid, said->>'event', body, before
    from (select body::jsonb as said) as entry;
  end loop;
end
$$
"""


def upgrade() -> None:
    # One order for every kind of fact, whichever table it is kept in.
    op.execute("create sequence fact_seq")
    create_tables()
    isolate_services()
    keep_the_record()


def create_tables() -> None:
    op.create_table(
        "attempt",
        sa.Column("bucket", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("window_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window_at", name=op.f("pk_attempt")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("service_id", "seq"),
    )
    op.create_index("ix_audit_entry_patient", "audit_entry", ["service_id", "patient_id", "seq"], unique=False)
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("slug", name=op.f("uq_service_slug")),
    )
    op.create_table(
        "audit_cursor",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_audit_cursor_service_id")),
        sa.PrimaryKeyConstraint("service_id", "name", name=op.f("pk_audit_cursor")),
    )
    op.create_table(
        "module_version",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("module", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("kept_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_module_version_service_id")),
        sa.PrimaryKeyConstraint("service_id", "module", "hash", name=op.f("pk_module_version")),
    )
    op.create_table(
        "pathway_version",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("adopted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("adopted_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_pathway_version_service_id")),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_pathway_version")),
        sa.UniqueConstraint("service_id", "key", "version", name=op.f("uq_pathway_version_service_id_key_version")),
    )
    op.create_table(
        "person",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("patient", "staff", name="personkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("given_name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("family_name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("email_key", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("local_staff_id", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_used_step", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("deactivated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_person_service_id")),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("service_id", "email_key", name=op.f("uq_person_service_id_email_key")),
    )
    op.create_index("ix_person_email_key", "person", ["email_key"], unique=False)
    op.create_table(
        "draft",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("form", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
        ),
        sa.PrimaryKeyConstraint("service_id", "person_id", "form"),
    )
    op.create_table(
        "known_device",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("forgotten_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_known_device_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("service_id", "token_hash", name=op.f("uq_known_device_service_id_token_hash")),
    )
    op.create_table(
        "outbox",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("dedupe_key", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("given_up_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"], ["person.service_id", "person.id"], name=op.f("fk_outbox_service_id_person_id")
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("service_id", "dedupe_key", name=op.f("uq_outbox_service_id_dedupe_key")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sent_at is null and given_up_at is null"),
    )
    op.create_index("ix_outbox_person", "outbox", ["service_id", "person_id"], unique=False)
    op.create_table(
        "patient_record",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("nhs_number", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("contact_note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("local_patient_id", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("local_referral_id", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("referred_on", sa.Date(), nullable=True),
        sa.Column("discharged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "id"], ["person.service_id", "person.id"], name=op.f("fk_patient_record_service_id_id")
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_patient_record")),
        sa.UniqueConstraint("service_id", "nhs_number", name=op.f("uq_patient_record_service_id_nhs_number")),
    )
    op.create_index("ix_patient_record_discharged", "patient_record", ["service_id", "discharged_at"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "patient",
                "practitioner",
                "supervisor",
                "clinical-lead",
                "service-admin",
                "navigator",
                "researcher",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_sign_in_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("service_id", "token_hash", name=op.f("uq_sign_in_service_id_token_hash")),
    )
    op.create_index("ix_sign_in_person", "sign_in", ["service_id", "person_id"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("invitation", "sign-in", name="linkpurpose", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("posted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_sign_in_link_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("service_id", "token_hash", name=op.f("uq_sign_in_link_service_id_token_hash")),
    )
    op.create_index("ix_sign_in_link_person", "sign_in_link", ["service_id", "person_id"], unique=False)
    op.create_index(
        "ix_sign_in_link_to_post",
        "sign_in_link",
        ["service_id", "made_at"],
        unique=False,
        postgresql_where=sa.text("posted_at is null"),
    )
    op.create_table(
        "staff_role",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "patient",
                "practitioner",
                "supervisor",
                "clinical-lead",
                "service-admin",
                "navigator",
                "researcher",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_staff_role_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_staff_role")),
    )
    op.create_index("ix_staff_role_person", "staff_role", ["service_id", "person_id"], unique=False)
    op.create_index(
        "uq_staff_role_current",
        "staff_role",
        ["service_id", "person_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "supervision",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supervisor_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "practitioner_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_supervision_service_id_practitioner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "supervisor_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_supervision_service_id_supervisor_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_supervision")),
    )
    op.create_index("ix_supervision_practitioner", "supervision", ["service_id", "practitioner_id"], unique=False)
    op.create_index("ix_supervision_supervisor", "supervision", ["service_id", "supervisor_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("risk-answer", name="alertkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("raised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_alert_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_patient", "alert", ["service_id", "patient_id"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["service_id", "patient_id", "kind"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "answer",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("module", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("module_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("worksheet", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_answer_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "service_id",
            "patient_id",
            "entry_id",
            "version",
            name=op.f("uq_answer_service_id_patient_id_entry_id_version"),
        ),
    )
    op.create_index(
        "ix_answer_patient", "answer", ["service_id", "patient_id", "module", "worksheet", "saved_at"], unique=False
    )
    op.create_table(
        "assignment",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_assignment_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "practitioner_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_assignment_service_id_practitioner_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_assignment")),
    )
    op.create_index(
        "ix_assignment_practitioner", "assignment", ["service_id", "practitioner_id", "ended_at"], unique=False
    )
    op.create_index(
        "uq_assignment_current",
        "assignment",
        ["service_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "course_summary",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("summary", JSONB(), nullable=False),
        sa.Column("last_active_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("next_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("refreshed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_course_summary_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "patient_id", name=op.f("pk_course_summary")),
    )
    op.create_index("ix_course_summary_due", "course_summary", ["service_id", "next_due_at"], unique=False)
    op.create_table(
        "decision",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("effective_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "decided_by"],
            ["person.service_id", "person.id"],
            name=op.f("fk_decision_service_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_decision_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_patient", "decision", ["service_id", "patient_id", "seq"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pathway_version_id", sa.Uuid(), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "pathway_version_id"],
            ["pathway_version.service_id", "pathway_version.id"],
            name=op.f("fk_enrolment_service_id_pathway_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_enrolment_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_enrolment")),
    )
    op.create_index(
        "uq_enrolment_current",
        "enrolment",
        ["service_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "evidence",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("page", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("activity", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("technique", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("effective_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_evidence_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_patient", "evidence", ["service_id", "patient_id", "seq"], unique=False)
    op.create_table(
        "module_start",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("module", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "module", "hash"],
            ["module_version.service_id", "module_version.module", "module_version.hash"],
            name=op.f("fk_module_start_service_id_module_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_module_start_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "patient_id", "module", name=op.f("pk_module_start")),
    )
    op.create_table(
        "response",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("instrument_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("band", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_response_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_response")),
    )
    op.create_index(
        "ix_response_patient", "response", ["service_id", "patient_id", "instrument", "submitted_at"], unique=False
    )
    op.create_table(
        "sign_in_seen",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "sign_in_id"],
            ["sign_in.service_id", "sign_in.id"],
            name=op.f("fk_sign_in_seen_service_id_sign_in_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "sign_in_id", name=op.f("pk_sign_in_seen")),
    )
    op.create_table(
        "alert_event",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "raised",
                "answered-again",
                "seen",
                "climbed",
                "contacted",
                "could-not-reach",
                "handed-over",
                "known-and-reviewed",
                "closed",
                name="alertstep",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("next_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "alert_id"],
            ["alert.service_id", "alert.id"],
            name=op.f("fk_alert_event_service_id_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "by_id"], ["person.service_id", "person.id"], name=op.f("fk_alert_event_service_id_by_id")
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_alert_event")),
    )
    op.create_index("ix_alert_event_alert", "alert_event", ["service_id", "alert_id", "seq"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("nextval('fact_seq'::regclass)"), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "answer_id"],
            ["answer.service_id", "answer.id"],
            name=op.f("fk_feedback_service_id_answer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "given_by"], ["person.service_id", "person.id"], name=op.f("fk_feedback_service_id_given_by")
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_feedback_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_feedback")),
    )
    op.create_index("ix_feedback_patient", "feedback", ["service_id", "patient_id", "given_at"], unique=False)
    op.create_table(
        "homework",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("technique", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "decision_id"],
            ["decision.service_id", "decision.id"],
            name=op.f("fk_homework_service_id_decision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_homework_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_homework")),
    )
    op.create_index("ix_homework_patient", "homework", ["service_id", "patient_id", "set_at"], unique=False)


def isolate_services() -> None:
    for table in ISOLATED:
        rls.isolate(op, table)
        rls.grant(op, table, "select, insert" if table in APPEND_ONLY else "select, insert, update, delete")
    # Somebody at the door is found by one exact address, in whatever service they are.
    op.execute(f"create policy person_by_email on person for select using (email_key = {rls.EMAIL})")
    # Names of services are public; only a service changes its own.
    op.execute("alter table service enable row level security")
    op.execute("alter table service force row level security")
    op.execute("create policy service_is_public on service for select using (true)")
    op.execute(f"create policy service_added on service for insert with check (id = {rls.SERVICE})")
    op.execute(
        f"create policy service_changed on service for update"
        f" using (id = {rls.SERVICE}) with check (id = {rls.SERVICE})"
    )
    rls.grant(op, "service", "select, insert, update")
    rls.grant(op, "attempt")
    # A server asks which migration the database is at before it says that it is ready.
    op.execute("grant select on alembic_version to braid_app, braid_worker")
    op.execute("grant usage on sequence fact_seq to braid_app, braid_worker")


def keep_the_record() -> None:
    op.execute(APPEND_AUDIT)
    op.execute("revoke all on function append_audit(text[]) from public")
    op.execute("grant execute on function append_audit(text[]) to braid_app, braid_worker")
    op.execute("grant select on audit_entry to braid_audit_reader")


def downgrade() -> None:
    raise RuntimeError("The first migration is undone by dropping the database")
