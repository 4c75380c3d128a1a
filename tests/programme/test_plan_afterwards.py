"""How a decision is taken back or corrected, what is written about worksheets, and what the forms foretell."""

from datetime import date
from uuid import uuid4

import pytest

from app.accounts.roles import Role
from app.clinical.sequencing import explain
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.standing import FlagKind
from app.kit.errors import Forbidden, NotFound
from app.pathways import publishing_actions
from app.programme import consequence_queries, plan_actions, queries
from app.programme.plan_actions import CannotDecide
from tests import published
from tests.programme.courses import decisions

NOT_RELEVANT = WaiverReason.NOT_RELEVANT


def patient_reads(course, step):
    return str(explain.for_patient(course.plan()[step], "Robin"))


def undo_last(course):
    course.staff(plan_actions.undo, decision_id=decisions(course)[-1].id)


# Undo and correct


def test_a_decision_is_taken_back_within_half_an_hour(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")

    undo_last(ash)

    assert ash.state("staying-well") == "waiting"
    with pytest.raises(CannotDecide, match="undone already"):
        ash.staff(plan_actions.undo, decision_id=decisions(ash)[0].id)


def test_after_half_an_hour_a_decision_is_corrected_instead(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    ash.world.clock.on(minutes=31)

    with pytest.raises(CannotDecide, match=r"30 minutes[.] You can still correct it"):
        undo_last(ash)


def test_a_release_somebody_has_begun_is_not_taken_back(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    ash.post("/my/steps/staying-well/start")

    with pytest.raises(CannotDecide, match="Something has followed"):
        undo_last(ash)

    assert ash.state("staying-well") == "in-progress"


def test_a_waiver_that_opened_a_step_somebody_has_begun_is_not_taken_back(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.waive, step="low-mood", reason=NOT_RELEVANT)
    ash.post("/my/steps/thoughts/start")

    with pytest.raises(CannotDecide, match="Something has followed"):
        undo_last(ash)


def test_undoing_a_technique_takes_its_homework_off_today(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.record_done, technique="relaxation", homework="Breathe out slowly")
    assert "Breathe out slowly" in ash.get("/my/today").text

    undo_last(ash)

    assert ash.plan().homework == []
    assert "Breathe out slowly" not in ash.get("/my/today").text


def test_correcting_an_entry_keeps_open_what_it_opened_and_flags_it(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood")
    assert ash.state("thoughts") == "available"

    ash.staff(plan_actions.correct, decision_id=decisions(ash)[-1].id, reason="Another patient’s session")

    assert ash.plan()["low-mood"].completed_at is None
    assert ash.state("thoughts") == "available"
    assert FlagKind.OPENED_IN_ERROR in {flag.kind for flag in ash.plan()["thoughts"].flags}


def test_what_is_no_decision_or_corrected_already_cannot_be_corrected(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood")
    wrong = decisions(ash)[-1].id
    ash.staff(plan_actions.correct, decision_id=wrong, reason="Wrong day")

    for id in (wrong, decisions(ash)[-1].id, uuid4()):
        with pytest.raises(NotFound):
            ash.staff(plan_actions.correct, decision_id=id, reason="Wrong again")
    with pytest.raises(NotFound):
        ash.staff(plan_actions.undo, decision_id=uuid4())


# Feedback


def feedback(course, words, **said):
    with course.practitioner.working() as work:
        answer = course.entries()[0].answer_id
        plan_actions.give_feedback(work, patient=course.who.patient(), answer_id=answer, words=words, **said)


def test_words_about_a_worksheet_reach_the_patient(course, ash):
    ash = course(ash)
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")

    feedback(ash, "Shall we start with the phone on Tuesday?")

    assert "Shall we start with the phone on Tuesday?" in ash.get("/my/answers").text


def test_looking_without_writing_is_kept_and_says_nothing_to_the_patient(course, ash):
    ash = course(ash)
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")

    feedback(ash, "")

    assert [one.words for one in ash.entries()[0].comments] == [""]
    assert "Robin wrote" not in ash.get("/my/today").text


def test_the_same_words_sent_twice_are_there_once(course, ash):
    ash = course(ash)
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")
    same = uuid4()

    feedback(ash, "Thank you", feedback_id=same)
    feedback(ash, "Thank you", feedback_id=same)

    assert len(ash.entries()[0].comments) == 1


def test_nobody_writes_about_somebody_elses_worksheet(course, ash, world, robin):
    ash, other = course(ash), course(world.patient("Kofi Lansdale", of=robin))
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")

    with robin.working() as work, pytest.raises(NotFound):
        answer = ash.entries()[0].answer_id
        plan_actions.give_feedback(work, patient=other.who.patient(), answer_id=answer, words="Hello")


# Who may, and what is foretold


@pytest.mark.parametrize("role", [Role.SERVICE_ADMIN, Role.NAVIGATOR])
def test_those_who_run_the_service_decide_nothing_about_a_course(course, ash, world, role):
    ash = course(ash)
    who = world.staff("Sam Other", role)

    with who.working() as work, pytest.raises(Forbidden):
        plan_actions.add_step(work, patient=ash.who.patient(), plan=ash.plan(), title="Walk")


@pytest.mark.parametrize("act", ["release", "waive", "done", "hold"])
def test_what_the_form_says_the_patient_will_read_is_what_they_read(course, ash, robin, act):
    ash = course(ash)
    with robin.working() as work:
        foretold = consequence_queries.consequence(work, ash.who.patient(), ash.plan(), "staying-well", act)

    done = {
        "release": (plan_actions.release, {}),
        "waive": (plan_actions.waive, {"reason": NOT_RELEVANT}),
        "done": (plan_actions.record_done, {}),
        "hold": (plan_actions.hold, {"reason": "Later", "review_on": date(2026, 3, 10)}),
    }[act]
    ash.staff(done[0], step="staying-well", **done[1])

    assert str(foretold.patient_reads) == patient_reads(ash, "staying-well")


def test_the_consequence_of_a_waiver_says_honestly_what_stays_locked(course, ash, robin):
    ash = course(ash)
    ash.staff(plan_actions.record_done, step="low-mood")

    with robin.working() as work:
        foretold = consequence_queries.consequence(work, ash.who.patient(), ash.plan(), "thoughts", "waive")

    told = [f"{one.words} {one.strong}{one.more}" for one in foretold.changes]
    assert any("2 of 4 core steps satisfied, 1 of them waived" in one for one in told)
    locked = next(one for one in told if one.startswith("Staying well stays"))
    assert "At least 2 of 2 done (0); Working with thoughts waived, not counted." in locked
    assert not any("not relevant" in one for one in told)


def test_the_consequence_of_work_in_session_names_what_opens(course, ash, robin):
    ash = course(ash)

    with robin.working() as work:
        foretold = consequence_queries.consequence(work, ash.who.patient(), ash.plan(), "low-mood", "done")

    opens = {one.words for one in foretold.changes if one.strong == "opens"}
    assert {"Doing what matters", "Working with thoughts"} <= opens


# Pathways


def test_taking_a_pathway_into_use_twice_makes_one_version(world, library):
    with world.founding() as work:
        first = published.in_use(work, library=library, key="mixed")
        again = published.in_use(work, library=library, key="mixed")

        assert (again.id, again.version) == (first.id, 1)
        assert len(queries.pathways(work)) == 1


def test_a_retired_pathway_takes_no_new_patients_and_keeps_its_own(course, ash, world, robin, library):
    ash = course(ash)
    with world.founding() as work:
        version = queries.in_use(work)[0]
        publishing_actions.retire_pathway(work, version_id=version.id)

    kofi = world.patient("Kofi Lansdale", of=robin)
    with world.founding() as work, pytest.raises(NotFound):
        plan_actions.enrol(work, patient_id=kofi.id, pathway_version_id=version.id, zone="Europe/London")
    assert ash.state("low-mood") == "available"
    with world.founding() as work:
        assert published.in_use(work, library=library, key="as-it-should-be").version == 2


def test_a_patient_who_asked_is_told_not_now_and_may_ask_again(course, ash, robin, clients, at):
    ash = course(ash)
    ash.post("/my/programme/staying-well/ask")
    browser = clients(robin)
    assert "Ash asked for Staying well on Tuesday 3 March; it waits for you." in browser.get(at()).text
    assert "Not now : Staying well" in browser.get(at()).text
    assert browser.send(at("plan/staying-well/decline"), told="").status_code == 422

    browser.post(at("plan/staying-well/decline"), told="Let us finish thoughts first.")

    page = ash.get("/my/programme").text
    assert page.count("Let us finish thoughts first.") == 1
    assert "Not now: “Let us finish thoughts first.” Robin, Tuesday 3 March." in page
    assert "asked for Staying well" not in browser.get(at()).text
    undo_last(ash)
    assert ash.plan()["staying-well"].asked is not None


def test_work_in_session_that_opened_a_step_can_be_undone_from_the_notice_until_that_is_begun(
    course, ash, robin, clients, at
):
    ash = course(ash)
    browser = clients(robin)

    page = browser.post(at("plan/low-mood/done"), what="step")

    assert "Undo: recorded work done on Understanding low mood" in page.text
    assert ash.state("doing-what-matters") == "available"
    undo_last(ash)
    assert ash.state("doing-what-matters") == "locked"
    browser.post(at("plan/low-mood/done"), what="step")
    assert "Opened because you did Understanding low mood with Robin" in ash.get("/my/programme").text
    ash.post("/my/steps/doing-what-matters/start")
    with pytest.raises(CannotDecide, match="followed"):
        undo_last(ash)
