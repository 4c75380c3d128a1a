"""A second opinion on pathways, by going through everything that can happen. Slow, plain, and of its own making.

It reads rules as plain data and shares nothing with the checks it is compared with.
"""

import random
from functools import cache
from itertools import product
from typing import Any

Raw = dict[str, Any]
HIGHEST = 27
KEYS = ("a", "b", "c", "d")
FAR = 60

SCORES: tuple[Raw, ...] = (
    {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10},
    {"kind": "measure-score", "measure": "phq-9", "comparison": "at-least", "value": 10},
    {"kind": "measure-score", "measure": "phq-9", "comparison": "at-least", "value": 20},
    {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 15, "which": "baseline"},
    {"kind": "measure-score", "measure": "phq-9", "comparison": "below", "value": 10, "which": "each-of-last",
     "last": 2, "gap_days": 7},
    {"kind": "measure-change", "measure": "phq-9", "change": "improved", "by": 6},
    {"kind": "measure-change", "measure": "phq-9", "change": "worsened", "by": 5},
)  # fmt: skip
PROBLEM: Raw = {"kind": "problem-recorded", "any_of": ["anxiety"]}
RELEASE: Raw = {"kind": "released-by", "roles": ["practitioner"]}
IMPOSSIBLE: Raw = {"kind": "all", "of": [SCORES[0], SCORES[2]]}


def random_pathway(seed: int) -> Raw:
    """Three or four steps that wait on each other in any way, the first sometimes open from the start."""
    chance = random.Random(seed)
    keys = KEYS[: chance.choice((3, 3, 4))]
    steps = []
    for key in keys:
        rule = {"kind": "always"} if chance.random() < 0.25 else _rule(chance, [k for k in keys if k != key], 2)
        steps.append({"key": key, "title": key.upper(), "unlock": rule})
    return {"key": "some", "title": "Some", "version": 1, "programme_days": 77, "sessions": 11, "steps": steps}


def _rule(chance: random.Random, others: list[str], deep: int) -> Raw:
    if deep and chance.random() < 0.5:
        of = [_rule(chance, others, deep - 1) for _ in range(chance.choice((2, 2, 3)))]
        kind = chance.choice(("all", "any", "count-of"))
        if kind == "count-of":
            return {"kind": kind, "k": chance.randint(1, len(of)), "of": of,
                    "counting": chance.choice(("done", "satisfied"))}  # fmt: skip
        return {"kind": kind, "of": of}
    other = chance.choice(others)
    return chance.choice(
        (
            {"kind": "step-satisfied", "step": other},
            {"kind": "step-satisfied", "step": other},
            {"kind": "step-completed", "step": other, "where": chance.choice(("any", "online"))},
            {"kind": "time-since", "anchor": {"kind": "step-satisfied", "step": other}, "n": chance.randint(1, 9)},
            {"kind": "time-since", "anchor": {"kind": "programme-start"}, "n": chance.randint(1, 9)},
            chance.choice(SCORES),
            chance.choice(SCORES),
            PROBLEM,
            RELEASE,
            IMPOSSIBLE if deep else RELEASE,
        )
    )


@cache
def _every_answer() -> frozenset[frozenset[int]]:
    """For every first, last but one and newest PHQ-9, which of SCORES are met, by their places."""
    totals = range(HIGHEST + 1)
    return frozenset(
        frozenset(place for place, one in enumerate(SCORES) if _score_met(one, *answers))
        for answers in product(totals, totals, totals)
    )


@cache
def _answers(asked: frozenset[int]) -> frozenset[frozenset[int]]:
    return frozenset(answers & asked for answers in _every_answer())


def _score_met(one: Raw, first: int, before: int, newest: int) -> bool:
    if one["kind"] == "measure-change":
        return (first - newest if one["change"] == "improved" else newest - first) >= one["by"]
    looked_at = {"baseline": [first], "each-of-last": [before, newest]}.get(one.get("which", ""), [newest])
    return all((total < one["value"]) == (one["comparison"] == "below") for total in looked_at)


def conditions(rule: Raw) -> list[Raw]:
    return [atom for child in rule["of"] for atom in conditions(child)] if "of" in rule else [rule]


def rows(rules: list[Raw]) -> list[tuple[frozenset[int], bool]]:
    """Every way the scores that these rules look at, and the problem list, can come out once all is answered."""
    atoms = [atom for rule in rules for atom in conditions(rule)]
    asked = frozenset(SCORES.index(atom) for atom in atoms if atom in SCORES)
    problems = (False, True) if PROBLEM in atoms else (False,)
    return [(scores, anxious) for scores in _answers(asked) for anxious in problems]


def true(
    rule: Raw,
    done: frozenset[str],
    row: tuple[frozenset[int], bool] | None,
    *,
    staff: bool = True,
    skipped: frozenset[str] = frozenset(),
    online: bool = True,
) -> bool:
    """Whether a rule is true. `row` None: nothing was ever answered. `done` includes what was skipped."""

    def ask(one: Raw) -> bool:
        return true(one, done, row, staff=staff, skipped=skipped, online=online)

    kind = rule["kind"]
    if kind == "all":
        return all(ask(child) for child in rule["of"])
    if kind == "any":
        return any(ask(child) for child in rule["of"])
    if kind == "count-of":
        left = skipped if rule["counting"] == "done" else frozenset[str]()
        counted = [c for c in rule["of"] if not (c["kind"].startswith("step-") and c["step"] in left)]
        return sum(ask(child) for child in counted) >= min(rule["k"], len(counted))
    if kind == "step-satisfied":
        return rule["step"] in done
    if kind == "step-completed":
        return rule["step"] in done - skipped and (online or rule["where"] != "online")
    if kind == "time-since":
        return rule["anchor"]["kind"] == "programme-start" or rule["anchor"]["step"] in done
    if kind == "released-by":
        return staff
    if kind == "always":
        return True
    if row is None:
        return False
    return row[1] if kind == "problem-recorded" else SCORES.index(rule) in row[0]


def explored(pathway: Raw) -> frozenset[str]:
    """The steps that are done in some course: one step at a time, the facts changing between any two."""
    rules = {step["key"]: step["unlock"] for step in pathway["steps"]}
    choices = {key: rows([rule]) for key, rule in rules.items()}
    seen, waiting = {frozenset[str]()}, [frozenset[str]()]
    while waiting:
        done = waiting.pop()
        for key, rule in rules.items():
            after = done | {key}
            if after not in seen and any(true(rule, done, row) for row in choices[key]):
                seen.add(after)
                waiting.append(after)
    return frozenset(key for done in seen for key in done)


def rings(pathway: Raw, shut: set[str]) -> set[frozenset[str]]:
    """The shut steps that need each other, through each other."""
    needs = {step["key"]: {key for atom in conditions(step["unlock"]) if (key := _named(atom))} & shut
             for step in pathway["steps"] if step["key"] in shut}  # fmt: skip
    way = {(a, b) for a in needs for b in needs[a]}
    for middle in needs:
        way |= {(a, b) for a in needs for b in needs if (a, middle) in way and (middle, b) in way}
    return {frozenset(b for b in needs if (a, b) in way and (b, a) in way) for a in needs if (a, a) in way}


def _named(atom: Raw) -> str | None:
    return atom.get("step") or atom.get("anchor", {}).get("step")


def can_be_stuck(pathway: Raw, step: str) -> bool:
    """Whether an adversary who answers otherwise each day can keep a step shut for ever."""
    rules = {one["key"]: one["unlock"] for one in pathway["steps"]}
    answers = rows(list(rules.values()))
    seen, waiting = {frozenset[str]()}, [frozenset[str]()]
    while waiting:
        done = waiting.pop()
        for row in answers:
            after = done | {key for key, rule in rules.items() if true(rule, done, row)}
            if after == done and step not in done:
                return True
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return False


def settled(pathway: Raw, start: frozenset[str] = frozenset(), **how: Any) -> frozenset[str]:
    """What is done in the end when all scores are met at once and everybody acts."""
    every = (frozenset(range(len(SCORES))), True)
    done = start
    while True:
        after = done | {one["key"] for one in pathway["steps"] if true(one["unlock"], done, every, **how)}
        if after == done:
            return done
        done = after


def first_days(pathway: Raw) -> dict[str, int | None]:
    """The day on which each step opens for somebody who does all at once, found by living through the days."""
    days: dict[str, int] = {}
    for day in range(FAR):
        while opened := [one["key"] for one in pathway["steps"]
                         if one["key"] not in days and _by_day(one["unlock"], days, day)]:  # fmt: skip
            days |= dict.fromkeys(opened, day)
    return {one["key"]: days.get(one["key"]) for one in pathway["steps"]}


def _by_day(rule: Raw, days: dict[str, int], day: int) -> bool:
    kind = rule["kind"]
    if kind in ("all", "any", "count-of"):
        met = sum(_by_day(child, days, day) for child in rule["of"])
        return met >= {"all": len(rule["of"]), "any": 1}.get(kind, rule.get("k", 1))
    if kind.startswith("step-"):
        return rule["step"] in days
    if kind == "time-since":
        anchor = rule["anchor"]
        began = 0 if anchor["kind"] == "programme-start" else days.get(anchor["step"])
        return began is not None and day >= began + rule["n"]
    return day >= (rule["last"] - 1) * rule["gap_days"] if rule.get("which") == "each-of-last" else True


def compared(new: Raw, old: Raw) -> str:
    """Whom one rule is true of beside another, by every way its conditions can come out."""
    atoms = [atom for rule in (new, old) for atom in conditions(rule)]
    other = [atom for n, atom in enumerate(atoms) if atom not in SCORES and atom not in atoms[:n]]
    asked = frozenset(SCORES.index(atom) for atom in atoms if atom in SCORES)
    more = fewer = False
    for scores in _answers(asked):
        for met in product((False, True), repeat=len(other)):
            row = [SCORES[place] for place in scores] + [
                atom for atom, is_met in zip(other, met, strict=True) if is_met
            ]
            if not all(_possible(atom, row, other) for atom in row):
                continue
            now, before = _in_row(new, row), _in_row(old, row)
            more, fewer = more or now > before, fewer or before > now
    return "different" if more and fewer else "more" if more else "fewer" if fewer else "equal"


def _possible(atom: Raw, row: list[Raw], other: list[Raw]) -> bool:
    if atom["kind"] == "time-since":
        # Where nine days have passed, seven have.
        shorter = [one for one in other if one["kind"] == "time-since" and one["anchor"] == atom["anchor"]]
        return all(one in row for one in shorter if one["n"] < atom["n"])
    if atom["kind"] != "step-completed":
        return True
    follows: list[Raw] = [{"kind": "step-satisfied", "step": atom["step"]}]
    if atom["where"] == "online":
        follows.append({**atom, "where": "any"})
    return all(one in row for one in follows if one in other)


def _in_row(rule: Raw, row: list[Raw]) -> bool:
    if rule["kind"] == "always":
        return True
    if "of" not in rule:
        return rule in row
    met = sum(_in_row(child, row) for child in rule["of"])
    return met >= {"all": len(rule["of"]), "any": 1}.get(rule["kind"], rule.get("k", 1))
