"""What staff and patients may do now, and the sentence when they may not."""

from datetime import date

import pytest

from app.clinical.sequencing import decisions
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.pathway import Requirement
from tests.clinical.sequencing.starter import PE_DONE, STARTER, pathway_of, step
from tests.clinical.sequencing.told import Told, at

NEVER = {"kind": "not-before", "date": "2027-01-01"}


def standing_of(key: str, *, unlock: dict | None = None, **fields):
    pathway = STARTER if unlock is None else pathway_of(step(key, "A step", unlock, **fields))
    return Told(pathway).course(at(2))[key]


def test_a_release_needs_a_closed_step_that_waits_for_one_and_a_role_it_names():
    waiting = standing_of("rp")

    assert decisions.can_release(waiting, "practitioner")
    assert decisions.can_release(waiting, "clinical-lead")
    refused = decisions.can_release(waiting, "supervisor")
    assert (refused.code, refused.words) == ("role", "This step is released by: clinical lead or practitioner.")
    assert decisions.can_release(standing_of("pe"), "practitioner").code == "open"
    assert decisions.can_release(standing_of("ba"), "practitioner").code == "no-release"


def test_opening_early_follows_the_policy_of_the_step():
    by_reason, freely = standing_of("ba"), standing_of("x", unlock=NEVER, override="allowed")
    barred = standing_of("x", unlock=NEVER, override="prohibited")

    assert decisions.can_override(by_reason).code == "reason"
    assert decisions.can_override(by_reason, "Ready for it")
    assert decisions.can_override(freely)
    assert decisions.can_override(barred, "Ready for it").who == {"service-admin"}
    assert decisions.can_override(standing_of("pe"), "Ready for it").code == "open"


def test_a_step_that_cannot_be_opened_early_says_who_can_release_it():
    release = {"kind": "released-by", "roles": ["practitioner"]}

    refused = decisions.can_override(standing_of("x", unlock=release, override="prohibited"), "Ready")

    assert refused.who == {"practitioner"}
    assert refused.words.endswith("It can be released by: practitioner.")


def test_a_step_that_must_be_done_can_be_made_optional_first():
    must = standing_of("x", unlock=NEVER, requirement="must")

    assert decisions.can_waive(must, f.WaiverReason.TIMING).code == "must"
    assert decisions.can_change_requirement(must, Requirement.COULD, "Does it with Jo")
    assert decisions.can_change_requirement(must, Requirement.COULD, " ").code == "reason"
    assert decisions.can_change_requirement(must, Requirement.MUST, "No change").code == "same"
    strict = standing_of("x", unlock=NEVER, requirement="must", override="prohibited")
    assert decisions.can_change_requirement(strict, Requirement.COULD, "Does it with Jo").code == "prohibited"


def test_what_is_done_or_waived_cannot_be_waived():
    telling = Told(STARTER).done("pe", at(2)).add(f.Waived, at(3), step="cr", reason="timing")
    course = telling.course(at(4))

    assert decisions.can_waive(course["pe"], f.WaiverReason.TIMING).code == "done"
    assert decisions.can_waive(course["cr"], f.WaiverReason.TIMING).code == "waived"
    assert decisions.can_record_done(course["cr"])
    assert decisions.can_record_done(course["pe"]).code == "done"


def test_a_hold_needs_a_reason_and_a_day_after_today():
    open_step = standing_of("pe")

    assert decisions.can_hold(open_step, "", date(2026, 5, 20)).code == "reason"
    assert decisions.can_hold(open_step, "Settle first", None).code == "review"
    assert decisions.can_hold(open_step, "Settle first", date(2026, 5, 2)).code == "review"
    assert decisions.can_hold(open_step, "Settle first", date(2026, 5, 3))
    assert decisions.can_resume(open_step).code == "not-held"


def test_a_held_step_can_be_resumed_and_neither_held_opened_released_nor_chosen():
    held = Told(STARTER).add(f.Held, at(2), step="rp", reason="Wait", review_on="2026-05-20").course(at(3))["rp"]

    assert decisions.can_resume(held)
    refused = [
        decisions.can_hold(held, "Wait", date(2026, 5, 20)),
        decisions.can_override(held, "Ready"),
        decisions.can_release(held, "practitioner"),
        decisions.can_choose(held),
        decisions.can_open(held),
    ]
    assert {each.code for each in refused} == {"on-hold"}


def test_a_patient_can_ask_for_what_is_closed_and_only_once():
    telling = Told(STARTER)

    assert decisions.can_choose(telling.course(at(2))["rp"])
    assert decisions.can_choose(telling.course(at(2))["pe"]).code == "open"
    assert decisions.can_choose(telling.add(f.PatientChose, at(3), step="rp").course(at(3))["rp"]).code == "asked"


@pytest.mark.parametrize(("minutes", "begun", "code"), [(30, False, ""), (31, False, "late"), (5, True, "followed")])
def test_a_decision_can_be_undone_for_half_an_hour_if_nobody_has_begun_what_it_opened(minutes, begun, code):
    telling = Told(STARTER).add(f.Released, at(6), step="rp")
    release = telling.last
    if begun:
        telling.add(f.StepOpened, at(6, 9, 2), step="rp")

    answer = decisions.can_undo(release, telling.facts, at(6, 9, minutes))

    assert (bool(answer), answer.code) == (not code, code)


def test_a_waiver_can_be_undone_until_somebody_begins_what_it_opened():
    telling = Told(pathway_of(step("pe", "Starting", {"kind": "always"}), step("ba", "Doing", PE_DONE)))
    telling.add(f.Waived, at(6), step="pe", reason="timing")

    openings = telling.course(at(6, 9, 1)).openings
    untouched = decisions.can_undo(telling.last, telling.facts, at(6, 9, 1), openings=openings)
    telling.add(f.StepOpened, at(6, 9, 2), step="ba")
    begun = decisions.can_undo(telling.facts[0], telling.facts, at(6, 9, 3), openings=openings)

    assert untouched
    assert begun.code == "followed"


def test_not_now_needs_a_request_and_words_for_the_patient():
    telling = Told(STARTER)
    nobody_asked = telling.course(at(2))["rp"]
    asked = telling.add(f.PatientChose, at(3), step="rp").course(at(3))["rp"]
    opened = telling.add(f.Released, at(4), step="rp").course(at(4))["rp"]

    assert decisions.can_decline(nobody_asked, "Later").code == "not-asked"
    assert decisions.can_decline(asked, " ").code == "told"
    assert decisions.can_decline(asked, "Later")
    assert decisions.can_decline(opened, "Later").code == "open"


def test_after_not_now_a_patient_may_ask_again_and_then_it_cannot_be_undone():
    telling = Told(STARTER).add(f.PatientChose, at(3), step="rp").add(f.Declined, at(4), step="rp", told="Later")
    declined = telling.last

    assert decisions.can_choose(telling.course(at(4))["rp"])
    assert decisions.can_undo(declined, telling.facts, at(4, 9, 1))
    telling.add(f.PatientChose, at(4, 9, 2), step="rp")
    assert decisions.can_undo(declined, telling.facts, at(4, 9, 3)).code == "followed"


def test_a_hold_that_was_lifted_and_a_waiver_that_was_taken_up_cannot_be_undone():
    lifted = Told(STARTER).add(f.Held, at(6), step="pe", reason="Wait", review_on="2026-05-20")
    lifted.add(f.Resumed, at(6, 9, 1), step="pe")
    taken_up = Told(STARTER).add(f.Waived, at(6), step="cr", reason="timing")
    taken_up.add(f.PatientChose, at(6, 9, 1), step="cr")

    answers = [decisions.can_undo(told.facts[0], told.facts, at(6, 9, 2)) for told in (lifted, taken_up)]

    assert [each.code for each in answers] == ["followed", "followed"]


def test_only_decisions_can_be_undone_and_only_once():
    telling = Told(STARTER).add(f.Released, at(6), step="rp").add(f.Undone, at(6, 9, 1), supersedes="fact-1")
    telling.add(f.StepOpened, at(6, 9, 2), step="pe")

    assert decisions.can_undo(telling.facts[0], telling.facts, at(6, 9, 3)).code == "undone"
    assert decisions.can_undo(telling.last, telling.facts, at(6, 9, 3)).code == "not-a-decision"
