"""Who is told of what waits, in which order and when; and whose an alert is whoever is away or gone."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical import escalation, standing_in
from app.clinical.bank_holidays import Calendar
from app.clinical.escalation import Climb, Level, Steps, Wait, Waiting
from app.clinical.hours import Hours
from app.clinical.standing_in import Colleague, Team, Through

LONDON = ZoneInfo("Europe/London")
WEEK = Hours(calendar=Calendar.ENGLAND_AND_WALES)
TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def climb(minutes, told=(), since=TEN):
    now = since + timedelta(minutes=minutes)
    return escalation.climb(since, Steps(), told=told, now=now, hours=WEEK, zone=LONDON)


@pytest.mark.parametrize(
    ("minutes", "told", "due"),
    [
        (29, (), None),
        (30, (), Climb(Level.DUTY, ())),
        (59, (Level.DUTY,), None),
        (60, (Level.DUTY,), Climb(Level.SUPERVISOR, ())),
        (120, (Level.DUTY, Level.SUPERVISOR), Climb(Level.LEAD, ())),
        (60, (), Climb(Level.SUPERVISOR, (Level.DUTY,))),
        (300, (), Climb(Level.LEAD, (Level.DUTY, Level.SUPERVISOR))),
        (300, (Level.DUTY,), Climb(Level.LEAD, (Level.SUPERVISOR,))),
        (300, (Level.LEAD,), None),
    ],
)
def test_each_level_is_told_once_and_after_a_standstill_the_right_one(minutes, told, due):
    assert climb(minutes, told) == due


@pytest.mark.parametrize(
    ("answered", "duty"),
    [
        (datetime(2026, 3, 3, 16, 45, tzinfo=UTC), datetime(2026, 3, 4, 9, 15, tzinfo=UTC)),
        (datetime(2026, 3, 6, 22, 0, tzinfo=UTC), datetime(2026, 3, 9, 9, 30, tzinfo=UTC)),
        (datetime(2026, 4, 2, 18, 0, tzinfo=UTC), datetime(2026, 4, 7, 8, 30, tzinfo=UTC)),
        (datetime(2026, 3, 27, 16, 50, tzinfo=UTC), datetime(2026, 3, 30, 8, 20, tzinfo=UTC)),
    ],
    ids=["over-night", "over-the-weekend", "over-easter", "over-the-change-of-the-clocks"],
)
def test_minutes_are_minutes_of_service_hours(answered, duty):
    assert escalation.times(answered, Steps(), hours=WEEK, zone=LONDON)[Level.DUTY] == duty


@given(st.integers(0, 60 * 24 * 21), st.sets(st.sampled_from(list(Level))))
def test_no_level_is_told_twice_or_before_its_time_or_after_one_above_it(minutes, told):
    found = climb(minutes, told)

    if found:
        assert found.level not in told
        assert all(list(Level).index(one) < list(Level).index(found.level) for one in told)
        assert escalation.times(TEN, Steps(), hours=WEEK, zone=LONDON)[found.level] <= TEN + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("given_facts", "waits"),
    [
        ({"unread_since": TEN}, Waiting(Wait.LOOK, TEN)),
        ({"unread_since": TEN, "looked_at": TEN, "acted_at": TEN, "next_at": TEN}, Waiting(Wait.LOOK, TEN)),
        ({"looked_at": TEN}, Waiting(Wait.ACT, TEN)),
        ({"looked_at": TEN, "acted_at": TEN, "next_at": TEN}, Waiting(Wait.ATTEMPT, TEN)),
        ({"looked_at": TEN, "acted_at": TEN}, None),
    ],
)
def test_what_an_open_alert_waits_for(given_facts, waits):
    nothing = dict.fromkeys(("unread_since", "looked_at", "acted_at", "next_at"))

    assert escalation.waiting(**(nothing | given_facts)) == waits


ROBIN, SAM, SUE, LENA, OLA = (UUID(int=n) for n in range(1, 6))
AWAY = date(2026, 3, 10)
LATER = TEN + timedelta(hours=5)


def team(**changed):
    """Robin sees patients and is supervised by Sue; Sam sees patients; Lena leads, and so does Ola."""
    known = {
        "robin": {"id": ROBIN, "sees_patients": True},
        "sam": {"id": SAM, "sees_patients": True},
        "sue": {"id": SUE, "supervises": True},
        "lena": {"id": LENA, "leads": True},
        "ola": {"id": OLA, "leads": True},
    }
    people = [
        Colleague(given_name=name.title(), family_name="Hale", **facts, **changed.get(name, {}))
        for name, facts in known.items()
        if changed.get(name, {}) is not None
    ]
    return Team({one.id: one for one in people}, {ROBIN: (SUE,)})


@pytest.mark.parametrize(
    ("changed", "whose"),
    [
        ({}, (ROBIN, Through.OWN)),
        ({"robin": {"away_until": AWAY, "cover": SAM}}, (SAM, Through.COVER)),
        ({"robin": {"away_until": AWAY, "cover": SAM}, "sam": None}, (SUE, Through.SUPERVISOR)),
        ({"robin": {"away_until": AWAY, "cover": SAM}, "sam": {"away_until": AWAY}}, (SUE, Through.SUPERVISOR)),
        ({"robin": None}, (SUE, Through.SUPERVISOR)),
        ({"robin": None, "sam": {"on_duty_until": LATER}}, (SAM, Through.DUTY)),
        ({"robin": None, "sam": {"on_duty_until": LATER, "away_until": AWAY}}, (SUE, Through.SUPERVISOR)),
        ({"robin": None, "sue": None}, (LENA, Through.LEAD)),
        ({"robin": None, "sue": {"away_until": AWAY, "cover": OLA}}, (OLA, Through.SUPERVISOR)),
        ({"robin": None, "sue": None, "lena": {"away_until": AWAY, "cover": OLA}}, (OLA, Through.LEAD)),
        ({"robin": None, "sue": None, "ola": None, "lena": {"away_until": AWAY, "cover": SAM}}, (LENA, Through.LEAD)),
    ],
)
def test_an_alert_is_its_practitioners_or_whoevers_stands_in(changed, whose):
    found = standing_in.owner(team(**changed), ROBIN)

    assert (found.colleague.id, found.through) == whose


@pytest.mark.parametrize(
    ("changed", "level", "told"),
    [
        ({"sam": {"on_duty_until": LATER}}, Level.DUTY, {SAM}),
        ({}, Level.DUTY, {SUE}),
        ({"sue": None}, Level.DUTY, {LENA, OLA}),
        ({}, Level.SUPERVISOR, {SUE}),
        ({"sue": {"away_until": AWAY, "cover": OLA}}, Level.SUPERVISOR, {OLA}),
        ({}, Level.LEAD, {LENA, OLA}),
        ({"lena": {"away_until": AWAY, "cover": OLA}}, Level.LEAD, {OLA}),
    ],
)
def test_a_level_without_anybody_is_the_next_one_up(changed, level, told):
    assert {one.id for one in standing_in.told_at(team(**changed), ROBIN, level)} == told


people = st.fixed_dictionaries(
    {},
    optional={
        "away_until": st.just(AWAY),
        "cover": st.sampled_from([ROBIN, SAM, SUE, LENA, OLA, uuid4()]),
        "on_duty_until": st.just(LATER),
    },
)


@given(st.fixed_dictionaries({name: st.none() | people for name in ("robin", "sam", "sue", "lena")} | {"ola": people}))
def test_as_long_as_one_lead_is_active_an_alert_is_somebodys_and_every_level_reaches_somebody(changed):
    found = team(**changed)

    whose = standing_in.owner(found, ROBIN)
    assert whose is not None and whose.colleague.id in found.colleagues
    assert whose.colleague.id in standing_in.may_work_on(found, ROBIN)
    for level in Level:
        told = standing_in.told_at(found, ROBIN, level)
        assert told and {one.id for one in told} <= standing_in.may_work_on(found, ROBIN)
