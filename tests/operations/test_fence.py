"""A copy restored from a backup sends nothing a second time: it is known for a copy until somebody sets the fence."""

import copy as shallow
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import scheduler
from app.accounts import credential_actions as credentials
from app.accounts.roles import Role
from app.accounts.tables import LinkPurpose
from app.clinical.reminder_reasons import Reason
from app.kit import audit, db, embedded, pg_binaries
from app.kit.mail import Smtp
from app.main import create_app
from app.notifications import actions, fence_actions, fence_jobs, fence_queries, pulse_actions
from app.notifications.kinds import Channel, LetterKind, ReminderKind, ReminderState
from app.notifications.part_kinds import Part
from app.notifications.reminder_tables import Reminder
from app.notifications.tables import Outbox
from tests.client import Client
from tests.conftest import TEMPLATE, at
from tests.operations.conftest import server_in_a_folder
from tests.people import Somebody, World

HOURS = (-1, 1, 3, 24)
ORIGIN = "https://braid.example.org"


@pytest.fixture
def original(admin, worker_id):
    """A database that has been sending, on the tests' own server."""
    name = f"braid_original_{worker_id}"
    admin.exec_driver_sql(f"create database {name} template {TEMPLATE} owner braid_owner")
    yield at(os.environ["BRAID_TEST_APP"], name)
    for made in (name, f"{name}_copy"):
        admin.exec_driver_sql(f"drop database if exists {made} with (force)")


@pytest.fixture
def world(original, connect):
    """A service with a patient, reminders planned round ten on a Tuesday, and a worker that has just been round."""
    world = World(connect(original))
    live(world)
    return world


def live(world):
    ash = world.patient("Ash Whitlock")
    lead(world)
    with ash.working() as work:
        for hours in HOURS:
            due_at = work.now + timedelta(hours=hours)
            planned = Reminder(
                person_id=ash.id, kind=ReminderKind.ACTIVITY, key=f"v1|act|walk|{hours}", channel=Channel.EMAIL,
                due_at=due_at, expires_at=due_at + timedelta(minutes=30), local_on=due_at.date(), zone="Europe/London",
                made_at=work.now,
            )  # fmt: skip
            work.add(planned)
        actions.tell_something_new(work, person_id=ash.id, about=LetterKind.OPENED, origin=ORIGIN, dedupe_key="before")
        work.record("reminder.planned", patient=ash.id)


def lead(world):
    """What whoever leads does first, and a heartbeat of every part."""
    scheduler.Rounds(world.bind, world.clock, Part)._begin()
    with db.transaction(world.bind, None) as session:
        for part in Part:
            pulse_actions.beat(session, part, now=world.clock.now)


def found_in(bind, world):
    """The same service as it stands in a copy, by the same clock."""
    found = shallow.copy(world)
    found.bind = bind
    found._known = {name: Somebody(found, who.person, who.role) for name, who in world._known.items()}
    return found


def allowed(world):
    with db.transaction(world.bind, None) as session:
        return fence_queries.allowed(session)


def fence(world):
    with db.transaction(world.bind, None) as session:
        return fence_queries.fence(session)


def reminders(world):
    """Each reminder's state and reason, by when it is due."""
    with db.transaction(world.bind, world.service_id) as session:
        rows = session.execute(sa.select(Reminder.state, Reminder.reason).order_by(Reminder.due_at)).all()
    return [tuple(row) for row in rows]


# Ways to a copy.


def programs(tmp_path):
    """Where PostgreSQL's own programs are."""
    here = pg_binaries.Account(os.geteuid(), os.getegid(), ours=True)
    folder = pg_binaries.find(here, tmp_path).folder
    if not (folder / "pg_dump").exists():
        pytest.skip("no pg_dump on this machine")
    return folder


def run(program, url, *more):
    made = sa.make_url(url)
    told = ["-h", made.query["host"], "-p", made.query["port"], "-d", made.database]
    subprocess.run([program, *told, *more], check=True, capture_output=True)


def dump(folder, url, tmp_path):
    """A backup as docs/operations.md tells to make one."""
    run(folder / "pg_dump", url, "-U", "braid_backup", "-Fc", "-f", tmp_path / "backup")
    return tmp_path / "backup"


def restored_beside(original, admin, tmp_path):
    folder = programs(tmp_path)
    backup = dump(folder, original, tmp_path)
    name = sa.make_url(original).database + "_copy"
    admin.exec_driver_sql(f"create database {name} owner braid_owner")
    run(folder / "pg_restore", at(original, name), "-U", "postgres", backup)
    return at(original, name)


def restored_over_itself(original, admin, tmp_path):
    folder = programs(tmp_path)
    backup = dump(folder, original, tmp_path)
    run(folder / "pg_restore", original, "-U", "postgres", "--clean", "--if-exists", backup)
    return original


def cloned(original, admin, tmp_path):
    name = sa.make_url(original).database
    admin.execute(sa.text("select pg_terminate_backend(pid) from pg_stat_activity where datname = :n"), {"n": name})
    admin.exec_driver_sql(f"create database {name}_copy template {name} owner braid_owner")
    return at(original, f"{name}_copy")


@pytest.fixture
def restored(world, original, admin, tmp_path, connect):
    """The world as a copy has it, taken at ten and put in place at half past eleven."""

    def by(way):
        world.bind.dispose()
        bind = connect(way(original, admin, tmp_path))
        world.clock.on(minutes=90)
        return found_in(bind, world)

    return by


@pytest.fixture
def copy(restored):
    return restored(cloned)


def test_the_database_that_has_been_sending_all_along_goes_on(world):
    lead(world)

    assert allowed(world)
    assert not fence(world).up


def test_a_database_in_which_nobody_has_led_yet_may_send(engine):
    with db.transaction(engine, None) as session:
        assert fence_queries.fence(session).stamp is None
        assert fence_queries.allowed(session)


@pytest.mark.parametrize("way", [restored_beside, restored_over_itself, cloned])
def test_a_restored_copy_is_known_however_it_was_restored(restored, way):
    copy = restored(way)
    assert not allowed(copy)

    lead(copy)

    # Stamping does not follow from leading: only a person says that this is the one.
    assert not allowed(copy)
    assert fence(copy).as_of_at == copy.clock.now - timedelta(minutes=89)


def test_nothing_of_a_copy_may_leave_before_the_fence_and_only_what_is_due_after_it_afterwards(copy):
    lead(copy)
    with copy.patient("Ash Whitlock").working() as work:
        assert not fence_actions.may_send(work)
    assert {state for state, _ in reminders(copy)} == {ReminderState.PENDING}

    gone = fence_jobs.set_fence(copy.bind, not_before_at=copy.clock.now, clock=copy.clock)

    behind, ahead = (ReminderState.EXPIRED, Reason.RESTORED.value), (ReminderState.PENDING, None)
    assert reminders(copy) == [behind, behind, ahead, ahead]
    assert (gone.reminders, gone.letters) == (2, 1)
    assert allowed(copy)
    with db.transaction(copy.bind, copy.service_id) as session:
        assert list(audit.verify(session)) == []


def test_with_a_fence_that_is_still_to_come_what_is_planned_anew_before_it_has_its_end_too(copy):
    lead(copy)
    fence_jobs.set_fence(copy.bind, not_before_at=copy.clock.now + timedelta(hours=2), clock=copy.clock)
    with copy.patient("Ash Whitlock").working() as work:
        work.session.execute(sa.update(Reminder).values(state=ReminderState.PENDING, reason=None))
        work.record("reminder.planned")

    with copy.patient("Ash Whitlock").working() as work:
        assert fence_actions.may_send(work)

    assert [state for state, _ in reminders(copy)] == [ReminderState.EXPIRED] * 3 + [ReminderState.PENDING]


def test_setting_the_fence_twice_changes_nothing_more(copy):
    lead(copy)
    fence_jobs.set_fence(copy.bind, not_before_at=copy.clock.now, clock=copy.clock)

    again = fence_jobs.set_fence(copy.bind, not_before_at=copy.clock.now, clock=copy.clock)

    assert (again.reminders, again.letters) == (0, 0)


def test_in_a_copy_staff_get_in_and_hear_of_alerts_and_no_patient_is_written_to(copy, post):
    lead(copy)
    ash, robin = copy.patient("Ash Whitlock"), copy.staff("Robin Hale")
    with robin.working() as work:
        actions.tell_something_new(work, person_id=robin.id, about=LetterKind.DUTY, origin=ORIGIN, dedupe_key="alert")
        actions.tell_something_new(work, person_id=ash.id, about=LetterKind.OPENED, origin=ORIGIN, dedupe_key="opened")
        credentials.make_link(work, person=ash.person, purpose=LinkPurpose.SIGN_IN)
    carrier = Smtp("127.0.0.1", post.port, "no-reply@braid.example.org")
    letters = scheduler.carried(copy.bind, clock=copy.clock, carrier=carrier, origin=ORIGIN, library=None, senders={})[
        Part.LETTERS
    ]
    rounds = scheduler.Rounds(copy.bind, copy.clock, [Part.LETTERS])

    rounds.go(Part.LETTERS, letters)

    # Ash has the link that was asked for, and the invitation that had not been written when the copy was taken.
    sent = {one["Subject"] for one in post.handler.letters if one["To"] == ash.person.email}
    assert sent == {"Your invitation", "Your link"}
    assert "Something new for you" in {
        one["Subject"] for one in post.handler.letters if one["To"] == robin.person.email
    }

    fence_jobs.set_fence(copy.bind, not_before_at=copy.clock.now, clock=copy.clock)
    copy.clock.on(minutes=5)
    rounds.go(Part.LETTERS, letters)
    rounds.leader.resign()

    with db.transaction(copy.bind, copy.service_id) as session:
        mine = sa.select(Outbox.dedupe_key, Outbox.sent_at, Outbox.given_up_at).where(Outbox.kind == actions.NOTICE)
        fate = {row.dedupe_key: (row.sent_at is not None, row.given_up_at is not None) for row in session.execute(mine)}
    assert fate == {"before": (False, True), "alert": (True, False), "opened": (True, False)}


def test_a_copy_is_red_until_the_fence_is_set(copy, settings, library):
    lead(copy)
    ada = copy.staff("Ada Admin", Role.SERVICE_ADMIN)
    app = create_app(settings, engine=copy.bind, clock=copy.clock, library=library)
    outside, browser = Client(app, settings.public_origin), Client(app, settings.public_origin)
    browser.sign_in(ada)

    answer = outside.http.get("/health")
    assert (answer.status_code, answer.json()["parts"]["sending"]) == (503, "held after a restore")
    words = browser.get("/service-health").text
    assert "Reminders are held back, because Braid was restored from a backup." in words
    assert "Braid was restored from a backup of Tuesday 3 March at 10:01." in words

    fence_jobs.set_fence(copy.bind, not_before_at=copy.clock.now, clock=copy.clock)

    assert outside.http.get("/health").status_code == 200
    assert "what was due before Tuesday 3 March at 11:30 is not sent" in browser.get("/service-health").text


def test_a_dump_restored_into_another_server_is_known(world, original, connect, tmp_path):
    folder = programs(tmp_path)
    backup = dump(folder, original, tmp_path)
    with server_in_a_folder(fast=True) as (server, _):
        run(folder / "pg_restore", server.app_url, "-U", "postgres", "--clean", "--if-exists", backup)
        copy = found_in(connect(server.app_url), world)

        assert not allowed(copy)
        copy.bind.dispose()


def test_a_server_recovered_from_its_archive_is_known_and_one_only_started_again_is_not(connect):
    with server_in_a_folder(fast=False) as (server, folder):
        world = World(connect(server.app_url))
        live(world)
        world.bind.dispose()

        server.stop()
        server = embedded.start(folder)
        assert allowed(world)
        world.bind.dispose()

        server.stop()
        recover_at_next_start(folder)
        server = embedded.start(folder)
        assert not allowed(world)
        world.bind.dispose()
        server.stop()


def recover_at_next_start(folder: Path):
    """Let PostgreSQL recover as it does from a base backup with an archive, here an empty one."""
    cluster = (folder / "cluster").resolve()
    with (cluster / "postgresql.auto.conf").open("a") as settings:
        settings.write("restore_command = 'false'\nhot_standby = off\n")
    signal = cluster / "recovery.signal"
    signal.touch()
    owner = cluster.stat()
    os.chown(signal, owner.st_uid, owner.st_gid)
