"""How far a change may reach, each choice with its days and what would come of it."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.accounts.queries import Patient
from app.clinical import recurrence_words
from app.clinical.planning import Scope, When, rule_after
from app.clinical.recurrence import Act, Freq, Occurrence, Rule, repeats
from app.diary import log_queries
from app.diary.plan_queries import Activity
from app.kit import say
from app.kit.work import Work

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reach:
    """One choice of how far a change reaches."""

    key: str
    label: str
    hint: str


@dataclass(frozen=True)
class Reaches:
    """The choices, and what does not change whichever is taken."""

    choices: tuple[Reach, ...]
    notes: tuple[str, ...]


def now_planned(activity: Activity, occurrence: Occurrence) -> When:
    """When one occurrence is planned, as a change would say it."""
    segment = activity.segment(occurrence.named_on)
    return When(
        occurrence.on,
        segment.rule,
        occurrence.at,
        occurrence.minutes,
        segment.until_on,
        segment.remind_before,
        segment.remind_at,
        segment.remind_anyway,
    )


def does_repeat(activity: Activity, named_on: date) -> bool:
    """Whether more than one can come of the plan that one occurrence belongs to."""
    return repeats(activity.segment(named_on))


def first_to_change(work: Work, patient: Patient, activity: Activity) -> date:
    """From which day "all" reaches: today, or tomorrow where today's was already said to be done or not."""
    today = work.now.astimezone(patient.zone).date()
    return today + DAY if log_queries.about(work, patient, activity.id, today) else today


def to_change(work: Work, patient: Patient, activity: Activity, occurrence: Occurrence, when: When) -> Reaches:
    """The choices for a change of time, day or rule."""
    was = now_planned(activity, occurrence)
    today, earliest = _today(work, patient), first_to_change(work, patient, activity)
    new = _at(when)
    choices = []
    if when.rule == was.rule and _same_reminder(when, was):
        it = f"This one is on {say.day(when.on)}, {new}" if when.on != was.on else f"{say.day(when.on)} is {new}"
        choices.append(Reach(Scope.ONE, "Only this one", f"{it}. Every other one stays as it is."))
    rule = rule_after(activity.series, occurrence.named_on, when)
    if occurrence.named_on > earliest:
        if when.on < occurrence.named_on and when.on != was.on:
            later = _goes_ahead(rule, when, occurrence.named_on)
        else:
            later = f"{_first(new)}, {_told(rule, when.on, say.day(when.on))}. Until then it stays {_at(was)}."
        choices.append(Reach(Scope.LATER, "This one and all later ones", later))
    hint = f"{_first(new)}, {_told(rule, when.on, _named(earliest, today))}.{_done_today(earliest, today)}"
    choices.append(Reach(Scope.ALL, "All from today", hint))
    notes = ["What you have already said about it stays as it was.", *_by_hand(activity, occurrence, today)]
    return Reaches(tuple(choices), tuple(notes))


def to_stop(work: Work, patient: Patient, activity: Activity, occurrence: Occurrence) -> Reaches:
    """The choices for taking something out."""
    today, earliest = _today(work, patient), first_to_change(work, patient, activity)
    if not does_repeat(activity, occurrence.named_on):
        return Reaches((Reach(Scope.ONE, "Take it out", say.day(occurrence.on)),), ())
    choices = [Reach(Scope.ONE, "Only this one", f"{say.day(occurrence.on)}. Every other one stays.")]
    if occurrence.named_on > earliest:
        hint = f"From {say.day(occurrence.named_on)} on. Those before it stay."
        choices.append(Reach(Scope.LATER, "This one and all later ones", hint))
    hint = f"From {_named(earliest, today)} on.{_done_today(earliest, today)}"
    choices.append(Reach(Scope.ALL, "All from today", hint))
    return Reaches(tuple(choices), ("What you have already said about it is kept.",))


def may_change(work: Work, patient: Patient, activity: Activity, occurrence: Occurrence) -> bool:
    """Whether this one can still be planned otherwise: nobody has said yet what became of it."""
    return log_queries.about(work, patient, activity.id, occurrence.named_on) is None


def _today(work: Work, patient: Patient) -> date:
    return work.now.astimezone(patient.zone).date()


def _same_reminder(when: When, was: When) -> bool:
    return _reminder(when) == _reminder(was)


def _reminder(when: When) -> tuple[object, ...]:
    return when.remind_before, when.remind_at, when.remind_anyway, when.until_on


def _at(when: When) -> str:
    return f"at {say.time(when.at)}" if when.at else "at any time"


def _told(rule: Rule, on: date, begins: str) -> str:
    told = recurrence_words.told(rule)
    return f"{told}, from {begins}" if told else f"once, on {say.day(on)}"


def _goes_ahead(rule: Rule, when: When, named_on: date) -> str:
    """What comes of a move to before the day it was on: what lies between stays."""
    told = recurrence_words.told(rule)
    others = f" From {say.day(named_on)} on it is {told}, {_at(when)}." if told else " There is none after it."
    return f"This one is on {say.day(when.on)}, {_at(when)}.{others} Those before {say.day(named_on)} stay as they are."


def _first(words: str) -> str:
    return words[0].upper() + words[1:]


def _named(on: date, today: date) -> str:
    return {today: f"today, {say.day(on)}", today + DAY: f"tomorrow, {say.day(on)}"}.get(on, say.day(on))


def _done_today(earliest: date, today: date) -> str:
    return " You have already said how today’s went." if earliest > today else ""


def _by_hand(activity: Activity, but: Occurrence, today: date) -> list[str]:
    """Other single ones that were moved or given another time: they stay as somebody decided."""
    found = []
    for named_on, override in sorted(activity.series.overrides.items()):
        on = override.moved_to or named_on
        is_other = override.act is Act.CHANGE and named_on != but.named_on
        if is_other and on >= today and activity.segment(named_on).rule.freq is not Freq.ONCE:
            at = f" at {say.time(override.at)}" if override.at else ""
            found.append(f"You planned {say.day(named_on)} yourself for {say.day(on)}{at}. That one stays.")
    return found[:5]
