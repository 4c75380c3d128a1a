"""Nobody inside one service reads a row of another, also where the application's own filter is gone or wrong."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NoResultFound

import app
from app.accounts import queries
from app.accounts.queries import Patient
from app.accounts.roles import Role, Scope
from app.kit import db
from app.kit.errors import Refused
from app.kit.work import Work
from tests.house.ladder import kind
from tests.isolation.two import Two, isolated_tables, mark
from tests.people import FOUNDER, World

READING = {"queries", "directory", "history", "answers", "trends", "banner"}


def lost(world: World, claimed: World) -> Work:
    """Work whose transaction is inside one service and whose every filter names another."""
    return Work(db.session_for(world.bind, world.service_id), claimed.service_id, FOUNDER, world.clock.now)


def services_seen(connection: sa.Connection, table: sa.Table) -> set[Any]:
    return set(connection.execute(sa.select(table.c.service_id)).scalars())


@pytest.fixture
def readers() -> list[Callable[..., Any]]:
    """Every public function that reads, in every room."""
    found = []
    for path in sorted(Path(app.__path__[0]).glob("*/*.py")):
        name = f"app.{path.parent.name}.{path.stem}"
        if kind(name) in READING:
            room = importlib.import_module(name)
            found += [
                one
                for label, one in inspect.getmembers(room, inspect.isfunction)
                if one.__module__ == name and not label.startswith("_")
            ]
    return found


def test_every_table_shows_a_service_its_own_rows_and_no_others(two):
    for table in isolated_tables():
        with two.inside(two.north.service_id) as connection:
            assert services_seen(connection, table) == {two.north.service_id}, table.name
        with two.inside(two.east.service_id) as connection:
            assert services_seen(connection, table) == {two.east.service_id}, table.name


def test_outside_every_service_there_is_nothing_to_see(two):
    for outside in ("", uuid4()):
        with two.inside(outside) as connection:
            for table in isolated_tables():
                assert services_seen(connection, table) == set(), table.name


def test_a_setting_that_was_never_made_shows_nothing_and_raises_nothing(two, engine):
    with engine.connect() as fresh:
        fresh.exec_driver_sql("reset all")
        for table in isolated_tables():
            assert services_seen(fresh, table) == set(), table.name


def reach_everybody(monkeypatch):
    """Take the application's own filter away; the statements made before, and those made meanwhile, are set aside."""
    monkeypatch.setattr(queries, "reaches", lambda scope: sa.true())
    monkeypatch.setattr(queries, "_reached", queries._reached.__wrapped__)


def test_another_services_patient_is_nobody_when_every_patient_is_reached(two, monkeypatch):
    reach_everybody(monkeypatch)
    theirs = two.east.patient("Ash Whitlock")
    own = two.north.patient("Ash Whitlock")

    for scope in Scope:
        assert queries.patient_within(two.north.staff("Robin Hale").work(), scope, theirs.id) is None
        assert queries.patient_within(two.north.staff("Robin Hale").work(), scope, own.id) is not None


def test_another_services_patient_is_nobody_when_the_filter_names_their_service(two, monkeypatch):
    reach_everybody(monkeypatch)
    theirs = two.east.patient("Ash Whitlock")

    assert queries.patient_within(lost(two.north, two.east), Scope.SERVICE, theirs.id) is None
    assert queries.patients_within(lost(two.north, two.east), Scope.SERVICE) == []
    assert queries.patient_within(lost(two.east, two.east), Scope.SERVICE, theirs.id) is not None


def test_no_reading_function_shows_a_row_of_the_service_its_filter_names(two, readers):
    assert leaking(two, readers) == set()

    # Inside their own service the same calls do show these rows, or nothing above would mean anything.
    at_home = Two(two.east, two.east)
    assert len(leaking(at_home, readers)) >= 4


def test_without_the_wall_the_same_reads_would_show_them(unguarded, readers):
    assert len(leaking(unguarded, readers)) >= 4
    for table in isolated_tables():
        with unguarded.inside(unguarded.north.service_id) as connection:
            assert {unguarded.north.service_id, unguarded.east.service_id} <= services_seen(connection, table)


def leaking(two: Two, readers: list[Callable[..., Any]]) -> set[str]:
    """The reading functions that show a row of the second service to work inside the first."""
    theirs = two.east.patient("Ash Whitlock").patient()
    given = {reader: arguments(reader, lost(two.north, two.east), theirs) for reader in readers}
    called = {reader: known for reader, known in given.items() if known is not None}
    assert len(called) >= 12
    return {
        f"{reader.__module__}.{reader.__name__}"
        for reader, known in called.items()
        if mark(two.east) in shown(reader, known)
    }


def arguments(reader: Callable[..., Any], work: Work, patient: Patient) -> dict[str, Any] | None:
    """Arguments for a reading function, or None where it needs what only a page has."""
    known = {
        "work": work,
        "session": work.session,
        "patient": patient,
        "patient_id": patient.id,
        "scope": Scope.SERVICE,
        "reach": Scope.SERVICE,
        "words": "",
        "role": Role.CLINICAL_LEAD,
    }
    wanted = inspect.signature(reader).parameters.values()
    needed = [one.name for one in wanted if one.default is inspect.Parameter.empty]
    if not {"work", "session"} & set(needed) or not set(needed) <= set(known):
        return None
    return {name: known[name] for name in needed}


def shown(reader: Callable[..., Any], given: dict[str, Any]) -> str:
    """Everything a reading function hands back, as text; a refusal shows nothing."""
    session = given["work"].session if "work" in given else given["session"]
    try:
        found = reader(**given)
        return repr(list(found) if isinstance(found, Iterator) else found)
    except (Refused, NoResultFound, LookupError, ValueError, TypeError, AttributeError):
        # Rows made from the tables alone are not always rows that a room could have made.
        return ""
    finally:
        session.rollback()
