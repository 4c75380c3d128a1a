"""The acceptance cases of reminders, in their own words. Clock and zone data are given; it is London unless said."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.clinical.recurrence import Freq, Rule
from app.clinical.reminders import USEFUL_FOR, Wanted
from app.diary import reminder_queries
from app.notifications import claim_actions, dispatch_jobs, reminder_actions, settle_actions, switch_actions
from app.notifications.kinds import Channel, ReminderKind, ReminderState, SwitchScope
from app.notifications.reminder_tables import Reminder
from app.notifications.sending import Outcome, Sent
from tests.diary.conftest import DAILY, Diary
from tests.diary.test_reminders import move_to

MARCH_4 = date(2026, 3, 4)
STILL = {ReminderKind.ACTIVITY: reminder_queries.still_wanted}


class Provider:
    """The provider fake: what it was handed, and an answer to each."""

    redo_if_unsure = True

    def __init__(self):
        self.messages = []

    def send(self, message, to):
        assert to.email
        self.messages.append(message)
        return Sent(Outcome.SENT, f"ref-{len(self.messages)}")

    def look_up(self, key):
        raise AssertionError("e-mail is not looked up")


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def dispatch(world, provider):
    def once(**more):
        senders = {Channel.EMAIL: provider}
        return dispatch_jobs.dispatch(
            world.bind, world.service_id, clock=world.clock, senders=senders, still=STILL, **more
        )

    return once


@pytest.fixture
def until(world, dispatch):
    """Go through the time up to a moment as the dispatcher does: it looks whenever there is something to see."""

    def go(hour, minute=0, on=MARCH_4):
        moment = at(hour, minute, on)
        while world.clock.now < moment:
            world.clock.now = min(moment, _next(world) or moment)
            dispatch()

    return go


def _next(world):
    moment = sa.func.coalesce(Reminder.try_at, Reminder.due_at)
    pending = sa.select(sa.func.min(moment)).where(
        Reminder.service_id == world.service_id, Reminder.state == ReminderState.PENDING, moment > world.clock.now
    )
    with world.founding() as work:
        return work.session.execute(pending).scalar()


def at(hour, minute=0, on=MARCH_4):
    return datetime.combine(on, time(hour, minute), UTC)


def rows(who, *, kind=None, channel=Channel.EMAIL):
    found = who.work().session.execute(
        sa.select(Reminder).where(Reminder.person_id == who.id).order_by(Reminder.due_at, Reminder.key)
    )
    return [row for row in found.scalars() if row.channel is channel and kind in (None, row.kind)]


def fates(who, **which):
    return [(row.state.value, row.reason) for row in rows(who, **which)]


def remind(who, kind, due_at, expires_at):
    """A reminder of a kind that another part of the programme plans."""
    one = Wanted(kind, f"v1|{kind.value}|{uuid4()}|0", {}, None, due_at, expires_at, due_at.date(), "Europe/London")
    with who.working() as work:
        reminder_actions.reconcile(
            work, person_id=who.id, kind=kind, wanted=[one], since=work.now, until=work.now, series_ids=()
        )
        work.record("reminder.asked-for", person=who.id)


def test_given_a_reminder_due_0900_when_the_activity_is_logged_0850_nothing_is_sent_and_the_row_says_already_logged(
    diary, ash, world, until, provider
):
    walk = diary.plan(on=MARCH_4, remind_before=0)
    until(8, 50)

    diary.log(walk, MARCH_4)

    until(9, 30)
    assert provider.messages == []
    assert fates(ash)[0] == ("suppressed", "already-said")
    assert fates(ash, channel=Channel.IN_APP)[0] == ("suppressed", "already-said")


def test_given_an_entry_made_by_mistake_and_taken_back_the_reminder_comes(diary, world, until, provider, ash):
    from app.diary import log_actions

    walk = diary.plan(on=MARCH_4, remind_before=0)
    until(8, 50)
    entry = diary.log(walk, MARCH_4)
    with ash.working() as work:
        log_actions.withdraw(work, patient=ash.patient(), entry=entry, log_id=uuid4())

    until(9, 0)

    assert len(provider.messages) == 1


def test_given_an_outage_from_0600_to_1300_one_summary_and_one_appointment_reminder_are_sent_and_four_rows_are_expired(
    diary, ash, world, until, dispatch, provider
):
    for title, hour in (("Walk", 7), ("Tea", 9), ("Swim", 11)):
        diary.plan(title, on=MARCH_4, at=time(hour), remind_before=0)
    until(6)
    remind(ash, ReminderKind.MOOD, at(8, 30), at(10, 30))
    remind(ash, ReminderKind.APPOINTMENT, at(12), at(14))

    world.clock.now = at(13)
    dispatch()
    until(13, 10)

    assert [(one.kind, one.count, one.quiet) for one in provider.messages] == [
        (ReminderKind.SUMMARY, 3, True),
        (ReminderKind.APPOINTMENT, 1, False),
    ]
    today = [row for row in rows(ash) if row.due_at < at(13)]
    assert [(row.state.value, row.reason) for row in today] == [
        ("expired", "outage"),
        ("expired", "outage"),
        ("expired", "outage"),
        ("expired", "outage"),
        ("sent", None),
    ]


def test_whoever_was_discharged_before_an_outage_ended_is_told_that_and_not_of_the_outage(
    diary, ash, world, until, provider, dispatch
):
    diary.plan(on=MARCH_4, at=time(9), remind_before=0)
    until(7)
    with world.founding() as work:
        work.session.execute(sa.update(PatientRecord).where(PatientRecord.id == ash.id).values(discharged_at=work.now))
        work.record("patient.discharged", patient=ash.id)
    world.clock.now = at(13)

    dispatch()

    assert fates(ash)[0] == ("suppressed", "account-closed") and provider.messages == []


def test_after_an_outage_no_minute_carries_more_than_the_paced_number(world, robin, until, dispatch, provider):
    people = [world.patient(f"Pat Number{n}", of=robin) for n in range(15)]
    for who in people:
        remind(who, ReminderKind.APPOINTMENT, at(12), at(14))
    world.clock.now = at(13)
    left = []

    for _ in range(60):
        dispatch(pace=6)
        left += [world.clock.now] * (len(provider.messages) - len(left))
        world.clock.on(seconds=5)

    assert len(left) == 15 and len({one.key for one in provider.messages}) == 15
    assert max(sum(one <= other < one + timedelta(minutes=1) for other in left) for one in left) <= 6


def test_a_second_outage_of_the_day_makes_no_second_summary(diary, world, until, dispatch, provider):
    diary.plan(on=MARCH_4, at=time(9), remind_before=0)
    diary.plan(on=MARCH_4, at=time(15), remind_before=0)
    until(6)
    world.clock.now = at(13)
    until(13, 5)
    world.clock.now = at(17)

    until(17, 5)

    assert [one.kind for one in provider.messages] == [ReminderKind.SUMMARY]


def test_no_summary_tells_of_what_was_turned_off(diary, ash, world, until, dispatch, provider):
    diary.plan(on=MARCH_4, at=time(9), remind_before=0)
    until(6)
    with ash.working() as work:
        switch_actions.switch_off(work, person_id=ash.id, scope=SwitchScope.KIND, which="activity")

    world.clock.now = at(13)
    until(13, 5)

    assert provider.messages == [] and fates(ash)[0] == ("suppressed", "kind-off")


def test_given_quiet_hours_2200_to_0700_a_mood_prompt_at_0200_is_suppressed_and_one_at_0700_exactly_is_sent(
    ash, until, provider
):
    with ash.working() as work:
        switch_actions.save_settings(work, person_id=ash.id, quiet_from=time(22), quiet_to=time(7))
    remind(ash, ReminderKind.MOOD, at(2), at(4))
    remind(ash, ReminderKind.MOOD, at(7), at(9))

    until(7)

    assert [one.due_at for one in provider.messages] == [at(7)]
    assert fates(ash) == [("suppressed", "quiet-hours"), ("sent", None)]


def test_given_cap_4_and_six_items_spread_over_a_day_four_are_sent_and_two_suppressed_by_cap(
    diary, ash, world, until, provider
):
    for n, hour in enumerate((9, 11, 13, 15, 17, 19)):
        diary.plan(f"Walk {n}", on=MARCH_4, at=time(hour), remind_before=0)

    until(20)

    assert [one.due_at.hour for one in provider.messages] == [9, 11, 13, 15]
    for channel in (Channel.EMAIL, Channel.IN_APP):
        today = [row for row in rows(ash, channel=channel) if row.due_at < at(20)]
        assert [row.reason for row in today] == [None] * 4 + ["day-cap"] * 2


def test_given_the_same_six_items_on_the_next_day_four_are_sent_again(diary, world, until, provider):
    from app.diary import jobs

    for n, hour in enumerate((9, 11, 13, 15, 17, 19)):
        diary.plan(f"Walk {n}", on=MARCH_4, at=time(hour), remind_before=0)
    until(20)
    jobs.plan(world.bind, world.service_id, clock=world.clock)

    until(20, on=MARCH_4 + timedelta(days=1))

    assert [one.due_at.hour for one in provider.messages] == [9, 11, 13, 15] * 2


def test_given_three_due_within_ten_minutes_one_notification_names_all_three_each_separately_tickable(
    diary, ash, world, until, provider, clients
):
    for title, minute in (("Walk the dog", 0), ("Make tea", 4), ("Ring Kim", 9)):
        diary.plan(title, on=MARCH_4, at=time(9, minute), remind_before=0)

    until(9, 30)

    assert [(one.count, one.local_at) for one in provider.messages] == [(3, time(9))]
    today = [row for row in rows(ash) if row.due_at < at(10)]
    assert {row.state for row in today} == {ReminderState.SENT}
    assert [row.bundled_in for row in today] == [None, today[0].id, today[0].id]
    page = clients(ash).get("/my/today")
    for title in ("Walk the dog", "Make tea", "Ring Kim"):
        assert title in page.text
    assert page.text.count("Done Partly Not today") == 3


def test_given_five_pending_and_one_leased_when_turned_off_from_60_s_later_nothing_of_that_kind_goes_by_any_channel(
    diary, ash, robin, world, until, provider, clients
):
    for n, hour in enumerate((9, 11, 13, 15, 17, 19)):
        diary.plan(f"Walk {n}", on=MARCH_4, at=time(hour), remind_before=0)
    remind(ash, ReminderKind.APPOINTMENT, at(12), at(14))
    until(8, 59)
    world.clock.now = at(9)
    with ash.working() as work:
        leased = claim_actions.claim(work, channels={Channel.EMAIL}, still=STILL)
    assert len(leased.messages) == 1

    clients(ash).post("/my/reminders/switch", scope="kind", which="activity", on="no")

    world.clock.on(seconds=60)
    with ash.working() as work:
        assert not settle_actions.begin(work, leased.messages[0])
    until(20)
    assert [one.kind for one in provider.messages] == [ReminderKind.APPOINTMENT]
    activities = [row for row in rows(ash, kind=ReminderKind.ACTIVITY) if row.due_at < at(20)]
    assert [(row.state.value, row.reason) for row in activities] == [("suppressed", "kind-off")] * 6
    shown = [row for row in rows(ash, kind=ReminderKind.ACTIVITY, channel=Channel.IN_APP) if row.due_at < at(20)]
    assert [row.state.value for row in shown] == ["sent"] + ["suppressed"] * 5
    page = clients(robin).get(f"/patients/{ash.id}/reminders").text
    assert "Turned off by the patient (this kind)." in page


def test_an_activity_put_inside_quiet_hours_is_shown_in_braid_and_makes_no_sound(diary, ash, until, provider):
    diary.plan(on=MARCH_4, at=time(6), remind_before=0)

    until(6, 30)

    assert provider.messages == []
    assert fates(ash)[0] == ("suppressed", "quiet-hours")
    assert fates(ash, channel=Channel.IN_APP)[0] == ("sent", None)


def test_an_activity_inside_quiet_hours_goes_by_every_way_where_its_patient_asked_for_that(diary, ash, until, provider):
    diary.plan(on=MARCH_4, at=time(6), remind_before=0, remind_anyway=True)
    diary.plan("Bins", on=MARCH_4, at=time(7), remind_before=0, remind_anyway=False)

    until(7, 30)

    assert [one.due_at for one in provider.messages] == [at(6)]
    assert fates(ash)[:2] == [("sent", None), ("suppressed", "quiet-hours")]


def test_an_appointments_reminder_moves_out_of_quiet_hours_and_earlier(ash, until, provider):
    remind(ash, ReminderKind.APPOINTMENT, at(6), at(8))

    until(21, on=date(2026, 3, 3))

    assert [one.due_at for one in provider.messages] == [at(20, 45, date(2026, 3, 3))]


def test_what_is_moved_to_later_after_its_reminder_was_sent_is_reminded_of_once_more(diary, until, provider):
    walk = diary.plan(on=MARCH_4, remind_before=0)
    until(9)

    diary.change(walk, MARCH_4, "one", at=time(15), remind_before=0)

    until(16)
    assert [one.local_at for one in provider.messages] == [time(9), time(15)]


@pytest.mark.parametrize("rule", [DAILY, Rule(freq=Freq.ONCE)])
def test_so_is_what_is_moved_to_later_with_all_that_follow_or_was_planned_once(diary, until, provider, rule):
    walk = diary.plan(rule=rule, on=MARCH_4, remind_before=0)
    until(9)

    diary.change(walk, MARCH_4, "all", at=time(15), remind_before=0)
    diary.change(walk, MARCH_4, "all", at=time(14), remind_before=0)

    until(16)
    assert [one.local_at for one in provider.messages] == [time(9), time(14)]


def test_another_name_or_an_earlier_time_after_a_reminder_was_sent_brings_no_second_one(diary, ash, until, provider):
    walk = diary.plan(on=MARCH_4, remind_before=0)
    until(9)

    diary.change(walk, MARCH_4, "all", at=time(8, 58), remind_before=0)
    move_to(ash, "America/New_York")
    diary.change(walk, MARCH_4, None, remind_before=0)

    until(20)
    assert len(provider.messages) == 1


def test_nobody_whose_treatment_has_ended_is_reminded(diary, ash, until, provider, world):
    diary.plan(on=MARCH_4, remind_before=0)
    with ash.working() as work:
        work.session.execute(sa.update(PatientRecord).where(PatientRecord.id == ash.id).values(discharged_at=work.now))
        work.record("patient.discharged", patient=ash.id)

    until(9, 30)

    assert provider.messages == [] and fates(ash)[0] == ("suppressed", "account-closed")


def test_two_people_due_at_once_each_get_their_own_and_one_recipient_a_message(diary, world, robin, until, provider):
    Diary(world.patient("Bo Lindqvist", of=robin)).plan(on=MARCH_4, remind_before=0)
    diary.plan(on=MARCH_4, remind_before=0)

    until(9)

    assert len({one.person_id for one in provider.messages}) == len(provider.messages) == 2


def test_what_is_useful_for_half_an_hour_after_it_began_is_not_sent_after_that(diary, ash):
    diary.plan(on=MARCH_4, remind_before=60)

    assert rows(ash)[0].expires_at == at(9) + USEFUL_FOR


def test_a_reminder_that_has_come_is_shown_on_today_until_it_is_useless_or_was_answered(
    diary, ash, world, until, clients
):
    walk, _tea = diary.plan(on=MARCH_4), diary.plan("Make tea", on=MARCH_4, at=time(11))
    swim = diary.plan("Swim", on=MARCH_4, remind_before=15)
    until(8, 44)
    browser = clients(ash)
    assert "Reminder:" not in browser.get("/my/today").text

    until(8, 45)

    assert "Reminder: Swim at 9:00am." in browser.get("/my/today").text
    assert browser.get("/my/today").text.count("Reminder:") == 1 and walk
    diary.log(swim, MARCH_4)
    assert "Reminder:" not in browser.get("/my/today").text


def test_a_reminder_is_shown_for_half_an_hour_after_what_it_is_about_began(diary, ash, world, until, clients):
    diary.plan(on=MARCH_4, remind_before=0)
    until(9)
    browser = clients(ash)
    assert "Reminder: Walk the dog at 9:00am." in browser.get("/my/today").text

    world.clock.on(minutes=30)

    assert "Reminder:" not in browser.get("/my/today").text


def test_after_an_outage_today_says_how_many_came_and_went(diary, ash, world, until, clients):
    for title, hour in (("Walk", 7), ("Tea", 9)):
        diary.plan(title, on=MARCH_4, at=time(hour), remind_before=0)
    until(6)

    world.clock.now = at(13)
    until(13, 1)

    page = clients(ash).get("/my/today").text
    assert "2 activities in your diary came and went without a reminder. We are sorry." in page
