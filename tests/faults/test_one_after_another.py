"""Messages that leave one after another: what came of each is marked as the next is said to be on its way."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from app.kit import db
from app.kit.work import system_work
from app.notifications import claim_actions, reminder_actions, settle_actions
from app.notifications.kinds import Channel, ReminderState
from app.notifications.reminder_tables import Reminder
from app.notifications.sending import Outcome, Sent
from tests.faults.test_sending import STILL, Provider, dispatch, remind, rows


class Killed(BaseException):
    """The end of a process, in the middle of whatever it does."""


class Fatal(Provider):
    """A provider at whose second message the process dies."""

    def send(self, message, to):
        if self.messages:
            raise Killed
        return super().send(message, to)


def due_to(world, robin, many=3):
    for n in range(many):
        remind(world.patient(f"Pat Number{n}", of=robin), world.clock.now + timedelta(hours=1, seconds=n))
    world.clock.on(hours=1, seconds=many)


def test_where_a_process_dies_with_one_message_in_hand_the_one_before_is_marked_and_the_one_after_is_untouched(
    world, robin
):
    due_to(world, robin)

    with pytest.raises(Killed):
        dispatch(world, Fatal())

    assert [row.state for row in rows(world)] == [
        ReminderState.SENT,
        ReminderState.SENDING,
        ReminderState.LEASED,
    ]


def test_each_of_several_ends_as_its_own_answer_says(world, robin):
    due_to(world, robin, 5)
    answers = [Outcome.REFUSED, Outcome.RETRY, Outcome.SENT, Outcome.UNREACHABLE, Outcome.UNSURE]

    dispatch(world, Provider(answers=answers))

    assert [(row.state, row.attempts) for row in rows(world)] == [
        (ReminderState.FAILED, 1),
        (ReminderState.PENDING, 1),
        (ReminderState.SENT, 1),
        (ReminderState.FAILED, 1),
        (ReminderState.PENDING, 1),
    ]


def test_a_message_whose_lease_ended_while_others_were_sent_is_left_and_theirs_are_marked(world, robin):
    due_to(world, robin)

    class Slow(Provider):
        def send(self, message, to):
            world.clock.on(seconds=61)
            return super().send(message, to)

    slow = Slow()
    with world.founding() as work:
        claimed = claim_actions.claim(work, channels={Channel.EMAIL}, still=STILL).messages
    before = None
    for one in claimed:
        with system_work(world.bind, world.service_id, clock=world.clock) as work:
            ours = settle_actions.go_on(work, before, one)
        before = settle_actions.Came(one, slow.send(one.message, one.address), redo=True) if ours else None

    assert len(slow.messages) == 1
    assert [row.state for row in rows(world)] == [ReminderState.SENT, ReminderState.LEASED, ReminderState.LEASED]


def test_whoever_comes_back_after_their_lease_still_begins_with_what_is_theirs(world, robin):
    due_to(world, robin, 2)
    with world.founding() as work:
        lost, mine = claim_actions.claim(work, channels={Channel.EMAIL}, still=STILL).messages
        assert settle_actions.begin(work, lost)
    with world.founding() as work:
        work.session.execute(
            sa.update(Reminder).where(Reminder.id.in_(lost.ids)).values(state=ReminderState.UNKNOWN, lease_token=None)
        )

    with world.founding() as work:
        assert settle_actions.go_on(work, settle_actions.Came(lost, Sent(Outcome.SENT), redo=True), mine)

    assert [row.state for row in rows(world)] == [ReminderState.UNKNOWN, ReminderState.SENDING]


def test_what_is_due_and_what_is_to_come_is_found_without_reading_what_is_over(world, robin):
    due_to(world, robin)
    driver = db.driver_of(world.bind)
    plans: list[str] = []

    class Explaining(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **how: Any) -> "Explaining":
            if str(query).startswith("SELECT") and "reminder.state IN ('pending')" in str(query):
                plain = psycopg.Cursor(driver)
                plain.execute(f"explain {query}", params)
                plans.append("\n".join(row[0] for row in plain.fetchall()))
            super().execute(query, params, **how)
            return self

    world.bind.execute(sa.text("set local enable_seqscan = off"))
    before, driver.cursor_factory = driver.cursor_factory, Explaining
    try:
        dispatch(world, Provider())
        with world.founding() as work:
            reminder_actions.planned_elsewhere(work, {row.person_id: "Europe/London" for row in rows(world)})
    finally:
        driver.cursor_factory = before

    # Silent for long, who has something due, what is due to them, and what was planned in another zone.
    assert len(plans) >= 4
    for plan in plans:
        assert "ix_reminder_due" in plan or "ix_reminder_waiting" in plan, plan
