"""What opened is told by one letter; what is closed to the patient, or was never theirs to see, by none."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.pathway import read
from app.notifications.tables import Outbox
from app.programme import jobs, plan_actions
from tests import published
from tests.programme.conftest import Course

FIRST, LATER, LAST, OPTIONAL = "low-mood", "doing-what-matters", "staying-well", "relaxing"


@pytest.fixture
def follow(bind, world):
    """Catch up with all that happened, and announce it."""
    return lambda: jobs.follow(bind, world.service_id, clock=world.clock, origin="https://braid.example.org")


@pytest.fixture
def ready(course, ash, follow):
    """A course that nothing new is to be told of."""
    ash = course(ash)
    follow()
    ash.world.clock.on(minutes=3)
    return ash


@pytest.fixture
def timed(world, ash, robin, library, clients, follow):
    """A course whose second step opens by time, three days after its start."""
    steps = [
        {"key": FIRST, "title": "Understanding low mood", "module": FIRST, "unlock": {"kind": "always"}},
        {"key": LATER, "title": "Doing what matters", "module": LATER, "requirement": "could",
         "unlock": {"kind": "time-since", "anchor": {"kind": "programme-start"}, "n": 3}},
    ]  # fmt: skip
    body = {"key": "timed", "title": "Timed", "version": 1, "programme_days": 70, "sessions": 10, "steps": steps}
    library = replace(library, pathways=library.pathways | {"timed": read(body)})
    with world.founding() as work:
        version = published.in_use(work, library=library, key="timed").id
        plan_actions.enrol(work, patient_id=ash.id, pathway_version_id=version, zone="Europe/London")
    follow()
    return Course(ash, robin, library, clients(ash))


def letters(course):
    about = sa.select(sa.func.count()).where(Outbox.person_id == course.who.id, Outbox.kind == "something-new")
    return course.who.work().session.execute(about).scalar_one()


def opened(course):
    """The steps that opened since the course began."""
    return {one.step for one in course.plan().course.openings if one.at > course.plan().started_at}


def hold(course, step):
    review = course.world.clock.now.date() + timedelta(days=30)
    course.staff(plan_actions.hold, step=step, reason="Unwell", review_on=review, told="")


def waive(course, step):
    course.staff(plan_actions.waive, step=step, reason=WaiverReason.GOALS_MET)


def test_three_steps_that_open_in_one_minute_are_one_letter(ready, follow):
    ready.staff(plan_actions.record_done, step=FIRST)
    follow()
    follow()

    assert {LATER, "thoughts", OPTIONAL} <= opened(ready)
    assert letters(ready) == 1


def test_two_steps_opened_apart_in_one_minute_are_one_letter_though_the_job_ran_in_between(ready, robin, follow):
    for step in (LATER, "thoughts"):
        with robin.working() as work:
            patient = ready.who.patient()
            plan_actions.override_open(work, patient=patient, plan=ready.plan(), step=step, reason="Ready for it")
        ready.world.clock.on(seconds=20)
        follow()

    assert opened(ready) == {LATER, "thoughts"}
    assert letters(ready) == 1


@pytest.mark.parametrize(
    ("step", "state"), [(LATER, "locked"), (LAST, "waiting"), (FIRST, "available"), (OPTIONAL, "not-suggested")]
)
def test_a_step_that_stays_as_it_is_is_told_by_no_letter(ready, follow, step, state):
    assert ready.state(step) == state
    ready.staff(plan_actions.move, step=step, before=LAST if step == FIRST else FIRST)

    follow()

    assert letters(ready) == 0


@pytest.mark.parametrize("close", [waive, hold])
@pytest.mark.parametrize("step", [FIRST, LATER, LAST])
def test_what_is_skipped_or_paused_is_told_by_no_letter(ready, follow, close, step):
    for behind in (LATER, "thoughts") if step == FIRST else ():
        hold(ready, behind)

    close(ready, step)
    follow()

    assert letters(ready) == 0


@pytest.mark.parametrize("close", [waive, hold])
def test_what_was_opened_and_closed_again_before_the_job_ran_is_told_by_no_letter(ready, follow, close):
    ready.staff(plan_actions.release, step=LAST)
    close(ready, LAST)

    follow()

    assert opened(ready) == {LAST}
    assert letters(ready) == 0


def test_what_was_opened_and_taken_back_before_the_job_ran_is_told_by_no_letter(ready, follow):
    ready.staff(plan_actions.release, step=LAST)
    [released] = [row for row in ready.plan().rows if row.kind == "released"]
    ready.staff(plan_actions.undo, decision_id=released.id)

    follow()

    assert ready.state(LAST) == "waiting"
    assert letters(ready) == 0


def test_what_was_done_with_staff_by_the_time_it_opened_is_told_by_no_letter(ready, follow):
    ready.staff(plan_actions.record_done, step=LATER)

    follow()

    assert opened(ready) == {LATER} and ready.state(LATER) == "completed"
    assert letters(ready) == 0


def test_what_opens_and_is_not_suggested_is_told_by_no_letter(ready, follow):
    for step in (LATER, "thoughts"):
        hold(ready, step)
    ready.staff(plan_actions.record_done, step=FIRST)

    follow()

    assert ready.state(OPTIONAL) == "not-suggested" and OPTIONAL in opened(ready)
    assert letters(ready) == 0


def test_what_time_opens_while_it_is_paused_is_told_once_it_is_resumed(timed, follow):
    hold(timed, LATER)
    follow()
    timed.world.clock.on(days=4)
    follow()
    assert opened(timed) == {LATER} and letters(timed) == 0

    timed.staff(plan_actions.resume, step=LATER)
    follow()
    follow()

    assert timed.state(LATER) == "available"
    assert letters(timed) == 1


def test_a_step_that_is_open_again_after_a_pause_is_told_once_and_found_on_today(ready, follow):
    hold(ready, FIRST)
    follow()
    ready.staff(plan_actions.resume, step=FIRST)

    follow()
    follow()

    assert letters(ready) == 1
    assert "Robin opened Understanding low mood for you" in ready.get("/my/today").text


def test_a_pause_that_was_resumed_by_mistake_and_taken_back_is_told_by_no_letter(ready, follow):
    hold(ready, FIRST)
    follow()
    ready.staff(plan_actions.resume, step=FIRST)
    [resumed] = [row for row in ready.plan().rows if row.kind == "resumed"]
    ready.staff(plan_actions.undo, decision_id=resumed.id)

    follow()

    assert ready.state(FIRST) == "on-hold"
    assert letters(ready) == 0


def test_what_time_opens_is_told_once(timed, follow):
    timed.world.clock.on(days=4)
    follow()
    follow()

    assert letters(timed) == 1


def test_what_time_opens_that_was_skipped_is_told_by_no_letter(timed, follow):
    waive(timed, LATER)
    follow()
    timed.world.clock.on(days=4)

    follow()

    assert opened(timed) == {LATER} and timed.state(LATER) == "waived"
    assert letters(timed) == 0


def test_after_discharge_nothing_is_told(ready, world, follow):
    ready.staff(plan_actions.release, step=LAST)
    with world.founding() as work:
        record = work.session.get_one(PatientRecord, (work.service_id, ready.who.id))
        record.discharged_at = world.clock.now
        work.session.add(record)
        work.record("patient.contact-changed", patient=ready.who.id)

    follow()

    assert opened(ready) == {LAST}
    assert letters(ready) == 0
