"""The checks say what going through everything that can happen says, on twenty thousand random pathways."""

import os
from itertools import pairwise

import pytest

from app.clinical.sequencing import closures, dead_ends, permissiveness, timing
from app.clinical.sequencing.pathway import Pathway, read
from tests.clinical.sequencing import brute

# Each of the five comparisons has four thousand pathways of its own. To hold all against all, which takes minutes:
# BRAID_SECOND_OPINION=20000.
EACH = int(os.environ.get("BRAID_SECOND_OPINION", "4000"))
SHARES = 4


def seeds(comparison: int, share: int) -> range:
    """The seeds of one share of a comparison."""
    first = 0 if EACH > 4000 else comparison * EACH
    return range(first + share * EACH // SHARES, first + (share + 1) * EACH // SHARES)


def codes(found, *which):
    return {one.step for one in found if one.code in which}


@pytest.mark.parametrize("share", range(SHARES))
def test_what_can_never_open_and_who_waits_on_whom(share):
    for seed in seeds(0, share):
        raw = brute.random_pathway(seed)
        found = list(dead_ends.check(read(raw)))
        shut = {step["key"] for step in raw["steps"]} - brute.explored(raw)

        assert codes(found, "never-opens", "wait-on-each-other") == shut, f"seed {seed}"
        ringed = {key for ring in brute.rings(raw, shut) for key in ring}
        assert codes(found, "wait-on-each-other") == ringed, f"seed {seed}"


@pytest.mark.parametrize("share", range(SHARES))
def test_who_can_get_stuck_however_the_answers_change(share):
    for seed in seeds(1, share):
        raw = brute.random_pathway(seed)
        found = list(dead_ends.check(read(raw)))
        shut = codes(found, "never-opens", "wait-on-each-other")

        stuck = {step["key"] for step in raw["steps"] if brute.can_be_stuck(raw, step["key"])}
        assert codes(found, "dead-end") | shut == stuck, f"seed {seed}"


@pytest.mark.parametrize("share", range(SHARES))
def test_what_skipping_and_work_in_the_room_would_strand(share):
    for seed in seeds(2, share):
        raw = brute.random_pathway(seed)
        found = list(closures.check(read(raw)))
        keys = [step["key"] for step in raw["steps"]]
        open_to_some = brute.settled(raw)

        skipped = {key: frozenset(other for other in keys if other != key) for key in keys}
        stranded = {key for key in open_to_some if key not in brute.settled(raw, skipped[key], skipped=skipped[key])}
        assert codes(found, "stranded-by-skip") == stranded, f"seed {seed}"
        in_room = brute.settled(raw, online=False)
        assert codes(found, "stranded-by-clinic") == open_to_some - in_room, f"seed {seed}"


@pytest.mark.parametrize("share", range(SHARES))
def test_the_earliest_day_of_each_step(share):
    for seed in seeds(3, share):
        raw = brute.random_pathway(seed)

        assert timing.earliest(read(raw)) == brute.first_days(raw), f"seed {seed}"


@pytest.mark.parametrize("share", range(SHARES))
def test_whom_a_new_rule_opens_a_step_for(share):
    for (seed, one), (_, other) in pairwise((seed, brute.random_pathway(seed)) for seed in seeds(4, share)):
        new, old = one["steps"][-1]["unlock"], other["steps"][-1]["unlock"]
        found = permissiveness.compare(rule_of(new), rule_of(old))

        if found is not permissiveness.Compared.UNKNOWN:
            assert found == brute.compared(new, old), f"seed {seed}"


def pathway_with(rule) -> Pathway:
    steps = [{"key": key, "title": key, "unlock": {"kind": "always"}} for key in brute.KEYS]
    return read({"key": "p", "title": "P", "version": 1, "programme_days": 7, "sessions": 1,
                 "steps": [*steps, {"key": "z", "title": "Z", "unlock": rule}]})  # fmt: skip


def rule_of(rule):
    return pathway_with(rule).by_key["z"].unlock
