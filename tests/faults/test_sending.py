"""Reminders through the faults of the world: processes killed, providers that fail, hours of silence, other clocks.

BRAID_FAULTS=20000 sends as many as the design was measured with; without it a smaller crowd keeps the suite quick.
"""

import os
from collections import Counter
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.tables import Person
from app.clinical.reminders import Wanted
from app.diary import jobs, reminder_queries
from app.notifications import claim_actions, dispatch_jobs, reminder_actions, settle_actions, switch_actions
from app.notifications.kinds import Channel, ReminderKind, ReminderState, SwitchScope
from app.notifications.reminder_tables import PushSubscription, Reminder
from app.notifications.sending import Outcome, Sent
from tests.faults.conftest import NINE

MANY = int(os.environ.get("BRAID_FAULTS", "60"))
STILL = {ReminderKind.ACTIVITY: reminder_queries.still_wanted}


def test_four_planners_killed_at_any_moment_and_four_dispatchers_send_each_reminder_once_and_lose_none(crowd):
    here = crowd(MANY)

    here.together("plan", 4, here.world.clock.now, kills=4)
    assert here.count() == here.count(ReminderState.PENDING) == MANY
    here.together("send", 4, NINE, kills=4)
    here.together("send", 2, NINE + claim_actions.LEASE + timedelta(seconds=1))

    calls = Counter(here.keys())
    twice = [key for key, times in calls.items() if times > 1]
    assert len(calls) == MANY and here.count(ReminderState.SENT) == MANY
    # A call that nobody lived to mark is made again: it carries the same key, by which the far end shows one.
    assert len(twice) <= here.killed and max(calls.values()) <= 1 + here.killed


def test_given_three_web_processes_and_two_tickers_1000_reminders_due_are_1000_calls_with_1000_distinct_keys(crowd):
    here = crowd(1000)
    here.fall_due(NINE)

    here.together("send", 5, NINE)

    assert len(here.keys()) == len(set(here.keys())) == 1000
    assert here.count(ReminderState.SENT) == 1000


class Provider:
    """A provider whose every answer is decided before: sent, refused, not reached, or sent and then silent."""

    def __init__(self, *, redo_if_unsure=True, answers=(), found=None):
        self.redo_if_unsure = redo_if_unsure
        self.answers, self.found = list(answers), found
        self.messages, self.accepted, self.asked = [], [], []

    def send(self, message, to):
        self.messages.append(message)
        answer = self.answers.pop(0) if self.answers else Outcome.SENT
        if answer in (Outcome.SENT, Outcome.UNSURE):
            self.accepted.append(message.key)
        if answer is Outcome.UNSURE:
            raise TimeoutError("accepted, and no answer came")
        return Sent(answer, "ref") if isinstance(answer, Outcome) else answer

    def look_up(self, key):
        self.asked.append(key)
        return self.found


def remind(who, due_at, *, kind=ReminderKind.APPOINTMENT, hours=5):
    expires_at = due_at + timedelta(hours=hours)
    one = Wanted(kind, f"v1|{kind.value}|{uuid4()}|0", {}, None, due_at, expires_at, due_at.date(), "Europe/London")
    with who.working() as work:
        reminder_actions.reconcile(
            work, person_id=who.id, kind=kind, wanted=[one], since=work.now, until=work.now, series_ids=()
        )


def dispatch(world, provider, channel=Channel.EMAIL):
    return dispatch_jobs.dispatch(
        world.bind, world.service_id, clock=world.clock, senders={channel: provider}, still=STILL
    )


def rows(world, channel=Channel.EMAIL):
    with world.founding() as work:
        found = work.session.execute(
            sa.select(Reminder)
            .where(Reminder.service_id == world.service_id, Reminder.channel == channel)
            .order_by(Reminder.due_at, Reminder.key)
        )
        return list(found.scalars())


def test_a_provider_that_fails_one_time_in_five_is_asked_again_until_each_has_arrived(world, robin):
    people = [world.patient(f"Pat Number{n}", of=robin) for n in range(10)]
    due_at = world.clock.now + timedelta(hours=2)
    for who in people:
        remind(who, due_at)
    answers = [Outcome.SENT, Outcome.SENT, Outcome.RETRY, Outcome.SENT, Outcome.UNSURE]
    provider = Provider(answers=answers * 4)
    world.clock.now = due_at

    for _ in range(40):
        dispatch(world, provider)
        world.clock.on(seconds=30)

    assert {row.state for row in rows(world)} == {ReminderState.SENT}
    assert len(set(provider.accepted)) == 10
    # What was accepted in silence came again under its own key.
    assert [key for key, times in Counter(provider.accepted).items() if times > 1] != []


def test_a_text_that_may_have_gone_out_is_looked_up_and_never_sent_twice(world, ash):
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, email=False, sms=True, phone="07700 900123")
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)
    provider = Provider(redo_if_unsure=False, answers=[Outcome.UNSURE])

    for _ in range(10):
        dispatch(world, provider, Channel.SMS)
        world.clock.on(minutes=2)

    (row,) = rows(world, Channel.SMS)
    assert len(provider.messages) == 1
    assert (row.state, row.reason) == (ReminderState.UNKNOWN, "not-known-whether-sent")


@pytest.mark.parametrize(
    ("found", "state"),
    [(Outcome.SENT, ReminderState.SENT), (Outcome.REFUSED, ReminderState.FAILED), (None, ReminderState.UNKNOWN)],
)
def test_a_text_that_was_handed_over_when_the_process_died_is_looked_up_by_its_key(world, ash, found, state):
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, email=False, sms=True, phone="07700 900123")
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)
    with ash.working() as work:
        [claimed] = claim_actions.claim(work, channels={Channel.SMS}, still=STILL).messages
        assert settle_actions.begin(work, claimed)
    provider = Provider(redo_if_unsure=False, found=found)

    dispatch(world, provider, Channel.SMS)
    assert provider.asked == []
    world.clock.on(seconds=61)
    dispatch(world, provider, Channel.SMS)

    assert provider.asked == [claimed.message.key] and provider.messages == []
    assert [row.state for row in rows(world, Channel.SMS)] == [state]


def test_what_was_leased_and_not_handed_over_when_the_process_died_goes_out_as_if_nothing_had_been(world, ash):
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, email=False, sms=True, phone="07700 900123")
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)
    with ash.working() as work:
        assert claim_actions.claim(work, channels={Channel.SMS}, still=STILL).messages
    provider = Provider(redo_if_unsure=False)

    world.clock.on(seconds=61)
    dispatch(world, provider, Channel.SMS)

    assert len(provider.messages) == 1 and provider.asked == []


def test_whoever_comes_back_after_their_lease_marks_nothing(world, ash):
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)
    with ash.working() as work:
        [claimed] = claim_actions.claim(work, channels={Channel.EMAIL}, still=STILL).messages
        assert settle_actions.begin(work, claimed)
    world.clock.on(seconds=61)
    dispatch(world, Provider(answers=[Outcome.REFUSED]))

    with ash.working() as work:
        assert not settle_actions.settle(work, claimed, Sent(Outcome.SENT), redo=True)

    assert [row.state for row in rows(world)] == [ReminderState.FAILED]


@pytest.mark.parametrize(
    ("outcome", "state", "reason"),
    [
        (Outcome.REFUSED, ReminderState.FAILED, "provider-refused"),
        (Outcome.UNREACHABLE, ReminderState.FAILED, "nowhere-to-send"),
    ],
)
def test_what_will_never_arrive_ends_with_its_reason(world, ash, outcome, state, reason):
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)

    dispatch(world, Provider(answers=[outcome]))

    assert [(row.state, row.reason) for row in rows(world)] == [(state, reason)]


def test_what_cannot_be_sent_before_it_is_useless_is_given_up(world, ash):
    remind(ash, world.clock.now + timedelta(hours=1), hours=1)
    world.clock.on(hours=1)
    provider = Provider(answers=[Outcome.RETRY] * 1000)

    for _ in range(50):
        dispatch(world, provider)
        world.clock.on(minutes=2)

    assert [(row.state, row.reason) for row in rows(world)] == [(ReminderState.EXPIRED, "too-late")]
    assert 5 < len(provider.messages) < 20


def test_a_way_that_nobody_has_set_up_is_said_to_lead_nowhere(world, ash):
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)

    dispatch_jobs.dispatch(world.bind, world.service_id, clock=world.clock, senders={}, still=STILL)

    assert [(row.state, row.reason) for row in rows(world)] == [(ReminderState.FAILED, "nowhere-to-send")]
    assert [row.state for row in rows(world, Channel.IN_APP)] == [ReminderState.SENT]


def test_browsers_that_are_no_more_are_let_go_and_those_that_answer_are_noted(world, ash):
    with ash.working() as work:
        here, gone = (
            work.add(
                PushSubscription(
                    person_id=ash.id,
                    fingerprint=uuid4().bytes,
                    endpoint=f"https://push.example.org/{n}",
                    p256dh="key",
                    auth="auth",
                    made_at=work.now,
                    seen_at=work.now,
                )
            )
            for n in range(2)
        )
        work.record("device.added", person=ash.id)
    remind(ash, world.clock.now + timedelta(hours=1))
    world.clock.on(hours=1)

    dispatch(world, Provider(answers=[Sent(Outcome.SENT, reached=(here.id,), gone=(gone.id,))]), Channel.PUSH)

    with world.founding() as work:
        found = {row.id: row for row in work.session.execute(sa.select(PushSubscription)).scalars()}
        assert found[here.id].reached_at == world.clock.now and found[here.id].ended_at is None
        assert found[gone.id].ended_at == world.clock.now and found[gone.id].reached_at is None


def test_turned_off_one_second_before_it_is_due_nothing_is_sent(world, ash):
    due_at = world.clock.now + timedelta(hours=1)
    remind(ash, due_at)
    world.clock.now = due_at - timedelta(seconds=1)
    with ash.working() as work:
        switch_actions.switch_off(work, person_id=ash.id, scope=SwitchScope.ALL)
    provider = Provider()

    for _ in range(3):
        world.clock.on(seconds=1)
        dispatch(world, provider)

    assert provider.messages == []
    assert [(row.state, row.reason) for row in rows(world)] == [(ReminderState.SUPPRESSED, "switched-off")]


def test_somebody_whose_reminders_cannot_be_read_keeps_nobody_elses_back(world, ash, robin):
    due_at = world.clock.now + timedelta(hours=1)
    others = [world.patient(f"Pat Number{n}", of=robin) for n in range(3)]
    for who in (ash, *others):
        remind(who, due_at)
    with ash.working() as work:
        work.session.execute(sa.update(Person).where(Person.id == ash.id).values(zone="Nowhere/Land"))
        work.record("person.zone-changed", person=ash.id)
    world.clock.now = due_at
    provider = Provider()

    for _ in range(3):
        dispatch(world, provider)
        world.clock.on(seconds=2)

    assert {one.person_id for one in provider.messages} == {one.id for one in others}
    assert len(provider.messages) == 3


def test_seven_hours_of_silence_over_many_people_send_each_one_summary_and_no_stale_reminder(crowd):
    here = crowd(30)
    here.together("plan", 1, here.world.clock.now)
    here.world.clock.now = NINE + timedelta(hours=7)
    provider = Provider()

    for _ in range(10):
        dispatch(here.world, provider)
        here.world.clock.on(seconds=3)

    assert [one.kind for one in provider.messages] == [ReminderKind.SUMMARY] * 30
    assert len({one.person_id for one in provider.messages}) == 30
    assert here.count(ReminderState.EXPIRED) == 30


def test_the_clocks_change_while_reminders_are_due_and_each_goes_once(ash, diary, world):
    """London goes from 00:59 UTC, one o’clock less a minute, to two; half past one is half past two that night."""
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, quiet_from=time(4), quiet_to=time(5))
    world.clock.now = datetime.fromisoformat("2026-03-28T12:00:00+00:00")
    for minute in (15, 45):
        diary.plan(at=time(1, minute), on=date(2026, 3, 29), remind_before=30)
    provider = Provider()
    world.clock.now = datetime.fromisoformat("2026-03-29T00:30:00+00:00")

    for _ in range(120):
        world.clock.on(minutes=1)
        dispatch(world, provider)
        if world.clock.now.minute % 15 == 0:
            jobs.plan(world.bind, world.service_id, clock=world.clock)

    assert [one.due_at.isoformat() for one in provider.messages] == [
        "2026-03-29T00:45:00+00:00",
        "2026-03-29T01:15:00+00:00",
    ]


def test_a_traveller_who_crosses_zones_gets_each_days_reminder_once_and_no_more_than_a_days_worth(ash, diary, world):
    for hour in (9, 12, 15, 18):
        diary.plan(f"Walk {hour}", at=time(hour), on=date(2026, 3, 4), remind_before=0)
    provider, sent = Provider(), []
    legs = {30: "America/New_York", 36: "America/Los_Angeles", 44: "Asia/Tokyo", 70: "Europe/London"}

    for hour in range(96):
        if hour in legs:
            with ash.working() as work:
                work.session.execute(sa.update(Person).where(Person.id == ash.id).values(zone=legs[hour]))
                work.record("person.zone-changed", person=ash.id)
        jobs.plan(world.bind, world.service_id, clock=world.clock)
        for _ in range(2):
            dispatch(world, provider)
            sent += [world.clock.now] * (len(provider.messages) - len(sent))
            world.clock.on(minutes=30)

    assert len({one.key for one in provider.messages}) == len(provider.messages) > 8
    within_a_day = [sum(one <= other < one + timedelta(hours=22) for other in sent) for one in sent]
    assert max(within_a_day) <= 4
