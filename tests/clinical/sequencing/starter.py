"""The study's pathway as it should have been: core steps with several ways in to staying well."""

from typing import Any

from app.clinical.sequencing import pathway as p

PE_DONE = {"kind": "step-satisfied", "step": "pe"}
ANXIETY = {
    "kind": "any",
    "of": [
        {"kind": "problem-recorded", "any_of": ["anxiety"]},
        {"kind": "measure-score", "measure": "gad-7", "comparison": "at-least", "value": 8},
    ],
}
BY_MODULES = {
    "kind": "all",
    "of": [PE_DONE, {"kind": "count-of", "k": 2, "counting": "done", "of": ["ba", "cr", "ps", "relaxation"]}],
}
BELOW_TEN_TWICE = {
    "kind": "measure-score",
    "measure": "phq-9",
    "which": "each-of-last",
    "last": 2,
    "gap_days": 7,
    "comparison": "below",
    "value": 10,
}
IMPROVED = {"kind": "measure-change", "measure": "phq-9", "from": "baseline", "change": "improved", "by": 6}
RELEASE = {
    "kind": "released-by",
    "roles": ["practitioner"],
    "remind_after_days": 3,
    "then": "escalate",
    "then_after_days": 5,
    "escalate_to": "clinical-lead",
}
BY_SCORES = {"kind": "all", "of": [BELOW_TEN_TWICE, IMPROVED]}
STAYING_WELL = {"kind": "any", "of": [BY_MODULES, BY_SCORES, RELEASE]}
FIVE = [{"key": f"part-{n}", "title": f"Part {n}"} for n in range(1, 6)]


def step(key: str, title: str, unlock: Any, **fields: Any) -> dict[str, Any]:
    return {"key": key, "title": title, "unlock": unlock, **fields}


STEPS = [
    step("pe", "Understanding low mood", {"kind": "always"}),
    step("ba", "Doing what matters", PE_DONE, activities=FIVE),
    step("cr", "Working with thoughts", PE_DONE),
    step("ps", "Solving problems", PE_DONE, requirement="could"),
    step("relaxation", "Relaxing body and mind", PE_DONE, requirement="could", relevance=ANXIETY,
         techniques=["relaxation"]),
    step("exercise", "Getting moving", PE_DONE, requirement="could"),
    step("worry", "Managing worry", PE_DONE, requirement="could", relevance=ANXIETY),
    step("rp", "Staying well", STAYING_WELL),
    step("fears", "Facing fears", {"kind": "technique-practised", "technique": "relaxation"}, requirement="could"),
]  # fmt: skip
RAW: dict[str, Any] = {
    "key": "low-mood",
    "title": "Low mood",
    "version": 3,
    "programme_days": 77,
    "sessions": 11,
    "steps": STEPS,
}
STARTER = p.read(RAW)


def pathway_of(*steps: dict[str, Any], **fields: Any) -> p.Pathway:
    return p.read({**RAW, "steps": list(steps), **fields})
