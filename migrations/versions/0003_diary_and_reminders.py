"""A diary that repeats, reminders with a fate, and the phones they go to."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.kit import rls

revision = "0003"
down_revision = "0002"

ISOLATED = [
    "activity_series",
    "activity_segment",
    "activity_override",
    "activity_edit",
    "activity_log",
    "calendar_feed",
    "calendar_choices",
    "reminder",
    "reminder_switch",
    "reminder_settings",
    "push_subscription",
    "reminder_count",
    "reminder_plan",
]
SHARED = ["heartbeat", "sending_fence"]
RIGHTS = {
    "activity_edit": "select, insert",
    "activity_segment": "select, insert, update, delete",
    "activity_override": "select, insert, update, delete",
}


def upgrade() -> None:
    # Trusted: who owns the database may add it. It lets one constraint hold equal ids and overlapping days.
    op.execute("create extension if not exists btree_gist")
    create_tables()
    add_to_pathways()
    # Alembic does not see a constraint that excludes, so it is written here and looked for in a test.
    op.execute(
        "alter table activity_segment add constraint ex_activity_segment_days exclude using gist "
        "(service_id with =, series_id with =, daterange(from_on, to_on, '[)') with &&)"
    )
    for table in ISOLATED:
        rls.isolate(op, table)
        rls.grant(op, table, RIGHTS.get(table, "select, insert, update"))
    for table in SHARED:
        rls.grant(op, table, "select, insert, update")
    # What was said of a day is never changed, whatever the code says: a correction stands beside it.
    op.execute("revoke update on activity_log from braid_app, braid_worker")
    op.execute("grant update (superseded_by) on activity_log to braid_app, braid_worker")


def add_to_pathways() -> None:
    op.add_column("outbox", sa.Column("off", sa.LargeBinary(), nullable=True))
    op.add_column("outbox", sa.Column("given_up_why", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True))
    op.add_column("what_if", sa.Column("failed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("move_plan", sa.Column("leave_out", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")))
    op.add_column(
        "move_plan",
        sa.Column("ended_why", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False, server_default=""),
    )
    op.create_index("ix_pathway_proposal_draft", "pathway_proposal", ["service_id", "draft_id"], unique=False)
    op.create_index("ix_what_if_draft", "what_if", ["service_id", "draft_id"], unique=False)
    op.create_index("ix_what_if_to", "what_if", ["service_id", "to_id"], unique=False)


def create_tables() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("awaited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("beat_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "sending_fence",
        sa.Column("one", sa.SmallInteger(), nullable=False),
        sa.Column("stamp", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("as_of_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("not_before_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_sending_fence")),
    )
    op.create_table(
        "push_subscription",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint", sa.LargeBinary(), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reached_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column(
            "ended_why",
            sa.Enum(
                "removed",
                "gone",
                "unseen",
                "crowded",
                "moved",
                name="deviceend",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_push_subscription_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("service_id", "fingerprint", name=op.f("uq_push_subscription_service_id_fingerprint")),
    )
    op.create_index("ix_push_subscription_person", "push_subscription", ["service_id", "person_id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "activity",
                "mood",
                "momentary",
                "appointment",
                "questionnaire",
                "summary",
                name="reminderkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "in-app", "push", "email", "sms", name="channel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("about", JSONB(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("try_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "leased",
                "sending",
                "sent",
                "suppressed",
                "expired",
                "cancelled",
                "failed",
                "unknown",
                name="reminderstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("lease_ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider_ref", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("bundled_in", sa.Uuid(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_reminder_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("service_id", "key", name=op.f("uq_reminder_service_id_key")),
    )
    op.create_index(
        "ix_reminder_due",
        "reminder",
        ["service_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_reminder_lease",
        "reminder",
        ["service_id", "lease_ends_at"],
        unique=False,
        postgresql_where=sa.text("lease_ends_at is not null"),
    )
    op.create_index("ix_reminder_person", "reminder", ["service_id", "person_id", "due_at"], unique=False)
    op.create_index(
        "ix_reminder_waiting",
        "reminder",
        ["service_id", "person_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_reminder_trouble",
        "reminder",
        ["service_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state in ('failed', 'unknown')"),
    )
    op.create_index(
        "ix_outbox_given_up",
        "outbox",
        ["service_id", "given_up_at"],
        unique=False,
        postgresql_where=sa.text("given_up_at is not null"),
    )
    op.create_table(
        "reminder_count",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_reminder_count_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "person_id", "local_on", name=op.f("pk_reminder_count")),
    )
    op.create_table(
        "reminder_settings",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_to", sa.Time(), nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("push", sa.Boolean(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("most_a_day", sa.SmallInteger(), nullable=False),
        sa.Column(
            "zone_policy",
            sa.Enum("ask", "always", "never", name="zonepolicy", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("zone_declined", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("quiet_from <> quiet_to", name=op.f("ck_reminder_settings_quiet")),
        sa.CheckConstraint("most_a_day between 0 and 4", name=op.f("ck_reminder_settings_most")),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_reminder_settings_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "person_id", name=op.f("pk_reminder_settings")),
    )
    op.create_table(
        "reminder_switch",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "all",
                "kind",
                "channel",
                "series",
                "letter",
                name="switchscope",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("which", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("off_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("said_by", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("on_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "person_id"],
            ["person.service_id", "person.id"],
            name=op.f("fk_reminder_switch_service_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_reminder_switch")),
    )
    op.create_index("ix_reminder_switch_person", "reminder_switch", ["service_id", "person_id"], unique=False)
    op.create_index(
        "uq_reminder_switch_current",
        "reminder_switch",
        ["service_id", "person_id", "scope", "which"],
        unique=True,
        postgresql_where=sa.text("on_at is null"),
    )
    op.create_table(
        "activity_series",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "activity",
                "worry-time",
                "practice",
                "sleep-diary",
                "review",
                name="serieskind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "routine",
                "pleasurable",
                "necessary",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("company", sa.LargeBinary(), nullable=False),
        sa.Column("difficulty", sa.SmallInteger(), nullable=True),
        sa.Column("expected_pleasure", sa.SmallInteger(), nullable=True),
        sa.Column("expected_mastery", sa.SmallInteger(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "patient",
                "worksheet",
                "homework",
                "goal",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("difficulty between 0 and 10", name=op.f("ck_activity_series_difficulty")),
        sa.CheckConstraint("expected_mastery between 0 and 10", name=op.f("ck_activity_series_expected_mastery")),
        sa.CheckConstraint("expected_pleasure between 0 and 10", name=op.f("ck_activity_series_expected_pleasure")),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_activity_series_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_activity_series")),
    )
    op.create_index("ix_activity_series_patient", "activity_series", ["service_id", "patient_id"], unique=False)
    op.create_table(
        "reminder_plan",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("made_of", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("whole_until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_reminder_plan_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "patient_id", name=op.f("pk_reminder_plan")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_calendar_feed_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("service_id", "fingerprint", name=op.f("uq_calendar_feed_service_id_fingerprint")),
    )
    op.create_index(
        "uq_calendar_feed_current",
        "calendar_feed",
        ["service_id", "patient_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "calendar_choices",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("titles", sa.Boolean(), nullable=False),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_calendar_choices_service_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "patient_id", name=op.f("pk_calendar_choices")),
    )
    op.create_table(
        "activity_edit",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("about_before", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "series_id"],
            ["activity_series.service_id", "activity_series.id"],
            name=op.f("fk_activity_edit_service_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_activity_edit")),
    )
    op.create_table(
        "activity_log",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("named_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "done",
                "partly",
                "not-done",
                "withdrawn",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.Time(), nullable=True),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "routine",
                "pleasurable",
                "necessary",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("planned", sa.LargeBinary(), nullable=True),
        sa.Column("pleasure", sa.SmallInteger(), nullable=True),
        sa.Column("mastery", sa.SmallInteger(), nullable=True),
        sa.Column("mood_before", sa.SmallInteger(), nullable=True),
        sa.Column("mood_after", sa.SmallInteger(), nullable=True),
        sa.Column("mood_before_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("mood_after_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("barrier", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(series_id is null) = (named_on is null)", name=op.f("ck_activity_log_named")),
        sa.CheckConstraint("mastery between 0 and 10", name=op.f("ck_activity_log_mastery")),
        sa.CheckConstraint("mood_after between 0 and 10", name=op.f("ck_activity_log_mood_after")),
        sa.CheckConstraint("mood_before between 0 and 10", name=op.f("ck_activity_log_mood_before")),
        sa.CheckConstraint("pleasure between 0 and 10", name=op.f("ck_activity_log_pleasure")),
        sa.ForeignKeyConstraint(
            ["service_id", "patient_id"],
            ["patient_record.service_id", "patient_record.id"],
            name=op.f("fk_activity_log_service_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "series_id"],
            ["activity_series.service_id", "activity_series.id"],
            name=op.f("fk_activity_log_service_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_activity_log")),
    )
    op.create_index("ix_activity_log_patient", "activity_log", ["service_id", "patient_id", "done_on"], unique=False)
    op.create_index(
        "ix_activity_log_series",
        "activity_log",
        ["service_id", "series_id", "done_on"],
        unique=False,
        postgresql_where=sa.text("superseded_by is null"),
    )
    op.create_index(
        "uq_activity_log_current",
        "activity_log",
        ["service_id", "series_id", "named_on"],
        unique=True,
        postgresql_where=sa.text("superseded_by is null and series_id is not null"),
    )
    op.create_table(
        "activity_override",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.Column(
            "act",
            sa.Enum("skip", "change", name="act", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("moved_to", sa.Date(), nullable=True),
        sa.Column("at", sa.Time(), nullable=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.Column("any_time", sa.Boolean(), nullable=False),
        sa.Column("any_length", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.SmallInteger(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "series_id"],
            ["activity_series.service_id", "activity_series.id"],
            name=op.f("fk_activity_override_service_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "series_id", "named_on", name=op.f("pk_activity_override")),
    )
    op.create_index(
        "ix_activity_override_last",
        "activity_override",
        ["service_id", "series_id", sa.text("greatest(named_on, moved_to)")],
        unique=False,
    )
    op.create_table(
        "activity_segment",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column(
            "freq",
            sa.Enum(
                "once", "daily", "weekly", "monthly", name="freq", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("every", sa.SmallInteger(), nullable=False),
        sa.Column("weekdays", ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("month_day", sa.SmallInteger(), nullable=True),
        sa.Column("month_nth", sa.SmallInteger(), nullable=True),
        sa.Column("month_weekday", sa.SmallInteger(), nullable=True),
        sa.Column("phase_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("at", sa.Time(), nullable=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.Column("remind_before", sa.SmallInteger(), nullable=True),
        sa.Column("remind_at", sa.Time(), nullable=True),
        sa.Column("remind_anyway", sa.Boolean(), nullable=True),
        sa.Column("epoch", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("to_on is null or to_on > from_on", name=op.f("ck_activity_segment_days")),
        sa.ForeignKeyConstraint(
            ["service_id", "series_id"],
            ["activity_series.service_id", "activity_series.id"],
            name=op.f("fk_activity_segment_service_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_activity_segment")),
    )
    op.create_index(
        "ix_activity_segment_series", "activity_segment", ["service_id", "series_id", "from_on"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_given_up", "outbox")
    for table in [*reversed(ISOLATED), *SHARED]:
        op.drop_table(table)
    op.drop_index("ix_pathway_proposal_draft", "pathway_proposal")
    op.drop_index("ix_what_if_draft", "what_if")
    op.drop_index("ix_what_if_to", "what_if")
    op.drop_column("outbox", "given_up_why")
    op.drop_column("outbox", "off")
    op.drop_column("what_if", "failed_at")
    op.drop_column("move_plan", "leave_out")
    op.drop_column("move_plan", "ended_why")
