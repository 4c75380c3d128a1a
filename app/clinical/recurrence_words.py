"""When something is planned, in words."""

from datetime import date

from app.clinical.recurrence import Freq, Rule, Segment

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
PLACES = {
    1: "first",
    2: "second",
    3: "third",
    4: "fourth",
    -1: "last",
    -2: "second to last",
    -3: "third to last",
    -4: "fourth to last",
}


def told(rule: Rule) -> str:
    """How it repeats, such as "every day", "every other week on Monday and Thursday"; empty for once."""
    match rule.freq:
        case Freq.ONCE:
            return ""
        case Freq.DAILY:
            return _every(rule.every, "day")
        case Freq.WEEKLY:
            named = _listed([DAYS[day] for day in sorted(rule.weekdays)])
            if len(rule.weekdays) == 7:
                return "every day" if rule.every == 1 else f"every day of {_every(rule.every, 'week')}"
            return f"every {named}" if rule.every == 1 else f"{_every(rule.every, 'week')} on {named}"
        case Freq.MONTHLY:
            return f"{_every(rule.every, 'month')} on {_day_of_month(rule)}"


def short(rule: Rule) -> str:
    """The same for a narrow column: "Mon, Wed, Fri"."""
    if rule.freq is Freq.WEEKLY and 1 < len(rule.weekdays) < 7 and rule.every == 1:
        return ", ".join(DAYS[day][:3] for day in sorted(rule.weekdays))
    return told(rule)


def until(segment: Segment) -> str:
    """Where it ends, such as "until Friday 4 December"; empty where it goes on."""
    if segment.until_on is None or segment.rule.freq is Freq.ONCE:
        return ""
    return f"until {_day(segment.until_on)}"


def _every(count: int, unit: str) -> str:
    return {1: f"every {unit}", 2: f"every other {unit}"}.get(count, f"every {count} {unit}s")


def _day_of_month(rule: Rule) -> str:
    if rule.month_day == 31:
        return "the last day"
    if rule.month_day is not None:
        shorter = ", or the last day of a shorter month" if rule.month_day > 28 else ""
        return f"the {_ordinal(rule.month_day)}{shorter}"
    assert rule.month_nth is not None and rule.month_weekday is not None
    return f"the {PLACES[rule.month_nth]} {DAYS[rule.month_weekday]}"


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _day(on: date) -> str:
    return f"{DAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]} {on.year}"
