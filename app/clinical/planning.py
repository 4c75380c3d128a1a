"""What a plan becomes when somebody changes one occurrence of it, the later ones, or all that are left."""

from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum

from app.clinical.recurrence import (
    DAY,
    Act,
    Freq,
    Override,
    Rule,
    Segment,
    Series,
    changed_from,
    first_on,
    moved_rule,
    segment_of,
)


class Scope(StrEnum):
    """How far a change reaches."""

    ONE = "one"
    LATER = "later"
    ALL = "all"


@dataclass(frozen=True)
class When:
    """When it is planned. `on` is its first day, or for one occurrence its new day."""

    on: date
    rule: Rule
    at: time | None = None
    minutes: int | None = None
    until_on: date | None = None
    remind_before: int | None = None
    remind_at: time | None = None
    remind_anyway: bool | None = None


def segment_for(when: When) -> Segment:
    """The plan from its first day on, snapped to a day that the rule has."""
    begins = first_on(when.rule, when.on)
    return Segment(
        from_on=begins,
        rule=when.rule,
        phase_on=begins,
        until_on=when.until_on,
        at=when.at,
        minutes=when.minutes,
        remind_before=when.remind_before if when.at else None,
        remind_at=None if when.at else when.remind_at,
        remind_anyway=when.remind_anyway,
    )


def changed(series: Series, named_on: date, scope: Scope, when: When, earliest: date) -> Series:
    """What would be planned after a change; no day before `earliest` changes but the one that is named.

    With the later ones nothing changes before the one that is named: to a day before it, it goes alone.
    """
    segment = segment_of(series, named_on)
    if segment.rule.freq is Freq.ONCE:
        return _once_changed(series, named_on, when)
    if scope is Scope.ONE:
        return Series(series.segments, {**series.overrides, named_on: _alone(segment, named_on, when)})
    was_on = _day_of(series, named_on)
    begins = when.on if when.on != was_on else named_on
    new = segment_for(replace(when, rule=rule_after(series, named_on, when)))
    if new.rule == segment.rule and when.on == was_on:
        new = replace(new, phase_on=segment.phase_on)
    if scope is Scope.ALL:
        begins = earliest
    on = max(earliest, named_on) if scope is Scope.LATER else earliest
    others = _with_the_others(series, named_on, on, when)
    if scope is Scope.LATER and begins < on:
        others = _ahead_of_the_others(others, named_on, when.on)
        new = new if new.rule.freq is not Freq.ONCE else replace(new, phase_on=on)
    return changed_from(others, on, replace(new, from_on=max(begins, on)))


def _once_changed(series: Series, named_on: date, when: When) -> Series:
    """Planned once, and now otherwise; the plan that came before it stays, so to a day of that one it is moved."""
    before, alone = _without(series, named_on), segment_for(when)
    taken = taken_until(series, named_on, when)
    if taken is None:
        return changed_from(before, alone.from_on, alone)
    if alone.rule.freq is not Freq.ONCE:
        return changed_from(before, taken + DAY, replace(alone, from_on=taken + DAY))
    kept = replace(alone, from_on=named_on, phase_on=named_on)
    return _ahead_of_the_others(changed_from(before, named_on, kept), named_on, alone.from_on)


def taken_until(series: Series, named_on: date, when: When) -> date | None:
    """The last day of the plan before something planned once, where that day or a later one is to be its first now."""
    if segment_of(series, named_on).rule.freq is not Freq.ONCE:
        return None
    ends = (one.phase_on if one.rule.freq is Freq.ONCE else one.last_on for one in _without(series, named_on).segments)
    last = max((on for on in ends if on is not None), default=None)
    return last if last is not None and segment_for(when).from_on <= last else None


def _without(series: Series, named_on: date) -> Series:
    """The series without what is planned once under a name."""
    once = segment_of(series, named_on)
    segments = tuple(one for one in series.segments if one is not once or one.phase_on != named_on)
    return Series(segments, {on: one for on, one in series.overrides.items() if on != named_on})


def _ahead_of_the_others(series: Series, named_on: date, on: date) -> Series:
    return Series(series.segments, {**series.overrides, named_on: Override(Act.CHANGE, moved_to=on)})


def rule_after(series: Series, named_on: date, when: When) -> Rule:
    """How those that follow repeat: where one is moved and how often was left, they have its new day with it."""
    rule = segment_of(series, named_on).rule
    if when.rule != rule or when.on == _day_of(series, named_on):
        return when.rule
    return moved_rule(rule, named_on, when.on)


def _day_of(series: Series, named_on: date) -> date:
    return (series.overrides.get(named_on) or Override(Act.CHANGE)).moved_to or named_on


def _alone(segment: Segment, named_on: date, when: When) -> Override:
    return Override(
        Act.CHANGE,
        moved_to=when.on if when.on != named_on else None,
        at=when.at if when.at != segment.at else None,
        minutes=when.minutes if when.minutes != segment.minutes else None,
        any_time=when.at is None and segment.at is not None,
        any_length=when.minutes is None and segment.minutes is not None,
    )


def _with_the_others(series: Series, named_on: date, on: date, when: When) -> Series:
    """What was decided of the one that is named gives way to what it is now given with the others, but for a day that
    nobody touched; and where it goes, nothing is left out any more."""
    overrides = dict(series.overrides)
    if named_on >= on:
        was = overrides.pop(named_on, None)
        if was and was.moved_to == when.on:
            overrides[named_on] = Override(Act.CHANGE, moved_to=when.on)
    if when.on >= on and overrides.get(when.on) == Override(Act.SKIP):
        del overrides[when.on]
    return Series(series.segments, overrides)
