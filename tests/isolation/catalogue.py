"""What the database's own catalogue says about the wall between services, and what is missing from it."""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

# Without a service, on purpose: services themselves, tries made before anybody is known, and alembic's own table.
NO_SERVICE = {"service", "attempt", "alembic_version", "heartbeat", "sending_fence"}
APPEND_ONLY = {
    "activity_edit",
    "alert_event",
    "answer",
    "audit_entry",
    "decision",
    "evidence",
    "feedback",
    "module_version",
    "pathway_edition",
    "questionnaire_schedule",
    "response",
    "response_void",
    "review_event",
    "what_if_line",
}
SERVING = ("braid_app", "braid_worker")
# As PostgreSQL writes back what `kit.rls` says, without its brackets and spaces, which differ between versions.
OF_SERVICE = "service_id=NULLIFSELECTcurrent_setting'app.service_id'::text,trueAScurrent_setting,''::text::uuid"

TABLES = """
select c.oid, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
       pg_get_userbyid(c.relowner) as owner,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'service_id' and not a.attisdropped)
         as of_a_service
from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by c.relname
"""
POLICIES = """
select polname as name, polcmd as command, polpermissive as permissive,
       pg_get_expr(polqual, polrelid) as using, pg_get_expr(polwithcheck, polrelid) as checking
from pg_policy where polrelid = :oid
"""
KEYS = """
select i.relname as name, x.indisprimary as is_primary,
       (select a.attname from pg_attribute a where a.attrelid = x.indrelid and a.attnum = x.indkey[0]) as first
from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = :oid and x.indisunique
"""
REFERENCES = """
select k.conname as name, r.relname as target,
       (select a.attname from pg_attribute a where a.attrelid = k.conrelid and a.attnum = k.conkey[1]) as first,
       (select a.attname from pg_attribute a where a.attrelid = k.confrelid and a.attnum = k.confkey[1]) as first_there
from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = :oid and k.contype = 'f'
"""
ROLES = """
select rolname as name, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = any(:names)
"""
MEMBERS = """
select m.rolname as name, r.rolname as other from pg_auth_members a
join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid where m.rolname = any(:names)
"""
VIEWS = """
select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
  and not coalesce('security_invoker=true' = any(reloptions) or 'security_invoker=on' = any(reloptions), false)
"""
DEFINERS = "select proname as name from pg_proc where pronamespace = 'public'::regnamespace and prosecdef"


def tables(connection: sa.Connection) -> list[Any]:
    return list(connection.execute(sa.text(TABLES)))


def faults(connection: sa.Connection) -> Iterator[str]:
    """Every part of the wall that is missing, in words."""
    for table in tables(connection):
        yield from _owning(table)
        if table.of_a_service:
            yield from _wall(connection, table)
            yield from _keys(connection, table)
        elif table.name not in NO_SERVICE:
            yield f"{table.name} has no service_id"
        yield from _rights(connection, table)
    for role in connection.execute(sa.text(ROLES), {"names": [*SERVING, "braid_owner", "braid_audit_reader"]}):
        for power in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb"):
            if getattr(role, power):
                yield f"{role.name} has {power}"
    for one in connection.execute(sa.text(MEMBERS), {"names": list(SERVING)}):
        yield f"{one.name} may become {one.other}"
    yield from (f"{view.name} reads past its reader" for view in connection.execute(sa.text(VIEWS)))
    yield from (f"{function.name} runs as its owner" for function in connection.execute(sa.text(DEFINERS)))


def _owning(table: Any) -> Iterator[str]:
    if table.owner != "braid_owner":
        yield f"{table.name} is owned by {table.owner}"


def _wall(connection: sa.Connection, table: Any) -> Iterator[str]:
    if not table.enabled:
        yield f"{table.name} has no row-level security"
    if not table.forced:
        yield f"{table.name} does not hold its owner to it"
    policies = list(connection.execute(sa.text(POLICIES), {"oid": table.oid}))
    whole = [one for one in policies if one.command == "*" and _is_ours(one.using) and _is_ours(one.checking)]
    if not whole:
        yield f"{table.name} has no policy with USING and WITH CHECK on its service"
    known = {"person": {"person_by_email"}}.get(table.name, set())
    for one in policies:
        # Policies are joined by OR, so that any other would be a second way in.
        if one not in whole and one.name not in known and one.permissive:
            yield f"{table.name} has another way in: {one.name}"


def _is_ours(expression: str | None) -> bool:
    return re.sub(r"[\s()]", "", expression or "") == OF_SERVICE


def _keys(connection: sa.Connection, table: Any) -> Iterator[str]:
    keys = list(connection.execute(sa.text(KEYS), {"oid": table.oid}))
    if not any(key.is_primary for key in keys):
        yield f"{table.name} has no primary key"
    yield from (f"{table.name}: {key.name} does not begin with service_id" for key in keys if key.first != "service_id")
    for reference in connection.execute(sa.text(REFERENCES), {"oid": table.oid}):
        there = "id" if reference.target == "service" else "service_id"
        if (reference.first, reference.first_there) != ("service_id", there):
            yield f"{table.name}: {reference.name} does not begin with service_id"


def _rights(connection: sa.Connection, table: Any) -> Iterator[str]:
    never = ["TRUNCATE", "REFERENCES", "TRIGGER"]
    if table.name in APPEND_ONLY:
        never += ["UPDATE", "DELETE"]
    for role in SERVING:
        for right in never:
            # A right to a single column is a right.
            asked = "has_any_column_privilege" if right in ("UPDATE", "REFERENCES") else "has_table_privilege"
            named = {"role": role, "oid": table.oid, "right": right}
            if connection.execute(sa.text(f"select {asked}(:role, cast(:oid as oid), :right)"), named).scalar():
                yield f"{role} may {right.lower()} {table.name}"
