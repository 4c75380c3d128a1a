"""Each kind of condition as a sentence with blanks, from which its form is drawn and what is posted is read back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.clinical.sequencing import editing, references
from app.clinical.sequencing.blanks import Blank, Drawn, Known, put, value_at, words_for
from app.clinical.sequencing.editing import GROUPS, Node, Place
from app.clinical.sequencing.measures import MEASURES
from app.clinical.sequencing.references import Mistake
from app.clinical.sequencing.rules import Rule
from app.clinical.sequencing.structure import MAX_DEPTH, MAX_NODES

Piece = str | Blank
Posted = Mapping[str, list[str]]

_WHERE = Blank("where", "Where", "choice", "Choose where it counts",
               (("any", "anywhere"), ("online", "online"), ("in-clinic", "in the clinic")))  # fmt: skip
_STEP = Blank("step", "Step", "choice", "Choose a step of this pathway that patients can still reach", "steps")
_MEASURE = Blank("measure", "Questionnaire", "choice", "Choose a questionnaire",
                 tuple((key, measure.name) for key, measure in MEASURES.items()))  # fmt: skip
_TIMES = Blank("times", "How many times", "number", "Write how many times, as a number from 1 to 1,000")
_WITHIN = Blank("within_days", "In the last so many days, or empty for any time", "number",
                "Write days as a number from 1 to 730, or leave it empty", high=730, optional=True)  # fmt: skip
_FRESH = Blank("max_age_days", "No older than so many days, or empty for any age", "number",
               "Write days as a number from 1 to 730, or leave it empty", high=730, optional=True)  # fmt: skip
_DONE = Blank("kind", "What has happened to the step", "choice", "Choose what has happened to the step",
              (("step-satisfied", "is done or waived"), ("step-completed", "is done"),
               ("step-started", "is started")))  # fmt: skip
_CHANGED = Blank("kind", "How many must be true", "choice", "Choose all, any, or at least so many",
                 (("all", "all"), ("any", "any"), ("count-of", "at least")))  # fmt: skip
_PLAN: tuple[Piece, ...] = (
    Blank("roles", "Who", "several", "Choose at least one role", "roles"),
    Blank("remind_after_days", "Remind after so many days, or empty for no reminder", "number",
          "Write days as a number from 1 to 730, or leave it empty", high=730, optional=True, default=3, empty="no"),
    Blank("then", "If nobody acts", "choice", "Choose what happens if nobody acts",
          (("", "nobody else"), ("escalate", "another role"), ("open", "nobody: open it")), optional=True),
    Blank("escalate_to", "Which role", "choice", "Choose who is asked then", "roles", shown_if=("then", ("escalate",))),
    Blank("then_after_days", "After so many days", "number", "Write days as a number from 1 to 730", high=730,
          default=7, shown_if=("then", ("escalate", "open"))),
)  # fmt: skip

# Every kind of `rules.py` with all its fields, in the order in which they are said. A field whose one value is fixed
# needs no blank; a field that is a condition itself (an anchor) is said with the sentence of its own kind.
SENTENCES: dict[str, tuple[Piece, ...]] = {
    "all": (_CHANGED, "of these are true:"),
    "any": (_CHANGED, "of these is true:"),
    "count-of": (
        _CHANGED,
        Blank("k", "How many", "number", "Ask for at least 1, and for no more than the list has", default=2),
        "of these are",
        Blank("counting", "What counts", "choice", "Choose what counts",
              (("done", "done"), ("satisfied", "done or waived"))),
    ),
    "always": ("Open from the start.",),
    "step-satisfied": (_STEP, _DONE),
    "step-completed": (_STEP, _DONE, _WHERE, "(a waiver does not count)"),
    "step-started": (_STEP, _DONE),
    "technique-practised": (
        Blank("technique", "Technique", "choice", "Choose a technique", "techniques"),
        "practised at least", _TIMES, "times,", _WHERE,
    ),
    "entries-logged": (
        "at least", Blank("at_least", "How many entries", "number", "Write how many, as a number from 1 to 1,000"),
        Blank("entry", "Kind of entry", "choice", "Choose a kind of entry",
              (("mood", "mood entries"), ("diary", "diary entries"), ("activity", "activities"),
               ("thought-record", "thought records"))),
        "on", Blank("distinct_days", "On how many different days", "number",
                    "Write how many days, as a number from 1 to 1,000"),
        "different days, in the last", _WITHIN, "days",
    ),
    "time-since": (
        Blank("n", "How long", "number", "Write how long, as a number from 1 to 1,000", default=7),
        Blank("unit", "Days or hours", "choice", "Choose days or hours", (("days", "days"), ("hours", "hours"))),
        "after", Blank("anchor.kind", "After what", "choice", "Choose what it is counted from",
                       (("programme-start", "the programme started"), ("step-satisfied", "a step was done or waived"),
                        ("step-completed", "a step was done"), ("step-started", "a step was started"),
                        ("technique-practised", "a technique was practised"),
                        ("appointment-attended", "a session was attended"),
                        ("patient-chose", "the patient asked for a step"))),
        Blank("opens_at", "At which time of day", "time", "Write a time of day other than midnight, like 06:00",
              default="06:00", shown_if=("unit", ("days",))),
    ),
    "programme-start": (),
    "not-before": (
        "from", Blank("date", "Date", "date", "Write a date, like 2026-06-01"), "on, in the",
        Blank("zone", "Whose time zone", "choice", "Choose whose time zone",
              (("patient", "patient’s time zone"), ("service", "service’s time zone"))),
    ),
    "appointment-attended": (
        "at least", Blank("at_least", "How many sessions", "number", "Write how many, as a number from 1 to 1,000"),
        "sessions attended", Blank("appointment", "Kind of session", "choice", "Choose a kind of session",
                                   "any_appointment", optional=True),
        Blank("after", "After which step", "choice", "Choose a step of this pathway, or at any time",
              "any_after", optional=True),
    ),
    "measure-completed": (_MEASURE, "answered at least", _TIMES, "times in the last", _WITHIN, "days"),
    "measure-score": (
        _MEASURE, Blank("which", "Which score", "choice", "Choose which score",
                        (("latest", "latest"), ("baseline", "first"), ("each-of-last", "each of the last"))),
        Blank("last", "How many scores", "number", "Write how many scores, from 2 to 10", low=2, high=10,
              default=2, shown_if=("which", ("each-of-last",))),
        Blank("gap_days", "Days apart", "number", "Write the days between them, from 0 to 90", low=0, high=90,
              optional=True, default=7, shown_if=("which", ("each-of-last",))),
        "is", Blank("comparison", "Direction", "choice", "Choose below or at least",
                    (("below", "below"), ("at-least", "at least"))),
        Blank("value", "Score", "number", "Write a score that the questionnaire can have", low=0, default=10),
        Blank(_FRESH.field, _FRESH.label, "number", _FRESH.problem, high=730, optional=True,
              shown_if=("which", ("latest", "each-of-last"))),
    ),
    "measure-change": (
        _MEASURE, "has", Blank("change", "Direction", "choice", "Choose improved or worsened",
                               (("improved", "improved"), ("worsened", "worsened"))),
        "by at least", Blank("by", "Points", "number", "Write a difference the questionnaire can have", default=6),
        "from the", Blank("from", "From which score", "choice", "Choose the first or the previous score",
                          (("baseline", "first"), ("previous", "previous"))),
        "score", _FRESH,
    ),
    "problem-recorded": (
        "any of these problems is active:",
        Blank("any_of", "Problems, with commas between them", "keys", "Name at least one problem", default=["anxiety"]),
    ),
    "goal-recorded": (
        "an active goal is about any of:",
        Blank("any_of", "Subjects, with commas between them", "keys", "Name at least one subject", default=["sleep"]),
    ),
    "patient-chose": ("the patient asks for", Blank("step", "Step", "choice", _STEP.problem, "steps_and_self")),
    "released-by": (_PLAN[0], "releases it", *_PLAN[1:]),
    "work-reviewed": (_PLAN[0], "looks at the work on", _STEP, *_PLAN[1:]),
}  # fmt: skip

# Words that belong to a blank and go with it: before and after.
_AROUND: dict[str, tuple[str, str]] = {
    "remind_after_days": ("; remind after", "days, then ask"),
    "then_after_days": ("after", "days"),
    "gap_days": ("taken", "days apart,"),
    "opens_at": ("at", ""),
    "max_age_days": ("and no more than", "days old"),
}

# What can be added, as the menu says it; a list of steps is a group drawn as one sentence.
KINDS: tuple[tuple[str, str], ...] = (
    ("step-satisfied", "A step is done, waived or started"),
    ("some-steps", "So many of a list of steps"),
    ("measure-score", "A score is below or at least"),
    ("measure-change", "A score has changed"),
    ("measure-completed", "A questionnaire is answered"),
    ("released-by", "Somebody releases it"),
    ("work-reviewed", "Somebody looks at the work on a step"),
    ("patient-chose", "The patient asks for it"),
    ("technique-practised", "A technique is practised"),
    ("entries-logged", "Entries are written"),
    ("appointment-attended", "Sessions are attended"),
    ("time-since", "Time has passed"),
    ("not-before", "A date has come"),
    ("problem-recorded", "A problem is active"),
    ("goal-recorded", "A goal is about something"),
    ("always", "Nothing: open from the start"),
)
_NEEDS = {"step-satisfied": "steps", "some-steps": "steps", "work-reviewed": "steps",
          "technique-practised": "techniques", "released-by": "roles"}  # fmt: skip
LIST = Blank("of", "Steps in the list", "several", "Choose at least two steps", "steps")


def kinds(known: Known) -> tuple[tuple[str, str], ...]:
    """What can be added to a rule here: nothing that would have nothing to name."""
    fewest = {"some-steps": 2}
    return tuple(
        (k, words) for k, words in KINDS if k not in _NEEDS or len(getattr(known, _NEEDS[k])) >= fewest.get(k, 1)
    )


def new(kind: str, known: Known, today: date) -> Node:
    """A condition of a kind with values that are valid here, but for a list of steps, which its author has to pick.

    `all` is a group with one condition in it.
    """
    if kind == "some-steps":
        return {"kind": "count-of", "k": 2, "of": [], "counting": "done"}
    if kind == "all":
        return {"kind": "all", "of": [new("step-satisfied" if known.steps else "always", known, today)]}
    if kind not in dict(kinds(known)):
        raise editing.CannotEdit("Choose what to add.")
    return read({"kind": kind}, {}, "", known, today)


def is_list(node: Mapping[str, Any]) -> bool:
    """Whether a group is one sentence with a list of steps: so many of them, and no other condition among them."""
    if node.get("kind") != "count-of":
        return False
    return all(child.get("kind") == "step-satisfied" and set(child) == {"kind", "step"} for child in node["of"])


def pieces(node: Mapping[str, Any]) -> Iterator[Piece]:
    """The words and blanks of a sentence as they stand for these values, in order."""
    for piece in SENTENCES.get(str(node.get("kind")), ()):
        if isinstance(piece, str):
            yield piece
            continue
        if not _shown(piece, node):
            continue
        yield piece
        if piece.field == "anchor.kind":
            anchor = SENTENCES.get(str(value_at(node, "anchor.kind")), ())
            yield from (p.below("anchor") if isinstance(p, Blank) else p for p in anchor if p is not _DONE)
    if is_list(node):
        yield LIST


def _shown(blank: Blank, node: Mapping[str, Any]) -> bool:
    return blank.shown_if is None or value_at(node, blank.shown_if[0]) in blank.shown_if[1]


def read(node: Node, posted: Posted, name: str, known: Known, today: date) -> Node:
    """A condition with what was posted for its blanks, under `name`; what was not posted stays, or has its default.

    A choice that changes what is asked (which score, if nobody acts) takes away the fields that no longer have a
    meaning and gives those that now have one.
    """
    kind = (posted.get(f"{name}.kind") or [str(node.get("kind"))])[-1]
    if kind not in SENTENCES or (kind in GROUPS) != editing.is_group(node):
        return node
    made: Node = {"kind": kind}
    if kind in GROUPS:
        made["of"] = node["of"]
        if is_list(node) and f"{name}.of" in posted:
            made["of"] = [{"kind": "step-satisfied", "step": key} for key in LIST.read(posted[f"{name}.of"])]
    for blank in _blanks(made):
        if blank.field in ("kind", "of"):
            continue
        value = (
            blank.read(posted[key])
            if (key := f"{name}.{blank.field}") in posted
            else _before(node, blank, known, today)
        )
        if value is not None:
            put(made, blank.field, value)
    return made


def filled(rule: Node, known: Known, today: date) -> Node:
    """The rule with every blank of it standing in it, those left out with their defaults."""
    node = read(rule, {}, "", known, today)
    return node | {"of": [filled(child, known, today) for child in node["of"]]} if editing.is_group(node) else node


def read_all(rule: Node, posted: Posted, root: str, known: Known, today: date) -> Node:
    """The rule with what was posted for every blank of it, each under the path of its line."""
    return _read_at((), rule, posted, root, known, today)


def _read_at(place: Place, node: Node, posted: Posted, root: str, known: Known, today: date) -> Node:
    made = read(node, posted, editing.written(place, root), known, today)
    if not editing.is_group(made) or made["of"] is not node["of"]:
        return made
    below = enumerate(node["of"])
    return made | {"of": [_read_at((*place, n), child, posted, root, known, today) for n, child in below]}


def _before(node: Node, blank: Blank, known: Known, today: date) -> Any:
    """What stood in a blank; its default where it is newly asked."""
    value = value_at(node, blank.field)
    if value is not None:
        return blank.typed(value) if isinstance(value, date | time) else value
    is_new = set(node) <= {"kind", "of"} or (blank.shown_if is not None and not _shown(blank, node))
    return blank.first(known, today) if is_new or not blank.optional else None


def _blanks(made: Node) -> Iterator[Blank]:
    """The blanks of a sentence that is being filled in: each is asked with the ones before it answered."""
    seen: set[str] = set()
    while True:
        following = next((b for b in pieces(made) if isinstance(b, Blank) and b.field not in seen), None)
        if following is None:
            return
        seen.add(following.field)
        yield following


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence as a page draws it: words and blanks in order, and what is wrong with the line as a whole."""

    pieces: tuple[str | Drawn, ...]
    problem: str = ""


def draw(node: Node, name: str, known: Known, problems: Mapping[str, str]) -> Said:
    """A condition as a sentence; `problems` are the mistakes of the rule by their paths."""
    if str(node.get("kind")) not in SENTENCES:
        return Said((f"“{node.get('kind')}” is not a kind of condition known here.",), problems.get(f"{name}.kind", ""))
    drawn: list[str | Drawn] = []
    for piece in pieces(node):
        if isinstance(piece, str):
            drawn.append(piece)
            continue
        before, after = _AROUND.get(piece.field, ("", ""))
        drawn.extend(each for each in (before, _drawn(piece, node, name, known, problems), after) if each)
    return Said(_spoken(drawn, node), problems.get(name, ""))


def _drawn(blank: Blank, node: Node, name: str, known: Known, problems: Mapping[str, str]) -> Drawn:
    value = [child["step"] for child in node["of"]] if blank is LIST else value_at(node, blank.field)
    path = f"{name}.{blank.field}"
    several = tuple(str(one) for one in value) if blank.kind == "several" and isinstance(value, list | tuple) else ()
    options = blank.choices(known)
    for each in several or (blank.typed(value),):
        options = words_for(options, each) if blank.kind in ("choice", "several") else options
    return Drawn(
        name=path,
        label=blank.label,
        kind=blank.kind,
        value=blank.typed(value),
        values=several,
        options=options,
        problem=problems.get(path, ""),
        optional=blank.optional,
        empty=blank.empty,
    )


def _spoken(drawn: list[str | Drawn], node: Node) -> tuple[str | Drawn, ...]:
    """With the number of a list said (of these 4 are), and words that follow each other as one piece."""
    said: list[str | Drawn] = []
    for each in drawn:
        if not isinstance(each, str):
            said.append(each)
            continue
        words = f"of these {len(node['of'])} are" if each == "of these are" else each
        if said and isinstance(said[-1], str):
            gap = "" if words.startswith((";", ",")) else " "
            said[-1] = f"{said[-1]}{gap}{words}"
        else:
            said.append(words)
    return tuple(said)


_RULE: TypeAdapter[Any] = TypeAdapter(Rule)


def as_rule(node: Node) -> Rule:
    """A rule that has no mistakes as a value. Raises ValueError for one that has."""
    rule: Rule = _RULE.validate_python(node)
    return rule


def mistakes(rule: Node, known: Known, root: str = "unlock") -> tuple[Mistake, ...]:
    """Everything that keeps a rule from being used, each with the path of the blank or line it is about."""
    found = {mistake.path: mistake for mistake in (*_in_blanks(rule, known, root), *_in_rule(rule, root))}
    return tuple(found[path] for path in dict.fromkeys(found))


def _in_blanks(rule: Node, known: Known, root: str) -> Iterator[Mistake]:
    for place, node in editing.lines(rule):
        for blank in pieces(node):
            if not isinstance(blank, Blank) or blank.field in ("kind", "of"):
                continue
            value = value_at(node, blank.field)
            # What is left out has its default, or is told of as missing.
            if value is not None and (words := blank.fault(value, known)):
                yield Mistake((*_loc(place, root), *blank.field.split(".")), words, "")


def _in_rule(rule: Node, root: str) -> Iterator[Mistake]:
    if editing.depth(rule) > MAX_DEPTH:
        yield Mistake((root,), f"This rule is more than {MAX_DEPTH} levels deep", "Move something out.")
    if sum(1 for _ in editing.lines(rule)) > MAX_NODES:
        yield Mistake((root,), f"This rule has more than {MAX_NODES} parts", "Take something out.")
    try:
        as_rule(rule)
    except ValidationError as refused:
        for error in refused.errors(include_url=False):
            # A rule is read by its kind, which comes first in the place of a mistake as it does in a pathway.
            told = references.plain(error["type"], ("unlock", *error["loc"]), error["msg"], error.get("ctx", {}))
            at = (root, *told.at[1:])
            blank = blank_at(rule, at)
            if blank is not None and error["type"] != "mistake":
                yield Mistake(at, blank.problem, "")
            else:
                yield Mistake(at, told.problem[:1].upper() + told.problem[1:], told.fix)


def blank_at(rule: Node, at: references.Loc) -> Blank | None:
    """The blank a path ends in, if it ends in one."""
    place = tuple(part for before, part in pairwise(at) if before == "of" and isinstance(part, int))
    fields = ".".join(str(part) for part in at[1 + 2 * len(place) :])
    try:
        node = editing.at(rule, place)
    except editing.CannotEdit:
        return None
    return next((blank for blank in pieces(node) if isinstance(blank, Blank) and blank.field == fields), None)


def _loc(place: Place, root: str) -> references.Loc:
    return (root, *(part for number in place for part in ("of", number)))
