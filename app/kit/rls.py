"""Row-level security for a table: the second wall between services, under every query.

Recipe and traps: PostgreSQL documentation, "Row Security Policies". FORCE binds the owner too; `nullif` because
a setting that was local to an ended transaction reads as an empty string; the sub-select is planned once a statement.
"""

from typing import Protocol

SERVICE = "nullif((select current_setting('app.service_id', true)), '')::uuid"
EMAIL = "nullif((select current_setting('app.email_key', true)), '')"


class Operations(Protocol):
    """What alembic's `op` offers that we need."""

    def execute(self, sqltext: str) -> None: ...


def isolate(op: Operations, table: str, *, column: str = "service_id") -> None:
    """Let nobody, the owner included, see or write a row of another service."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy {table}_of_service on {table} using ({column} = {SERVICE}) with check ({column} = {SERVICE})"
    )


def grant(op: Operations, table: str, rights: str = "select, insert, update, delete") -> None:
    """Give the roles that serve just these rights; never TRUNCATE, which row security does not bind."""
    op.execute(f"grant {rights} on {table} to braid_app, braid_worker")
