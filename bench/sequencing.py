"""python -m bench.sequencing: how long the core takes to say where a patient stands, to prove and to try a pathway.

Everything is made from a seed, in memory, on one core; nothing is stored.
"""

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.clinical.sequencing import checks, course
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.findings import Service
from app.clinical.sequencing.moving import MovePlan
from app.clinical.sequencing.pathway import Pathway, read
from app.clinical.sequencing.replay import replay, seen
from app.clinical.sequencing.what_if import WhatIf

STARTED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = STARTED + timedelta(days=77)
LONDON = ZoneInfo("Europe/London")
STEPS, FACTS, PARTS = 12, 200, 5
STAFF = Service({"practitioner": 3, "supervisor": 1, "clinical-lead": 1})


def pathway(steps: int, chance: random.Random, version: int = 1) -> Pathway:
    """A pathway of so many steps, each with a rule of about 12 nodes that looks back at the ones before it."""
    found = [_step(0, {"kind": "always"})]
    for number in range(1, steps):
        before = [f"step-{chance.randrange(number)}" for _ in range(4)]
        by_work = {
            "kind": "all",
            "of": [
                {"kind": "step-satisfied", "step": before[0]},
                {"kind": "count-of", "k": 2, "counting": "done", "of": _each_once(before, number)},
                {"kind": "time-since", "anchor": {"kind": "step-satisfied", "step": before[0]}, "n": 3, "unit": "days"},
            ],
        }
        by_scores = {
            "kind": "all",
            "of": [
                {
                    "kind": "measure-score",
                    "measure": "phq-9",
                    "comparison": "below",
                    "value": chance.choice([5, 10, 15]),
                },
                {"kind": "measure-change", "measure": "phq-9", "from": "baseline", "change": "improved", "by": 6},
            ],
        }
        release = {"kind": "released-by", "roles": ["practitioner"], "remind_after_days": 3, "then_after_days": 7,
                   "then": "escalate", "escalate_to": "supervisor"}  # fmt: skip
        found.append(_step(number, {"kind": "any", "of": [by_work, by_scores, release]}))
    return read(
        {"key": "bench", "title": "Bench", "version": version, "programme_days": 84, "sessions": 12, "steps": found}
    )


def _each_once(before: list[str], number: int) -> list[dict[str, str]]:
    keys = list(dict.fromkeys([*before, *(f"step-{n}" for n in range(number))]))[:3]
    keys = keys if len(keys) > 1 else [*keys, *keys]
    return [{"kind": "step-satisfied" if place else "step-started", "step": key} for place, key in enumerate(keys)]


def _step(number: int, unlock: dict[str, object]) -> dict[str, object]:
    parts = [{"key": f"part-{part}", "title": f"Part {part}"} for part in range(PARTS)]
    return {"key": f"step-{number}", "title": f"Step {number}", "activities": parts, "unlock": unlock}


def patients(count: int, steps: int) -> Iterator[list[Fact]]:
    """The facts of one invented patient after another: work online, diary entries and scores, over 11 weeks."""
    for number in range(count):
        yield _facts(random.Random(number), steps)


def _facts(chance: random.Random, steps: int) -> list[Fact]:
    found: list[Fact] = []
    hours = sorted(chance.uniform(0, 77 * 24) for _ in range(FACTS))
    done = [(step, part) for step in range(steps) for part in range(PARTS)]
    for seq, hour in enumerate(hours, 1):
        at = STARTED + timedelta(hours=hour)
        common = {"id": f"f{seq}", "effective_at": at, "recorded_at": at, "seq": seq}
        if seq % 18 == 0:
            total = max(0, 18 - seq // 15 + chance.randint(-3, 3))
            found.append(f.MeasureTaken(**common, measure="phq-9", total=total))
        elif seq % 3 == 0 and done:
            step, part = done.pop(0)
            found.append(f.ActivityDone(**common, step=f"step-{step}", activity=f"part-{part}"))
        else:
            found.append(f.EntryLogged(**common, entry="mood", on=at.date()))
    return found


def timed(act: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of so many goes."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return took


def peak() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def evaluation(plan: Pathway) -> None:
    """Where every step stands, from facts that are known; and the whole replay of them."""
    told = _facts(random.Random(1), STEPS)
    known = seen(plan, told, started_at=STARTED, now=NOW, zone=LONDON)
    standing = timed(lambda: course.course(known, NOW, {}, {}), 200)
    whole = timed(lambda: replay(plan, told, started_at=STARTED, now=NOW, zone="Europe/London"), 60)
    print(f"Where one patient stands with {STEPS} steps, facts known:  p50 {statistics.median(standing):.2f} ms")
    print(f"The same replayed from {FACTS} facts:                     p50 {statistics.median(whole):.2f} ms")


def proof(steps: int) -> None:
    """All checks of a large pathway, against the version before it."""
    plan, before = pathway(steps, random.Random(7), 2), pathway(steps, random.Random(8))
    took = timed(lambda: checks.check(plan, STAFF, current=before), 5)
    print(f"Every check of a pathway of {steps} steps:                   p50 {statistics.median(took) / 1000:.2f} s")


def what_if(sizes: list[int]) -> None:
    """What another version would do for so many patients, one after the other."""
    before, after = pathway(STEPS, random.Random(3)), pathway(STEPS, random.Random(4), 2)
    asked = WhatIf(before, after, MovePlan())
    print("\nWhat-if: patients, seconds of it, ms a patient, seconds of making the patients, MB at most")
    for size in sizes:
        asking = making = 0.0
        invented = patients(size, STEPS)
        for _ in range(size):
            began = time.perf_counter()
            told = next(invented)
            made = time.perf_counter()
            asked.difference(told, started_at=STARTED, now=NOW, zone=LONDON)
            making, asking = making + made - began, asking + time.perf_counter() - made
        print(f"{size:>8} {asking:>8.1f} {asking * 1000 / size:>8.2f} {making:>8.1f} {peak():>8.0f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--patients", type=int, nargs="+", default=[100, 1000, 10_000], metavar="N")
    asked.add_argument("--steps", type=int, default=50, help="of the pathway that is proved")
    said = asked.parse_args()
    evaluation(pathway(STEPS, random.Random(3)))
    proof(said.steps)
    what_if(said.patients)


if __name__ == "__main__":
    main()
