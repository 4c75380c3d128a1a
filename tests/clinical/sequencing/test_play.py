"""Happenings of an invented patient become the facts they stand for."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app.clinical.sequencing.play import ABOUT_STEP, ABOUT_WORD, Happening, Play, Ready, What, mistake, ready
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import State
from tests.clinical.sequencing.starter import STARTER

LONDON = ZoneInfo("Europe/London")
# The clocks go forward on the last Sunday of March, in the fourth week.
FIRST = date(2026, 3, 2)


def happening(what, day=2):
    return Happening(
        day=day,
        what=what,
        step="pe" if what in ABOUT_STEP else "",
        word="relaxation" if what in ABOUT_WORD else "",
        measure="phq-9" if what is What.SCORED else "",
        total=9 if what is What.SCORED else None,
    )


@pytest.mark.parametrize("what", What)
def test_everything_that_can_happen_is_facts_that_can_be_replayed(what):
    one = happening(what)
    play = Play(STARTER, (one,), FIRST, LONDON)

    course = replay(STARTER, play.facts, started_at=play.started_at, now=play.ends_at(3), zone=LONDON)

    assert mistake(one, STARTER) is None
    assert play.facts and course.standings


def test_a_day_ends_at_midnight_where_the_patient_is_across_the_change_of_clocks():
    play = Play(STARTER, (happening(What.MOOD, day=40),), FIRST, LONDON)

    assert play.ends_at(40).astimezone(LONDON).date() == date(2026, 4, 10)
    assert {fact.effective_at.astimezone(LONDON).hour for fact in play.facts} == {12}


def test_what_happens_on_one_day_keeps_its_order():
    play = Play(STARTER, (happening(What.SKIPPED), happening(What.OPENED)), FIRST, LONDON)

    assert [fact.kind for fact in play.facts] == ["waived", "step-opened"]


@pytest.mark.parametrize("which", Ready)
def test_every_ready_script_makes_sense_and_opens_more_than_the_first_step(which):
    script = ready(which, STARTER, FIRST, LONDON)
    play = Play(STARTER, script, FIRST, LONDON)

    assert all(mistake(one, STARTER) is None for one in script)
    course = replay(STARTER, play.facts, started_at=play.started_at, now=play.ends_at(play.last_day), zone=LONDON)
    assert sum(one.opened for one in course.standings) > 1


def test_who_does_everything_in_sessions_has_done_it_in_sessions():
    play = Play(STARTER, ready(Ready.IN_SESSIONS, STARTER, FIRST, LONDON), FIRST, LONDON)
    course = replay(STARTER, play.facts, started_at=play.started_at, now=play.ends_at(play.last_day), zone=LONDON)

    done = [one for one in course.standings if one.state is State.COMPLETED]
    assert done and {one.mode.value for one in done} == {"in-clinic"}
