"""Every part of the wall between services is there, for every table, and a part that is missing is found."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from app.kit import rls
from tests.conftest import at
from tests.isolation import catalogue
from tests.isolation.two import isolated_tables


@pytest.fixture
def admin(database: str) -> Iterator[sa.Connection]:
    """Somebody who may do anything, in a transaction that is rolled back."""
    engine = sa.create_engine(at(os.environ["BRAID_TEST_ADMIN"], database))
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


class Running:
    """What `rls` asks of alembic."""

    def __init__(self, connection: sa.Connection) -> None:
        self.execute = connection.exec_driver_sql


MOOD = """
create table mood (
  service_id uuid not null, id uuid not null, person_id uuid not null, rated int not null,
  constraint pk_mood primary key (service_id, id),
  constraint uq_mood unique (service_id, person_id, rated),
  constraint fk_mood foreign key (service_id, person_id) references person (service_id, id)
)
"""


def plant(admin: sa.Connection, *statements: str) -> list[str]:
    """The faults of the catalogue once a table that is whole has been added and these statements have run."""
    admin.exec_driver_sql("set role braid_owner")
    admin.exec_driver_sql(MOOD)
    rls.isolate(Running(admin), "mood")
    rls.grant(Running(admin), "mood")
    admin.exec_driver_sql("reset role")
    for statement in statements:
        admin.exec_driver_sql(statement)
    return list(catalogue.faults(admin))


def test_no_table_lacks_a_part_of_the_wall(admin):
    assert len(catalogue.tables(admin)) > 25
    assert list(catalogue.faults(admin)) == []


def test_the_catalogue_and_the_code_have_the_same_tables(admin):
    known = {table.name for table in catalogue.tables(admin) if table.of_a_service}

    assert known == {table.name for table in isolated_tables()}


def test_a_table_that_is_whole_is_let_be(admin):
    assert plant(admin) == []


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("alter table mood disable row level security", "mood has no row-level security"),
        ("alter table mood no force row level security", "mood does not hold its owner to it"),
        ("drop policy mood_of_service on mood", "mood has no policy with USING and WITH CHECK on its service"),
        (
            f"drop policy mood_of_service on mood; create policy half on mood using (service_id = {rls.SERVICE})",
            "mood has no policy with USING and WITH CHECK on its service",
        ),
        (
            "drop policy mood_of_service on mood; create policy bare on mood "
            "using (service_id = current_setting('app.service_id')::uuid) "
            "with check (service_id = current_setting('app.service_id')::uuid)",
            "mood has no policy with USING and WITH CHECK on its service",
        ),
        ("create policy mood_wide on mood for select using (true)", "mood has another way in: mood_wide"),
        ("create policy person_wide on person for select using (true)", "person has another way in: person_wide"),
        ("alter table mood drop constraint pk_mood", "mood has no primary key"),
        (
            "alter table mood drop constraint pk_mood; alter table mood add constraint pk_mood primary key (id)",
            "mood: pk_mood does not begin with service_id",
        ),
        ("create unique index uq_rated on mood (rated)", "mood: uq_rated does not begin with service_id"),
        (
            "create table shelf (id uuid primary key); alter table mood add column shelf uuid "
            "constraint fk_shelf references shelf (id)",
            "mood: fk_shelf does not begin with service_id",
        ),
        ("create table shelf (id uuid primary key)", "shelf has no service_id"),
        ("alter table mood owner to braid_app", "mood is owned by braid_app"),
        ("grant truncate on mood to braid_worker", "braid_worker may truncate mood"),
        ("grant update on answer to braid_app", "braid_app may update answer"),
        ("grant update (values) on answer to braid_app", "braid_app may update answer"),
        ("grant delete on audit_entry to braid_app", "braid_app may delete audit_entry"),
        ("alter role braid_worker bypassrls", "braid_worker has rolbypassrls"),
        ("alter role braid_worker superuser", "braid_worker has rolsuper"),
        ("grant braid_owner to braid_worker", "braid_worker may become braid_owner"),
        ("create view moods as select * from mood", "moods reads past its reader"),
        (
            "create function peek() returns bigint language sql security definer as 'select count(*) from mood'",
            "peek runs as its owner",
        ),
    ],
)
def test_a_part_that_is_missing_is_found(admin, missing, said):
    assert said in plant(admin, *missing.split("; "))
