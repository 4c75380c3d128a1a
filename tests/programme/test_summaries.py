"""The summaries that lists are made of, the proof that they equal the replay, and who is told what opened."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from app.accounts.tables import PatientRecord
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.pathway import read
from app.kit import crypto
from app.notifications.tables import Outbox
from app.programme import history, jobs, plan_actions, queries, summary_queries
from app.programme.tables import CourseSummary, Evidence
from tests import published
from tests.questionnaires.answers import send, totalling

ORIGIN = "https://braid.example.org"


@pytest.fixture
def follow(bind, world):
    """Catch up with all that happened."""
    return lambda: jobs.follow(bind, world.service_id, clock=world.clock, origin=ORIGIN)


def kept(course):
    row = course.who.work().session.get(CourseSummary, (course.world.service_id, course.who.id))
    return row.summary if row else None


def letters(course):
    """How often the patient was told that there is something new."""
    return letters_to(course.who)


def letters_to(who):
    about = sa.select(sa.func.count()).where(Outbox.person_id == who.id, Outbox.kind == "something-new")
    return who.work().session.execute(about).scalar_one()


def differing(course):
    work = course.who.work()
    return [one for one in summary_queries.enrolled(work) if summary_queries.differs(work, one)]


def opening_by_time(world, library):
    """A pathway whose second step opens by time, three days after the start."""
    steps = [
        {"key": "low-mood", "title": "Understanding low mood", "module": "low-mood", "unlock": {"kind": "always"}},
        {
            "key": "thoughts",
            "title": "Working with thoughts",
            "module": "thoughts",
            "unlock": {"kind": "time-since", "anchor": {"kind": "programme-start"}, "n": 3},
        },
    ]
    pathway = read(
        {"key": "timed", "title": "Timed", "version": 1, "programme_days": 70, "sessions": 10, "steps": steps}
    )
    library = replace(library, pathways=library.pathways | {"timed": pathway})
    with world.founding() as work:
        return published.in_use(work, library=library, key="timed").id


def test_a_summary_says_where_the_course_stands(course, ash, follow):
    ash = course(ash)
    ash.post("/my/steps/low-mood/start")
    ash.staff(plan_actions.record_done, step="low-mood", activities=("my-cycle",))
    ash.staff(plan_actions.hold, step="relaxing", reason="Later", review_on=date(2026, 3, 10))

    follow()

    assert kept(ash) == {
        "working_on": "Understanding low mood",
        "working_state": "in-progress",
        "done_of": "1 of 5",
        "awaiting_staff": [],
        "asked": [],
        "holds": [{"step": "relaxing", "title": "Relaxing body and mind", "on": "2026-03-10"}],
        "core_done": 0,
        "core": 4,
        "finished": False,
        "all_done_at": None,
        "modules": [],
    }


def test_a_release_that_is_one_of_several_ways_in_is_not_waited_for_on_the_first_day(course, ash, follow):
    ash = course(ash)

    follow()

    assert kept(ash)["awaiting_staff"] == []


def test_a_step_asked_for_waits_on_whoever_may_release_it(course, ash, follow):
    ash = course(ash)
    ash.post("/my/programme/staying-well/ask")

    follow()

    wait = kept(ash)["awaiting_staff"][0]
    assert (wait["step"], wait["roles"], wait["act"], wait["asked"]) == (
        "staying-well", ["practitioner"], "release", True
    )  # fmt: skip
    assert datetime.fromisoformat(wait["since"]) == ash.world.clock.now


def test_every_summary_equals_the_replay_once_the_job_has_followed(course, ash, world, robin, library, follow):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    ash.do_online("low-mood")
    kofi.staff(plan_actions.waive, step="low-mood", reason=WaiverReason.GOALS_MET)
    world.clock.on(days=1)
    send(ash.who, library, totalling(12))

    follow()

    assert differing(ash) == []
    assert kept(kofi)["core_done"] == 1


def test_a_patient_who_has_no_summary_yet_is_found(course, ash):
    ash = course(ash)

    assert differing(ash) == [ash.who.id]


@pytest.mark.parametrize(
    "change", [{"summary": {"working_on": "Elsewhere"}}, {"next_due_at": datetime(2100, 1, 1, tzinfo=UTC)}]
)
def test_a_stale_summary_is_found_mended_and_reported(course, ash, bind, world, follow, change):
    ash = course(ash)
    follow()
    with ash.practitioner.working() as work:
        work.session.execute(sa.update(CourseSummary).where(CourseSummary.patient_id == ash.who.id).values(change))

    assert differing(ash) == [ash.who.id]
    assert jobs.prove(bind, world.service_id, clock=world.clock, origin=ORIGIN) == 1
    assert differing(ash) == []


def test_the_proof_does_not_believe_the_replay_that_is_kept(course, ash, follow):
    ash = course(ash)
    follow()
    plan, stamp = ash.plan(), history.stamp(ash.who.work(), ash.who.patient())
    wrong = plan.rows[0]._replace(source="evidence", kind="page-passed")
    queries._replays._kept[ash.who.id] = (stamp, replace(plan, rows=[*plan.rows, wrong]))

    assert differing(ash) == []


def spoil(who):
    """A row that no version of ours can read, as a fault of ours may leave."""
    moment = who.world.clock.now
    with who.working() as work:
        work.add(Evidence(patient_id=who.id, kind="step-opened", step=None, effective_at=moment, recorded_at=moment))
        work.record("step.started", patient=who.id)


def test_a_course_that_cannot_be_read_keeps_nobody_elses_letters_back(course, ash, world, robin, follow):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    follow()
    spoil(ash.who)
    kofi.staff(plan_actions.release, step="staying-well")

    assert follow() == 2
    assert letters(kofi) == 1
    assert follow() == 0


def test_a_course_that_could_not_be_read_is_looked_at_again_and_nothing_that_opened_is_lost(course, ash, follow):
    ash = course(ash)
    follow()
    ash.staff(plan_actions.release, step="staying-well", told="Have a look at this before Tuesday.")
    ours = crypto.sealer()
    crypto.use(b"k" * 32)
    follow()
    crypto._sealers[:] = [ours]
    follow()
    assert letters(ash) == 0

    ash.world.clock.on(hours=1)
    follow()

    assert letters(ash) == 1
    assert differing(ash) == []


def test_the_nightly_proof_goes_on_past_a_course_that_cannot_be_read(course, ash, bind, world, robin, follow):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    follow()
    spoil(ash.who)
    with kofi.practitioner.working() as work:
        row = {"summary": {"working_on": "Elsewhere"}}
        work.session.execute(sa.update(CourseSummary).where(CourseSummary.patient_id == kofi.who.id).values(row))

    assert jobs.prove(bind, world.service_id, clock=world.clock, origin=ORIGIN) == 1
    assert not summary_queries.differs(kofi.who.work(), kofi.who.id)


def test_a_fact_that_is_seen_late_is_not_missed(course, ash):
    ash = course(ash)
    ash.do_online("low-mood")
    before = history.stamp(ash.who.work(), ash.who.patient())
    moment = ash.world.clock.now
    with ash.who.working() as work:
        work.add(
            Evidence(
                patient_id=ash.who.id,
                kind="patient-chose",
                step="sleep",
                seq=1,
                effective_at=moment,
                recorded_at=moment,
            )
        )
        work.record("step.asked-for", patient=ash.who.id)

    assert history.stamp(ash.who.work(), ash.who.patient()) != before


def test_a_decision_shows_on_the_caseload_without_waiting_for_the_job(course, ash, robin, clients):
    ash = course(ash)

    clients(robin).post(f"/patients/{ash.who.id}/plan/low-mood/waive", reason="goals-met")

    assert kept(ash)["core_done"] == 1


# Telling patients


def test_what_staff_open_is_told_once(course, ash, follow):
    ash = course(ash)
    follow()
    ash.staff(plan_actions.release, step="staying-well")

    follow()
    follow()

    assert letters(ash) == 1


def test_the_letter_says_nothing_of_what_opened(course, ash, follow):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well", told="Have a look at this before Tuesday.")
    follow()

    rows = ash.who.work().session.execute(sa.select(Outbox).where(Outbox.kind == "something-new")).scalars().all()

    assert "Staying well" not in rows[0].body and "Tuesday" not in rows[0].body
    assert rows[0].subject == "Something new for you"


def test_one_waiver_that_opens_three_steps_sends_one_letter(course, ash, follow):
    ash = course(ash)
    ash.staff(plan_actions.waive, step="low-mood", reason=WaiverReason.GOALS_MET)

    follow()

    assert ash.state("thoughts") == ash.state("doing-what-matters") == "available"
    assert letters(ash) == 1


def test_two_releases_on_two_days_are_told_of_twice(course, ash, follow):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    follow()
    ash.world.clock.on(days=1)
    ash.staff(plan_actions.override_open, step="thoughts", reason="They are ready for it")
    follow()

    assert letters(ash) == 2


def test_what_a_patient_opens_by_their_own_work_is_not_told_by_letter(course, ash, follow):
    ash = course(ash)
    ash.do_online("low-mood")

    follow()

    assert ash.state("thoughts") == "available"
    assert letters(ash) == 0


def test_starting_a_course_is_not_told_as_something_new(course, ash, follow):
    ash = course(ash)

    follow()

    assert letters(ash) == 0


def test_what_time_opens_is_told_once_though_nobody_did_anything(world, ash, robin, library, clients, follow):
    version = opening_by_time(world, library)
    with world.founding() as work:
        plan_actions.enrol(work, patient_id=ash.id, pathway_version_id=version, zone="Europe/London")
    follow()
    world.clock.on(days=2)
    assert follow() == 0

    world.clock.on(days=2)
    assert follow() == 1
    assert follow() == 0

    assert (
        ash.work().session.execute(sa.select(sa.func.count()).where(Outbox.kind == "something-new")).scalar_one() == 1
    )


def test_a_decision_after_the_hour_does_not_hide_what_time_opened(world, ash, robin, library, clients, follow):
    version = opening_by_time(world, library)
    with world.founding() as work:
        plan_actions.enrol(work, patient_id=ash.id, pathway_version_id=version, zone="Europe/London")
    follow()
    world.clock.on(days=4)

    clients(robin).post(f"/patients/{ash.id}/plan/low-mood/move", before="")
    follow()

    assert (
        ash.work().session.execute(sa.select(sa.func.count()).where(Outbox.kind == "something-new")).scalar_one() == 1
    )


def test_after_discharge_nobody_is_told(course, ash, world, follow):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    with world.founding() as work:
        record = work.session.get_one(PatientRecord, (work.service_id, ash.who.id))
        record.discharged_at = world.clock.now
        work.session.add(record)
        work.record("patient.contact-changed", patient=ash.who.id)

    follow()

    assert letters(ash) == 0


def test_looking_at_a_record_gives_the_job_nothing_to_do(course, ash, robin, clients, follow):
    ash = course(ash)
    follow()
    clients(robin).get(f"/patients/{ash.who.id}/plan")

    assert follow() == 0


def test_a_service_in_which_nothing_happened_gives_the_job_nothing_to_do(world, bind):
    assert jobs.follow(bind, world.service_id, clock=world.clock, origin=ORIGIN) == 0
