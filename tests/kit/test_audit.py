"""Nothing changes without a record, and no record changes unseen."""

import json

import pytest
import sqlalchemy as sa

from app.accounts.tables import Person
from app.kit import audit, db
from app.kit.audit import Unrecorded
from tests.people import World


@pytest.fixture
def kept(engine):
    """A service whose record is committed for good, with some things that happened in it."""
    made = World(engine)
    made.patient("Ash Whitlock")
    return made


def faults(world):
    with db.transaction(world.bind, world.service_id) as session:
        return list(audit.verify(session))


def tamper(superuser, world, statement, **values):
    with superuser.begin() as connection:
        done = connection.execute(sa.text(statement), {"s": world.service_id} | values)
        assert done.rowcount


# Each changes one row in its own way; none says so.
CHANGES = {
    "a row changed through the model": lambda work, who: setattr(
        work.session.get_one(Person, (work.service_id, who.id)), "given_name", "Other"
    ),
    "many rows changed at once": lambda work, who: work.session.execute(
        sa.update(Person).where(Person.id == who.id).values(given_name="Other")
    ),
    "text of SQL": lambda work, who: work.session.execute(
        sa.text("update person set given_name = 'Other' where id = :i"), {"i": who.id}
    ),
    "text of SQL in another dress": lambda work, who: work.session.execute(
        sa.text("UPDATE /* quietly */ ONLY\n\"person\" SET given_name = 'Other' WHERE id = :i"), {"i": who.id}
    ),
    "a comment that is none": lambda work, who: work.session.execute(
        sa.text("with x as (update person set given_name = '--' where id = :i returning id) select '/*' from x"),
        {"i": who.id},
    ),
    "a driver's own statement": lambda work, who: work.session.connection().exec_driver_sql(
        "update person set given_name = 'Other' where id = %s", (who.id,)
    ),
    "a row deleted": lambda work, who: work.session.execute(
        sa.text("delete from sign_in_link where person_id = :i"), {"i": who.id}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_with_nothing_recorded_is_not_committed(ash, change):
    with pytest.raises(Unrecorded, match="with nothing recorded"), ash.working() as work:
        change(work, ash)

    kept = ash.work().session.execute(sa.text("select given_name from person where id = :i"), {"i": ash.id})
    assert kept.scalar() == "Ash"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_same_change_with_a_record_is_committed(ash, change):
    with ash.working() as work:
        change(work, ash)
        work.record("person.changed", person=ash.id)


def test_a_look_does_not_stand_for_a_change(ash, robin):
    with pytest.raises(Unrecorded), robin.working() as work:
        work.record_look("patient.opened", patient=ash.id, page="/patients/{patient_id}/plan")
        CHANGES["text of SQL"](work, ash)


def test_a_look_alone_is_committed(ash, robin):
    with robin.working() as work:
        work.record_look("patient.opened", patient=ash.id, page="/patients/{patient_id}/plan")

    found = robin.work().session.execute(sa.text("select actor_id, event from audit_entry order by seq desc limit 1"))
    assert found.one() == (robin.id, "patient.opened")


def test_reading_and_locking_change_nothing(ash):
    with ash.working() as work:
        work.session.execute(sa.text("select * from person for update of person skip locked"))
        work.session.execute(sa.text("select * from person for no key update skip locked"))


@pytest.mark.parametrize("table", sorted(audit.UNRECORDED - {"alembic_version"}))
def test_what_needs_no_record_is_named_one_by_one(table):
    insert = "insert into {} (a) values (1)"

    assert audit.changes(insert.format(table)) == frozenset()
    assert audit.changes(insert.format(table + "_more")) == {f"{table}_more"}


def test_a_change_by_one_borrower_of_a_connection_is_not_the_next_ones(engine, kept):
    with engine.connect() as connection:
        connection.exec_driver_sql("update person set given_name = 'Other' where false")
        connection.rollback()

    with db.transaction(engine, kept.service_id) as session:
        session.execute(sa.text("select 1"))


def test_an_entry_says_who_did_what_to_whom_and_when_and_nothing_they_wrote(robin, ash):
    with robin.working() as work:
        work.record("step.waived", patient=ash.id, step="thoughts")

    row = robin.work().session.execute(
        sa.text("select at, actor_id, patient_id, event, body from audit_entry order by seq desc limit 1")
    )
    at, actor, patient, event, body = row.one()
    assert (at, actor, patient, event) == (robin.world.clock.now, robin.id, ash.id, "step.waived")
    said = json.loads(body)
    assert (said["actor_role"], said["details"]) == ("practitioner", {"step": "thoughts"})


def test_an_untouched_chain_has_no_fault(kept):
    assert faults(kept) == []


def test_a_long_record_is_walked_and_not_held(kept):
    with db.transaction(kept.bind, kept.service_id) as session:
        asked = []
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[4]))
        assert list(audit.verify(session)) == []

    assert [type(each.cursor).__name__ for each in asked] == ["ServerCursor"]


def test_an_edited_entry_is_found(kept, superuser):
    tamper(
        superuser, kept, "update audit_entry set body = replace(body, 'staff', 'patient') where service_id=:s and seq=2"
    )

    assert faults(kept) == ["entry 2 does not follow from the one before it"]


@pytest.mark.parametrize(
    "change", ["event = 'step.released'", "at = at + interval '1 hour'", "actor_id = service_id", "patient_id = null"]
)
def test_a_column_that_no_longer_says_what_the_entry_says_is_found(kept, superuser, change):
    statement = (
        "update audit_entry set {} where service_id = :s and seq = "
        "(select max(seq) from audit_entry where service_id = :s and patient_id is not null)"
    )
    tamper(superuser, kept, statement.format(change))

    [fault] = faults(kept)
    assert "says one thing in its columns and another in its body" in fault


def test_an_entry_made_unreadable_is_found_and_the_others_are_still_checked(kept, superuser):
    tamper(superuser, kept, "update audit_entry set body = 'nothing' where service_id = :s and seq = 2")
    tamper(superuser, kept, "update audit_entry set body = body || ' ' where service_id = :s and seq = 4")

    assert [fault.split()[1] for fault in faults(kept)] == ["2", "2", "4"]


def test_deleted_entries_are_found(kept, superuser):
    tamper(superuser, kept, "delete from audit_entry where service_id = :s and seq in (3, 4)")

    assert faults(kept)[0] == "entries 3 to 4 are missing"


def test_an_entry_deleted_and_the_gap_closed_is_found(kept, superuser):
    tamper(superuser, kept, "delete from audit_entry where service_id = :s and seq = 3")
    tamper(superuser, kept, "update audit_entry set seq = -seq where service_id = :s and seq > 3")
    tamper(superuser, kept, "update audit_entry set seq = -seq - 1 where service_id = :s and seq < 0")

    assert faults(kept)[0] == "entry 3 does not follow from the one before it"


def test_an_inserted_entry_is_found(kept, superuser):
    tamper(
        superuser,
        kept,
        "insert into audit_entry (service_id, seq, at, actor_id, patient_id, event, body, hash) "
        "select service_id, seq + 1, at, actor_id, patient_id, event, body, hash from audit_entry "
        "where service_id = :s and seq = (select max(seq) from audit_entry where service_id = :s)",
    )

    [fault] = faults(kept)
    assert "does not follow" in fault


def test_two_entries_exchanged_are_found(kept, superuser):
    for old, new in ((2, -3), (3, 2), (-3, 3)):
        tamper(superuser, kept, "update audit_entry set seq = :n where service_id = :s and seq = :o", o=old, n=new)

    assert [fault.split()[1] for fault in faults(kept)] == ["2", "3", "4"]


@pytest.mark.parametrize(
    "statement", ["update audit_entry set event = 'x'", "delete from audit_entry", "truncate audit_entry"]
)
def test_the_application_cannot_change_or_remove_an_entry(engine, kept, statement):
    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        db.transaction(engine, kept.service_id) as session,
    ):
        session.execute(sa.text(statement))


def test_each_service_has_a_chain_of_its_own(engine, kept):
    other = World(engine)

    assert faults(other) == []
    with db.transaction(engine, other.service_id) as session:
        assert session.execute(sa.text("select min(seq) from audit_entry")).scalar() == 1


def test_entries_of_one_transaction_are_in_the_order_in_which_they_were_said(kept):
    with kept.founding() as work:
        for number in range(5):
            work.record("step.waived", number=number)
    with db.transaction(kept.bind, kept.service_id) as session:
        bodies = session.execute(sa.text("select body from audit_entry order by seq desc limit 5")).scalars()
        assert [json.loads(body)["details"]["number"] for body in bodies] == [4, 3, 2, 1, 0]
    assert faults(kept) == []
