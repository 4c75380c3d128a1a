"""What differs between two states of a pathway that is plain data, in sentences: everything, and with what it was."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from app.clinical.schedule_words import TIMINGS
from app.clinical.schedules import Timing
from app.clinical.sequencing import arranging
from app.clinical.sequencing.arranging import title
from app.clinical.sequencing.editing import Node
from app.clinical.sequencing.wording import joined, spoken

RULES = ("unlock", "relevance")


def between(before: Mapping[str, Any], after: Mapping[str, Any], *, but: Collection[str] = ()) -> tuple[str, ...]:
    """One sentence for each thing, in the order of the second; `but` are parts of steps that are told elsewhere."""
    was, now = ({str(each.get("key")): each for each in arranging.steps(body)} for body in (before, after))
    told = [f"{title(each)} is new." for key, each in now.items() if key not in was]
    told += [f"{title(each)} is not there." for key, each in was.items() if key not in now]
    kept = [key for key in now if key in was]
    for key in kept:
        told += _in_step(was[key], now[key], but)
    if kept != [key for key in was if key in now]:
        told.append("The steps stand in another order.")
    for name, words in _WHOLE:
        if (before.get(name) or None) != (after.get(name) or None):
            told.append(words.format(before.get(name) or "nothing", after.get(name) or "nothing"))
    return (*told, *_choices(before, after), *_measures(before, after))


_WHOLE = (
    ("title", "The title is “{1}”, was “{0}”."),
    ("summary", "The summary is “{1}”, was “{0}”."),
    ("programme_days", "It is planned for {1} days, was {0}."),
    ("sessions", "It is planned for {1} sessions, was {0}."),
)


def _listed(value: Any) -> str:
    several = value if isinstance(value, list | tuple) else ()
    return joined([spoken(str(one)) for one in several]) or "none"


def _completion(value: Any) -> str:
    if not isinstance(value, Mapping) or value.get("kind") != "some-activities":
        return "every activity is done"
    of = value.get("of") or ()
    return f"{value.get('at_least')} of {f'these are done: {_listed(of)}' if of else 'its activities are done'}"


def _activities(value: Any) -> str:
    return "; ".join(_activity(one) for one in value or () if isinstance(one, Mapping)) or "none"


def _activity(one: Mapping[str, Any]) -> str:
    practises = f", practising {_listed(one['techniques'])}" if one.get("techniques") else ""
    return f"{title(one)} ({one.get('key')}{'' if one.get('required', True) else ', optional'}{practises})"


_REQUIREMENTS = {"must": "core, and must be done", "must-unless-documented": "core", "could": "optional"}
_OVERRIDES = {
    "allowed": "staff may",
    "allowed-with-reason": "staff may with a reason",
    "prohibited": "nobody may before its rule is met",
}


def _override(value: Any) -> str:
    return _OVERRIDES.get(str(value), str(value))


def _requirement(value: Any) -> str:
    return _REQUIREMENTS.get(str(value), str(value))


def _module(value: Any) -> str:
    return spoken(str(value)) if value else "none"


# What a step has besides its rules: what stands there where nothing is said, how it is told, and in which words.
_PARTS: tuple[tuple[str, Any, str, Callable[[Any], str]], ...] = (
    ("requirement", "must-unless-documented", "{} is {}, was {}.", _requirement),
    ("override", "allowed-with-reason", "Opening {} early: {}, was: {}.", _override),
    ("completion", {"kind": "every-activity"}, "{} is done when {}, was: when {}.", _completion),
    ("module", None, "{} has the module {}, was {}.", _module),
    ("activities", [], "{} has the activities {}; was {}.", _activities),
    ("techniques", [], "{} practises {}, was {}.", _listed),
    ("tags", [], "{} has the tags {}, was {}.", _listed),
)
_BY_RULE = {"unlock": "{} opens by another rule.", "relevance": "{} is suggested by another rule."}


def _in_step(was: Node, now: Node, but: Collection[str]) -> Iterator[str]:
    if title(was) != title(now):
        yield f"{title(was)} is called {title(now)}."
    for name, words in _BY_RULE.items():
        if name not in but and was.get(name) != now.get(name):
            yield words.format(title(now))
    for name, default, told, in_words in _PARTS:
        before, after = (each.get(name) or default for each in (was, now))
        if before != after:
            yield told.format(title(now), in_words(after), in_words(before))
    if bool(was.get("retired")) != bool(now.get("retired")):
        yield f"{title(now)} is {'retired' if now.get('retired') else 'in use again'}."


def _choices(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    was, now = ({str(one.get("key")): one for one in arranging.choices(body)} for body in (before, after))
    titles = {str(each.get("key")): title(each) for body in (before, after) for each in arranging.steps(body)}
    for key, group in now.items():
        if key not in was:
            yield f"The choice {_choice(group, titles)} is new."
        elif _choice(was[key], titles) != _choice(group, titles):
            yield f"The choice {_choice(group, titles)}; was {_choice(was[key], titles)}."
    yield from (f"The choice {_choice(group, titles)} is not there." for key, group in was.items() if key not in now)
    if [key for key in was if key in now] != [key for key in now if key in was]:
        yield "The choices stand in another order."


def _measures(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    was, now = (dict(body.get("measures") or {}) for body in (before, after))
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            yield f"{spoken(key)} is asked {_timing(now.get(key))}, was {_timing(was.get(key))}."


def _timing(value: Any) -> str:
    return TIMINGS[Timing(value)].lower() if value in tuple(Timing) else "as it says itself"


def _choice(group: Node, titles: Mapping[str, str]) -> str:
    how = "exactly" if group.get("exactly") is not None else "at most"
    steps = [titles.get(str(key), spoken(str(key))) for key in group.get("steps") or ()]
    return f"“{title(group)}”, {how} {group.get('exactly') or group.get('at_most')} of {joined(steps)}"


def parts() -> frozenset[str]:
    """The parts of a step of which a difference is told."""
    return frozenset({"title", "retired", *_BY_RULE, *(name for name, *_ in _PARTS)})
