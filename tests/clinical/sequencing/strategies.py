"""Random rules and random courses over four steps, for the properties every pathway must have."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.evaluate import View, truth
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.seen import Seen
from app.clinical.sequencing.standing import Course
from app.clinical.sequencing.structure import MAX_DEPTH
from tests.clinical.sequencing.starter import pathway_of, step
from tests.clinical.sequencing.told import LONDON

few = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
KEYS = ("a", "b", "c", "d")
STARTED = datetime(2026, 3, 20, 9, tzinfo=UTC)
HOURS = 24 * 24
ENDS = STARTED + timedelta(hours=HOURS)

keys = st.sampled_from(KEYS)
where = st.sampled_from(["any", "online", "in-clinic"])
moments = st.integers(0, HOURS - 1).map(lambda hour: STARTED + timedelta(hours=hour))


def _kind(name: str, **fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(name), **fields})


some_steps = st.one_of(_kind("step-satisfied", step=keys), _kind("step-completed", step=keys, where=where))
practised = _kind("technique-practised", technique=st.just("breathing"), times=st.integers(1, 2), where=where)
attended = _kind("appointment-attended", at_least=st.integers(1, 2), after=st.none() | keys)
chose = _kind("patient-chose", step=keys)
anchors = st.one_of(some_steps, _kind("step-started", step=keys), practised, attended, chose, _kind("programme-start"))
private = st.one_of(
    _kind("measure-score", measure=st.just("phq-9"), comparison=st.sampled_from(["below", "at-least"]),
          value=st.integers(8, 12), which=st.sampled_from(["latest", "baseline"])),
    _kind("measure-score", measure=st.just("phq-9"), comparison=st.just("below"), value=st.just(10),
          which=st.just("each-of-last"), last=st.just(2), gap_days=st.sampled_from([0, 5]),
          max_age_days=st.sampled_from([None, 6])),
    _kind("measure-change", measure=st.just("phq-9"), **{"from": st.sampled_from(["baseline", "previous"])},
          change=st.sampled_from(["improved", "worsened"]), by=st.integers(1, 6)),
    _kind("problem-recorded", any_of=st.sampled_from([["anxiety"], ["anxiety", "sleep"]])),
)  # fmt: skip
conditions = st.one_of(
    st.just({"kind": "always"}),
    some_steps,
    _kind("step-started", step=keys),
    practised,
    _kind("entries-logged", entry=st.just("mood"), at_least=st.integers(2, 3), distinct_days=st.integers(1, 2),
          within_days=st.sampled_from([None, 4])),
    _kind("time-since", anchor=anchors, n=st.integers(1, 9)),
    _kind("not-before", date=st.dates(date(2026, 3, 21), date(2026, 4, 12))),
    attended,
    _kind("measure-completed", measure=st.just("phq-9"), times=st.integers(1, 2),
          within_days=st.sampled_from([None, 4])),
    private,
    _kind("goal-recorded", any_of=st.just(["people"])),
    chose,
    _kind("released-by", roles=st.just(["practitioner"])),
    _kind("work-reviewed", step=keys, roles=st.just(["practitioner"])),
)  # fmt: skip


def _group(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(children, min_size=2, max_size=3)
    return st.one_of(
        _kind("all", of=some),
        _kind("any", of=some),
        _kind("count-of", k=st.integers(1, 2), of=some, counting=st.sampled_from(["done", "satisfied"])),
    )


def _levels(rule: dict[str, Any]) -> int:
    return 1 + max((_levels(child) for child in rule.get("of", ())), default=0)


rules = st.recursive(conditions, _group, max_leaves=5).filter(lambda rule: _levels(rule) <= MAX_DEPTH)


@st.composite
def pathways(draw: st.DrawFn) -> Pathway:
    """A pathway of four steps, each of two parts, that wait on each other in any way but on themselves."""
    return pathway_of(*(_step(key, draw(rules)) for key in KEYS))


def _step(key: str, unlock: dict[str, Any]) -> dict[str, Any]:
    parts = [{"key": "one", "title": "One", "techniques": ["breathing"]}, {"key": "two", "title": "Two"}]
    return step(key, key.upper(), _without(key, unlock), activities=parts)


def _without(key: str, rule: Any) -> Any:
    """The rule with any reference to its own step turned to another."""
    text = {**rule}
    for name in ("step", "after"):
        if text.get(name) == key and text["kind"] != "patient-chose":
            text[name] = KEYS[(KEYS.index(key) + 1) % len(KEYS)]
    if "anchor" in text:
        text["anchor"] = _without(key, text["anchor"])
    if "of" in text:
        text["of"] = [_without(key, child) for child in text["of"]]
    return text


def _told(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(kind), st.fixed_dictionaries(fields))


goal_tags = st.sampled_from([["people"], []])
totals = st.none() | st.integers(5, 18)
part_done = _told("activity-done", step=keys, activity=st.sampled_from(["one", "two"]))
mood = _told("entry-logged", entry=st.just("mood"))
measured = _told("measure-taken", measure=st.just("phq-9"), total=totals)
growth = st.one_of(
    *(_told(kind, step=keys) for kind in ("step-opened", "patient-chose", "released", "reviewed", "waived")),
    *[part_done] * 4,
    *[mood] * 2,
    *[measured] * 2,
    _told("done-elsewhere", step=keys),
    _told("technique-practised", technique=st.just("breathing")),
    _told("problem-assessed", problem=st.sampled_from(["anxiety", "sleep"]),
          status=st.sampled_from(["active", "absent", "resolved"])),
    _told("goal-set", goal=st.sampled_from(["g", "h"]), tags=goal_tags),
    _told("appointment-recorded", appointment=st.sampled_from(["x", "y"]),
          status=st.sampled_from(["booked", "attended", "did-not-attend"])),
)  # fmt: skip
pauses = st.tuples(st.sampled_from(["held", "resumed"]), st.fixed_dictionaries({"step": keys}))
_DECISIONS = ("released", "reviewed", "waived", "done-elsewhere", "held", "resumed", "corrected")
_REST: dict[str, dict[str, Any]] = {
    "waived": {"reason": "timing"},
    "goal-set": {"title": "See people"},
    "held": {"reason": "Settle first", "review_on": date(2026, 6, 1)},
    "corrected": {"reason": "In error"},
}


def fact(seq: int, kind: str, fields: dict[str, Any], happened: datetime, late_hours: int) -> f.Fact:
    """One fact, recorded some hours after it happened."""
    recorded = happened + timedelta(hours=late_hours)
    full = {
        "id": f"f{seq}",
        "seq": seq,
        "effective_at": happened,
        "recorded_at": recorded,
        **_REST.get(kind, {}),
        **fields,
    }
    if kind in _DECISIONS:
        full |= {"role": "practitioner", "by": "Jo"}
    if kind == "entry-logged":
        full |= {"on": happened.date()}
    if kind == "appointment-recorded":
        full |= {"starts_at": happened, "ends_at": happened + timedelta(hours=1)}
    return f.FACTS[kind](**full)


@st.composite
def courses(draw: st.DrawFn, *, held: bool = True, most: int = 14) -> list[f.Fact]:
    """Up to so many facts, some learned late, in any order."""
    told = draw(st.lists(st.one_of(growth, growth, growth, pauses) if held else growth, max_size=most))
    late = st.sampled_from([0, 0, 0, 5, 60])
    return [fact(seq, kind, fields, draw(moments), draw(late)) for seq, (kind, fields) in enumerate(told)]


def course_of(pathway: Pathway, facts: list[f.Fact], now: datetime = ENDS) -> Course:
    return replay(pathway, facts, started_at=STARTED, now=now, zone=LONDON)


def seen_of(pathway: Pathway, facts: list[f.Fact]) -> Seen:
    seen = Seen(pathway, STARTED, LONDON, LONDON)
    for each in sorted(facts, key=lambda x: (x.recorded_at, x.seq)):
        seen.learn(each)
    return seen


def truth_of(rule: Rule, pathway: Pathway, facts: list[f.Fact], now: datetime = ENDS, step: str = "a") -> Truth:
    return truth(rule, View(seen_of(pathway, facts), now, step))
