"""Two at the same moment about one diary: both find it as it was, and only one can be first."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from datetime import time as clock
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import close_all_sessions

from app.clinical.planning import Scope, When
from app.diary import jobs, log_actions, plan_actions, zone_actions
from app.diary.kinds import Outcome
from app.diary.log_actions import Said
from app.kit import db
from app.kit.work import system_work
from app.notifications import claim_actions, reminder_actions
from app.notifications.kinds import Channel, ReminderState
from app.notifications.reminder_tables import Reminder
from tests.conftest import at
from tests.diary.conftest import DAILY, Diary
from tests.people import World

MARCH_3, MARCH_4 = date(2026, 3, 3), date(2026, 3, 4)
WAITS = sa.text(
    "select count(*) from pg_locks where not granted and database = (select oid from pg_database"
    " where datname = current_database())"
)


@pytest.fixture
def diary(engine, database):
    """A diary that keeps what is committed, so that two connections see it, with one for each look a test takes."""
    own = db.connect(at(os.environ["BRAID_TEST_APP"], database), pool_size=50)
    world = World(own)
    yield Diary(world.patient("Ash Whitlock", of=world.staff("Robin Hale")))
    close_all_sessions()
    own.dispose()


@pytest.fixture
def other():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def wait_for(work, other):
    """Until the other stands in line behind this work, or has ended without."""
    while not work.session.scalar(WAITS) and not other.done():
        time.sleep(0.01)


def move_to_ten(diary, work, walk, **more):
    activity = diary.activity(walk)
    plan_actions.change_activity(
        work,
        patient=diary.who.patient(),
        activity=activity,
        named_on=MARCH_4,
        scope=Scope.LATER,
        about=plan_actions.about_of(activity),
        when=When(MARCH_4, DAILY, clock(10), remind_before=0),
        version=1,
        **more,
    )


def test_who_moves_while_their_reminders_are_worked_out_is_reminded_where_they_are_now(diary, other):
    walk, world = diary.plan(remind_before=0), diary.who.world

    with diary.who.working() as work:
        reminder_actions.lock(work, diary.who.id)
        planner = other.submit(jobs.plan, world.bind, world.service_id, clock=world.clock)
        wait_for(work, planner)
        zone_actions.use_zone(work, patient=diary.who.patient(), zone="America/New_York")
    planner.result()

    pending = sa.select(Reminder.zone).where(Reminder.series_id == walk, Reminder.state == ReminderState.PENDING)
    with diary.who.working() as work:
        assert set(work.session.execute(pending).scalars()) == {"America/New_York"}


def test_a_plan_changed_while_its_reminders_are_worked_out_is_reminded_of_as_it_is_now(diary, other):
    walk, world = diary.plan(remind_before=0), diary.who.world

    with diary.who.working() as work:
        reminder_actions.lock(work, diary.who.id)
        planner = other.submit(jobs.plan, world.bind, world.service_id, clock=world.clock)
        wait_for(work, planner)
        move_to_ten(diary, work, walk, edit_id=uuid4())
    planner.result()

    pending = sa.select(Reminder.about).where(Reminder.series_id == walk, Reminder.state == ReminderState.PENDING)
    with diary.who.working() as work:
        assert {row["at"] for row in work.session.execute(pending).scalars()} == {"10:00"}


def test_one_entry_that_arrives_twice_at_once_is_kept_once(diary, other):
    walk, log_id = diary.plan(), uuid4()
    activity = diary.activity(walk)

    with diary.who.working() as work:
        work.one_at_a_time("diary", diary.who.id)
        second = other.submit(diary.log, walk, MARCH_3, log_id=log_id)
        wait_for(work, second)
        first = log_actions.log_occurrence(
            work,
            patient=diary.who.patient(),
            activity=activity,
            occurrence=activity.occurrence(MARCH_3),
            log_id=log_id,
            said=Said(Outcome.DONE),
        )

    assert second.result().id == first.id and len(diary.logged()) == 1


def test_one_change_that_arrives_twice_at_once_is_made_once_and_not_out_of_date(diary, other):
    walk, edit_id = diary.plan(), uuid4()

    with diary.who.working() as work:
        move_to_ten(diary, work, walk, edit_id=edit_id)
        second = other.submit(diary.change, walk, MARCH_4, "later", at=clock(10), edit_id=edit_id, version=1)
        wait_for(work, second)
    second.result()

    assert diary.activity(walk).version == 2


def test_what_leaves_while_it_is_moved_to_later_is_reminded_of_once_more(diary, other):
    walk, world = diary.plan(remind_before=0), diary.who.world
    world.clock.now = datetime(2026, 3, 4, 9, tzinfo=UTC)

    with system_work(world.bind, world.service_id, clock=world.clock) as work:
        claim_actions.claim(work, channels={Channel.EMAIL}, still={})
        mover = other.submit(diary.change, walk, MARCH_4, "later", at=clock(10), remind_before=0)
        wait_for(work, mover)
    mover.result()

    pending = sa.select(Reminder.about).where(Reminder.series_id == walk, Reminder.state == ReminderState.PENDING)
    with diary.who.working() as work:
        coming = {(row["on"], row["at"]) for row in work.session.execute(pending).scalars()}
    assert ("2026-03-04", "10:00") in coming
