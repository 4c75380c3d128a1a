"""Who an alert climbs to, and who stands in for whom."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app.kit import rls

revision = "0007"
down_revision = "0006"

STEPS = (
    "raised",
    "answered-again",
    "seen",
    "climbed",
    "contacted",
    "could-not-reach",
    "handed-over",
    "known-and-reviewed",
    "closed",
)
# What a person did is theirs, whatever the code says; and what ended an alert is named where it ends.
BY_SOMEBODY = "step in ('raised', 'answered-again', 'climbed', 'passed-on') or by_id is not null"
ENDED_BY_AN_ACT = "step <> 'closed' or about is not null"
ONLY_SOMEBODY_CLOSES = """
create function only_somebody_closes() returns trigger language plpgsql as $$
begin
  if old.closed_at is not null then
    raise exception 'an alert that was closed stays as it is';
  end if;
  if new.closed_at is not null and not exists (
    select 1 from alert_event
    where service_id = new.service_id and alert_id = new.id and step = 'closed' and by_id is not null
      and at = new.closed_at
  ) then
    raise exception 'an alert is closed by somebody, who says why';
  end if;
  return new;
end
$$
"""


def upgrade() -> None:
    create_duty_shift()
    create_staff_leave()
    for table in ("duty_shift", "staff_leave"):
        rls.isolate(op, table)
        rls.grant(op, table, "select, insert, update")
    # Alembic does not see a constraint that excludes, so it is written here and looked for in a test.
    op.execute(
        "alter table staff_leave add constraint ex_staff_leave_days exclude using gist (service_id with =, "
        "person_id with =, daterange(from_on, until_on, '[]') with &&) where (ended_at is null)"
    )
    change_alert_event()
    op.execute(ONLY_SOMEBODY_CLOSES)
    op.execute(
        "create trigger only_somebody_closes before update on alert"
        " for each row execute function only_somebody_closes()"
    )


def create_duty_shift() -> None:
    op.create_table(
        "duty_shift",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        *_made_and_ended("duty_shift"),
        _to_person("duty_shift", "person_id"),
        sa.CheckConstraint("until_at >= from_at", name=op.f("ck_duty_shift_lasts")),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_duty_shift")),
    )
    op.create_index("ix_duty_shift_until", "duty_shift", ["service_id", "until_at"], unique=False)


def create_staff_leave() -> None:
    op.create_table(
        "staff_leave",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cover_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        *_made_and_ended("staff_leave"),
        _to_person("staff_leave", "person_id"),
        _to_person("staff_leave", "cover_id"),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_staff_leave_lasts")),
        sa.PrimaryKeyConstraint("service_id", "id", name=op.f("pk_staff_leave")),
    )
    op.create_index("ix_staff_leave_until", "staff_leave", ["service_id", "until_on"], unique=False)


def _made_and_ended(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        _to_person(table, "made_by"),
        _to_person(table, "ended_by"),
    ]


def _to_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["service_id", column], ["person.service_id", "person.id"], name=op.f(f"fk_{table}_service_id_{column}")
    )


def change_alert_event() -> None:
    op.add_column("alert_event", sa.Column("to_id", sa.Uuid(), nullable=True))
    op.add_column(
        "alert_event",
        sa.Column(
            "level",
            sa.Enum(
                "duty",
                "supervisor",
                "clinical-lead",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
    )
    op.add_column("alert_event", sa.Column("since_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_foreign_key(
        op.f("fk_alert_event_service_id_to_id"),
        "alert_event",
        "person",
        ["service_id", "to_id"],
        ["service_id", "id"],
    )
    # Each level is told once of what waits, also where two workers would both do it.
    op.create_index(
        "uq_alert_event_climbed",
        "alert_event",
        ["service_id", "alert_id", "level", "since_at"],
        unique=True,
        postgresql_where=sa.text("level is not null"),
    )
    allow((*STEPS, "passed-on"))
    op.create_check_constraint(op.f("ck_alert_event_by_somebody"), "alert_event", BY_SOMEBODY)
    name_the_act()
    op.create_check_constraint(op.f("ck_alert_event_ended_by_an_act"), "alert_event", ENDED_BY_AN_ACT)


def name_the_act() -> None:
    """Alerts that were closed before this are closed by the last act before it, which there always was."""
    # Row security binds the owner too, and this is about every service.
    op.execute("alter table alert_event no force row level security")
    op.execute(
        "update alert_event closing set about = (select act.id from alert_event act where"
        " act.service_id = closing.service_id and act.alert_id = closing.alert_id and act.seq < closing.seq and"
        " act.step in ('contacted', 'could-not-reach', 'handed-over', 'known-and-reviewed')"
        " order by act.seq desc limit 1) where step = 'closed'"
    )
    op.execute("alter table alert_event force row level security")


def allow(steps: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_alert_event_alertstep"), "alert_event", type_="check")
    values = ", ".join(f"'{step}'" for step in steps)
    op.create_check_constraint(op.f("ck_alert_event_alertstep"), "alert_event", f"step in ({values})")


def downgrade() -> None:
    op.execute("drop trigger only_somebody_closes on alert")
    op.execute("drop function only_somebody_closes")
    for check in ("ended_by_an_act", "by_somebody"):
        op.drop_constraint(op.f(f"ck_alert_event_{check}"), "alert_event", type_="check")
    op.execute("delete from alert_event where step = 'passed-on'")
    allow(STEPS)
    op.drop_index("uq_alert_event_climbed", table_name="alert_event")
    op.drop_constraint(op.f("fk_alert_event_service_id_to_id"), "alert_event", type_="foreignkey")
    for column in ("since_at", "level", "to_id"):
        op.drop_column("alert_event", column)
    op.drop_table("staff_leave")
    op.drop_table("duty_shift")
