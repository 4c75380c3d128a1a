"""The acceptance cases of sequencing, told as courses of one patient."""

from itertools import product
from typing import Any

import pytest

from app.clinical.sequencing import decisions
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.standing import FlagKind, State
from tests.clinical.sequencing.starter import ANXIETY, STARTER, pathway_of, step
from tests.clinical.sequencing.told import Told, at

BELOW_TEN = {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10}
RELEASE = {"kind": "released-by", "roles": ["practitioner"]}


def told() -> Told:
    return Told(STARTER)


def test_releasing_a_step_opens_it_at_once_and_leaves_the_rest_of_the_core_outstanding():
    course = told().done("pe", at(2)).add(f.Released, at(6, 10), step="rp").course(at(6, 10))

    staying_well = course["rp"]
    assert staying_well.state is State.AVAILABLE
    assert (staying_well.since, staying_well.cause) == (at(6, 10), "fact-2")
    assert [each.step for each in course.coverage.outstanding] == ["ba", "cr", "rp"]
    assert course["cr"].state is State.AVAILABLE
    text = str(for_patient(staying_well, "Jo"))
    assert text == "Open: start when you like.\nOpened by Jo on Wednesday 6 May."
    assert "completed" not in text.lower()


def test_rapid_improvement_opens_staying_well_on_the_event_of_the_second_score():
    course = (
        told().scored("phq-9", 17, at(1)).done("pe", at(2)).scored("phq-9", 9, at(3)).scored("phq-9", 8, at(11))
    ).course(at(12))

    assert course["rp"].state is State.AVAILABLE
    assert (course["rp"].since, course["rp"].cause) == (at(11), "fact-4")


def test_scores_six_days_apart_do_not_open_it_and_staff_read_why():
    course = (
        told().scored("phq-9", 17, at(1)).done("pe", at(2)).scored("phq-9", 9, at(5)).scored("phq-9", 8, at(11))
    ).course(at(12))

    assert course["rp"].state is State.LOCKED
    assert "the newest two are 6 days apart" in str(for_staff(course["rp"]))
    assert not set("0123456789") & set(str(for_patient(course["rp"])).replace("any 2 of these 4", ""))


def test_getting_worse_afterwards_closes_nothing_and_is_flagged_to_staff():
    telling = told().scored("phq-9", 17, at(1)).scored("phq-9", 9, at(3)).scored("phq-9", 8, at(11))

    course = telling.scored("phq-9", 16, at(18)).course(at(19))

    assert course["rp"].state is State.AVAILABLE
    assert [flag.kind for flag in course["rp"].flags] == [FlagKind.NO_LONGER_MET]
    assert "Stays open, though its rule is no longer met." in str(for_staff(course["rp"]))
    assert "rule" not in str(for_patient(course["rp"]))


def test_relaxation_practised_off_script_in_a_session_opens_what_waits_on_it():
    course = (
        told()
        .add(f.DoneElsewhere, at(4, 14), at(5, 10), technique="relaxation", homework="Slow breathing each evening")
        .course(at(6))
    )

    fears = course["fears"]
    assert fears.state is State.AVAILABLE
    assert (fears.since, fears.cause) == (at(5, 10), "fact-1")
    assert "by practice of relaxation on Monday 4 May, recorded by Jo" in str(for_staff(fears))
    assert "Opened because you practised relaxation with Jo on Monday 4 May." in str(for_patient(fears))


def test_half_a_module_done_in_clinic_leaves_the_other_half_and_completes_as_mixed():
    telling = told().done("pe", at(2))
    telling.add(f.DoneElsewhere, at(4), step="ba", activities=("part-1", "part-2"))

    half = telling.course(at(5))["ba"]
    whole = telling.done("ba", at(8), "part-3", "part-4", "part-5").course(at(9))["ba"]

    assert (half.state, half.done_count, half.needed) == (State.IN_PROGRESS, 2, 5)
    assert [part.key for part in half.left] == ["part-3", "part-4", "part-5"]
    assert (whole.state, whole.mode, whole.completed_at) == (State.COMPLETED, Mode.MIXED, at(8))
    assert [part.mode for part in whole.done] == [Mode.IN_CLINIC] * 2 + [Mode.ONLINE] * 3
    assert str(for_patient(whole)).splitlines()[:2] == [
        "Done on Friday 8 May, partly in your session.",
        "[met] Part 1: in your session, Monday 4 May.",
    ]


def test_a_recorded_problem_suggests_steps_without_naming_it_and_resolving_it_keeps_what_was_opened():
    telling = told().done("pe", at(2)).add(f.ProblemAssessed, at(3), problem="anxiety", status="active")
    suggested = telling.course(at(3))
    telling.add(f.StepOpened, at(4), step="relaxation")

    resolved = telling.add(f.ProblemAssessed, at(6), problem="anxiety", status="resolved").course(at(7))

    assert [suggested[key].state for key in ("relaxation", "worry")] == [State.AVAILABLE] * 2
    text = str(for_patient(suggested["worry"]))
    assert "Suggested because of what you’re working on." in text
    assert "anxiety" not in text
    assert resolved["relaxation"].state is State.IN_PROGRESS
    assert resolved["worry"].state is State.NOT_SUGGESTED


def test_waiving_a_core_step_needs_a_coded_reason():
    thoughts = told().done("pe", at(2)).course(at(3))["cr"]

    assert decisions.can_waive(thoughts, None).code == "reason"
    assert decisions.can_waive(thoughts, WaiverReason.CLINICAL_JUDGEMENT).code == "note"
    assert decisions.can_waive(thoughts, WaiverReason.CLINICAL_JUDGEMENT, "Seen it through in the room.")
    assert decisions.can_waive(thoughts, WaiverReason.TIMING)
    assert decisions.can_waive(thoughts, WaiverReason.COVERED_ELSEWHERE).instead == "done-elsewhere"


def test_a_waived_core_step_satisfies_is_listed_as_agreed_and_can_still_be_opened():
    telling = told().done("pe", at(2)).add(f.Waived, at(3), step="cr", reason="timing")

    waived = telling.course(at(4))
    again = telling.add(f.PatientChose, at(5), step="cr").course(at(5))["cr"]

    assert waived["cr"].state is State.WAIVED
    assert waived["cr"].satisfied
    assert [each.step for each in waived.coverage.agreed_to_skip] == ["cr"]
    assert str(for_patient(waived["cr"])) == "You and Jo agreed to skip this. You can still open it."
    assert decisions.can_choose(waived["cr"])
    assert again.state is State.AVAILABLE
    assert decisions.can_open(again)


def test_a_step_that_must_be_done_and_cannot_be_overridden_refuses_a_waiver_and_says_who_may():
    strict = pathway_of(step("pe", "Starting", {"kind": "always"}, requirement="must", override="prohibited"))

    refused = decisions.can_waive(Told(strict).course(at(2))["pe"], WaiverReason.TIMING)

    assert not refused
    assert refused.who == {"service-admin"}
    assert "service administrator" in refused.words


@pytest.mark.parametrize(
    ("score", "released"), list(product(["true", "false", "unscorable", "never"], [True, False])), ids=str
)
def test_the_order_of_operands_changes_nothing(score: str, released: bool):
    totals = {"true": 9, "false": 10, "unscorable": None}

    def course_of(*of: dict[str, Any]) -> Any:
        telling = Told(pathway_of(step("rp", "Staying well", {"kind": "any", "of": list(of)})))
        if score in totals:
            telling.scored("phq-9", totals[score], at(2))
        if released:
            telling.add(f.Released, at(3), step="rp")
        return telling.course(at(4))["rp"]

    one, other = course_of(BELOW_TEN, RELEASE), course_of(RELEASE, BELOW_TEN)

    assert (one.state, one.truth, one.since, one.cause) == (other.state, other.truth, other.since, other.cause)
    assert {(each.atom.kind, each.truth) for each in one.unmet} == {
        (each.atom.kind, each.truth) for each in other.unmet
    }
    if released or score == "true":
        assert one.state is State.AVAILABLE
    else:
        assert one.state is (State.LOCKED if score == "false" else State.WAITING)


def test_zero_is_a_score_part_is_not_and_nothing_is_neither():
    at_least = {**BELOW_TEN, "comparison": "at-least", "which": "each-of-last", "last": 2}
    pathway = pathway_of(step("low", "Low", BELOW_TEN), step("high", "High", at_least))

    zero = Told(pathway).scored("phq-9", 0, at(2)).scored("phq-9", 0, at(3))
    part = Told(pathway).scored("phq-9", None, at(2)).scored("phq-9", None, at(3))
    nothing = Told(pathway)

    answers = [[telling.course(at(4))[key].truth for key in ("low", "high")] for telling in (zero, part, nothing)]
    assert answers == [[Truth.TRUE, Truth.FALSE], [Truth.UNKNOWN] * 2, [Truth.UNKNOWN] * 2]
    assert {len(telling.course(at(4))["low"].seen.measures) for telling in (part, nothing)} == {1, 0}


def test_a_stale_score_is_unknown_a_new_one_opens_and_ageing_closes_nothing():
    fresh = {"kind": "measure-score", "measure": "gad-7", "comparison": "at-least", "value": 8, "max_age_days": 28}
    telling = Told(pathway_of(step("worry", "Managing worry", fresh)), at(1, month=1)).scored(
        "gad-7", 9, at(1, month=1)
    )
    stale = Told(telling.pathway, at(2)).scored("gad-7", 9, at(2, month=3)).course(at(1))["worry"]

    assert telling.course(at(1, month=4))["worry"].state is State.AVAILABLE
    assert telling.course(at(1, month=4))["worry"].truth is Truth.UNKNOWN
    assert telling.course(at(1, month=4))["worry"].flags == ()
    assert stale.state is State.WAITING
    assert "unknown (9 on Monday 2 March is 60 days old, limit 28)" in str(for_staff(stale))
    assert "patient" in stale.who_can_act
    assert telling.scored("gad-7", 12, at(2)).course(at(2))["worry"].truth is Truth.TRUE


def test_an_unrecorded_session_is_waited_for_and_not_attending_is_never_blamed():
    pathway = pathway_of(step("review", "Review", {"kind": "appointment-attended"}))
    telling = Told(pathway).session(at(4, 10), "booked", recorded=at(1))
    ahead, after = telling.course(at(3))["review"], telling.course(at(5))["review"]

    missed = telling.session(at(4, 10), "did-not-attend", recorded=at(6)).course(at(6))["review"]

    assert (ahead.state, after.state, missed.state) == (State.LOCKED, State.WAITING, State.LOCKED)
    assert after.who_can_act == {"practitioner"}
    assert "Monday 4 May has no outcome recorded." in str(for_staff(after))
    assert str(for_patient(missed, "Nadia")) == "Opens after your next session."


def _in_each_state() -> dict[State, Any]:
    course = (
        told()
        .scored("phq-9", 15, at(1))
        .done("pe", at(2))
        .add(f.StepOpened, at(3), step="ba")
        .add(f.Waived, at(3), step="cr", reason="timing")
        .add(f.Held, at(3), step="ps", reason="Settle first", review_on="2026-05-20")
        .course(at(4))
    )
    waiting = told().course(at(4))["rp"]
    return {each.state: each for each in [*course.standings, waiting]}


def test_every_state_answers_alike_at_every_door():
    standings = _in_each_state()

    doors = {
        state: (bool(decisions.can_open(each)), bool(decisions.can_remind(each))) for state, each in standings.items()
    }

    assert doors == {
        State.NOT_SUGGESTED: (True, False),
        State.LOCKED: (False, False),
        State.WAITING: (False, False),
        State.AVAILABLE: (True, True),
        State.IN_PROGRESS: (True, True),
        State.COMPLETED: (True, False),
        State.WAIVED: (False, False),
        State.ON_HOLD: (False, False),
    }


def test_three_rules_becoming_true_in_one_minute_open_a_step_once():
    course = (
        told()
        .scored("phq-9", 17, at(1))
        .scored("phq-9", 9, at(3))
        .add(f.Released, at(11), step="rp")
        .scored("phq-9", 8, at(11))
        .done("pe", at(11))
        .done("cr", at(11))
        .done("ps", at(11))
        .course(at(12))
    )

    assert [opening.cause for opening in course.openings if opening.step == "rp"] == ["fact-3"]


def test_what_suggests_a_step_is_told_the_same_by_score_and_by_problem():
    pathway = pathway_of(step("worry", "Managing worry", {"kind": "always"}, requirement="could", relevance=ANXIETY))

    by_score = Told(pathway).scored("gad-7", 9, at(2)).course(at(3))["worry"]
    by_problem = Told(pathway).add(f.ProblemAssessed, at(2), problem="anxiety", status="active").course(at(3))["worry"]

    assert str(for_patient(by_score)) == str(for_patient(by_problem))
    assert by_score.relevance is by_problem.relevance is Truth.TRUE
