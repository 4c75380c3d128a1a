"""A draft beside the version in use: whom each rule opens for, in words, and all else that is different."""

from dataclasses import dataclass
from typing import Any

from app.clinical.sequencing import arranging, permissiveness
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
    Compared.UNKNOWN: "Too many conditions to compare by counting. Read both",
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
    rules = [_rule_change(step, before.by_key.get(step.key), was, now) for step in after.steps]
    rest = [words for words in arranging.differences(was, now) if not words.endswith("opens by another rule.")]
    return Changes(tuple(one for one in rules if one), tuple(rest))


def _rule_change(step: Step, before: Step | None, was: dict[str, Any], now: dict[str, Any]) -> RuleChange | None:
    if before is not None and before.unlock == step.unlock:
        return None
    how = HOW[permissiveness.compare(step.unlock, before.unlock)] if before else "New"
    said = editor_queries.in_words(_unlock(was, step.key), was) if before else ""
    return RuleChange(step.key, step.title, how, said, editor_queries.in_words(_unlock(now, step.key), now))


def _unlock(body: dict[str, Any], key: str) -> object:
    return arranging.step(body, key).get("unlock")


def as_body(pathway: Pathway) -> dict[str, Any]:
    """A pathway as the plain data that a draft of it begins with: what its modules lend it is left to them."""
    body = pathway.model_dump(mode="json", by_alias=True, exclude_none=True)
    for step in body["steps"]:
        if step.get("module"):
            step.pop("activities", None)
    return body
