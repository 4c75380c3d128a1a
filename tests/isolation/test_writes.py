"""Nobody inside one service changes, moves, attaches to or removes a row of another."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlmodel import SQLModel

from app.accounts.tables import Assignment, PatientRecord, Person
from app.kit import audit, db
from app.kit.audit import AuditEntry
from tests.isolation.catalogue import APPEND_ONLY
from tests.isolation.two import isolated_tables

person, patient_record = Person.__table__, PatientRecord.__table__
CHANGEABLE = [table for table in isolated_tables() if table.name not in APPEND_ONLY]
# Of which service their rows are, not even their own may change.
FIXED = {"pathway_version", "activity_log", "mood_rating", "momentary_assignment", "momentary_prompt"}


def test_another_services_patient_cannot_be_attached(two):
    theirs = two.east.patient("Ash Whitlock")
    robin = two.north.staff("Robin Hale")

    with two.inside(two.north.service_id) as connection, pytest.raises(IntegrityError, match="fk_assignment"):
        connection.execute(
            Assignment.__table__.insert().values(
                service_id=two.north.service_id,
                id=uuid4(),
                patient_id=theirs.id,
                practitioner_id=robin.id,
                started_at=two.north.clock.now,
            )
        )


def test_nothing_hangs_on_another_services_row_by_any_key(two):
    # PostgreSQL checks references past row-level security: only the service in the key keeps them apart.
    keys = [key for table in isolated_tables() for key in table.foreign_key_constraints]

    assert all(key.columns[0].name == "service_id" for key in keys)
    assert len(keys) > 25


def test_a_row_cannot_be_added_to_another_service(two):
    with two.inside(two.north.service_id) as connection, pytest.raises(ProgrammingError, match="row-level security"):
        connection.execute(
            patient_record.insert().values(
                service_id=two.east.service_id, id=uuid4(), born_on=two.east.clock.now.date(), contact_note=""
            )
        )


def test_a_row_cannot_be_moved_to_another_service(two):
    with two.inside(two.north.service_id) as connection:
        for table in CHANGEABLE:
            refused = "permission denied" if table.name in FIXED else "row-level security"
            with pytest.raises(DBAPIError, match=refused), connection.begin_nested():
                connection.execute(table.update().values(service_id=two.east.service_id))


def test_another_services_rows_cannot_be_changed_or_removed(two):
    with two.inside(two.north.service_id) as connection:
        for table in CHANGEABLE:
            theirs = table.c.service_id == two.east.service_id

            taken = table.update().where(theirs).values(service_id=two.north.service_id)

            assert (_rows(connection, taken), _rows(connection, table.delete().where(theirs))) == (0, 0), table.name


def _rows(connection, change):
    """How many rows a change reached: none where it is not even allowed on one's own."""
    try:
        with connection.begin_nested():
            return connection.execute(change).rowcount
    except ProgrammingError as refused:
        assert "permission denied" in str(refused)
        return 0


def test_a_published_pathway_can_be_retired_and_changed_in_nothing_else(two):
    version = SQLModel.metadata.tables["pathway_version"]
    with two.inside(two.north.service_id) as connection:
        for column in set(version.c.keys()) - {"retired_at"}:
            with pytest.raises(ProgrammingError, match="permission denied"), connection.begin_nested():
                connection.execute(version.update().values({column: version.c[column]}))
        with pytest.raises(ProgrammingError, match="permission denied"), connection.begin_nested():
            connection.execute(version.delete())

        assert connection.execute(version.update().values(retired_at=two.north.clock.now)).rowcount > 0


def test_outside_every_service_nothing_can_be_written(two):
    with two.inside("") as connection, pytest.raises(ProgrammingError, match="row-level security"):
        connection.execute(
            patient_record.insert().values(
                service_id=two.north.service_id, id=uuid4(), born_on=two.north.clock.now.date(), contact_note=""
            )
        )


@pytest.mark.parametrize(
    "change", ["update audit_entry set body = ''", "delete from audit_entry", "truncate audit_entry"]
)
def test_the_record_cannot_be_changed_by_the_application(two, change):
    with two.inside(two.north.service_id) as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.exec_driver_sql(change)


def test_a_change_with_nothing_recorded_is_not_committed(two):
    robin = two.north.staff("Robin Hale")

    with pytest.raises(audit.Unrecorded, match="person"), robin.working() as work:
        work.session.execute(sa.update(Person).where(Person.id == robin.id).values(given_name="Somebody"))


def test_what_is_only_added_to_cannot_be_changed_or_removed(two):
    with two.inside(two.north.service_id) as connection:
        for table in (table for table in isolated_tables() if table.name in APPEND_ONLY):
            for change in (table.update().values(service_id=table.c.service_id), table.delete()):
                with pytest.raises(ProgrammingError, match="permission denied"), connection.begin_nested():
                    connection.execute(change)


def test_an_entry_forged_past_the_chain_is_found(two):
    entries = AuditEntry.__table__
    with two.inside(two.north.service_id) as connection:
        last = connection.execute(sa.select(entries).order_by(entries.c.seq.desc()).limit(1)).mappings().one()
        connection.execute(entries.insert().values({**last, "seq": last["seq"] + 1}))

    with db.session_for(two.north.bind, two.north.service_id) as session:
        found = list(audit.verify(session))

    assert found == [f"entry {last['seq'] + 1} does not follow from the one before it"]


def test_one_exact_address_finds_its_people_and_nobody_else(two):
    theirs = two.east.patient("Ash Whitlock").person

    with two.inside("", email_key=theirs.email_key) as connection:
        seen = list(connection.execute(sa.select(person.c.id)).scalars())
        others = {table.name for table in isolated_tables() if connection.execute(sa.select(table)).first()}

    assert seen == [theirs.id]
    assert others == {"person"}


@pytest.mark.parametrize("key", ["", "%", "ash.whitlock%", "nobody@example.org"])
def test_a_part_of_an_address_finds_nobody(two, key):
    with two.inside("", email_key=key) as connection:
        assert connection.execute(sa.select(person.c.id)).first() is None


def test_somebody_found_by_address_cannot_be_changed_from_outside(two):
    theirs = two.east.patient("Ash Whitlock").person

    with two.inside("", email_key=theirs.email_key) as connection:
        changed = connection.execute(person.update().values(given_name="Somebody"))
        removed = connection.execute(person.delete())

    assert (changed.rowcount, removed.rowcount) == (0, 0)
