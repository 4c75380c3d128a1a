"""What staff decide about a course, what the patient sees of it, and how it is taken back."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from app.accounts.roles import Role
from app.clinical.sequencing import explain
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.pathway import Requirement
from app.clinical.sequencing.standing import FlagKind
from app.kit.errors import Forbidden, NotFound
from app.programme import consequence_queries, plan_actions, queries
from app.programme.plan_actions import CannotDecide
from tests.programme.courses import decisions, on_pathway

NOT_RELEVANT = WaiverReason.NOT_RELEVANT


def patient_reads(course, step):
    return str(explain.for_patient(course.plan()[step], "Robin"))


def order(course):
    return [one.step for one in course.plan().course.standings]


def undo_last(course):
    course.staff(plan_actions.undo, decision_id=decisions(course)[-1].id)


# Release and open early


def test_releasing_a_step_early_opens_it_at_once_and_says_who_did(course, ash):
    ash = course(ash)

    ash.staff(plan_actions.release, step="staying-well", told="So that you can look ahead.")

    released = ash.plan()["staying-well"]
    assert released.state.value == "available"
    assert released.cause == str(decisions(ash)[-1].id)
    assert "Opened by Robin" in patient_reads(ash, "staying-well")
    assert "So that you can look ahead." in patient_reads(ash, "staying-well")
    assert "complete" not in patient_reads(ash, "staying-well").lower()
    outstanding = [one.step for one in ash.plan().course.coverage.outstanding]
    assert outstanding == ["low-mood", "doing-what-matters", "thoughts", "staying-well"]


def test_a_step_that_waits_for_no_release_is_opened_early_with_a_reason(course, ash):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="does not wait for a release"):
        ash.staff(plan_actions.release, step="thoughts")
    with pytest.raises(CannotDecide, match="Say why") as refused:
        ash.staff(plan_actions.override_open, step="thoughts", reason=" ")
    assert refused.value.field == "reason"
    ash.staff(plan_actions.override_open, step="thoughts", reason="Asked for in the first session")

    assert ash.state("thoughts") == "available"


def test_a_step_nobody_may_open_early_stays_closed_and_says_who_could_change_that(world, robin, ash, library, clients):
    fixed = on_pathway(world, ash, robin, library, clients, "as-it-was")

    with pytest.raises(CannotDecide, match="Only a change to the pathway can allow it"):
        fixed.staff(plan_actions.override_open, step="thoughts", reason="They want to")

    assert fixed.state("thoughts") == "locked"


# Waive


def test_waiving_a_core_step_satisfies_it_and_leaves_it_openable(course, ash):
    ash = course(ash)

    ash.staff(plan_actions.waive, step="low-mood", reason=NOT_RELEVANT, note="")

    waived = ash.plan()["low-mood"]
    assert waived.state.value == "waived" and waived.satisfied and waived.completed_at is None
    assert [one.step for one in ash.plan().course.coverage.agreed_to_skip] == ["low-mood"]
    assert ash.state("thoughts") == "available"
    assert "agreed to skip this. You can still open it." in patient_reads(ash, "low-mood")


def test_a_waiver_without_a_coded_reason_is_refused(course, ash):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="Choose why") as refused:
        ash.staff(plan_actions.waive, step="thoughts", reason=None)

    assert refused.value.field == "reason"
    assert decisions(ash) == []


@pytest.mark.parametrize("note", ["", "   "])
def test_clinical_judgement_needs_a_note(course, ash, note):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="needs one") as refused:
        ash.staff(plan_actions.waive, step="thoughts", reason=WaiverReason.CLINICAL_JUDGEMENT, note=note)

    assert refused.value.field == "note"
    ash.staff(plan_actions.waive, step="thoughts", reason=WaiverReason.CLINICAL_JUDGEMENT, note="Too tired for it now")
    assert ash.state("thoughts") == "waived"


def test_a_step_that_must_be_done_is_not_waived_and_says_who_may(world, robin, ash, library, clients):
    fixed = on_pathway(world, ash, robin, library, clients, "as-it-was")

    with pytest.raises(CannotDecide, match="Only a service administrator can change the pathway"):
        fixed.staff(plan_actions.waive, step="thoughts", reason=NOT_RELEVANT)

    assert decisions(fixed) == []


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 3, 4), "has not come yet"),
        (date(2024, 3, 3), "more than a year"),
        (date(1, 1, 1), "Check the year"),
    ],
)
def test_a_waiver_is_agreed_today_or_lately(course, ash, on, words):
    ash = course(ash)

    with pytest.raises(CannotDecide, match=words) as refused:
        ash.staff(plan_actions.waive, step="thoughts", reason=NOT_RELEVANT, on=on)

    assert refused.value.field == "on"


def test_a_day_in_the_past_is_when_it_was_agreed_and_not_when_it_opens_anything(course, ash):
    ash = course(ash)
    ash.world.clock.on(days=5)

    ash.staff(plan_actions.waive, step="low-mood", reason=NOT_RELEVANT, on=date(2026, 3, 5))

    assert ash.plan()["low-mood"].waiver.effective_at.date() == date(2026, 3, 5)
    assert ash.plan()["thoughts"].since > ash.plan().started_at + timedelta(days=5)


# Done in a session


def test_a_technique_recorded_in_session_opens_what_waits_on_it(world, robin, ash, library, clients):
    mixed = on_pathway(world, ash, robin, library, clients, "mixed")
    assert mixed.state("thoughts") == "locked"

    mixed.staff(
        plan_actions.record_done, technique="relaxation", homework="Breathe out slowly, once a day", due_on=date(2026, 3, 10)
    )  # fmt: skip

    assert mixed.state("thoughts") == "available"
    assert [row.note for row in mixed.plan().homework] == ["Breathe out slowly, once a day"]
    assert "Breathe out slowly, once a day" in mixed.get("/my/today").text


def test_half_a_module_in_the_clinic_leaves_the_other_half_online(course, ash):
    ash = course(ash)

    ash.staff(plan_actions.record_done, step="low-mood", activities=("what-i-notice", "my-cycle"))

    assert (ash.plan()["low-mood"].done_count, ash.plan()["low-mood"].needed) == (2, 5)
    ash.do_online("low-mood", but=("what-i-notice", "my-cycle"))
    done = ash.plan()["low-mood"]
    assert done.state.value == "completed" and done.mode is Mode.MIXED
    assert sorted(part.mode.value for part in done.done) == ["in-clinic", "in-clinic", "online", "online", "online"]


def test_a_whole_step_in_the_clinic_is_done_and_satisfies(course, ash):
    ash = course(ash)

    ash.staff(plan_actions.record_done, step="low-mood")

    assert ash.plan()["low-mood"].mode is Mode.IN_CLINIC
    assert ash.state("thoughts") == "available"
    with pytest.raises(CannotDecide, match="This step is done"):
        ash.staff(plan_actions.record_done, step="low-mood")


def test_work_that_is_not_of_the_step_is_refused(course, ash):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="not part of this step") as refused:
        ash.staff(plan_actions.record_done, step="low-mood", activities=("weekly-plan",))

    assert refused.value.field == "activities"


def test_homework_is_for_a_day_that_has_not_passed(course, ash):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="has passed") as refused:
        ash.staff(plan_actions.record_done, step="low-mood", homework="Ring Ruth", due_on=date(2026, 3, 2))

    assert refused.value.field == "due_on"
    assert ash.plan().homework == []


# Hold


def test_a_hold_shuts_the_pages_keeps_what_was_written_and_is_lifted_again(course, ash):
    ash = course(ash)
    ash.save("low-mood", "problem-statement", statement="When the phone rings I do not answer")

    ash.staff(plan_actions.hold, step="low-mood", reason="Hospital next week", review_on=date(2026, 3, 10))

    assert ash.state("low-mood") == "on-hold"
    ash.get("/my/steps/low-mood/pages/05-my-circle", status=404)
    assert "When the phone rings I do not answer" in ash.get("/my/answers").text
    ash.staff(plan_actions.resume, step="low-mood")
    assert ash.state("low-mood") == "in-progress"
    ash.get("/my/steps/low-mood/pages/05-my-circle")


@pytest.mark.parametrize("review_on", [date(2026, 3, 3), date(2026, 3, 2)])
def test_a_hold_is_looked_at_again_after_today(course, ash, review_on):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="after today") as refused:
        ash.staff(plan_actions.hold, step="low-mood", reason="Hospital", review_on=review_on)

    assert refused.value.field == "review_on"


# Requirement, order, added steps


def test_a_core_step_made_optional_leaves_the_coverage(course, ash):
    ash = course(ash)

    ash.staff(plan_actions.change_requirement, step="thoughts", requirement=Requirement.COULD, reason="Short course")

    assert "thoughts" not in [one.step for one in ash.plan().course.coverage.core]
    with pytest.raises(CannotDecide, match="That is what it is"):
        ash.staff(plan_actions.change_requirement, step="thoughts", requirement=Requirement.COULD, reason="Again")


def test_moving_a_step_changes_places_with_its_neighbour_and_nothing_else(course, ash):
    ash = course(ash)
    before, states = order(ash), [one.state for one in ash.plan().course.standings]

    ash.staff(plan_actions.move, step="thoughts", up=True)

    assert order(ash) == ["low-mood", "thoughts", "doing-what-matters", "relaxing", "staying-well"]
    assert sorted(one.state for one in ash.plan().course.standings) == sorted(states)
    ash.staff(plan_actions.move, step="thoughts", up=False)
    assert order(ash) == before


@pytest.mark.parametrize(("step", "up"), [("low-mood", True), ("staying-well", False)])
def test_nothing_moves_past_the_end(course, ash, step, up):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="end of the list"):
        ash.staff(plan_actions.move, step=step, up=up)


def test_an_added_activity_is_open_at_once_with_the_practitioners_words(course, ash):
    ash = course(ash)

    ash.staff(plan_actions.add_step, title="Walk to the allotment", technique="activity-planning", told="As we said.")

    page = ash.get("/my/programme").text
    assert "Walk to the allotment" in page and "As we said." in page
    added = ash.plan().course.standings[-1]
    assert added.state.value == "available" and not added.core


def test_a_step_that_is_in_the_plan_is_not_added_again(course, ash, library):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="in the plan already"):
        ash.staff(plan_actions.add_step, title="Thoughts", module=library.modules["thoughts"])


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

    with pytest.raises(CannotDecide, match="30 minutes. You can still correct it"):
        undo_last(ash)


def test_a_release_somebody_has_begun_is_not_taken_back(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.release, step="staying-well")
    ash.post("/my/steps/staying-well/start")

    with pytest.raises(CannotDecide, match="Something has followed"):
        undo_last(ash)

    assert ash.state("staying-well") == "in-progress"


def test_a_waiver_that_opened_another_step_is_not_taken_back(course, ash):
    ash = course(ash)
    ash.staff(plan_actions.waive, step="low-mood", reason=NOT_RELEVANT)

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
        first = plan_actions.adopt_pathway(work, library=library, key="mixed")
        again = plan_actions.adopt_pathway(work, library=library, key="mixed")

        assert (again.id, again.version) == (first.id, 1)
        assert len(queries.pathways(work)) == 1


def test_a_retired_pathway_takes_no_new_patients_and_keeps_its_own(course, ash, world, robin, library):
    ash = course(ash)
    with world.founding() as work:
        version = queries.in_use(work)[0]
        plan_actions.retire_pathway(work, version_id=version.id)

    kofi = world.patient("Kofi Lansdale", of=robin)
    with world.founding() as work, pytest.raises(NotFound):
        plan_actions.enrol(work, patient_id=kofi.id, pathway_version_id=version.id, zone="Europe/London")
    assert ash.state("low-mood") == "available"
    with world.founding() as work:
        assert plan_actions.adopt_pathway(work, library=library, key="as-it-should-be").version == 2
