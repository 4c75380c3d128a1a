"""What holds for every pathway and every course: the ten rules of meaning, tried at random."""

from datetime import datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.clinical.local_time import instant, local_day
from app.clinical.sequencing import decisions
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.evaluate import View, counted, truth
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.kleene import Truth, all_of, any_of, at_least
from app.clinical.sequencing.pathway import PathwayRefused, canonical_json, read
from app.clinical.sequencing.rules import OPENS_AT, AllOf, AnyOf, Condition, CountOf, Group, Rule
from app.clinical.sequencing.seen import Seen
from app.clinical.sequencing.standing import State
from app.clinical.sequencing.structure import grows
from tests.clinical.sequencing.starter import pathway_of, step
from tests.clinical.sequencing.strategies import (
    ENDS,
    KEYS,
    STARTED,
    course_of,
    courses,
    fact,
    few,
    moments,
    pathways,
    rules,
    seen_of,
    truth_of,
)
from tests.clinical.sequencing.told import LONDON
from tests.letters import LETTERS

KINDS = {each.model_fields["kind"].default for each in (*get_args(Group), *get_args(Condition))}
truths = st.sampled_from(Truth)


def opened(pathway, facts, now=ENDS):
    return {each.step: (each.at, each.cause) for each in course_of(pathway, facts, now).openings}


@few
@given(pathways(), courses(), moments)
def test_asking_earlier_gives_the_beginning_of_the_same_course(pathway, facts, now):
    whole, early = opened(pathway, facts), opened(pathway, facts, now)

    assert early == {key: opening for key, opening in whole.items() if opening[0] <= now}


@few
@given(pathways(), courses(), courses(most=3))
def test_adding_facts_never_closes_a_step_nor_changes_when_it_opened_before(pathway, facts, more):
    last = max((each.recorded_at for each in facts), default=STARTED)
    later = [each.model_copy(update={"id": f"l{n}", "seq": 100 + n, "recorded_at": last + timedelta(hours=1)})
             for n, each in enumerate(more)]  # fmt: skip
    before = opened(pathway, facts, last)

    after = opened(pathway, [*facts, *later], last + timedelta(hours=2))

    assert before.items() <= after.items()


@few
@given(pathways(), courses())
def test_no_step_opens_before_its_cause_was_recorded(pathway, facts):
    recorded = {each.id: each.recorded_at for each in facts}

    for at, cause in opened(pathway, facts).values():
        assert at >= STARTED
        assert cause in ("start", "time") or at == max(recorded[cause], STARTED)


@few
@given(pathways(), courses(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_handed_over_changes_nothing(pathway, facts, random):
    shuffled = random.sample(facts, len(facts))

    assert course_of(pathway, shuffled) == course_of(pathway, facts)


@few
@given(pathways(), courses())
def test_a_closed_step_is_one_whose_rule_is_not_true_now(pathway, facts):
    for standing in course_of(pathway, facts).standings:
        if not standing.opened:
            assert standing.truth is not Truth.TRUE
            assert standing.unmet
            assert standing.earliest_at is None or standing.earliest_at > ENDS


@few
@given(pathways(), courses())
def test_replay_agrees_with_looking_at_every_step_again_at_every_moment(pathway, facts):
    assert opened(pathway, facts) == _opened_the_slow_way(pathway, facts)


def _opened_the_slow_way(pathway, facts: list[f.Fact]) -> dict[str, tuple[datetime, str]]:
    """No index, no due times, nothing kept: all that is known is read again for each fact and each 06:00."""
    first, last = local_day(STARTED, LONDON), local_day(ENDS, LONDON)
    mornings = [instant(first + timedelta(days=n), OPENS_AT, LONDON) for n in range((last - first).days + 1)]
    ordered = sorted((each for each in facts if each.recorded_at <= ENDS), key=lambda x: (x.recorded_at, x.seq))
    times = [(m, -1, "time") for m in mornings if STARTED < m <= ENDS]
    events = sorted([(STARTED, -1, "start"), *times, *((x.recorded_at, x.seq, x.id) for x in ordered)])
    found: dict[str, tuple[datetime, str]] = {}
    for at, seq, cause in events:
        known = [x for x in ordered if (x.recorded_at, x.seq) <= (at, seq)]
        seen = seen_of(pathway, known)
        for each in pathway.steps:
            work = seen.work(each.key)
            cause_fact = next((x for x in known if x.id == cause), None)
            by_hand = work.completed_at() or work.reopened
            by_hand = by_hand or (isinstance(cause_fact, f.DoneElsewhere) and cause_fact.step == each.key)
            if each.key not in found and (by_hand or truth(each.unlock, View(seen, at, each.key)) is Truth.TRUE):
                found[each.key] = (at, cause)
    return found


@few
@given(rules, courses())
def test_what_becomes_known_never_reverses_an_answer(raw, facts):
    # A scored answer is one more completion: that is growth, not news of something unknown.
    assume("measure-completed" not in str(raw))
    pathway = _asking(raw)
    rule, now = pathway.by_key["target"].unlock, ENDS
    before = truth_of(rule, pathway, facts, now, "target")

    after = truth_of(rule, pathway, _made_known(facts), now, "target")

    assert before is Truth.UNKNOWN or after is before


def _made_known(facts: list[f.Fact]) -> list[f.Fact]:
    """The same course with each unknown settled: answers scored, sessions given an outcome, problems assessed."""
    latest = {each.appointment: each.id for each in sorted(facts, key=lambda x: (x.recorded_at, x.seq))
              if isinstance(each, f.AppointmentRecorded)}  # fmt: skip
    assessed = {each.problem for each in facts if isinstance(each, f.ProblemAssessed)}
    known: list[f.Fact] = []
    for each in facts:
        if isinstance(each, f.MeasureTaken) and each.total is None:
            each = each.model_copy(update={"total": 6 + each.seq % 9})
        if isinstance(each, f.AppointmentRecorded) and each.status == "booked" and each.id in latest.values():
            each = each.model_copy(update={"status": ["attended", "did-not-attend"][each.seq % 2]})
        known.append(each)
    for n, problem in enumerate({"anxiety", "sleep"} - assessed):
        known.append(fact(200 + n, "problem-assessed", {"problem": problem, "status": "active"}, STARTED, 0))
    return known


def _asking(raw: Any):
    return pathway_of(*(step(key, key.upper(), {"kind": "always"}, activities=[{"key": "one", "title": "One"}])
                        for key in KEYS), step("target", "Target", raw))  # fmt: skip


@few
@given(rules, courses(held=False), courses(held=False, most=4))
def test_a_rule_that_grows_stays_true(raw, facts, more):
    pathway = _asking(raw)
    rule = pathway.by_key["target"].unlock
    done = [each for each in facts if not isinstance(each, f.AppointmentRecorded)]
    later = [each.model_copy(update={"id": f"l{n}", "seq": 100 + n}) for n, each in enumerate(more)
             if not isinstance(each, f.AppointmentRecorded)]  # fmt: skip

    if grows(rule) and truth_of(rule, pathway, done, step="target") is Truth.TRUE:
        assert truth_of(rule, pathway, [*done, *later], step="target") is Truth.TRUE


@few
@given(pathways(), courses())
def test_the_order_of_operands_changes_no_opening(pathway, facts):
    turned = pathway.model_copy(
        update={"steps": tuple(each.model_copy(update={"unlock": _turned(each.unlock)}) for each in pathway.steps)}
    )

    assert opened(read(turned.model_dump(mode="json")), facts) == opened(pathway, facts)


def _turned(rule: Rule) -> Rule:
    if not isinstance(rule, Group):
        return rule
    return rule.model_copy(update={"of": tuple(_turned(child) for child in reversed(rule.of))})


@few
@given(rules, courses())
def test_three_values_are_two_ordinary_answers(raw, facts):
    pathway = _asking(raw)
    rule, seen = pathway.by_key["target"].unlock, seen_of(pathway, facts)
    answer = truth(rule, View(seen, ENDS, "target"))

    assert (answer is Truth.TRUE) == _boolean(rule, seen, unknown=False)
    assert (answer is Truth.FALSE) == (not _boolean(rule, seen, unknown=True))


def _boolean(rule: Rule, seen: Seen, *, unknown: bool) -> bool:
    view = View(seen, ENDS, "target")
    match rule:
        case AllOf():
            return all(_boolean(child, seen, unknown=unknown) for child in rule.of)
        case AnyOf():
            return any(_boolean(child, seen, unknown=unknown) for child in rule.of)
        case CountOf():
            children = counted(rule, view)
            return sum(_boolean(child, seen, unknown=unknown) for child in children) >= min(rule.k, len(children))
    answer = truth(rule, view)
    return unknown if answer is Truth.UNKNOWN else answer is Truth.TRUE


@few
@given(st.integers(1, 4), courses(held=False), st.sampled_from(["waived", "activity-done"]), st.sampled_from(KEYS))
def test_a_count_that_is_met_stays_met_whatever_is_completed_or_waived_next(k, facts, kind, key):
    pathway = _asking({"kind": "count-of", "k": k, "of": list(KEYS)})
    rule = pathway.by_key["target"].unlock
    fields = {"step": key} | ({"activity": "one"} if kind == "activity-done" else {})

    if truth_of(rule, pathway, facts) is Truth.TRUE:
        assert truth_of(rule, pathway, [*facts, fact(300, kind, fields, ENDS, 0)]) is Truth.TRUE


@given(st.lists(truths, max_size=5), st.integers(0, 5))
def test_groups_of_three_values_do_not_mind_the_order_and_agree_at_their_ends(answers, k):
    assert all_of(answers) is all_of(reversed(answers))
    assert any_of(answers) is any_of(reversed(answers))
    assert at_least(k, answers) is at_least(k, list(reversed(answers)))
    assert at_least(len(answers), answers) is all_of(answers)
    assert at_least(1, answers) is any_of(answers)


@few
@given(pathways(), courses(), moments)
def test_every_step_can_be_explained_to_both_at_any_moment(pathway, facts, now):
    for standing in course_of(pathway, facts, now).standings:
        for text in (for_patient(standing, "Nadia"), for_patient(standing), for_staff(standing)):
            assert text.headline.endswith((".", ":"))
            assert all(line.words and line.level <= 4 for line in text.lines)


@few
@given(pathways(), courses(), st.data())
def test_what_is_taken_back_closes_nothing_that_was_begun(pathway, facts, data):
    if not facts:
        return
    target = data.draw(st.sampled_from(facts))
    last = max(each.recorded_at for each in facts)
    taken_back = fact(400, "corrected", {"supersedes": target.id}, last, 1)

    before, after = opened(pathway, facts, last), opened(pathway, [*facts, taken_back], last + timedelta(hours=1))

    assert before.items() <= after.items()


@few
@given(pathways())
def test_a_pathway_survives_being_written_and_read(pathway):
    again = read(pathway.model_dump(mode="json"))

    assert again == pathway
    assert canonical_json(again) == canonical_json(pathway)


@few
@given(st.text(LETTERS, max_size=20))
def test_a_kind_that_is_not_in_the_vocabulary_is_refused(kind):
    if kind in KINDS:
        return

    with pytest.raises(PathwayRefused) as refused:
        pathway_of(step("a", "A", {"kind": kind}))

    assert refused.value.mistakes[0].path.startswith("steps[0].unlock")


@few
@given(pathways(), courses())
def test_a_hold_comes_before_all_else_and_what_is_open_before_the_rule(pathway, facts):
    for standing in course_of(pathway, facts).standings:
        if standing.hold:
            assert standing.state is State.ON_HOLD
        elif standing.seen.work(standing.step).overridden or (
            standing.truth is Truth.TRUE and not pathway.by_key[standing.step].retired
        ):
            assert standing.opened


@few
@given(pathways(), courses())
def test_what_is_open_can_be_opened_whether_it_is_suggested_or_not(pathway, facts):
    for standing in course_of(pathway, facts).standings:
        shut = standing.state in (State.ON_HOLD, State.WAIVED)
        assert bool(decisions.can_open(standing)) is (standing.opened and not shut)


@few
@given(pathways(), courses(held=False))
def test_a_waiver_satisfies_and_is_never_counted_as_done(pathway, facts):
    course = course_of(pathway, facts)
    for standing in course.standings:
        if standing.waiver:
            assert standing.satisfied
            assert standing.completed_at is None or standing.done
    covered = (*course.coverage.done, *course.coverage.agreed_to_skip, *course.coverage.outstanding)
    assert sorted(one.step for one in covered) == sorted(one.step for one in course.coverage.core)


def _places(value, at=()):
    yield at
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in below:
        yield from _places(part, (*at, name))


def _with(value, at, new):
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = _with(copy[at[0]], at[1:], new)
    return copy


STRANGE = st.sampled_from(
    [None, "", "x" * 5000, -1, 0, 28, 10**9, 1.5, True, [], {}, [[]], {"kind": "not"}, {"kind": "always"}, "2026-13-45"]
)


@few
@given(pathways(), st.data(), STRANGE)
def test_a_pathway_with_anything_strange_in_one_place_is_read_or_refused_with_a_path(pathway, data, strange):
    body = pathway.model_dump(mode="json", by_alias=True, exclude_none=True)
    place = data.draw(st.sampled_from([at for at in _places(body) if at]))

    try:
        read(_with(body, place, strange))
    except PathwayRefused as refused:
        assert refused.mistakes
        assert all(one.problem for one in refused.mistakes)
