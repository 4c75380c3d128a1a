"""Being reminded of questionnaires: at ten on the day one is due, once more two days later, and not once answered."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app import scheduler
from app.clinical.reminder_reasons import Reason
from app.clinical.schedules import Timing
from app.notifications import dispatch_jobs, switch_actions
from app.notifications.kinds import Channel, ReminderKind, ReminderState, SwitchScope
from app.notifications.reminder_tables import Reminder
from app.programme import asking_queries
from app.questionnaires import schedule_actions, schedule_jobs
from tests.questionnaires.answers import record_of, send, totalling

TEN = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def plan(bind, world, library):
    """The job that plans reminders of questionnaires."""

    def run():
        return schedule_jobs.plan(
            bind,
            world.service_id,
            clock=world.clock,
            courses_of=asking_queries.courses_of,
            instruments=library.instruments,
        )

    return run


@pytest.fixture
def answered(course, ash, library, world):
    """Ash, who answered both on Tuesday 3 March; now it is the evening before they are due again."""
    mine = course(ash)
    send(ash, library, totalling(12))
    send(ash, library, {f"q{number}": 1 for number in range(1, 8)}, key="gad-7")
    world.clock.now = TEN - timedelta(hours=16)
    return mine


def rows(who):
    found = who.work().session.scalars(
        sa.select(Reminder)
        .where(Reminder.person_id == who.id, Reminder.channel == Channel.IN_APP)
        .order_by(Reminder.due_at)
    )
    return list(found)


def go(world, at):
    world.clock.now = at
    dispatch_jobs.dispatch(world.bind, world.service_id, clock=world.clock, senders={}, still=scheduler.STILL_WANTED)


def test_one_reminder_is_planned_for_all_that_fall_due_and_says_nothing_of_them_but_their_names(answered, ash, plan):
    assert plan() == 1

    (row,) = rows(ash)
    assert (row.kind, row.due_at, row.state) == (ReminderKind.QUESTIONNAIRE, TEN, ReminderState.PENDING)
    assert [instrument for instrument, *_ in row.about["asked"]] == ["phq-9", "gad-7"]


def test_planning_again_changes_nothing_and_two_days_later_there_is_one_more(answered, ash, plan, world):
    plan()
    before = [row.id for row in rows(ash)]
    plan()
    assert [row.id for row in rows(ash)] == before

    go(world, TEN)
    world.clock.on(minutes=1)
    plan()
    assert [(row.due_at, row.state.value) for row in rows(ash)] == [(TEN, "sent"), (TEN + 2 * DAY, "pending")]
    go(world, TEN + 2 * DAY)
    world.clock.on(days=3)
    plan()
    assert [row.state.value for row in rows(ash)] == ["sent", "sent"]


def test_whoever_answered_in_between_is_not_reminded(answered, ash, plan, world, library):
    plan()
    world.clock.now = TEN - timedelta(hours=1)
    send(ash, library, totalling(10))
    send(ash, library, {f"q{number}": 1 for number in range(1, 8)}, key="gad-7")
    go(world, TEN)

    assert [(row.state, row.reason) for row in rows(ash)] == [(ReminderState.SUPPRESSED, Reason.NOT_DUE.value)]


def test_one_that_is_still_to_fill_in_is_enough(answered, ash, plan, world, library):
    plan()
    world.clock.now = TEN - timedelta(hours=1)
    send(ash, library, totalling(10))
    go(world, TEN)

    assert rows(ash)[0].state is ReminderState.SENT


def test_turned_off_none_leaves(answered, ash, plan, world):
    plan()
    with ash.working() as work:
        switch_actions.switch_off(work, person_id=ash.id, scope=SwitchScope.KIND, which="questionnaire")
    go(world, TEN)

    assert rows(ash)[0].reason == Reason.KIND_OFF.value


def test_what_staff_decide_is_planned_with_the_decision(answered, ash, robin, clients, world):
    browser = clients(robin)
    path = f"/patients/{ash.id}/questionnaire-requests"
    browser.post(path, decision_id=uuid4(), instrument="alliance")
    assert [row.due_at for row in rows(ash)] == [TEN]
    assert ["alliance" in str(row.about) for row in rows(ash)] == [True]

    for key in ("phq-9", "gad-7"):
        browser.post(f"/patients/{ash.id}/questionnaires/{key}/when", decision_id=uuid4(), timing="not-asked")
    (id,) = [
        one.id
        for one in robin.work().session.execute(
            sa.text("select id from questionnaire_schedule where act = 'requested'")
        )
    ]
    browser.post(f"{path}/{id}/withdraw")

    assert [(row.state, row.reason) for row in rows(ash)] == [(ReminderState.CANCELLED, Reason.NOT_DUE.value)]


def test_nobody_is_reminded_before_there_is_a_course_or_after_it_ended(ash, plan, course, world):
    assert plan() == 0
    course(ash)
    with world.founding() as work:
        work.session.execute(
            sa.text("update patient_record set discharged_at = :now where id = :id"),
            {"now": world.clock.now, "id": ash.id},
        )
        work.record("patient.discharged", patient=ash.id)

    assert plan() == 0


def test_in_another_place_it_is_ten_there(answered, ash, plan, world):
    plan()
    with world.founding() as work:
        work.session.execute(sa.text("update person set zone = 'America/New_York' where id = :id"), {"id": ash.id})
        work.record("person.zone-changed", patient=ash.id)
    plan()

    assert [row.due_at for row in rows(ash)] == [TEN + timedelta(hours=4)]


def test_the_page_of_reminders_has_a_switch_for_them(answered, clients, ash):
    text = clients(ash).get("/my/reminders").text

    assert "Questionnaires At 10:00am on the day one is due, and once more two days later" in text


def test_at_a_day_that_staff_chose_it_is_ten_on_that_day(answered, ash, robin, plan, world):
    with robin.working() as work:
        for key in ("phq-9", "gad-7"):
            schedule_actions.change_timing(
                work, patient=record_of(work, ash), id=uuid4(), instrument=key, timing=Timing.NOT_ASKED,
                from_on=date(2026, 3, 9),
            )  # fmt: skip
        schedule_actions.ask_for(
            work, patient=record_of(work, ash), id=uuid4(), instrument="alliance", for_on=date(2026, 3, 11)
        )
    plan()

    assert [row.due_at for row in rows(ash)] == [TEN + DAY]
