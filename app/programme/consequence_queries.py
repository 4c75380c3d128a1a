"""What a decision would change, worked out by replaying the course as if it had been made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from app.accounts.queries import Patient
from app.clinical.sequencing import explain
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.facts import WaiverReason
from app.clinical.sequencing.replay import replay
from app.clinical.sequencing.standing import Course, Standing, State
from app.clinical.sequencing.wording import WAIVER_REASONS, Line, Text
from app.kit.work import Work
from app.programme import plan_queries
from app.programme.plan_queries import STATE_WORDS
from app.programme.queries import Plan

SUPPOSED_REASON = WaiverReason.NOT_RELEVANT


@dataclass(frozen=True)
class Change:
    """One thing that would change; `strong` are the words that decide."""

    words: str
    strong: str = ""
    more: str = ""


@dataclass(frozen=True)
class Consequence:
    """What a decision would change, and what the patient would read."""

    changes: list[Change]
    patient_reads: Text


def consequence(work: Work, patient: Patient, plan: Plan, step: str, act: str) -> Consequence:
    """What deciding this now would change, and what the patient would read."""
    supposed = _supposed(work, plan[step], act)
    after = replay(
        plan.pathway,
        [*plan.facts, supposed],
        started_at=plan.started_at,
        now=work.now + timedelta(microseconds=1),
        zone=plan.zone,
    )
    return Consequence(
        [*_changes(plan.course, after, step), *_promises(patient, plan.course, after, step, act)],
        explain.for_patient(after[step], patient.practitioner_given_name or None),
    )


def _supposed(work: Work, one: Standing, act: str) -> f.Decision:
    common = {
        "id": str(uuid4()),
        "effective_at": work.now,
        "recorded_at": work.now,
        "seq": 2**62,
        "by": work.actor.name,
        "role": work.actor.role,
        "step": one.step,
    }
    match act:
        case "release":
            return f.Released(**common)
        case "decline":
            return f.Declined(**common, told="the words you write here")
        case "open-early":
            return f.OverrideOpened(**common, reason="to be given")
        case "waive":
            return f.Waived(**common, reason=SUPPOSED_REASON)
        case "done":
            return f.DoneElsewhere(**common)
        case "hold":
            return f.Held(**common, reason="to be given", review_on=work.today + timedelta(days=7))
        case "resume":
            return f.Resumed(**common)
    requirement = plan_queries.other_requirement(one)
    return f.RequirementChanged(**common, requirement=requirement, reason="to be given")


def _changes(before: Course, after: Course, step: str) -> Iterator[Change]:
    was, will = before.coverage, after.coverage
    covered, core = len(will.core) - len(will.outstanding), len(will.core)
    if (covered, core) != (len(was.core) - len(was.outstanding), len(was.core)):
        waived = len(will.agreed_to_skip)
        yield Change(
            f"Coverage: {covered} of {core} core steps satisfied{f', {waived} of them waived' if waived else ''}."
        )
    if before[step].state is not after[step].state:
        yield Change(f"{after[step].title} goes from {_state(before[step])} to {_state(after[step])}.")
    opens = [one for one in after.standings if one.opened and one.step != step and not before[one.step].opened]
    for one in opens:
        yield Change(one.title, "opens", ".")
    for one in after.standings:
        if one.step != step and not one.opened and (told := _told_anew(before[one.step], one)):
            yield Change(one.title, f"stays {_state(one)}", f". {' '.join(told)}")


def _state(one: Standing) -> str:
    return STATE_WORDS[one.state].lower()


def _told_anew(before: Standing, after: Standing) -> list[str]:
    """What a closed step waits for, where it would read otherwise: the groups nearest to what changed."""
    was = {line.words for line in explain.for_staff(before).lines}
    lines = explain.for_staff(after).lines
    changed = [place for place, line in enumerate(lines) if line.words not in was]
    inmost = [place for place in changed if not any(_is_below(lines, other, place) for other in changed)]
    nearest = [max((over for over in changed if _is_below(lines, place, over)), default=place) for place in inmost]
    return [f"{_without_reason(lines[place].words).rstrip(':.')}." for place in dict.fromkeys(nearest)]


def _is_below(lines: tuple[Line, ...], place: int, over: int) -> bool:
    """Whether one line belongs to what a line above it sums up."""
    between = lines[over + 1 : place + 1]
    return bool(between) and all(line.level > lines[over].level for line in between)


def _without_reason(words: str) -> str:
    # The reason is chosen in the form that this stands beside.
    return words.replace(f" ({WAIVER_REASONS[SUPPOSED_REASON]})", "")


def _promises(patient: Patient, before: Course, after: Course, step: str, act: str) -> Iterator[Change]:
    """What else follows from the rules of the house, whatever the course."""
    name = patient.given_name
    if act == "hold":
        yield Change(f"{name} cannot open its pages until somebody resumes it. What {name} wrote there stays readable.")
    if act == "waive" and before[step].state is State.IN_PROGRESS:
        yield Change(f"What {name} wrote in it stays readable.")
    if act == "done":
        left = [part.title for part in before[step].left]
        if len(left) > 1:
            yield Change(f"If only some of its work was done, {name} is not asked for that part again.")
    if act == "decline":
        yield Change(f"{name} is no longer waiting for an answer, and may ask again at any time.")
    if act in ("release", "open-early") and after[step].opened:
        yield Change(f"{name} gets a letter that says only that there is something new.")
