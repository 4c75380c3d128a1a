"""What a course brings along when its patient is moved to another version: work, skips, holds and requests."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from app.clinical.sequencing import facts as f
from app.clinical.sequencing.pathway import Requirement
from app.clinical.sequencing.seen import Seen
from app.clinical.sequencing.work import Done, Work

NOT_ASKED = "It came into the pathway while this course was under way."


def take_over(seen: Seen, fact: f.CarriedOver, known: Collection[str]) -> None:
    """Know of the steps of this version what was known of those they stand for in the version before.

    `known` are the ids of the facts that are left: what stood on one that was taken back is not taken over.
    """
    merged = Counter(new for several in fact.becomes.values() for new in several)
    for old, several in fact.becomes.items():
        for new in several:
            if new != old and new in seen.steps:
                # A step with no parts is its own only one, but only a part of what it is merged into.
                part = new if merged[new] == 1 else old
                _work(seen.work(old), seen.work(new), new, {old: part})
    for step, done in fact.done.items():
        work = seen.work(step)
        if work.completed_at() is None and all(any(each in known for each in group) for group in done.of):
            work.add(Done(None, done.mode, done.at, fact))
    for step, skip in fact.skipped.items():
        work = seen.work(step)
        if work.waived is None and (skip.of is None or skip.of in known):
            work.waived = _waived(fact, step, skip)
    for step in fact.optional:
        work = seen.work(step)
        if work.requirement is None:
            work.requirement = _not_asked(fact, step)


def _work(before: Work, after: Work, step: str, named: Mapping[str, str]) -> None:
    """The pieces of work that the new step has too, some under another name, and what is in force about the old one."""
    parts = {part.key for part in after.step.parts} if after.step else set()
    for activity, several in before.activities.items():
        part = named.get(activity, activity)
        if part in parts:
            for done in several:
                after.add(replace(done, activity=part))
    after.opened = after.opened or before.opened
    after.chosen = after.chosen or before.chosen
    if before.held and not after.held:
        after.held = before.held.model_copy(update={"step": step})
    if before.requirement and not after.requirement:
        after.requirement = before.requirement.model_copy(update={"step": step})


def _waived(fact: f.CarriedOver, step: str, skip: f.CarriedSkip) -> f.Waived:
    return f.Waived(
        id=fact.id,
        effective_at=skip.at,
        recorded_at=fact.recorded_at,
        seq=fact.seq,
        by=skip.by,
        role=fact.role,
        step=step,
        reason=skip.reason,
        stands_on=skip.of,
    )


def _not_asked(fact: f.CarriedOver, step: str) -> f.RequirementChanged:
    return f.RequirementChanged(
        id=fact.id,
        effective_at=fact.effective_at,
        recorded_at=fact.recorded_at,
        seq=fact.seq,
        by=fact.by,
        role=fact.role,
        step=step,
        requirement=Requirement.COULD,
        reason=NOT_ASKED,
    )
