"""A draft beside the version in use: whom each rule opens for, in words, and all else that is different."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.clinical.sequencing import arranging, differences, permissiveness
from app.clinical.sequencing.arranging import Body
from app.clinical.sequencing.pathway import Pathway
from app.clinical.sequencing.permissiveness import Compared
from app.clinical.sequencing.step import Step
from app.pathways import editor_queries
from app.pathways.publishing_queries import Judged

HOW = {
    Compared.EQUAL: "Opens for the same patients",
    Compared.MORE: "Opens for more patients",
    Compared.FEWER: "Opens for fewer patients. Whoever has it open keeps it",
    Compared.DIFFERENT: "Opens for some who had it closed, and no longer for some who had it open. They keep it",
    Compared.UNKNOWN: "Whom it opens for cannot be compared by counting. Read both",
}


@dataclass(frozen=True)
class RuleChange:
    """One step whose rule reads otherwise, before and after; `before` is empty for a step that is new."""

    key: str
    title: str
    how: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """Everything in which a draft differs from the version in use."""

    rules: tuple[RuleChange, ...]
    rest: tuple[str, ...]

    @property
    def none(self) -> bool:
        return not self.rules and not self.rest


def changes(judged: Judged) -> Changes | None:
    """What the draft would change; None while it cannot be read, or where no version is in use to compare with."""
    if judged.pathway is None or judged.in_use is None:
        return None
    return between(judged.in_use, judged.pathway)


def between(before: Pathway, after: Pathway) -> Changes:
    """What is different in the second pathway."""
    was, now = (as_body(one) for one in (before, after))
    rules = [change for step in after.steps for change in _rule_changes(step, before.by_key.get(step.key), was, now)]
    return Changes(tuple(rules), differences.between(was, now, but=differences.RULES))


def _rule_changes(step: Step, before: Step | None, was: Body, now: Body) -> Iterator[RuleChange]:
    if before is None:
        yield RuleChange(step.key, step.title, "New", "", _said(now, step.key, "unlock"))
        return
    if before.unlock != step.unlock:
        how = HOW[permissiveness.compare(step.unlock, before.unlock)]
        yield RuleChange(step.key, step.title, how, *(_said(body, step.key, "unlock") for body in (was, now)))
    if before.relevance != step.relevance:
        both = (_said(body, step.key, "relevance") for body in (was, now))
        yield RuleChange(step.key, step.title, "Suggested by another rule", *both)


def _said(body: Body, key: str, part: str) -> str:
    return editor_queries.in_words(arranging.step(body, key).get(part), body)


def as_body(pathway: Pathway) -> Body:
    """A pathway as the plain data that a draft of it begins with: what its modules lend it is left to them."""
    body = pathway.model_dump(mode="json", by_alias=True, exclude_none=True)
    if not body["measures"]:
        del body["measures"]
    for step in body["steps"]:
        if step.get("module"):
            step.pop("activities", None)
    return body
