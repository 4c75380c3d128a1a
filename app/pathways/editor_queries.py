"""A draft of a pathway as its author sees it: the rule in lines, both explanations, the examples, what is to mend."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.clinical.sequencing import (
    arranging,
    author_words,
    changes,
    differences,
    editing,
    examples,
    mending,
    rule_words,
    sentences,
)
from app.clinical.sequencing import pathway as pathways
from app.clinical.sequencing.arranging import Body
from app.clinical.sequencing.blanks import Options
from app.clinical.sequencing.examples import ExampleStanding
from app.clinical.sequencing.findings import Finding, Severity
from app.clinical.sequencing.pathway import Pathway, PathwayRefused
from app.clinical.sequencing.references import Mistake
from app.clinical.sequencing.wording import number_of, sentence
from app.kit import say
from app.kit.work import Work
from app.pathways import draft_queries, publishing_queries, rule_queries, version_queries
from app.pathways.draft_queries import Draft
from app.pathways.publishing_queries import Judged, Proposal
from app.programme import guide_queries
from app.programme.content import Library
from app.programme.course_queries import Why, nested

PARTS = {"unlock": "unlock", "core": "relevance"}


@dataclass(frozen=True)
class StepLink:
    """A step in the list beside the rule, with how much of it is to mend."""

    key: str
    title: str
    to_fix: int
    retired: bool


@dataclass(frozen=True)
class Tried:
    """A rule tried on the six examples, one of whom both explanations are told for."""

    shown: ExampleStanding
    patient_lines: tuple[Why, ...]
    staff_lines: tuple[Why, ...]
    examples: tuple[ExampleStanding, ...]


def step_links(body: Body, faults: Iterable[Mistake], grave: Sequence[Finding] = ()) -> tuple[StepLink, ...]:
    """Every step in order, with the number of things in it that must be mended."""
    at = [found.at for found in faults]
    about = [found.step for found in grave]
    return tuple(
        StepLink(
            key=str(each.get("key")),
            title=arranging.title(each),
            to_fix=sum(loc[:2] == ("steps", place) for loc in at) + about.count(str(each.get("key"))),
            retired=bool(each.get("retired")),
        )
        for place, each in enumerate(arranging.steps(body))
    )


def faults(body: Body) -> tuple[Mistake, ...]:
    """Everything that keeps a draft from being read; what is wrong between its parts only once each is well formed."""
    try:
        pathways.read(body)
    except PathwayRefused as refused:
        return refused.mistakes
    return ()


def tried(body: Body, key: str, library: Library, *, now: datetime, told_for: str = "") -> Tried | None:
    """The step's rule tried on the examples; None while it cannot be read."""
    pathway = readable(body, key, library)
    if pathway is None:
        return None
    found = examples.evaluate(pathway, key, now=now)
    shown = next((one for one in found if one.name == told_for), found[0])
    return Tried(shown, nested(shown.patient.lines), nested(shown.staff.lines), found)


def readable(body: Body, key: str, library: Library) -> Pathway | None:
    """The draft as a pathway in which one step can be tried, what is broken elsewhere taken as open; or None."""
    pathway = mending.readable(body, key).pathway
    try:
        return version_queries.as_adopted(pathway, library, pathway.version)[0] if pathway else None
    except PathwayRefused:
        return None


def undo_words(before: Body, after: Body, library: Library) -> str:
    """What a link to undo the last change says it undoes."""
    different = differences.between(before, after)
    for each in arranging.steps(after):
        key = str(each.get("key"))
        for part in PARTS.values():
            was = next((one for one in arranging.steps(before) if one.get("key") == key), {}).get(part)
            if was and each.get(part) and was != each.get(part) and len(different) == 1:
                about = rule_queries.known(after, key, library)
                return changes.changed(editing.whole(was), editing.whole(each[part]), about)
    return different[0].rstrip(".") if different else ""


RANKS = {Severity.REFUSE: "Must be fixed", Severity.SIGN: "Needs a signed reason", Severity.WARN: "Worth knowing"}


@dataclass(frozen=True)
class FindingTold:
    """A finding as it stands below the rule: how much it matters, in which step, why, and where to change it."""

    rank: str
    title: str
    words: str
    href: str


# Where each part of a step, and of the pathway around the steps, is changed.
_STEP_PAGES = {"unlock": "", "relevance": "/core", "requirement": "/core", "override": "/core", "completion": "/done"}
_PAGES = {"choice_groups": "choices", "steps": "steps"}


def _fault_told(fault: Mistake, links: tuple[StepLink, ...], draft: Draft) -> FindingTold:
    words = author_words.for_author(fault, draft.body)
    part, place, *below = (*fault.at, "", "")
    if part == "steps" and isinstance(place, int) and place < len(links):
        tail = _STEP_PAGES.get(str(below[0]))
        page = f"steps/{links[place].key}{tail}" if tail is not None else "steps"
        return FindingTold(RANKS[Severity.REFUSE], links[place].title, words, f"{draft.base}/{page}")
    groups = arranging.choices(draft.body)
    chosen = part == "choice_groups" and isinstance(place, int) and place < len(groups)
    title = f"the choice “{arranging.title(groups[int(place)])}”" if chosen else "the pathway"
    page = _PAGES.get(str(part), "length")
    return FindingTold(RANKS[Severity.REFUSE], title, words, f"{draft.base}/{page}")


def _finding_told(found: Finding, links: tuple[StepLink, ...], draft: Draft) -> FindingTold:
    title = next((one.title for one in links if one.key == found.step), draft.title)
    words = " ".join(filter(None, (found.problem, found.witness, found.fix)))
    tail = "/core" if found.path.endswith("override") else ""
    href = (
        f"/pathways/drafts/{draft.id}/steps/{found.step}{tail}" if any(one.key == found.step for one in links) else ""
    )
    return FindingTold(RANKS[found.severity], title, words, href)


@dataclass(frozen=True)
class Around:
    """What stands around every page of the editor: the draft, its steps, what is to mend, what can be undone."""

    draft: Draft
    saved: str
    steps: tuple[StepLink, ...]
    step: str
    title: str
    tab: str
    must_fix: int
    to_sign: int
    told: tuple["FindingTold", ...]
    undo: str
    asked: Proposal | None
    judged: Judged

    @property
    def base(self) -> str:
        return self.draft.base

    @property
    def started_from(self) -> str:
        """Which version it was begun from, as a part of a sentence; empty for a pathway that is new."""
        current = self.judged.current
        if self.draft.base_id is None or current is None:
            return ""
        return (
            f"started from version {current.version}" if not self.judged.overtaken else "started from an older version"
        )

    @property
    def faults(self) -> tuple["FindingTold", ...]:
        """What keeps the draft from being read."""
        return self.told[: len(self.judged.mistakes)]

    @property
    def unread(self) -> tuple[str, ...]:
        """The steps that are not finished, which everything else takes as open from the start."""
        return tuple(one.title for one in self.steps if one.key in self.judged.unread)

    @property
    def to_fix_elsewhere(self) -> tuple[str, ...]:
        """The other steps that have something to mend."""
        return tuple(one.title for one in self.steps if one.to_fix and one.key != self.step)

    @property
    def to_fix_here(self) -> int:
        return next((one.to_fix for one in self.steps if one.key == self.step), 0)


def around(work: Work, draft: Draft, library: Library, *, tab: str, step: str = "") -> Around:
    """What stands around a page of the editor."""
    judged = publishing_queries.judged(work, draft, library)
    found, checked = judged.mistakes, judged.findings
    grave = [one for one in checked if one.severity is Severity.REFUSE]
    before = last_change(work, draft)
    links = step_links(draft.body, found, grave)
    return Around(
        draft=draft,
        saved=saved_words(work, draft),
        steps=links,
        step=step,
        title=next((one.title for one in links if one.key == step), ""),
        tab=tab,
        must_fix=len(found) + len(grave),
        to_sign=sum(one.severity is Severity.SIGN for one in checked),
        told=(
            *(_fault_told(each, links, draft) for each in found),
            *(_finding_told(each, links, draft) for each in checked),
        ),
        undo=undo_words(before, draft.body, library) if before else "",
        asked=publishing_queries.waiting(work).get(draft.id),
        judged=judged,
    )


def last_change(work: Work, draft: Draft) -> Body | None:
    """The draft before the actor's last change, where nothing has been changed since."""
    if draft.before is None or draft.saved_by_id != work.actor.id:
        return None
    return draft_queries.edition(work, draft.id, draft.before)


def was_undone(work: Work, now: Draft, edition: int) -> bool:
    """Whether the actor has taken back the change that made this edition, and nothing has been changed since."""
    if now.edition != edition + 1 or now.saved_by_id != work.actor.id:
        return False
    before = draft_queries.edition_before(work, now.id, edition)
    return before is not None and draft_queries.edition(work, now.id, before) == now.body


def saved_words(work: Work, draft: Draft) -> str:
    """When the draft was last changed and by whom."""
    seconds = int((work.now - draft.saved_at).total_seconds())
    ago = "just now" if seconds < 60 else f"{number_of(seconds // 60, 'minute')} ago"
    who = "you" if draft.saved_by_id == work.actor.id else draft.saved_by
    when = ago if seconds < 3600 else say.staff_moment(draft.saved_at, work.actor.zone)
    return f"Saved {when} by {who}."


@dataclass(frozen=True)
class Completion:
    """What counts as done in a step now, and the activities to choose from."""

    how: str
    at_least: str
    of: tuple[str, ...]
    activities: Options
    module: str


def completion(body: Body, key: str, library: Library) -> Completion:
    """What counts as done in a step; its activities are its own, or those of its module."""
    step = arranging.step(body, key)
    rule = step.get("completion") if isinstance(step.get("completion"), dict) else {}
    module = library.modules.get(str(step.get("module")))
    own = [
        (str(one.get("key")), str(one.get("title"))) for one in step.get("activities") or () if isinstance(one, dict)
    ]
    from_module = [(one.key, one.title) for one in guide_queries.activities_of(module)] if module else []
    return Completion(
        how=str(rule.get("kind", "every-activity")),
        at_least=str(rule.get("at_least", 1)),
        of=tuple(str(one) for one in rule.get("of", ())),
        activities=tuple(own or from_module),
        module=module.title if module else "",
    )


@dataclass(frozen=True)
class Compared:
    """The newer draft beside what its author was about to save: the rules in words where those differ, and the rest."""

    different: tuple[str, ...]
    rules: tuple[tuple[str, str, str], ...]


def compared(newer: Draft, mine: Body) -> Compared:
    """What would become different in the newer draft if this were saved onto it."""
    rules = []
    for each in arranging.steps(mine):
        was = next((one for one in arranging.steps(newer.body) if one.get("key") == each.get("key")), {})
        for part in PARTS.values():
            if was.get(part) != each.get(part):
                both = (in_words(was.get(part), newer.body), in_words(each.get(part), mine))
                rules.append((arranging.title(each), *both))
    return Compared(differences.between(newer.body, mine), tuple(rules))


def in_words(rule: object, body: Body) -> str:
    """A rule in one sentence, or that it is not finished."""
    titles = {str(each.get("key")): arranging.title(each) for each in arranging.steps(body)}
    if rule is None:
        return "No rule."
    try:
        return sentence(rule_words.in_words(sentences.as_rule(editing.whole(rule)), titles, named=True))
    except ValueError:
        return "The rule is not finished."


@dataclass(frozen=True)
class ArrangedStep:
    """A step in the table of steps: what can be typed, and which ways it can go."""

    key: str
    title: str
    module: str
    core: bool
    retired: bool
    published: bool
    first: bool
    last: bool


def arranged(body: Body, published: frozenset[str]) -> tuple[ArrangedStep, ...]:
    """The steps in their order; `published` are those of any version that patients could be on."""
    every = arranging.steps(body)
    return tuple(
        ArrangedStep(
            key=str(step.get("key")),
            title=arranging.title(step),
            module=str(step.get("module") or ""),
            core=step.get("requirement", "must-unless-documented") != "could",
            retired=bool(step.get("retired")),
            published=str(step.get("key")) in published,
            first=place == 0,
            last=place == len(every) - 1,
        )
        for place, step in enumerate(every)
    )
