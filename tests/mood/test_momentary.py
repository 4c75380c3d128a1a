"""Short questions several times a day: drawn once, asked or withheld when due, answered once, and each with an end."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.accounts.roles import Role
from app.accounts.tables import PatientRecord, Person
from app.clinical import momentary
from app.clinical.momentary import Standing, Withheld
from app.clinical.momentary_protocols import Purpose
from app.clinical.reminder_reasons import Reason
from app.kit.errors import Forbidden, NotFound
from app.mood import momentary_actions as actions
from app.mood import momentary_jobs as jobs
from app.mood import momentary_queries as queries
from app.mood.momentary_tables import MomentaryPrompt
from app.notifications import switch_actions
from app.notifications.kinds import Channel, ReminderKind, ReminderState, SwitchScope
from app.notifications.reminder_tables import Reminder
from tests.mood.momentary import MARCH_4, MOOD
from tests.people import World

NINE = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


def reminders(who, state=None):
    rows = who.work().session.execute(
        sa.select(Reminder)
        .where(
            Reminder.person_id == who.id,
            Reminder.channel == Channel.IN_APP,
            Reminder.kind == ReminderKind.MOMENTARY,
        )
        .order_by(Reminder.due_at)
    )
    return [row for row in rows.scalars() if state is None or row.state is state]


def off(who, scope=SwitchScope.KIND, which="momentary", **until):
    with who.working() as work:
        switch_actions.switch_off(work, person_id=who.id, scope=scope, which=which, **until)


def go_to(who, zone):
    with who.world.founding() as work:
        work.session.get_one(Person, (who.world.service_id, who.id)).zone = zone
        work.record("person.zone-changed", patient=who.id, zone=zone, said="test")


def discharge(who):
    with who.world.founding() as work:
        work.session.get_one(PatientRecord, (who.world.service_id, who.id)).discharged_at = work.now
        work.record("patient.discharged", patient=who.id)


# Assigning


def test_every_prompt_is_drawn_and_stored_when_it_is_assigned(moments):
    assigned = moments.assign()

    assert [one.times.due_at for one in moments.all()] == [
        NINE, NINE + 4 * HOUR, NINE + 9 * HOUR, NINE + DAY, NINE + DAY + 4 * HOUR, NINE + DAY + 9 * HOUR,
    ]  # fmt: skip
    assert moments.standings() == [Standing.TO_COME] * 6
    assert (assigned.assigned_by, assigned.last_on, assigned.protocol.version) == ("Robin Hale", date(2026, 3, 5), "2")


def test_sent_twice_it_is_assigned_once(moments):
    same = uuid4()
    moments.assign(assignment_id=same)
    moments.assign(assignment_id=same)

    assert len(moments.all()) == 6


def test_random_times_are_drawn_once_and_come_out_again_from_the_seed(moments):
    random = [{"key": "day", "label": "Day", "from": "10:00", "to": "20:00"}]
    assigned = moments.assign(windows=random, days=5)
    before = [one.local_at for one in moments.all()]
    moments.plan()

    assert [one.local_at for one in moments.all()] == before
    assert [one.at for one in momentary.draw(assigned.protocol, assigned.seed, MARCH_4, 5)] == before


def test_two_are_never_asked_on_the_same_day(moments):
    moments.assign()
    with pytest.raises(actions.AskedAlready):
        moments.assign(first_on=date(2026, 3, 5))

    moments.assign(first_on=date(2026, 3, 6))
    assert len(moments.assigned()) == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"first_on": date(2026, 3, 3)},
        {"first_on": date(2027, 3, 3)},
        {"days": 0},
        {"days": 61},
        {"purpose": Purpose.END},
    ],
)
def test_what_a_protocol_is_not_for_and_days_that_have_begun_are_refused(moments, asked):
    with pytest.raises(ValueError, match="cannot be asked"):
        moments.assign(**asked)


def test_nothing_is_asked_of_somebody_whose_treatment_has_ended(moments, ash):
    discharge(ash)

    with pytest.raises(actions.TreatmentHasEnded):
        moments.assign()


def test_only_who_tailors_the_programme_assigns(moments, world):
    moments.by = world.staff("Nav Gator", Role.NAVIGATOR)

    with pytest.raises(Forbidden):
        moments.assign()


# Being asked


def test_a_prompt_is_asked_when_it_is_due_and_reminded_of(moments, ash):
    moments.assign()
    moments.go(NINE - MINUTE)
    assert moments.standings()[0] is Standing.TO_COME and reminders(ash, ReminderState.SENT) == []

    moments.go(NINE)
    assert moments.standings()[0] is Standing.OPEN
    assert [row.due_at for row in reminders(ash, ReminderState.SENT)] == [NINE]


def test_what_nobody_answers_has_run_out_at_once_whether_a_job_came_or_not(moments, world):
    moments.assign()
    moments.go(NINE)
    world.clock.now = NINE + HOUR

    assert moments.standings()[0] is Standing.EXPIRED


@pytest.mark.parametrize(
    ("how", "why", "reason"),
    [
        (lambda who: off(who), Withheld.OFF, Reason.KIND_OFF),
        (lambda who: off(who, SwitchScope.ALL, ""), Withheld.OFF, Reason.SWITCHED_OFF),
        (lambda who: off(who, SwitchScope.ALL, "", until_at=NINE + DAY), Withheld.PAUSED, Reason.PAUSED),
        (discharge, Withheld.TREATMENT_ENDED, Reason.ACCOUNT_CLOSED),
    ],
)
def test_a_prompt_is_withheld_with_its_reason(moments, ash, how, why, reason):
    moments.assign()
    how(ash)
    moments.go(NINE)

    assert moments.withheld()[0] is why and moments.compliance().asked == 0
    assert reminders(ash)[0].reason == reason.value


def test_in_quiet_hours_it_is_withheld_and_not_put_off(moments, ash):
    moments.assign(windows=[{"key": "late", "label": "Late", "at": "21:00"}], items=[MOOD])
    moments.go(NINE + 12 * HOUR)

    assert moments.withheld()[0] is Withheld.QUIET_HOURS
    assert reminders(ash)[0].reason == Reason.QUIET_HOURS.value


def test_where_braid_stood_still_until_it_was_of_no_use_nobody_was_asked(moments, ash):
    moments.assign()
    moments.go(NINE + HOUR)

    assert moments.withheld()[0] is Withheld.OUTAGE
    assert reminders(ash, ReminderState.SENT) == []


def test_after_a_restart_within_its_time_it_is_asked_late_and_once(moments, world):
    moments.assign()
    moments.go(NINE + 30 * MINUTE)
    decided = moments.all()[0].facts.asked_at
    moments.go(NINE + 40 * MINUTE)

    assert moments.standings()[0] is Standing.OPEN
    assert decided == moments.all()[0].facts.asked_at == NINE + 30 * MINUTE
    assert jobs.ask(world.bind, world.service_id, clock=world.clock) == 0


def test_planning_again_writes_nothing_anew(moments, ash):
    moments.assign()
    before = [(row.id, row.due_at) for row in reminders(ash, ReminderState.PENDING)]

    assert moments.plan() == 1
    assert [(row.id, row.due_at) for row in reminders(ash, ReminderState.PENDING)] == before
    # What is due within two days.
    assert len(before) == 4


# Answering


def test_an_answer_in_time_and_one_that_is_late(moments, world):
    moments.assign()
    moments.go(NINE)
    first, second = moments.all()[:2]
    world.clock.now = NINE + 59 * MINUTE
    assert moments.answer(first.id, 0, say="Rain.") is Standing.ANSWERED
    moments.go(NINE + 4 * HOUR)
    world.clock.now = NINE + 6 * HOUR
    assert moments.answer(second.id) is Standing.LATE

    assert moments.all()[0].answers == {"mood": 0, "say": "Rain."}
    assert (moments.compliance().answered, moments.compliance().late) == (1, 1)


def test_the_same_sent_twice_is_one_answer_and_another_is_refused(moments):
    moments.assign()
    moments.go(NINE)
    prompt = moments.all()[0]
    for _ in range(2):
        moments.answer(prompt.id, 4)

    with pytest.raises(actions.Answered):
        moments.answer(prompt.id, 5)
    assert moments.all()[0].answers == {"mood": 4}


def test_of_two_that_were_read_before_either_was_kept_the_first_stands(moments, ash):
    moments.assign()
    moments.go(NINE)
    prompt = moments.all()[0]
    patient = ash.patient()
    kept = sa.update(MomentaryPrompt.__table__).values(said_at=NINE, arrived_at=NINE, answers={"mood": 4})
    with ash.working() as work:
        read_before = queries.asking(work, patient, prompt.id)
        # As another click does it, past what this one has read.
        work.session.connection().execute(kept.where(MomentaryPrompt.__table__.c.id == prompt.id))
        work.record("momentary.answered", patient=ash.id, prompt=prompt.id)
        with pytest.raises(actions.Answered):
            actions.answer(work, patient=patient, asking=read_before, answers={"mood": 9})

    assert moments.all()[0].answers == {"mood": 4}


@pytest.mark.parametrize(("late", "minutes"), [("refuse", 60), ("accept-as-late", 240)])
def test_when_a_prompt_takes_no_answer_any_more_it_says_so(moments, world, late, minutes):
    moments.assign(late=late)
    moments.go(NINE)
    world.clock.now = NINE + minutes * MINUTE

    with pytest.raises(actions.Closed):
        moments.answer(moments.all()[0].id)


def test_nobody_answers_before_they_are_asked(moments):
    moments.assign()

    with pytest.raises(actions.Closed):
        moments.answer(moments.all()[0].id)


def test_what_waited_without_a_connection_was_said_when_it_was_tapped(moments, world):
    moments.assign(late="refuse")
    moments.go(NINE)
    prompt = moments.all()[0]
    world.clock.now = NINE + 10 * HOUR

    assert moments.answer(prompt.id, waited=int(9.5 * 3600)) is Standing.ANSWERED
    kept = moments.all()[0]
    assert (kept.said_at, kept.arrived_at) == (NINE + 30 * MINUTE, NINE + 10 * HOUR)


def test_no_device_says_that_it_was_answered_before_it_was_asked(moments, world):
    moments.assign()
    moments.go(NINE)
    world.clock.now = NINE + 10 * MINUTE
    moments.answer(moments.all()[0].id, waited=10**9)

    assert moments.all()[0].said_at == NINE


def test_somebody_elses_prompt_is_not_found(moments, world):
    moments.assign()
    other = world.patient("Bea Other")

    with pytest.raises(NotFound), other.working() as work:
        queries.asking(work, other.patient(), moments.all()[0].id)


def test_one_that_is_answered_is_not_reminded_of(moments, ash, world):
    moments.assign()
    world.clock.now = NINE
    jobs.ask(world.bind, world.service_id, clock=world.clock)
    moments.answer(moments.all()[0].id)
    moments.go(NINE)

    assert reminders(ash)[0].reason == Reason.ALREADY_SAID.value


def test_answers_are_unreadable_in_the_database(moments, world, ash):
    moments.assign()
    moments.go(NINE)
    moments.answer(moments.all()[0].id, say="A very particular sentence")
    column = sa.text("select answers from momentary_prompt where answers is not null")

    assert b"particular" not in ash.work().session.execute(column).scalar_one()


def test_what_was_drawn_can_not_be_changed_by_anybody(moments, ash):
    moments.assign()
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), ash.working() as work:
        work.session.execute(sa.update(MomentaryPrompt).values(local_at=time(12)))


# Ending early


def test_ended_early_nothing_more_is_asked_and_what_was_answered_stays(moments, ash):
    moments.assign()
    moments.go(NINE)
    moments.answer(moments.all()[0].id)
    moments.go(NINE + 4 * HOUR)
    moments.end()

    assert moments.standings() == [Standing.ANSWERED] + [Standing.WITHHELD] * 5
    assert set(moments.withheld()[1:]) == {Withheld.ENDED_EARLY}
    (assigned,) = moments.assigned()
    assert (assigned.ended_by, assigned.end_reason) == ("Robin Hale", "They go on holiday.")
    assert reminders(ash, ReminderState.PENDING) == []
    with pytest.raises(actions.Over):
        moments.end()


def test_what_was_said_before_it_was_ended_still_arrives(moments, world):
    moments.assign()
    moments.go(NINE)
    world.clock.now = NINE + 10 * MINUTE
    moments.end()
    world.clock.now = NINE + HOUR

    assert moments.answer(moments.all()[0].id, waited=55 * 60) is Standing.ANSWERED


def test_after_it_is_ended_other_days_are_free_again(moments):
    moments.assign()
    moments.end()

    moments.assign()
    assert len(moments.assigned()) == 2


def test_what_is_over_cannot_be_ended(moments, world):
    moments.assign()
    world.clock.now = NINE + 3 * DAY

    with pytest.raises(actions.Over):
        moments.end()


# Time zones


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_prompts_to_come_follow_somebody_who_travels(moments, ash, zone):
    moments.assign()
    go_to(ash, zone)
    moments.plan()

    noon = next(one for one in moments.all() if one.slot == "noon")
    assert noon.times.due_at.astimezone(noon.zone).time() == time(13) and str(noon.zone) == zone
    assert {row.due_at for row in reminders(ash, ReminderState.PENDING)} <= {one.times.due_at for one in moments.all()}


def test_a_journey_skips_what_is_over_there_and_it_counts_as_not_asked(moments, ash):
    moments.assign()
    moments.go(NINE)
    go_to(ash, "Asia/Tokyo")
    moments.plan()

    # It is six in the evening there: one o'clock is over, and the evening's is due now.
    assert moments.withheld()[:3] == [None, Withheld.TRAVEL, None]
    moments.go(NINE)
    assert moments.standings()[:3] == [Standing.OPEN, Standing.WITHHELD, Standing.OPEN]


def test_who_has_gone_west_is_asked_by_the_clock_there_also_before_it_was_planned_anew(moments, ash):
    moments.assign()
    go_to(ash, "America/New_York")
    moments.go(NINE)
    assert moments.standings()[0] is Standing.TO_COME

    moments.go(NINE + 5 * HOUR)
    assert moments.standings()[0] is Standing.OPEN


def test_on_the_day_the_clocks_change_it_is_asked_by_the_clock(moments):
    moments.assign(first_on=date(2026, 3, 28))

    assert [one.times.due_at.hour for one in moments.all()] == [9, 13, 18, 8, 12, 17]


def test_another_service_sees_nothing_of_it(moments, world, bind):
    moments.assign()
    other = World(bind, clock=world.clock)

    with other.founding() as work:
        assert queries.of_service(work) == []
        assert work.session.execute(sa.select(MomentaryPrompt)).first() is None
