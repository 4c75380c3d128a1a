"""Each night every course must come out again as it was announced; where one does not, people are told."""

import pytest
import sqlalchemy as sa
import structlog
from structlog.testing import capture_logs

from app.accounts.roles import Role
from app.programme import anchor_queries, jobs, plan_actions, summary_actions
from app.programme.tables import CourseSummary, Incident

ORIGIN = "https://braid.example.org"


@pytest.fixture
def prove(bind, world):
    return lambda: jobs.prove(bind, world.service_id, clock=world.clock, origin=ORIGIN)


@pytest.fixture
def imogen(world):
    return world.staff("Imogen Vale", Role.SERVICE_ADMIN)


def announced(course):
    return (
        course.who.work()
        .session.execute(sa.select(CourseSummary.announced).where(CourseSummary.patient_id == course.who.id))
        .scalar_one()
    )


def announce(course, **steps):
    """As if something else had been announced: a fault of ours, then or now."""
    told = announced(course)
    for step, said in steps.items():
        told["steps"].setdefault(step.replace("_", "-"), {"state": "", "since": "", "cause": ""}).update(said)
    with course.practitioner.working() as work:
        work.session.execute(
            sa.update(CourseSummary).where(CourseSummary.patient_id == course.who.id).values(announced=told)
        )


def test_what_is_announced_is_each_steps_state_moment_and_cause(course, ash, prove):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    prove()

    told = announced(ash)

    assert told["version"] == "as-it-should-be 1"
    release = next(row for row in ash.plan().rows if row.kind == "released")
    assert told["steps"]["staying-well"] == {
        "state": "available", "since": release.recorded_at.isoformat(), "cause": str(release.id)
    }  # fmt: skip
    assert told["steps"]["low-mood"]["cause"] == "start"


def test_a_course_that_comes_out_again_is_no_incident(course, ash, prove, world):
    ash = course(ash)
    ash.do_online("low-mood")
    prove()
    world.clock.on(days=9)

    assert prove() == 0
    assert anchor_queries.incidents(ash.who.work()) == []


@pytest.mark.parametrize(
    ("said", "what", "told", "found"),
    [
        ({"state": "locked"}, "State", "locked", "available"),
        ({"since": "2026-03-01T10:00:00+00:00"}, "Open since", "Sunday 1 March 2026, 10:00:00", "Tuesday 3 March 2026"),
        ({"cause": "time"}, "What opened it", "time passing", "the start of the programme"),
        ({"cause": "5b1f6f9e-64a5-4dd3-b0de-6f7c6ff0d1aa"}, "What opened it", "a decision on record", "the start"),
    ],
)
def test_another_state_moment_or_cause_is_an_incident_in_the_log_and_on_the_page(
    course, ash, prove, imogen, clients, monkeypatch, said, what, told, found
):
    ash = course(ash)
    prove()
    announce(ash, low_mood=said)

    with capture_logs() as logged:
        # A logger remembers where it wrote first.
        monkeypatch.setattr(summary_actions, "log", structlog.get_logger())
        assert prove() == 1

    assert [one["event"] for one in logged] == ["course differed from what was announced"]
    page = clients(imogen).get("/incidents")
    assert all(word in page.text for word in ("1 incident to look at.", "Ash Whitlock", what, told, found))
    assert "Understanding low mood" in page.text
    for internal in ("low-mood", "T10:00", "5b1f6f9e"):
        assert internal not in page.text
    assert "1 incident" in clients(imogen).get("/pathways").text


def test_a_step_that_was_announced_and_is_gone_is_an_incident(course, ash, prove):
    ash = course(ash)
    prove()
    announce(ash, sleeping_better={"state": "available", "since": "", "cause": "start"})

    prove()

    [incident] = anchor_queries.incidents(ash.who.work())
    assert {(line.step, line.told, line.found) for line in incident.lines} == {
        ("Sleeping better", "available", "nothing"), ("Sleeping better", "the start of the programme", "nothing")
    }  # fmt: skip


def test_found_again_it_is_one_incident_until_somebody_closes_it(course, ash, prove, imogen, clients):
    ash = course(ash)
    prove()
    for _ in range(2):
        announce(ash, low_mood={"state": "locked"})
        assert prove() == 1
    [incident] = anchor_queries.incidents(ash.who.work())
    assert incident.seen_again_at is not None and len(incident.lines) == 1
    browser = clients(imogen)

    page = browser.post(f"/incidents/{incident.id}/close", status=422, words="")
    assert "Say what it was and what was done" in page.text
    page = browser.post(f"/incidents/{incident.id}/close", words="A clock was wrong on 3 March. Robin has told Ash.")

    assert "Every course came out as it was announced." in page.text
    assert "A clock was wrong on 3 March." in page.text and "Closed by Imogen Vale" in page.text


def test_the_summary_is_mended_and_the_next_night_finds_nothing(course, ash, prove):
    ash = course(ash)
    prove()
    announce(ash, low_mood={"state": "locked"})
    prove()

    assert prove() == 0
    assert announced(ash)["steps"]["low-mood"]["state"] == "available"


def test_one_course_that_cannot_be_read_hides_no_other(course, ash, world, robin, prove):
    ash, kofi = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    prove()
    for one in (ash, kofi):
        announce(one, low_mood={"state": "locked"})
    with ash.practitioner.working() as work:
        work.session.execute(
            sa.update(CourseSummary).where(CourseSummary.patient_id == ash.who.id).values(announced={"at": "never"})
        )

    assert prove() == 1
    found = kofi.who.work().session.execute(sa.select(Incident.patient_id)).scalars().all()
    assert found == [kofi.who.id]


def test_what_happens_in_the_day_does_not_wipe_a_course_that_came_out_otherwise(course, ash, prove, bind, world):
    ash = course(ash)
    prove()
    announce(ash, low_mood={"state": "locked"})

    ash.staff(plan_actions.release, step="staying-well")
    jobs.follow(bind, world.service_id, clock=world.clock, origin=ORIGIN)

    (found,) = anchor_queries.incidents(ash.who.work())
    assert [(line.step, line.told) for line in found.lines] == [("Understanding low mood", "locked")]


def test_a_course_proved_wrong_is_announced_anew_and_told_of_once(course, ash, prove):
    ash = course(ash)
    prove()
    announce(ash, low_mood={"state": "locked"})

    assert prove() == 1 and prove() == 0
    assert len(anchor_queries.incidents(ash.who.work())) == 1
