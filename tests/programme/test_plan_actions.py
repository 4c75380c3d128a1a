"""What staff decide about a course, what the patient sees of it, and how it is taken back."""

from datetime import date, timedelta

import pytest

from app.clinical.sequencing import explain
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.pathway import Requirement
from app.programme import plan_actions
from app.programme.plan_actions import CannotDecide
from tests.programme.courses import decisions, on_pathway

NOT_RELEVANT = WaiverReason.NOT_RELEVANT


def patient_reads(course, step):
    return str(explain.for_patient(course.plan()[step], "Robin"))


def order(course):
    return [one.step for one in course.plan().course.standings]


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
        plan_actions.record_done,
        technique="relaxation",
        homework="Breathe out slowly, once a day",
        due_on=date(2026, 3, 10),
    )

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

    ash.staff(plan_actions.move, step="thoughts", before="doing-what-matters")

    assert order(ash) == ["low-mood", "thoughts", "doing-what-matters", "relaxing", "staying-well"]
    assert sorted(one.state for one in ash.plan().course.standings) == sorted(states)
    ash.staff(plan_actions.move, step="thoughts", before="relaxing")
    assert order(ash) == before


@pytest.mark.parametrize(("step", "before"), [("low-mood", "doing-what-matters"), ("staying-well", None)])
def test_nothing_moves_to_where_it_is(course, ash, step, before):
    ash = course(ash)

    with pytest.raises(CannotDecide, match="there already"):
        ash.staff(plan_actions.move, step=step, before=before)


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
