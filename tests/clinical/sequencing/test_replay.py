"""Openings latch, late facts act late, and nothing but a hold or an undone decision closes a step."""

from datetime import timedelta

import pytest

from app.clinical.sequencing import decisions
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.facts import Mode
from app.clinical.sequencing.pathway import Requirement
from app.clinical.sequencing.standing import FlagKind, State
from tests.clinical.sequencing.starter import FIVE, PE_DONE, STARTER, pathway_of, step
from tests.clinical.sequencing.told import Told, at, utc

ALWAYS = {"kind": "always"}
WEEK_AFTER_PE = {"kind": "time-since", "anchor": PE_DONE, "n": 7}


def two_steps(unlock: dict, **fields) -> Told:
    return Told(pathway_of(step("pe", "Starting", ALWAYS), step("ba", "Doing", unlock, **fields)))


def test_what_is_always_open_opens_at_the_start():
    standing = Told(STARTER).course(at(1, 9))["pe"]

    assert (standing.state, standing.since, standing.cause) == (State.AVAILABLE, at(1, 9), "start")


def test_nothing_is_open_before_the_programme_starts():
    assert Told(STARTER).done("pe", at(1, 8)).course(at(1, 8))["ba"].state is State.LOCKED


def test_a_fact_learned_late_acts_from_when_it_was_recorded_and_time_counts_from_when_it_happened():
    telling = two_steps(PE_DONE).add(f.DoneElsewhere, at(3), at(9, 15), step="pe")
    waiting = two_steps(WEEK_AFTER_PE).add(f.DoneElsewhere, at(3), at(9, 15), step="pe")

    assert telling.course(at(20))["ba"].since == at(9, 15)
    assert waiting.course(at(9, 15))["ba"].earliest_on is not None
    assert waiting.course(at(20))["ba"].since == utc(at(10, 6))


def test_a_wait_whose_day_has_passed_opens_when_its_anchor_is_recorded():
    late = two_steps(WEEK_AFTER_PE).add(f.DoneElsewhere, at(1), at(12, 15), step="pe").course(at(20))["ba"]

    assert (late.since, late.cause) == (at(12, 15), "fact-1")


def test_time_opens_a_step_at_its_exact_moment_between_two_facts():
    telling = two_steps(WEEK_AFTER_PE).done("pe", at(2, 18)).logged("mood", 20)

    before, after = telling.course(at(9, 5, 59)), telling.course(at(25))

    assert before["ba"].state is State.LOCKED
    assert before.next_due_at == utc(at(9, 6))
    assert before["ba"].who_can_act == {"time"}
    assert (after["ba"].since, after["ba"].cause) == (utc(at(9, 6)), "time")


def test_a_window_that_closed_again_leaves_the_step_open():
    entries = {"kind": "entries-logged", "entry": "mood", "at_least": 2, "distinct_days": 2, "within_days": 3}
    telling = two_steps(entries).logged("mood", 4, 5)

    assert telling.course(at(30))["ba"].since == at(5, 20)


def test_a_hold_pauses_an_open_step_and_resuming_gives_it_back():
    telling = two_steps(ALWAYS).done("ba", at(2)).done("pe", at(2))
    telling = two_steps(ALWAYS).add(f.StepOpened, at(2), step="ba")
    held = telling.add(f.Held, at(3), step="ba", reason="Settle first", review_on="2026-05-20").course(at(3))["ba"]

    resumed = telling.add(f.Resumed, at(4), step="ba").course(at(4))["ba"]

    assert held.state is State.ON_HOLD
    assert held.opened
    assert not decisions.can_open(held)
    assert decisions.can_resume(held)
    assert resumed.state is State.IN_PROGRESS


def test_a_step_whose_rule_comes_true_under_a_hold_is_open_once_it_is_resumed():
    telling = two_steps(PE_DONE).add(f.Held, at(2), step="ba", reason="Settle first", review_on="2026-05-20")
    telling.done("pe", at(3))

    assert telling.course(at(4))["ba"].state is State.ON_HOLD
    assert telling.add(f.Resumed, at(5), step="ba").course(at(5))["ba"].since == at(3)


def test_undoing_a_release_closes_the_step_again_if_nobody_has_begun_it():
    telling = Told(STARTER).add(f.Released, at(6), step="rp")

    undone = telling.add(f.Undone, at(6, 9, 5), supersedes="fact-1").course(at(7))["rp"]

    assert undone.state is State.WAITING
    assert undone.since is None


def test_undoing_a_release_after_the_step_was_begun_has_no_effect_and_is_flagged():
    telling = Told(STARTER).add(f.Released, at(6), step="rp").add(f.StepOpened, at(6, 9, 2), step="rp")

    late = telling.add(f.Undone, at(6, 9, 5), supersedes="fact-1").course(at(7))["rp"]

    assert late.state is State.IN_PROGRESS
    assert [flag.kind for flag in late.flags] == [FlagKind.UNDO_CAME_TOO_LATE]


def test_undoing_a_release_of_a_step_that_has_opened_by_itself_since_keeps_it_open():
    telling = Told(STARTER).add(f.Released, at(6, 9), step="rp")
    telling.done("pe", at(6, 10)).done("cr", at(6, 10)).done("ps", at(6, 10))

    kept = telling.add(f.Undone, at(6, 11), supersedes="fact-1").course(at(7))["rp"]

    assert (kept.since, kept.cause) == (at(6, 10), "fact-4")


@pytest.mark.parametrize(("begun", "state"), [(False, State.LOCKED), (True, State.IN_PROGRESS)])
def test_undoing_a_waiver_closes_what_it_opened_unless_that_was_begun(begun, state):
    telling = two_steps(PE_DONE).add(f.Waived, at(2), step="pe", reason="timing")
    if begun:
        telling.add(f.StepOpened, at(2, 9, 2), step="ba")

    course = telling.add(f.Undone, at(2, 9, 5), supersedes="fact-1").course(at(3))

    assert course["pe"].state is State.AVAILABLE
    assert course["ba"].state is state
    assert [flag.kind for flag in course["ba"].flags] == [FlagKind.OPENED_IN_ERROR] * begun


def test_correcting_a_score_keeps_the_step_open_and_flags_it():
    below = {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10}
    telling = two_steps(below).scored("phq-9", 1, at(2))

    course = (
        telling.add(f.Corrected, at(3), supersedes="fact-1", reason="Was 11").scored("phq-9", 11, at(3)).course(at(4))
    )

    assert course["ba"].state is State.AVAILABLE
    assert course["ba"].since == at(2)
    assert FlagKind.OPENED_IN_ERROR in [flag.kind for flag in course["ba"].flags]
    assert "has since been corrected" in str(for_staff(course["ba"]))


def test_correcting_what_a_step_did_not_need_flags_nothing():
    telling = two_steps(PE_DONE).done("pe", at(2)).done("pe", at(3))

    course = telling.add(f.Corrected, at(4), supersedes="fact-2", reason="Twice").course(at(5))

    assert course["ba"].flags == ()


def test_taking_back_a_correction_takes_back_its_flag():
    telling = two_steps(PE_DONE).done("pe", at(2)).add(f.Corrected, at(3), supersedes="fact-1", reason="Wrong patient")

    course = telling.add(f.Undone, at(3, 9, 5), supersedes="fact-2").course(at(4))

    assert course["pe"].state is State.COMPLETED
    assert course["ba"].flags == ()


def test_a_step_added_for_one_patient_is_open_counts_as_a_step_and_sits_where_it_was_put():
    telling = two_steps({"kind": "technique-practised", "technique": "activity-planning"})
    counts = {"step": "pe"}
    telling.add(
        f.StepAdded, at(2), step="walk", title="Walk", techniques=("activity-planning",), counts_as=counts, before="ba"
    )

    added = telling.course(at(3))
    done = telling.add(f.ActivityDone, at(4), step="walk", activity="walk").course(at(5))

    assert [each.step for each in added.standings] == ["pe", "walk", "ba"]
    assert added["walk"].state is State.AVAILABLE
    assert not added["walk"].core
    assert "Added by Jo for you." in str(for_patient(added["walk"]))
    assert done["pe"].state is State.COMPLETED
    assert done["ba"].since == at(4)


def test_undoing_an_added_step_takes_it_out_and_correcting_a_begun_one_keeps_it():
    telling = two_steps(ALWAYS).add(f.StepAdded, at(2), step="walk", title="Walk")
    begun = two_steps(ALWAYS).add(f.StepAdded, at(2), step="walk", title="Walk").add(f.StepOpened, at(3), step="walk")

    assert "walk" not in telling.add(f.Undone, at(2, 9, 5), supersedes="fact-1").course(at(3))
    kept = begun.add(f.Corrected, at(4), supersedes="fact-1", reason="Wrong patient").course(at(5))["walk"]
    assert kept.state is State.IN_PROGRESS
    assert [flag.kind for flag in kept.flags] == [FlagKind.OPENED_IN_ERROR]


def test_moving_a_step_changes_the_order_and_nothing_else():
    moved = Told(STARTER).add(f.Moved, at(2), step="rp", before="ba").course(at(3))

    assert [each.step for each in moved.standings][:3] == ["pe", "rp", "ba"]
    assert moved["rp"].state is Told(STARTER).course(at(3))["rp"].state


def test_making_a_step_optional_takes_it_out_of_coverage_for_this_patient():
    fields = {"step": "cr", "requirement": "could", "reason": "Does it with Jo"}
    course = Told(STARTER).add(f.RequirementChanged, at(2), **fields).course(at(3))

    assert "cr" not in [each.step for each in course.coverage.core]
    assert course["cr"].requirement is Requirement.COULD


def test_work_with_a_practitioner_opens_a_closed_step_unless_that_is_prohibited():
    never = {"kind": "not-before", "date": "2027-01-01"}
    fields = {"step": "ba", "activities": ("part-1",)}
    allowed = two_steps(never, activities=FIVE).add(f.DoneElsewhere, at(2), **fields).course(at(3))["ba"]
    barred = (
        two_steps(never, activities=FIVE, override="prohibited").add(f.DoneElsewhere, at(2), **fields).course(at(3))
    )

    assert allowed.state is State.IN_PROGRESS
    assert barred["ba"].state is State.LOCKED
    assert barred["ba"].done_count == 1


def test_a_waived_step_that_may_never_be_opened_early_is_not_opened_by_choosing_it():
    never = {"kind": "not-before", "date": "2027-01-01"}
    telling = two_steps(never, override="prohibited").add(f.Waived, at(2), step="ba", reason="timing")

    waived = telling.add(f.PatientChose, at(3), step="ba").course(at(4))["ba"]

    assert waived.state is State.WAIVED
    assert str(for_patient(waived)) == "You and Jo agreed to skip this."


def test_a_completed_step_elsewhere_has_one_mode():
    done = (
        two_steps(ALWAYS, activities=FIVE).add(f.DoneElsewhere, at(2), step="ba", mode="elsewhere").course(at(3))["ba"]
    )

    assert (done.state, done.mode) == (State.COMPLETED, Mode.ELSEWHERE)
    assert str(for_patient(done)) == "Done elsewhere on Saturday 2 May."


def test_clinic_work_does_not_meet_a_rule_that_asks_for_it_online():
    online = {"kind": "step-completed", "step": "pe", "where": "online"}
    telling = two_steps(online).add(f.DoneElsewhere, at(2), step="pe")

    assert telling.course(at(3))["ba"].state is State.LOCKED
    assert telling.done("pe", at(4)).course(at(5))["ba"].since == at(4)


def test_a_change_of_zone_moves_what_is_still_closed_and_nothing_else():
    telling = two_steps(WEEK_AFTER_PE).done("pe", at(2, 18))
    opened = telling.course(at(12))["ba"].since

    later = two_steps(WEEK_AFTER_PE).done("pe", at(2, 18)).add(f.ZoneChanged, at(10), zone="America/New_York")
    sooner = two_steps(WEEK_AFTER_PE).done("pe", at(2, 18)).add(f.ZoneChanged, at(5), zone="America/New_York")

    assert later.course(at(12))["ba"].since == opened
    assert sooner.course(at(12))["ba"].since == opened + timedelta(hours=5)


def test_moving_to_a_stricter_version_keeps_what_was_open_and_uses_the_new_rules_from_then_on():
    stricter = pathway_of(
        step("pe", "Starting", ALWAYS), step("ba", "Doing", {"kind": "not-before", "date": "2027-01-01"}), version=4
    )
    telling = Told(stricter).done("pe", at(2))
    carried = {"pe": at(1), "ba": at(2)}

    course = telling.add(f.CarriedOver, at(9), from_version=3, opened=carried).course(at(10))

    assert (course["ba"].state, course["ba"].since, course["ba"].cause) == (State.AVAILABLE, at(2), "fact-2")
    assert course["pe"].state is State.COMPLETED
    assert "kept from version 3" in str(for_staff(course["ba"]))


def test_a_looser_version_opens_from_the_move_and_not_in_the_past():
    telling = two_steps(ALWAYS).add(f.CarriedOver, at(9), from_version=3, opened={"pe": at(1)})

    assert telling.course(at(10))["ba"].since == at(9)


def test_a_retired_step_stays_with_whoever_began_it_and_is_unknown_to_others():
    pathway = pathway_of(step("pe", "Starting", ALWAYS), step("old", "Old", ALWAYS, retired=True))
    telling = Told(pathway)

    assert "old" not in telling.course(at(2))
    moved = telling.add(f.CarriedOver, at(3), from_version=2, opened={"old": at(1)}).course(at(4))
    assert moved["old"].state is State.AVAILABLE


def test_choosing_one_of_a_group_makes_the_others_optional_and_locks_none():
    group = {"key": "focus", "title": "Choose one to work on", "steps": ["ba", "cr"], "exactly": 1}
    pathway = pathway_of(step("ba", "Doing", ALWAYS), step("cr", "Thoughts", ALWAYS), choice_groups=[group])
    telling = Told(pathway)
    before = telling.course(at(2))

    after = telling.add(f.PatientChose, at(3), step="ba").course(at(4))
    switched = telling.add(f.ChoiceWithdrawn, at(5), step="ba").add(f.PatientChose, at(5), step="cr").course(at(6))

    assert [each.core for each in before.standings] == [True, True]
    assert [each.core for each in after.standings] == [True, False]
    assert [each.core for each in switched.standings] == [False, True]
    assert [each.state for each in switched.standings] == [State.AVAILABLE] * 2


def test_a_release_among_other_ways_in_is_chased_only_once_the_patient_asks():
    telling = Told(STARTER).done("pe", at(2))

    quiet = telling.course(at(10))["rp"]
    asked = telling.add(f.PatientChose, at(12), step="rp").course(at(13))["rp"]

    assert [each.since for each in quiet.awaited] == [None]
    assert [each.since for each in asked.awaited] == [at(12)]


def test_a_release_that_is_all_that_is_missing_is_waited_for_from_then_and_can_open_by_itself():
    release = {"kind": "released-by", "roles": ["practitioner"], "then": "open", "then_after_days": 5}
    telling = two_steps({"kind": "all", "of": [PE_DONE, release]}).done("pe", at(2, 18))

    waiting, opened = telling.course(at(3))["ba"], telling.course(at(10))["ba"]

    assert [each.since for each in waiting.awaited] == [at(2, 18)]
    assert (opened.since, opened.cause) == (utc(at(7, 6)), "time")


def test_waiting_on_staff_can_begin_by_time_alone():
    release = {"kind": "released-by", "roles": ["practitioner"], "remind_after_days": 2}
    telling = two_steps({"kind": "all", "of": [WEEK_AFTER_PE, release]}).done("pe", at(2, 18))

    assert [each.since for each in telling.course(at(20))["ba"].awaited] == [utc(at(9, 6))]


def test_a_review_waits_on_the_patient_until_there_is_work_and_then_on_staff():
    review = {"kind": "work-reviewed", "step": "pe", "roles": ["practitioner"]}
    telling = two_steps(review)
    before = telling.course(at(2))["ba"]

    after = telling.done("pe", at(3)).course(at(4))["ba"]
    opened = telling.add(f.Reviewed, at(5), step="pe").course(at(6))["ba"]

    assert before.who_can_act == {"patient"}
    assert after.who_can_act == {"practitioner"}
    assert [each.since for each in after.awaited] == [at(3)]
    assert opened.state is State.AVAILABLE


def test_who_can_act_on_a_step_behind_a_closed_step_is_whoever_can_open_that():
    pathway = pathway_of(
        step("pe", "Starting", {"kind": "released-by", "roles": ["supervisor"]}), step("ba", "Doing", PE_DONE)
    )

    assert Told(pathway).course(at(2))["ba"].who_can_act == {"supervisor"}
    held = Told(pathway).add(f.Held, at(2), step="pe", reason="Wait", review_on="2026-05-20").course(at(3))
    assert held["ba"].who_can_act == {"practitioner"}


def test_steps_that_wait_for_each_other_say_that_nobody_can_act():
    other = {"kind": "step-satisfied", "step": "ba"}
    pathway = pathway_of(step("pe", "Starting", other), step("ba", "Doing", PE_DONE))

    assert Told(pathway).course(at(2))["ba"].who_can_act == {"nobody"}


def test_a_step_done_when_some_of_its_parts_are():
    some = {"kind": "some-activities", "at_least": 2, "of": ["part-1", "part-2", "part-3"]}
    telling = two_steps(ALWAYS, activities=FIVE, completion=some).done("ba", at(2), "part-1", "part-5")

    assert telling.course(at(3))["ba"].state is State.IN_PROGRESS
    assert telling.done("ba", at(4), "part-3").course(at(5))["ba"].completed_at == at(4)


def test_a_step_waived_again_after_it_was_taken_up_is_skipped_again():
    telling = two_steps(ALWAYS).add(f.Waived, at(2), step="ba", reason="timing").add(f.PatientChose, at(3), step="ba")

    assert telling.course(at(3))["ba"].state is State.AVAILABLE
    assert telling.add(f.Waived, at(4), step="ba", reason="timing").course(at(4))["ba"].state is State.WAIVED


def test_a_move_to_another_version_leaves_the_flags_of_the_old_one_behind():
    telling = two_steps(PE_DONE).done("pe", at(2)).add(f.Corrected, at(3), supersedes="fact-1", reason="Wrong patient")
    assert telling.course(at(4))["ba"].flags != ()

    moved = telling.add(f.CarriedOver, at(5), from_version=2, opened={"pe": at(1), "ba": at(2)}).course(at(6))

    assert moved["ba"].flags == ()


def test_only_sessions_of_the_type_asked_for_count():
    reviews = two_steps({"kind": "appointment-attended", "appointment": "review"}).session(at(3, 10), "attended")

    assert reviews.course(at(4))["ba"].state is State.LOCKED
    assert reviews.session(at(5, 10), "attended", type="review").course(at(6))["ba"].state is State.AVAILABLE


def test_only_sessions_after_the_step_was_done_count():
    after = two_steps({"kind": "appointment-attended", "after": "pe"}).session(at(3, 10), "attended").done("pe", at(4))

    assert after.course(at(5))["ba"].state is State.LOCKED
    assert after.session(at(6, 10), "attended").course(at(7))["ba"].state is State.AVAILABLE


def test_what_a_patient_asks_for_is_suggested_from_then_on():
    telling = two_steps(ALWAYS, requirement="could", relevance={"kind": "problem-recorded", "any_of": ["anxiety"]})
    before = telling.course(at(2))["ba"]

    after = telling.add(f.PatientChose, at(3), step="ba").course(at(3))["ba"]

    assert (before.state, after.state) == (State.NOT_SUGGESTED, State.AVAILABLE)


def test_an_older_assessment_learned_late_does_not_replace_a_newer_one():
    telling = two_steps({"kind": "problem-recorded", "any_of": ["anxiety"]})
    telling.add(f.ProblemAssessed, at(6), problem="anxiety", status="absent")

    telling.add(f.ProblemAssessed, at(3), at(8), problem="anxiety", status="active")

    assert telling.course(at(9))["ba"].state is State.LOCKED


def test_a_score_is_fresh_to_the_last_day_of_its_limit():
    fresh = {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10, "max_age_days": 5}
    both = {"kind": "all", "of": [fresh, PE_DONE]}

    assert two_steps(both).scored("phq-9", 8, at(2)).done("pe", at(7)).course(at(8))["ba"].state is State.AVAILABLE
    assert two_steps(both).scored("phq-9", 8, at(2)).done("pe", at(8)).course(at(9))["ba"].state is State.WAITING


def test_where_a_step_was_done_is_where_it_was_first_finished():
    def doing() -> Told:
        return two_steps(ALWAYS, activities=FIVE)

    again_online = doing().add(f.DoneElsewhere, at(2), step="ba").done("ba", at(5))
    again_in_clinic = doing().done("ba", at(2)).add(f.DoneElsewhere, at(5), step="ba")
    finished_in_clinic = doing().done("ba", at(2), "part-1").add(f.DoneElsewhere, at(5), step="ba")

    modes = [told.course(at(6))["ba"].mode for told in (again_online, again_in_clinic, finished_in_clinic)]
    assert modes == [Mode.IN_CLINIC, Mode.ONLINE, Mode.MIXED]


def test_what_staff_open_before_the_programme_starts_is_open_from_its_start():
    opened = Told(STARTER).add(f.OverrideOpened, at(1, 8), step="rp", reason="Coming back").course(at(2))["rp"]

    assert opened.since == at(1, 9)


def test_an_added_step_stands_for_another_once_however_often_it_is_done():
    twice = {"kind": "technique-practised", "technique": "planning", "times": 2}
    pathway = pathway_of(step("pe", "Starting", ALWAYS, techniques=["planning"]), step("ba", "Doing", twice))
    telling = Told(pathway).add(f.StepAdded, at(2), step="walk", title="Walk", counts_as={"step": "pe"})

    for day in (3, 4):
        telling.add(f.ActivityDone, at(day), step="walk", activity="walk")

    assert telling.course(at(5))["pe"].state is State.COMPLETED
    assert telling.course(at(5))["ba"].state is State.LOCKED


def test_changing_ones_mind_about_a_skipped_step_restores_the_skip_until_it_is_begun():
    telling = two_steps(PE_DONE).add(f.Waived, at(2), step="pe", reason="timing")
    again = telling.add(f.PatientChose, at(3), step="pe").course(at(3))["pe"]
    skipped = telling.add(f.ChoiceWithdrawn, at(4), step="pe").course(at(4))["pe"]
    telling.add(f.PatientChose, at(5), step="pe").add(f.StepOpened, at(6), step="pe")
    begun = telling.add(f.ChoiceWithdrawn, at(7), step="pe").course(at(7))["pe"]

    assert (again.state, skipped.state) == (State.AVAILABLE, State.WAIVED)
    assert begun.state is State.IN_PROGRESS


def test_not_now_clears_the_request_and_what_staff_are_waited_for():
    telling = Told(STARTER).add(f.PatientChose, at(3), step="rp")
    asked = telling.course(at(4))["rp"]
    answered = telling.add(f.Declined, at(5), step="rp", told="Later").course(at(6))["rp"]

    assert [each.since for each in asked.awaited] == [at(3)]
    assert (answered.asked, answered.declined) == (None, telling.last)
    assert [each.since for each in answered.awaited] == [None]


def test_practice_that_is_taken_back_no_longer_counts():
    practised = {"kind": "technique-practised", "technique": "relaxation", "times": 2}
    telling = two_steps(practised).add(f.TechniquePractised, at(2), technique="relaxation")
    telling.add(f.PracticeWithdrawn, at(2), at(2, 10), technique="relaxation")
    telling.add(f.TechniquePractised, at(3), technique="relaxation")

    assert telling.course(at(4))["ba"].state is State.LOCKED
    assert telling.course(at(4))["ba"].seen.practised("relaxation") == [at(3)]
