"""What an author of a pathway sends: a rule as a form of sentences, and the forms around it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from app.clinical.schedules import Timing
from app.clinical.sequencing import arranging, editing, sentences
from app.clinical.sequencing.arranging import Body
from app.clinical.sequencing.blanks import Known
from app.clinical.sequencing.editing import MOVES, CannotEdit, Edited, Node
from app.clinical.sequencing.structure import MAX_DEPTH, MAX_NODES
from app.kit.errors import Conflict
from app.kit.forms import PageForm, PostedForm

LONGEST = 60_000
# What can be chosen about a step beside its rules, as its author reads it.
REQUIREMENTS = (
    ("must", "Core, and must be done", "Nobody can waive it, unless it is first made optional for one patient."),
    ("must-unless-documented", "Core", "It can be waived with a reason."),
    ("could", "Optional", "It can be suggested, and does not count towards the core."),
)
OVERRIDES = (
    ("allowed", "Staff may open it early", ""),
    ("allowed-with-reason", "Staff may open it early with a reason", ""),
    ("prohibited", "Nobody may open it before its rule is met", ""),
)


@dataclass(frozen=True)
class RuleEdit:
    """A rule as it was sent, after what was asked for; `refused` says why that was not done."""

    rule: Node
    edition: int
    did: str
    at: str
    refused: str = ""


def read_rule(posted: PostedForm, part: str, about: Known, today: date) -> RuleEdit:
    """The rule with everything that was typed, then moved, added to or taken from as the button said.

    The form carries the rule it was drawn from, so that what is typed in a line goes with that line whatever has
    happened to the draft since. Raises `Conflict` for a form that is none of ours.
    """
    edition = read_edition(posted)
    rule = sentences.read_all(_drawn_from(posted), _every(posted), part, about, today)
    did, _, name = posted.get("do", "save").partition(":")
    try:
        edited = _done(rule, did, name, posted, about, today)
    except CannotEdit as refused:
        return RuleEdit(rule, edition, did, name, refused.words)
    return RuleEdit(edited.rule, edition, "add" if did == "group" else did, editing.written(edited.at, part))


def read_id(posted: PostedForm, name: str = "draft_id") -> UUID | None:
    """An id that the form carries, of what it begins unless named; None where it carries none that can be used."""
    try:
        return UUID(posted.get(name, ""))
    except ValueError:
        return None


def read_edition(posted: Mapping[str, str]) -> int:
    """The edition of the draft a form was drawn from. Raises `Conflict` for a form that is none of ours."""
    return read_number(posted, "edition")


def read_number(posted: Mapping[str, str], name: str) -> int:
    """A number that a page of ours put into its form. Raises `Conflict` for a form that is none of ours."""
    typed = posted.get(name, "")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        raise Conflict
    return int(typed)


def _drawn_from(posted: PostedForm) -> Node:
    try:
        plain = json.loads(posted.get("was", "")[:LONGEST])
        rule = editing.whole(plain)
        fits = editing.depth(rule) <= MAX_DEPTH and sum(1 for _ in editing.lines(rule)) <= MAX_NODES
    except (ValueError, RecursionError):
        raise Conflict from None
    if not isinstance(plain, dict) or not fits:
        raise Conflict
    return rule


def _every(posted: PostedForm) -> dict[str, list[str]]:
    # A list of boxes of which none is ticked posts nothing; the empty field beside it says that it was there.
    return {name: posted.every(name) for name in posted}


def _done(rule: Node, did: str, name: str, posted: PostedForm, about: Known, today: date) -> Edited:
    if did in MOVES:
        return MOVES[did](rule, editing.read_place(name))
    if did in ("add", "group"):
        into = editing.read_place(posted.get("add_to", ""))
        kind = "all" if did == "group" else posted.get("add_kind", "")
        return editing.add(rule, into, sentences.new(kind, about, today))
    return Edited(rule, ())


class CoreForm(PageForm):
    problems: ClassVar = {
        "requirement": "Choose whether the step is core or optional",
        "override": "Choose who may open it early",
    }
    requirement: Literal["must", "must-unless-documented", "could"]
    override: Literal["allowed", "allowed-with-reason", "prohibited"]


class DoneForm(PageForm):
    problems: ClassVar = {"how": "Choose what counts as done", "at_least": "Write how many, as a number of at least 1"}
    lists: ClassVar = frozenset({"of"})
    how: Literal["every-activity", "some-activities"]
    at_least: Annotated[int, Field(ge=1, le=100)] = 1
    of: list[str] = Field(default_factory=list)

    def completion(self) -> dict[str, Any]:
        """The completion rule as it is written in a pathway."""
        if self.how == "every-activity":
            return {"kind": "every-activity"}
        return {"kind": "some-activities", "at_least": self.at_least, "of": self.of}


class LengthForm(PageForm):
    problems: ClassVar = {
        "title": "Give the pathway a title of up to 120 letters",
        "summary": "Shorten the summary to 1,000 letters",
        "programme_days": "Write the days as a number from 1 to 730",
        "sessions": "Write the sessions as a number from 1 to 100",
    }
    title: Annotated[str, Field(min_length=1, max_length=120)]
    summary: Annotated[str, Field(max_length=1000)] = ""
    programme_days: Annotated[int, Field(ge=1, le=730)]
    sessions: Annotated[int, Field(ge=1, le=100)]


def with_measures(body: Body, posted: PostedForm, instruments: Collection[str]) -> Body:
    """The pathway asking each questionnaire when it was chosen to; where nothing was, it is asked as it says itself."""
    names = [name for name in instruments if f"measures.{name}" in posted]
    kept = {key: when for key, when in (body.get("measures") or {}).items() if key not in names}
    chosen = {name: posted[f"measures.{name}"] for name in names}
    measures = kept | {name: when for name, when in chosen.items() if when in tuple(Timing)}
    rest = {name: value for name, value in body.items() if name != "measures"}
    return rest | {"measures": measures} if measures else rest


class ImportForm(PageForm):
    problems: ClassVar = {
        "text": "Paste the text of a pathway file, or choose one",
        "text.string_too_long": "This file is longer than any pathway can be: give at most 60,000 letters",
    }
    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class PublishForm(PageForm):
    problems: ClassVar = {
        "edition": "Reload the page and try again",
        "proposal_id": "Reload the page and try again",
        "note": "Give at most 2,000 letters",
    }
    edition: int
    proposal_id: UUID
    note: Annotated[str, Field(max_length=2000)] = ""


class SendBackForm(PageForm):
    problems: ClassVar = {"words": "Say what should be different, up to 2,000 letters"}
    words: Annotated[str, Field(min_length=1, max_length=2000)]


def read_reasons(posted: PostedForm) -> dict[str, str]:
    """The reasons that were typed, by the finding each is for."""
    typed = {name.removeprefix("reason."): posted[name].strip() for name in posted if name.startswith("reason.")}
    return {key: words[:2000] for key, words in typed.items() if words}


def arranged_steps(body: Body, posted: PostedForm, published: frozenset[str]) -> Body:
    """The steps with the titles and modules that were typed, then changed as the button said.

    Raises `CannotEdit` where that makes no sense.
    """
    for step in arranging.steps(body):
        key = str(step.get("key"))
        if f"{key}.title" in posted:
            title = posted[f"{key}.title"].strip()[:120] or arranging.title(step)
            body = arranging.with_step(body, key, title=title, module=posted.get(f"{key}.module", "")[:60] or None)
    did, _, key = posted.get("do", "save").partition(":")
    match did:
        case "up" | "down":
            return arranging.move_step(body, key, -1 if did == "up" else 1)
        case "retire":
            return arranging.retire_step(body, key)
        case "delete":
            return arranging.remove_step(body, key, published=published)
        case "bring-back":
            return arranging.bring_back_step(body, key)
        case "add":
            return arranging.add_step(
                body, title=posted.get("title", "")[:120], module=posted.get("module", "")[:60] or None
            )
    return body


def arranged_choices(body: Body, posted: PostedForm) -> Body:
    """The choices as they were typed, then one added or removed as the button said. Raises `CannotEdit` as above."""
    for group in arranging.choices(body):
        key = str(group.get("key"))
        if f"{key}.title" in posted:
            typed = posted.get(f"{key}.n", "").strip()
            body = arranging.change_choice(
                body,
                key,
                title=posted[f"{key}.title"].strip()[:120] or key,
                steps=[one for one in posted.every(f"{key}.steps") if one],
                how="at_most" if posted.get(f"{key}.how") == "at_most" else "exactly",
                n=int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else typed[:10],
            )
    did, _, key = posted.get("do", "save").partition(":")
    if did == "remove":
        return arranging.remove_choice(body, key)
    return arranging.add_choice(body, title=posted.get("title", "")[:120]) if did == "add" else body
