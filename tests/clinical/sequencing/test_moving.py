"""A patient who is moved to another version loses nothing, and brings along what was done and agreed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.sequencing import facts as f
from app.clinical.sequencing import moving
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.facts import Mode, WaiverReason
from app.clinical.sequencing.moving import MovePlan, NewCore
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import FlagKind, State
from tests.clinical.sequencing.starter import STARTER, pathway_of, step
from tests.clinical.sequencing.strategies import ENDS, STARTED, courses, few, pathways
from tests.clinical.sequencing.told import Told, at

ALWAYS = {"kind": "always"}
CLOSED = {"kind": "released-by", "roles": ["practitioner"], "remind_after_days": 3}
AFTER_PE = {"kind": "step-satisfied", "step": "pe"}


def moved(telling, after, plan=None, when=None):
    """The telling moved to another version, and its course there."""
    plan, when = plan or MovePlan(), when or at(20)
    course = telling.course(when)
    fact = f.CarriedOver(
        id="move", effective_at=when, recorded_at=when, seq=999, role="system",
        **moving.carry(course, telling.pathway, after, plan),
    )  # fmt: skip
    return course, replay(after, [*telling.facts, fact], started_at=telling.started_at, now=when, zone="Europe/London")


def two(unlock, **fields):
    return pathway_of(step("pe", "Understanding", ALWAYS), step("cr", "Thoughts", unlock, **fields))


def test_a_step_that_is_open_stays_open_though_the_new_rule_is_stricter():
    telling = Told(two(AFTER_PE)).done("pe", at(2))

    before, after = moved(telling, two(CLOSED))

    assert after["cr"].state is State.AVAILABLE and after["cr"].since == before["cr"].since == at(2)
    assert for_staff(after["cr"]).headline.endswith("kept from version 3. Not started.")
    assert moving.lost(before, after, MovePlan()) == ()


def test_who_opened_a_step_is_still_read_after_a_move():
    telling = Told(two(CLOSED)).add(f.Released, at(3), step="cr", by="Robin Hale", told="Try this next.")

    before, after = moved(telling, two(AFTER_PE))

    told = [str(for_patient(one["cr"])) for one in (before, after)]
    assert told[0] == told[1] and "Opened by Robin on Sunday 3 May." in told[1] and "Try this next." in told[1]


def test_a_step_that_the_new_rule_opens_opens_by_the_move_on_its_day():
    _, after = moved(Told(two(CLOSED)), two(ALWAYS))

    assert (after["cr"].since, after["cr"].cause) == (at(20), "move")
    assert for_staff(after["cr"]).headline == "Open since Wednesday 20 May, by the move from version 3. Not started."


def test_what_is_done_stays_done_though_the_new_version_asks_for_more_of_it():
    more = [{"key": f"part-{n}", "title": f"Part {n}"} for n in (1, 2, 3)]
    telling = Told(pathway_of(step("pe", "Understanding", ALWAYS, activities=more[:2]))).done("pe", at(2))

    before, after = moved(telling, pathway_of(step("pe", "Understanding", ALWAYS, activities=more)))

    assert after["pe"].completed_at == before["pe"].completed_at == at(2)
    assert (after["pe"].state, after["pe"].mode) == (State.COMPLETED, Mode.ONLINE)


def test_what_was_skipped_stays_skipped_under_another_key_with_who_agreed_and_when():
    telling = Told(two(AFTER_PE)).add(f.Waived, at(3), step="pe", reason=WaiverReason.GOALS_MET)
    after = pathway_of(step("start", "Beginning", ALWAYS), step("cr", "Thoughts", ALWAYS))

    _, course = moved(telling, after, MovePlan({"pe": ("start",)}))

    waiver = course["start"].waiver
    assert (waiver.reason, waiver.by, waiver.effective_at) == (WaiverReason.GOALS_MET, "Jo", at(3))
    assert "You and Jo agreed to skip this" in for_patient(course["start"]).headline


def test_a_step_with_another_key_keeps_its_half_done_work():
    parts = [{"key": f"part-{n}", "title": f"Part {n}"} for n in (1, 2, 3)]
    telling = Told(pathway_of(step("pe", "Understanding", ALWAYS, activities=parts))).done("pe", at(2), "part-2")

    _, course = moved(
        telling, pathway_of(step("start", "Beginning", ALWAYS, activities=parts)), MovePlan({"pe": ("start",)})
    )

    assert course["start"].state is State.IN_PROGRESS
    assert [part.activity for part in course["start"].done] == ["part-2"]
    assert [part.key for part in course["start"].left] == ["part-1", "part-3"]


def test_of_a_step_that_is_split_each_piece_is_open_and_done_as_the_whole_was():
    telling = Told(two(AFTER_PE)).done("pe", at(2))
    after = pathway_of(step("one", "One", CLOSED), step("two", "Two", CLOSED), step("cr", "Thoughts", ALWAYS))

    before, course = moved(telling, after, plan := MovePlan({"pe": ("one", "two")}))

    assert [course[key].state for key in ("one", "two")] == [State.COMPLETED, State.COMPLETED]
    assert moving.lost(before, course, plan) == ()


@pytest.mark.parametrize(
    ("done", "state"), [((), State.AVAILABLE), (("pe",), State.AVAILABLE), (("pe", "cr"), State.COMPLETED)]
)
def test_steps_that_are_merged_are_done_when_all_of_them_were(done, state):
    telling = Told(two(ALWAYS))
    for key in done:
        telling.done(key, at(2))

    before, course = moved(telling, pathway_of(step("both", "Both", CLOSED)), plan := MovePlan(
        {"pe": ("both",), "cr": ("both",)}
    ))  # fmt: skip

    assert course["both"].state is state
    assert moving.lost(before, course, plan) == ()


def test_merged_steps_of_which_one_was_skipped_and_one_done_are_done():
    telling = Told(two(ALWAYS)).done("pe", at(2)).add(f.Waived, at(4), step="cr", reason=WaiverReason.TIMING)

    _, course = moved(telling, pathway_of(step("both", "Both", ALWAYS)), MovePlan({"pe": ("both",), "cr": ("both",)}))

    assert course["both"].state is State.COMPLETED and course["both"].waiver is None


def test_a_hold_goes_along_to_what_the_step_becomes():
    telling = Told(two(ALWAYS)).add(f.Held, at(4), step="cr", reason="Away", review_on=at(9).date())

    _, course = moved(telling, pathway_of(step("pe", "Understanding", ALWAYS), step("new", "New", ALWAYS)), MovePlan(
        {"cr": ("new",)}
    ))  # fmt: skip

    assert course["new"].state is State.ON_HOLD


def test_a_retired_step_stays_with_whoever_opened_it_and_is_nobody_elses():
    telling = Told(two(AFTER_PE)).done("pe", at(2))
    fresh = Told(two(AFTER_PE))
    after = two(AFTER_PE, retired=True)

    assert moved(telling, after)[1]["cr"].state is State.AVAILABLE
    assert "cr" not in moved(fresh, after)[1]


def test_a_step_that_is_taken_away_from_somebody_who_has_it_open_is_lost_and_said_to_be():
    telling = Told(two(AFTER_PE)).done("pe", at(2))
    after = pathway_of(step("pe", "Understanding", ALWAYS))
    plan = MovePlan({"cr": ()})

    before, course = moved(telling, after, plan)

    assert moving.lost(before, course, plan) == ("Thoughts is open to them now and would not be.",)
    fresh = Told(two(AFTER_PE))
    assert moving.lost(*moved(fresh, after, plan), plan) == ()


NEW = pathway_of(step("pe", "Understanding", ALWAYS), step("new", "New", ALWAYS), step("cr", "Thoughts", ALWAYS))


@pytest.mark.parametrize(
    ("policy", "done", "core"),
    [
        (NewCore.NEW_ENROLMENTS_ONLY, (), False),
        (NewCore.IF_NOT_YET_PAST, ("pe",), True),
        (NewCore.IF_NOT_YET_PAST, ("cr",), False),
        (NewCore.ALL, ("cr",), True),
        (NewCore.ALL, ("pe", "cr"), False),
        (NewCore.IF_NOT_YET_PAST, ("pe", "cr"), False),
    ],
)
def test_of_whom_a_new_core_step_is_asked(policy, done, core):
    telling = Told(two(ALWAYS))
    for key in done:
        telling.done(key, at(2))

    before, after = moved(telling, NEW, plan := MovePlan(new_core=policy))

    assert after["new"].core is core
    assert moving.lost(before, after, plan) == ()


def test_a_step_that_becomes_core_is_asked_of_nobody_who_is_under_way_by_default():
    telling = Told(two(ALWAYS, requirement="could")).done("pe", at(2))

    before, after = moved(telling, two(ALWAYS))

    assert not after["cr"].core
    assert moving.finished(before) and moving.finished(after)


@pytest.mark.parametrize(
    ("becomes", "told"),
    [
        ({}, "Thoughts is not in the new version"),
        ({"cr": ("nothing",)}, "which the new version does not have"),
        ({"cr": ("pe", "pe")}, "is to become the same step twice"),
        ({"nobody": ("pe",), "cr": ()}, "There is no step “nobody” in the version before"),
    ],
)
def test_a_plan_that_cannot_be_says_why(becomes, told):
    [fault] = moving.faults(two(ALWAYS), pathway_of(step("pe", "Understanding", ALWAYS)), MovePlan(becomes))

    assert told in fault.problem and fault.fix


def test_moved_back_the_course_is_as_it_was_and_work_done_since_stays():
    start, stricter = two(AFTER_PE), pathway_of(step("pe", "Understanding", ALWAYS), step("cr", "Thoughts", ALWAYS))
    telling = Told(start)
    _, after = moved(telling, stricter, when=at(3))
    assert after["cr"].state is State.AVAILABLE
    move = f.CarriedOver(
        id="move", effective_at=at(3), recorded_at=at(3), seq=50, role="system",
        **moving.carry(telling.course(at(3)), start, stricter, MovePlan()),
    )  # fmt: skip
    untouched, stood = list(telling.facts), for_staff(telling.course(at(6))["pe"]).headline
    telling.done("cr", at(5))

    def back(facts):
        as_moved = replay(stricter, [*facts, move], started_at=telling.started_at, now=at(6), zone="Europe/London")
        as_before = replay(start, facts, started_at=telling.started_at, now=at(6), zone="Europe/London")
        fact = f.CarriedOver(
            id="back", effective_at=at(6), recorded_at=at(6), seq=99, role="system",
            **moving.carry_back(as_before, as_moved, MovePlan()),
        )  # fmt: skip
        everything = [*facts, move, fact]
        return replay(start, everything, started_at=telling.started_at, now=at(6), zone="Europe/London")

    assert for_staff(back(untouched)["pe"]).headline == stood
    assert back(untouched)["cr"].state is State.LOCKED
    assert back(telling.facts)["cr"].state is State.COMPLETED


@few
@given(pathways(), pathways(), courses(held=False), st.sampled_from(NewCore))
def test_nobody_loses_anything_whatever_the_pathways_the_facts_and_the_policy(before, after, facts, policy):
    plan = MovePlan(new_core=policy)
    course = replay(before, facts, started_at=STARTED, now=ENDS, zone="Europe/London")
    move = f.CarriedOver(
        id="move", effective_at=ENDS, recorded_at=ENDS, seq=999, role="system",
        **moving.carry(course, before, after, plan),
    )  # fmt: skip

    now = replay(after, [*facts, move], started_at=STARTED, now=ENDS + timedelta(days=1), zone="Europe/London")

    assert moving.faults(before, after, plan) == ()
    assert moving.lost(course, now, plan) == ()


@few
@given(pathways(), pathways(), courses(held=False), st.permutations(["a", "b", "c", "d"]))
def test_nobody_loses_anything_when_steps_change_places(before, after, facts, order):
    plan = MovePlan({old: (new,) for old, new in zip("abcd", order, strict=True)})
    course = replay(before, facts, started_at=STARTED, now=ENDS, zone="Europe/London")
    move = f.CarriedOver(
        id="move", effective_at=ENDS, recorded_at=ENDS, seq=999, role="system",
        **moving.carry(course, before, after, plan),
    )  # fmt: skip

    now = replay(after, [*facts, move], started_at=STARTED, now=ENDS, zone="Europe/London")

    assert moving.lost(course, now, plan) == ()


def test_the_starter_pathway_moved_to_itself_is_what_it_was():
    telling = Told(STARTER).done("pe", at(2)).scored("phq-9", 17, at(2)).scored("phq-9", 9, at(4))

    before, after = moved(telling, STARTER)

    assert [(one.step, one.state, one.since) for one in after.standings] == [
        (one.step, one.state, one.since) for one in before.standings
    ]


def after_move(telling, after, *more, plan=None, when=None):
    """The course in another version, moved at one moment, with what was recorded after that."""
    when = when or at(20)
    course = telling.course(when)
    known = max((fact.seq for fact in telling.facts), default=0)
    move = f.CarriedOver(
        id="move", effective_at=when, recorded_at=when, seq=999, role="system", known=known,
        **moving.carry(course, telling.pathway, after, plan or MovePlan()),
    )  # fmt: skip
    facts = [*telling.facts, move, *more]
    return replay(after, facts, started_at=telling.started_at, now=at(30), zone="Europe/London")


def taken_back(kind, target, when, **more):
    return kind(
        id="back",
        effective_at=when,
        recorded_at=when,
        seq=1001,
        supersedes=target,
        by="Jo",
        role="practitioner",
        **more,
    )


TOOK_BACK = [(f.Corrected, {"reason": "wrong patient"}), (f.Undone, {})]


@pytest.mark.parametrize(("kind", "more"), TOOK_BACK)
@pytest.mark.parametrize("parts", [(), ("a", "b")])
def test_what_was_wrongly_said_to_be_done_before_a_move_is_not_done_when_that_is_taken_back(kind, more, parts):
    asks_more = [{"key": key, "title": key} for key in parts]
    telling = Told(two(AFTER_PE)).add(f.DoneElsewhere, at(19), step="pe", mode=Mode.IN_CLINIC)
    after = pathway_of(step("pe", "Understanding", ALWAYS, activities=asks_more), step("cr", "Thoughts", AFTER_PE))

    course = after_move(telling, after, taken_back(kind, telling.facts[-1].id, at(21), **more))

    assert course["pe"].state is State.AVAILABLE and course["pe"].completed_at is None
    assert course["cr"].state is (State.AVAILABLE if kind is f.Corrected else State.LOCKED)
    assert [flag.kind for flag in course["cr"].flags] == ([FlagKind.OPENED_IN_ERROR] if kind is f.Corrected else [])


@pytest.mark.parametrize(("kind", "more"), TOOK_BACK)
def test_a_waiver_that_is_taken_back_after_a_move_is_no_waiver(kind, more):
    telling = Told(two(AFTER_PE)).add(f.Waived, at(19), step="pe", reason=WaiverReason.GOALS_MET)

    course = after_move(telling, two(AFTER_PE), taken_back(kind, telling.facts[-1].id, at(21), **more))

    assert course["pe"].state is State.AVAILABLE and not course["pe"].satisfied


def test_a_renamed_steps_waiver_that_is_taken_back_is_no_waiver_there():
    telling = Told(two(AFTER_PE)).add(f.Waived, at(19), step="pe", reason=WaiverReason.GOALS_MET)
    after = pathway_of(step("start", "Beginning", ALWAYS), step("cr", "Thoughts", ALWAYS))
    plan = MovePlan({"pe": ("start",)})

    waived = after_move(telling, after, plan=plan)
    course = after_move(telling, after, taken_back(f.Undone, telling.facts[-1].id, at(21)), plan=plan)

    assert waived["start"].state is State.WAIVED and course["start"].state is State.AVAILABLE


def test_a_release_that_is_undone_after_a_move_closes_what_nobody_began():
    telling = Told(two(CLOSED)).add(f.Released, at(19), step="cr", by="Jo", role="practitioner")

    course = after_move(telling, two(CLOSED), taken_back(f.Undone, telling.facts[-1].id, at(21)))

    assert course["cr"].state is State.LOCKED


def test_what_was_opened_in_error_is_still_flagged_after_a_move():
    telling = Told(two(CLOSED)).add(f.Released, at(3), step="cr", by="Jo", role="practitioner")
    wrong = f.Corrected(
        id="wrong", effective_at=at(5), recorded_at=at(5), seq=500, supersedes=telling.facts[-1].id, by="Jo",
        role="practitioner", reason="wrong patient",
    )  # fmt: skip
    telling.facts.append(wrong)

    course = after_move(telling, two(CLOSED))

    assert course["cr"].state is State.AVAILABLE
    assert [flag.kind for flag in course["cr"].flags] == [FlagKind.OPENED_IN_ERROR]


def test_what_opened_while_a_move_was_worked_out_stays_open():
    telling = Told(two(AFTER_PE))
    course = telling.course(at(20))
    move = f.CarriedOver(
        id="move", effective_at=at(20), recorded_at=at(20), seq=999, role="system", known=0,
        **moving.carry(course, telling.pathway, two(CLOSED), MovePlan()),
    )  # fmt: skip
    telling.add(f.Released, at(19), step="cr", by="Jo", role="practitioner")

    facts = [*telling.facts, move]
    again = replay(two(CLOSED), facts, started_at=telling.started_at, now=at(22), zone="Europe/London")

    assert again["cr"].state is State.AVAILABLE


def back_from(telling, after, plan, *since):
    """A telling moved on day 10 and back on day 12, with what was recorded between, and what going back would cost."""
    course = telling.course(at(10))
    move = f.CarriedOver(
        id="move", effective_at=at(10), recorded_at=at(10), seq=999, role="system",
        **moving.carry(course, telling.pathway, after, plan),
    )  # fmt: skip
    how = {"started_at": telling.started_at, "now": at(12), "zone": "Europe/London"}
    there = replay(after, [*telling.facts, move, *since], **how)
    here = replay(telling.pathway, [*telling.facts, *since], **how)
    back = f.CarriedOver(
        id="back", effective_at=at(12), recorded_at=at(12), seq=1100, role="system",
        **moving.carry_back(here, there, plan),
    )  # fmt: skip
    again = replay(telling.pathway, [*telling.facts, move, *since, back], **how)
    return again, moving.lost_by_going_back(there, again, plan)


def decided(kind, number, **more):
    return kind(
        id=f"d{number}",
        effective_at=at(11),
        recorded_at=at(11),
        seq=1000 + number,
        by="Jo",
        role="practitioner",
        **more,
    )


HALVES = pathway_of(step("a", "First half", ALWAYS), step("b", "Second half", ALWAYS), step("cr", "Thoughts", ALWAYS))


def test_a_move_taken_back_keeps_what_was_agreed_since_in_a_renamed_step():
    after = pathway_of(step("start", "Beginning", ALWAYS), step("cr", "Thoughts", ALWAYS))
    waived = decided(f.Waived, 1, step="start", reason=WaiverReason.GOALS_MET)

    again, lost = back_from(Told(two(AFTER_PE)), after, MovePlan({"pe": ("start",)}), waived)

    assert again["pe"].state is State.WAIVED and lost == ()


def test_a_move_taken_back_keeps_what_was_done_since_in_both_halves_of_a_step():
    after = pathway_of(
        step("a", "First half", ALWAYS), step("b", "Second half", ALWAYS), step("cr", "Thoughts", ALWAYS)
    )
    plan = MovePlan({"pe": ("a", "b")})
    both = [decided(f.DoneElsewhere, n, step=key, mode=Mode.IN_CLINIC) for n, key in enumerate("ab")]

    again, lost = back_from(Told(two(AFTER_PE)), after, plan, *both)

    assert again["pe"].state is State.COMPLETED and lost == ()


def test_a_move_is_not_taken_back_where_work_since_would_have_no_place():
    done = decided(f.DoneElsewhere, 1, step="a", mode=Mode.IN_CLINIC)
    _, lost = back_from(Told(two(AFTER_PE)), HALVES, MovePlan({"pe": ("a", "b")}), done)
    assert lost == ("First half is done or skipped now and would not be.",)

    more = pathway_of(step("pe", "Understanding", ALWAYS), step("cr", "Thoughts", ALWAYS), step("new", "New", ALWAYS))
    done = decided(f.DoneElsewhere, 1, step="new", mode=Mode.IN_CLINIC)
    _, lost = back_from(Told(two(AFTER_PE)), more, MovePlan(), done)
    assert lost == ("New was begun or agreed on since, and the version before does not have it.",)
