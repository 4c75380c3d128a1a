"""A rule in one sentence, as a drawing and a comparison tell it: with all that it asks, or in short for a small box."""

from collections.abc import Iterator, Mapping

from app.clinical.sequencing import rules
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.wording import joined, number_of, spoken, times


def in_words(rule: Rule, titles: Mapping[str, str], *, named: bool) -> str:
    """A rule in one sentence without its stop. Named, two rules that differ in anything have different words.

    Else (for a box beside arrows) it is short: lists of steps by their number, and no days, ages or reminders.
    """
    match rule:
        case rules.AllOf():
            return joined([_inside(child, titles, named) for child in rule.of])
        case rules.AnyOf():
            return "; or ".join(
                in_words(child, titles, named=named)
                if isinstance(child, rules.AllOf)
                else _inside(child, titles, named)
                for child in rule.of
            )
        case rules.CountOf():
            done = "done" if rule.counting == "done" else "done or waived"
            if not named:
                return f"{rule.k} of {len(rule.of)} {done}"
            return f"{rule.k} of these {done}: {', '.join(_listed(child, titles) for child in rule.of)}"
    words = _condition(rule, titles)
    return " ".join([words, *_details(rule)]).replace(" ,", ",") if named else words


def _inside(rule: Rule, titles: Mapping[str, str], named: bool) -> str:
    words = in_words(rule, titles, named=named)
    grouped = isinstance(rule, rules.AnyOf) or (named and isinstance(rule, rules.AllOf | rules.CountOf))
    return f"({words})" if grouped else words


def _listed(rule: Rule, titles: Mapping[str, str]) -> str:
    return titles.get(rule.step, rule.step) if isinstance(rule, rules.StepSatisfied) else _inside(rule, titles, True)


_PLACES = {"any": "", "online": " online", "in-clinic": " in the clinic"}


def _condition(rule: Rule, titles: Mapping[str, str]) -> str:
    def title(key: str) -> str:
        return titles.get(key, spoken(key))

    match rule:
        case rules.StepSatisfied():
            return f"{title(rule.step)} done or waived"
        case rules.StepCompleted():
            return f"{title(rule.step)} done{_PLACES[rule.where]}"
        case rules.StepStarted():
            return f"{title(rule.step)} started"
        case rules.TechniquePractised():
            return f"{spoken(rule.technique)} practised {times(rule.times)}{_PLACES[rule.where]}"
        case rules.EntriesLogged():
            return f"{number_of(rule.at_least, f'{spoken(rule.entry)} entry', f'{spoken(rule.entry)} entries')}"
        case rules.TimeSince():
            after = "the start" if isinstance(rule.anchor, rules.ProgrammeStart) else _condition(rule.anchor, titles)
            return f"{number_of(rule.n, rule.unit[:-1])} after {after}"
        case rules.NotBefore():
            return f"not before {rule.date.day} {rule.date:%B %Y}"
        case rules.AppointmentAttended():
            kind = f"{spoken(rule.appointment)} " if rule.appointment else ""
            after = f" after {title(rule.after)}" if rule.after else ""
            return f"{number_of(rule.at_least, f'{kind}session')} attended{after}"
        case rules.WorkReviewed():
            return f"work on {title(rule.step)} looked at by {_roles(rule.roles)}"
        case rules.ReleasedBy():
            return f"released by {_roles(rule.roles)}"
        case rules.PatientChose():
            return f"the patient asks for {title(rule.step)}"
    return _measured(rule)


def _measured(rule: Rule) -> str:
    match rule:
        case rules.MeasureCompleted():
            return f"{MEASURES[rule.measure].name} answered {times(rule.times)}"
        case rules.MeasureScore():
            which = {"latest": "latest", "baseline": "first"}.get(rule.which, f"last {rule.last}")
            return f"{which} {MEASURES[rule.measure].name} {rule.comparison.replace('-', ' ')} {rule.value}"
        case rules.MeasureChange():
            return f"{MEASURES[rule.measure].name} {rule.change} by {rule.by}"
        case rules.ProblemRecorded():
            return f"{joined([spoken(key) for key in rule.any_of], 'or')} active"
        case rules.GoalRecorded():
            return f"a goal about {joined([spoken(key) for key in rule.any_of], 'or')}"
    return "open from the start"


def _details(rule: Rule) -> Iterator[str]:
    """What else a condition asks: on which days, in which time, how old, and what happens where staff do not act."""
    match rule:
        case rules.EntriesLogged():
            if rule.distinct_days > 1:
                yield f"on {rule.distinct_days} days"
            yield from _window(rule.within_days)
        case rules.MeasureCompleted():
            yield from _window(rule.within_days)
        case rules.TimeSince() if rule.unit == "days" and rule.opens_at != rules.OPENS_AT:
            yield f", at {rule.opens_at:%H:%M}"
        case rules.NotBefore() if rule.zone == "service":
            yield "in the service’s time zone"
        case rules.MeasureScore():
            if rule.gap_days is not None:
                yield f", {number_of(rule.gap_days, 'day')} apart"
            yield from _age(rule.max_age_days)
        case rules.MeasureChange():
            yield "from the first" if rule.from_ == "baseline" else "from the one before"
            yield from _age(rule.max_age_days)
        case rules.ReleasedBy() | rules.WorkReviewed():
            yield from _where_nobody_acts(rule)


def _window(days: int | None) -> Iterator[str]:
    if days is not None:
        yield f"in the last {number_of(days, 'day')}"


def _age(days: int | None) -> Iterator[str]:
    if days is not None:
        yield f", no more than {number_of(days, 'day')} old"


def _where_nobody_acts(rule: rules.StaffAct) -> Iterator[str]:
    if rule.remind_after_days is not None:
        yield f", reminded after {number_of(rule.remind_after_days, 'day')}"
    if rule.then_after_days is not None:
        then = "open by itself" if rule.then == "open" else f"{_roles((rule.escalate_to or '',))} asked"
        yield f", {then} after {number_of(rule.then_after_days, 'day')}"


def _roles(roles: tuple[str, ...]) -> str:
    return joined([f"a {spoken(role)}" for role in roles], "or")
