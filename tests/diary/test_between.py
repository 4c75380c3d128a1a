"""What is read of a diary for some days is what is planned on them, whatever else it holds."""

import random
from datetime import date, time, timedelta
from uuid import uuid4

from app.clinical.planning import Scope
from app.clinical.recurrence import Freq, Rule
from app.diary import plan_queries, week_queries
from app.notifications.kinds import Channel, ReminderKind, ReminderState
from app.notifications.reminder_tables import Reminder

DAY = timedelta(days=1)
MARCH_3 = date(2026, 3, 3)
RULES = (
    Rule(freq=Freq.DAILY, every=3),
    Rule(freq=Freq.WEEKLY, weekdays=(0, 3)),
    Rule(freq=Freq.WEEKLY, weekdays=(2,), every=2),
    Rule(freq=Freq.MONTHLY, month_day=31),
    Rule(freq=Freq.ONCE),
)


def fill(diary, chance, count):
    """Plan things over a year, end some, leave some days out and move others in, out and far away."""
    for number in range(count):
        begins = MARCH_3 + DAY * chance.randint(-300, 40)
        until = begins + DAY * chance.randint(0, 120) if chance.random() < 0.4 else None
        rule = chance.choice(RULES)
        series_id = diary.plan(f"Thing {number}", rule, begins, until_on=None if rule.freq is Freq.ONCE else until)
        for _ in range(chance.randint(0, 4)):
            ahead = diary.activity(series_id).between(MARCH_3, MARCH_3 + DAY * 60)
            if not ahead:
                break
            one = chance.choice(ahead)
            if chance.random() < 0.3:
                diary.stop(series_id, one.named_on, chance.choice(["one", "later"]))
            else:
                scope = Scope.ALL if rule.freq is Freq.ONCE else chance.choice([Scope.ONE, Scope.ONE, Scope.LATER])
                to = one.on + DAY * chance.choice([-20, -3, 0, 1, 9, 40])
                diary.change(series_id, one.named_on, scope, on=max(to, MARCH_3), at=chance.choice([None, time(15)]))


def told(activities, first, last):
    return {
        one.id: (one.title, found, [(one.repeats(each.named_on), one.segment(each.named_on)) for each in found])
        for one in activities
        if (found := one.between(first, last))
    }


def test_what_is_read_for_some_days_is_what_everything_that_was_ever_planned_has_on_them(diary, ash):
    chance = random.Random(29)
    fill(diary, chance, 40)
    work, patient = ash.work(), ash.patient()
    everything = plan_queries.activities(work, patient)

    for _ in range(80):
        first = MARCH_3 + DAY * chance.randint(-200, 100)
        last = first + DAY * chance.choice([0, 1, 6, 92])
        read = plan_queries.activities_between(work, patient, first, last)

        assert told(read, first, last) == told(everything, first, last)
        assert [one.id for one in read] == [one.id for one in everything if one.id in {each.id for each in read}]


def test_what_is_over_or_begins_later_is_not_read_and_what_was_moved_to_those_days_is(diary, ash):
    diary.plan("Over", on=date(2026, 1, 1), until_on=date(2026, 2, 1))
    diary.plan("Later", on=date(2026, 5, 1))
    moved_in, moved_out = diary.plan("In", RULES[4], date(2026, 4, 20)), diary.plan("Out", RULES[1], date(2026, 3, 5))
    diary.change(moved_in, date(2026, 4, 20), "all", on=date(2026, 3, 4))
    diary.change(moved_out, date(2026, 3, 5), "one", on=date(2026, 4, 2))
    patient = ash.patient()

    read = plan_queries.activities_between(ash.work(), patient, MARCH_3, date(2026, 3, 8))
    titles = [one.title for one in read if one.between(MARCH_3, date(2026, 3, 8))]

    assert {one.title for one in read} == {"In", "Out"} and titles == ["In"]
    assert [one.title for one in plan_queries.activities_between(ash.work(), patient, MARCH_3, MARCH_3)] == []


def test_what_an_outage_kept_back_is_said_on_a_day_on_which_nothing_is_planned(diary, ash):
    diary.plan("Over", on=date(2026, 1, 1), until_on=date(2026, 2, 1))
    with ash.working() as work:
        work.add(
            Reminder(
                id=uuid4(),
                person_id=ash.id,
                kind=ReminderKind.SUMMARY,
                key="v1|sum|1|in-app",
                channel=Channel.IN_APP,
                about={"count": 2},
                due_at=work.now,
                expires_at=work.now + DAY,
                local_on=MARCH_3,
                zone="Europe/London",
                state=ReminderState.SENT,
                made_at=work.now,
            )
        )
        work.record("reminder.planned", patient=ash.id)

    found = week_queries.for_today(ash.work(), ash.patient())

    assert (found.missed, found.items) == (2, [])
