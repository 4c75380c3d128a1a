"""A simulated course is the course: what it lists is what replay gives, and it leaves nothing out."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.clinical.sequencing import facts as f
from app.clinical.sequencing import simulate
from app.clinical.sequencing.explain import for_patient, for_staff
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.simulate import Change, Moment, days, timeline
from app.clinical.sequencing.standing import Standing, State
from tests.clinical.sequencing.golden_cases import kind
from tests.clinical.sequencing.starter import STARTER, pathway_of, step
from tests.clinical.sequencing.strategies import ENDS, STARTED, course_of, courses, fact, keys, moments, pathways
from tests.clinical.sequencing.told import LONDON, START, Told, at

few = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
zones = st.sampled_from(["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
AGES = re.compile(r"waiting \d+ days?|is \d+ days old")


@st.composite
def eventful(draw) -> list[f.Fact]:
    """A course of which some is taken back, in which a request is declined, and the patient moves."""
    facts = draw(courses(most=16))
    for n, target in enumerate(draw(st.lists(st.sampled_from(facts), max_size=3)) if facts else []):
        taken_back = {"supersedes": target.id}
        facts.append(fact(100 + n, "corrected", taken_back, target.recorded_at, draw(st.integers(0, 90))))
    declined = f.Declined(id="no", seq=110, role="practitioner", step=draw(keys), **_when(draw(moments)))
    moved = f.ZoneChanged(id="moved", seq=111, zone=draw(zones), **_when(draw(moments)))
    return [*facts, *draw(st.sampled_from([(), (declined,), (moved,), (declined, moved)]))]


def _when(moment: datetime) -> dict[str, datetime]:
    return {"effective_at": moment, "recorded_at": moment}


def played(told: Told, until: datetime) -> tuple[Moment, ...]:
    return timeline(told.pathway, told.facts, started_at=told.started_at, zone=told.zone, until=until)


def simulated(pathway, facts, until=ENDS) -> tuple[Moment, ...]:
    return timeline(pathway, facts, started_at=STARTED, zone=LONDON, until=until)


def told_of(standing: Standing) -> Change:
    """A standing as the change that would tell it, without the days that things have waited."""
    return ageless(
        Change(
            standing.step,
            standing.title,
            None,
            standing.state,
            standing.since,
            standing.cause,
            standing.truth,
            standing.who_can_act,
            standing.earliest_at,
            standing.earliest_on,
            for_patient(standing),
            for_staff(standing),
        )
    )


def ageless(change: Change) -> Change:
    return replace(
        change, before=None, patient=AGES.sub("", str(change.patient)), staff=AGES.sub("", str(change.staff))
    )


def as_told(listed: tuple[Moment, ...]) -> dict[str, Change]:
    """Where each step stands by what was last said of it."""
    last = {change.step: change for moment in listed for change in moment.changes}
    return {key: ageless(change) for key, change in last.items() if change.after is not None}


def as_replayed(pathway, facts, now) -> dict[str, Change]:
    return {each.step: told_of(each) for each in course_of(pathway, facts, now).standings}


@few
@given(pathways(), eventful())
def test_the_end_of_a_timeline_is_what_replay_gives_at_its_end(pathway, facts):
    assert as_told(simulated(pathway, facts)) == as_replayed(pathway, facts, ENDS)


@few
@given(pathways(), eventful(), st.lists(moments, min_size=1, max_size=4))
def test_at_any_instant_a_step_stands_as_the_timeline_last_said(pathway, facts, instants):
    listed = simulated(pathway, facts)

    for now in instants:
        so_far = tuple(moment for moment in listed if moment.at <= now)
        if now >= STARTED:
            assert as_told(so_far) == as_replayed(pathway, facts, now)


@few
@given(pathways(), eventful())
def test_at_each_moment_each_changed_step_is_told_as_replay_has_it(pathway, facts):
    for moment in simulated(pathway, facts):
        replayed = as_replayed(pathway, facts, moment.at)
        for change in moment.changes:
            assert change.after is None or ageless(change) == replayed[change.step]


@few
@given(pathways(), eventful())
def test_no_moment_is_listed_at_which_nothing_changed(pathway, facts):
    # Somebody who moves may be a day further at once, and so are the days that things have waited.
    at_home = [fact for fact in facts if not isinstance(fact, f.ZoneChanged)]
    last: dict[str, Change] = {}
    for moment in simulated(pathway, at_home):
        assert moment.changes
        for change in moment.changes:
            before = last.get(change.step)
            assert change.before is (before.after if before else None)
            assert before is None or ageless(change) != ageless(before)
        last |= {change.step: change for change in moment.changes}


@few
@given(pathways(), courses(), st.randoms(use_true_random=False))
def test_facts_handed_over_in_any_order_give_the_same_timeline(pathway, facts, random):
    assert simulated(pathway, random.sample(facts, len(facts))) == simulated(pathway, facts)


@few
@given(pathways(), courses(), moments)
def test_a_shorter_timeline_is_the_beginning_of_a_longer_one(pathway, facts, until):
    whole = simulated(pathway, facts)

    assert simulated(pathway, facts, until) == tuple(moment for moment in whole if moment.at <= until)


@few
@given(pathways(), courses())
def test_each_day_ends_as_replay_has_it(pathway, facts):
    told = days(pathway, facts, started_at=STARTED, zone=LONDON, until=ENDS)

    assert [day.on for day in told] == [date(2026, 3, 20) + timedelta(days=n) for n in range(25)]
    assert told[-1].at == ENDS
    for day in told:
        assert day.course == course_of(pathway, facts, day.at)


def test_the_first_moment_tells_of_every_step_and_the_start_is_its_cause():
    first, *_ = played(Told(STARTER), at(3))

    assert (first.at, first.causes, first.facts) == (START, ("start",), ())
    assert [change.step for change in first.changes] == [step.key for step in STARTER.steps]
    assert all(change.before is None for change in first.changes)


def test_a_moment_is_told_with_its_fact_and_each_step_with_its_own_cause():
    told = Told(STARTER).done("pe", at(2))

    *_, moment = played(told, at(5))

    assert (moment.facts, moment.causes) == (tuple(told.facts), ("fact-1",))
    ba = next(change for change in moment.changes if change.step == "ba")
    assert (ba.before, ba.after, ba.since, ba.cause) == (State.LOCKED, State.AVAILABLE, at(2), "fact-1")
    assert ba.truth is Truth.TRUE
    assert str(ba.patient) == "Open: start when you like."
    assert str(ba.staff) == "Open since Saturday 2 May, by work on Understanding low mood. Not started."


def test_what_time_alone_opens_is_told_before_with_its_day_and_then_as_the_work_of_time():
    wait = kind("time-since", anchor=kind("step-satisfied", step="pe"), n=7)
    told = Told(pathway_of(step("pe", "Starting", kind("always")), step("later", "Later", wait))).done("pe", at(2))

    _, done, opened = played(told, at(20))

    later = next(change for change in done.changes if change.step == "later")
    assert (later.who_can_act, later.earliest_at, later.earliest_on) == ({"time"}, at(9, 6), date(2026, 5, 9))
    assert (opened.at, opened.causes) == (at(9, 6), ("time",))
    assert [(change.step, change.after, change.cause) for change in opened.changes] == [
        ("later", State.AVAILABLE, "time")
    ]


def test_a_clock_that_runs_out_is_told_though_the_step_waits_for_more():
    rule = kind("all", of=[kind("not-before", date="2026-05-10"), kind("step-satisfied", step="pe")])
    told = Told(pathway_of(step("pe", "Starting", kind("always")), step("later", "Later", rule)))

    _, moment = played(told, at(20))

    assert (moment.at, moment.causes) == (at(10, 6), ("time",))
    assert [(change.before, change.after) for change in moment.changes] == [(State.LOCKED, State.LOCKED)]


def test_a_session_that_ends_with_no_outcome_is_a_moment_of_its_own():
    told = Told(pathway_of(step("a", "A", kind("appointment-attended")))).session(at(4), "booked", recorded=at(2))

    *_, moment = played(told, at(9))

    assert (moment.at, moment.causes) == (at(4, 10), ("time",))
    assert [(change.before, change.after) for change in moment.changes] == [(State.LOCKED, State.WAITING)]


def test_a_window_of_days_that_closes_is_told_at_midnight():
    rule = kind("entries-logged", entry="mood", at_least=3, within_days=3)
    told = Told(pathway_of(step("a", "A", rule))).logged("mood", 4, 5)

    closing = [moment for moment in played(told, at(20)) if moment.causes == ("time",)]

    assert [moment.at for moment in closing] == [at(7, 0), at(8, 0)]


def test_waiting_a_day_longer_is_not_a_moment():
    told = Told(pathway_of(step("a", "A", kind("released-by", roles=["practitioner"], remind_after_days=3))))

    assert len(played(told, at(20))) == 1


def test_a_suggestion_that_time_makes_is_told():
    told = Told(
        pathway_of(
            step("pe", "Starting", kind("always")),
            step("more", "More", kind("step-satisfied", step="pe"), requirement="could",
                 relevance=kind("time-since", anchor=kind("programme-start"), n=5)),
        )
    )  # fmt: skip

    *_, moment = played(told, at(20))

    assert (moment.at, moment.causes) == (at(6, 6), ("time",))
    assert [(change.before, change.after) for change in moment.changes] == [(State.NOT_SUGGESTED, State.LOCKED)]


def test_facts_recorded_together_make_one_moment_in_their_order():
    told = Told(STARTER).done("ba", at(4))

    *_, moment = played(told, at(5))

    assert moment.causes == tuple(fact.id for fact in told.facts)
    assert moment.facts == tuple(told.facts)


def test_a_fact_that_changes_nothing_makes_no_moment():
    told = Told(STARTER).add(f.TechniquePractised, at(4), technique="stretching")

    assert len(played(told, at(9))) == 1


def test_a_fact_learned_late_is_told_when_it_was_recorded():
    told = Told(STARTER).add(f.DoneElsewhere, at(2), at(6), step="pe")

    *_, moment = played(told, at(9))

    assert moment.at == at(6)


def test_a_step_that_was_added_and_taken_back_is_told_as_gone():
    told = Told(STARTER).add(f.StepAdded, at(4), step="walk", title="A walk")
    told.add(f.Undone, at(4, 10), supersedes=told.last.id)

    added, gone = played(told, at(9))[1:]

    assert [(change.before, change.after) for change in added.changes] == [(None, State.AVAILABLE)]
    assert gone.changes == (Change("walk", "A walk", State.AVAILABLE, None),)


def test_moments_are_told_in_utc_and_in_the_zone_the_patient_has_by_then():
    told = Told(STARTER).add(f.ZoneChanged, at(3), zone="America/New_York").done("pe", at(4))

    *_, moment = played(told, at(9))

    assert moment.at.isoformat() == "2026-05-04T08:00:00+00:00"
    assert moment.local.isoformat() == "2026-05-04T04:00:00-04:00"


def test_days_end_at_midnight_where_the_patient_is():
    told = Told(STARTER).add(f.ZoneChanged, at(3, 12), zone="Australia/Sydney")

    listed = days(STARTER, told.facts, started_at=START, zone="Europe/London", until=at(6))

    midnight = timedelta(microseconds=1)
    assert [day.on.day for day in listed] == [1, 2, 3, 4, 5, 6]
    assert [day.at + midnight for day in listed][1:4] == [
        datetime(2026, 5, 3, tzinfo=LONDON),
        datetime(2026, 5, 4, tzinfo=ZoneInfo("Australia/Sydney")),
        datetime(2026, 5, 5, tzinfo=ZoneInfo("Australia/Sydney")),
    ]


def test_a_timeline_that_ends_before_the_start_is_empty():
    assert played(Told(STARTER), START - timedelta(days=1)) == ()
    assert days(STARTER, [], started_at=START, zone=LONDON, until=START - timedelta(days=1)) == ()


def test_replay_is_asked_no_more_often_than_there_are_instants_to_ask_about(monkeypatch):
    asked = []
    monkeypatch.setattr(simulate, "replay", lambda *args, **at: asked.append(at["now"]) or replay(*args, **at))
    windowed = kind("entries-logged", entry="mood", at_least=3, within_days=7)
    told = Told(pathway_of(*(step(f"s-{n}", f"Step {n}", windowed) for n in range(12))))
    for n in range(200):
        told.add(f.EntryLogged, at(1, 12) + timedelta(hours=9 * n), entry="mood", on=at(1).date())

    played(told, at(1) + timedelta(days=77))

    assert len(asked) == len(set(asked)) <= 1 + 200 + 77
