"""The end of a replay, told step by step: state, what is missing, what was done, and what was decided."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.clinical.local_time import local_day
from app.clinical.sequencing.due import opens_at
from app.clinical.sequencing.evaluate import View, truth
from app.clinical.sequencing.facts import Fact
from app.clinical.sequencing.frontier import awaited, unmet, who_can_act
from app.clinical.sequencing.kleene import Truth
from app.clinical.sequencing.pathway import ChoiceGroup, EveryActivity, Requirement, Step
from app.clinical.sequencing.rules import PRIVATE
from app.clinical.sequencing.seen import Seen
from app.clinical.sequencing.standing import Course, Flag, FlagKind, PartDone, Standing, State, opened_by_hand
from app.clinical.sequencing.work import Work


def course(seen: Seen, now: datetime, known: Mapping[str, Fact], flags: Mapping[str, Sequence[Flag]]) -> Course:
    """Where the patient stands with every step at `now`. A retired step is told of only to those who had reached it."""
    standings = tuple(
        _standing(seen.steps[key], seen, now, known, flags.get(key, ()))
        for key in seen.order
        if not seen.steps[key].retired or key in seen.opened or seen.work(key).started_at
    )
    openings = sorted(seen.opened.values(), key=lambda opening: opening.at)
    due = min((each.earliest_at for each in standings if each.earliest_at), default=None)
    return Course(seen.pathway.version, standings, tuple(openings), due)


def _standing(step: Step, seen: Seen, now: datetime, known: Mapping[str, Fact], flags: Sequence[Flag]) -> Standing:
    work, opening, view = seen.work(step.key), seen.opened.get(step.key), View(seen, now, step.key)
    choice = _choice(step.key, seen)
    requirement = _requirement(step, work, choice, seen)
    relevance = truth(step.relevance, view) if step.relevance else None
    suggested = _suggested(relevance, requirement, work)
    answer = truth(step.unlock, view)
    missing = () if opening else unmet(step.unlock, view)
    cause = known.get(opening.cause) if opening else None
    return Standing(
        step=step.key,
        title=step.title,
        module=step.module,
        state=_state(step, seen, answer, suggested=suggested),
        truth=answer,
        since=opening.at if opening else None,
        cause=opening.cause if opening else None,
        cause_fact=cause,
        origin=opening.by_right_of if opening else None,
        origin_fact=known.get(opening.by_right_of) if opening else None,
        pathway_version=seen.pathway.version,
        rule_hash=step.unlock_hash,
        rule=step.unlock,
        unmet=missing,
        who_can_act=who_can_act(missing) if missing else frozenset(),
        earliest_at=opens_at(step.unlock, view) if missing else None,
        awaited=awaited(missing, seen.waits.get(step.key)) if missing else (),
        requirement=requirement,
        override=step.override,
        relevance=relevance,
        suggested=suggested,
        completed_at=work.completed_at(),
        mode=work.mode(),
        done=_done(step, work, seen),
        left=tuple(part for part in step.parts if part.required and part.key not in work.activities)
        if work.completed_at() is None
        else (),
        needed=_needed(step),
        choice=choice,
        asked=work.chosen,
        declined=work.declined,
        added=work.added,
        hold=work.held,
        waiver=work.waived,
        changed=work.requirement,
        flags=(*flags, *(_got_worse(step, view, cause) if opening and answer is Truth.FALSE else ())),
        now=now,
        seen=seen,
    )


def _state(step: Step, seen: Seen, answer: Truth, *, suggested: bool) -> State:
    """Hold first, then what was done or agreed, then what is open; relevance never hides a step under way."""
    work, opened = seen.work(step.key), step.key in seen.opened
    if work.held:
        return State.ON_HOLD
    if work.completed_at() is not None:
        return State.COMPLETED
    if work.waived and not (opened and work.reopened):
        return State.WAIVED
    if opened and work.started_at is not None:
        return State.IN_PROGRESS
    if not suggested:
        return State.NOT_SUGGESTED
    if opened:
        return State.AVAILABLE
    return State.WAITING if answer is Truth.UNKNOWN else State.LOCKED


def _suggested(relevance: Truth | None, requirement: Requirement, work: Work) -> bool:
    """Core steps always are; so is whatever somebody asked for, opened or added by hand."""
    by_hand = work.chosen or work.released or work.overridden or work.added
    return relevance in (None, Truth.TRUE) or requirement is not Requirement.COULD or bool(by_hand)


def _choice(key: str, seen: Seen) -> ChoiceGroup | None:
    return next((group for group in seen.pathway.choice_groups if key in group.steps), None)


def _requirement(step: Step, work: Work, choice: ChoiceGroup | None, seen: Seen) -> Requirement:
    """The requirement for this patient: as changed by staff, else optional when left out of a choice."""
    if work.requirement:
        return work.requirement.requirement
    if choice is None:
        return step.requirement
    picked = [key for key in choice.steps if _picked(seen.work(key))]
    left_out = step.key not in picked and (choice.at_most is not None or len(picked) >= choice.n)
    return Requirement.COULD if left_out else step.requirement


def _picked(work: Work) -> bool:
    return bool(work.chosen or work.started_at or work.released or work.overridden)


def _done(step: Step, work: Work, seen: Seen) -> tuple[PartDone, ...]:
    titles = {part.key: part.title for part in step.parts}
    return tuple(
        PartDone(
            activity=done.activity,
            title=titles.get(done.activity or "", step.title if done.activity is None else done.activity),
            mode=done.mode,
            on=local_day(done.at, seen.zone),
            at=done.at,
            by=done.fact.by,
            fact=done.fact.id,
        )
        for done in work.first_done()
    )


def _needed(step: Step) -> int:
    if isinstance(step.completion, EveryActivity):
        return sum(part.required for part in step.parts) or len(step.parts)
    return step.completion.at_least


def _got_worse(step: Step, view: View, cause: Fact | None) -> tuple[Flag, ...]:
    """A remark when a score or a problem no longer says what opened the step; a window that closed is no news."""
    work = view.seen.work(step.key)
    if opened_by_hand(step.key, cause) or work.reopened or work.completed_at() is not None:
        return ()
    worse = any(isinstance(each.atom, PRIVATE) and each.truth is Truth.FALSE for each in unmet(step.unlock, view))
    return (Flag(FlagKind.NO_LONGER_MET),) if worse else ()
