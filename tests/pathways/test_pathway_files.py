"""The document on pathway files has an example of everything a file can say, and each example can be read."""

import re
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from app.clinical.sequencing import rules
from app.clinical.sequencing.facts import FACTS, WaiverReason
from app.clinical.sequencing.standing import State
from app.clinical.sequencing.step import Completion
from app.pathways.file_content import read_pathway_file
from app.pathways.simulation_content import known_fields, read_scenario
from tests.house.files import HOUSE

DOCUMENT = (HOUSE / "docs/pathway-files.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
PATHWAY, *OTHERS = EXAMPLES
CONDITIONS = [example for example in OTHERS if example.startswith("unlock:")]
FACTS_FILES = [example for example in OTHERS if example.startswith("started_at:")]
HAPPENED = [example for example in OTHERS if example.startswith("- ")]
KINDS = {
    *(each.model_fields["kind"].default for each in (*get_args(rules.Group), *get_args(rules.Condition))),
    *(each.model_fields["kind"].default for each in (rules.ProgrammeStart, *get_args(get_args(Completion)[0]))),
    *FACTS,
}


def said(value: Any) -> list[dict[str, Any]]:
    """Every part of an example that has fields."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [*([value] if isinstance(value, dict) else []), *(part for each in below for part in said(each))]


PARTS = [part for example in EXAMPLES for part in said(YAML(typ="safe").load(example))]


@pytest.fixture
def draft(tmp_path):
    def read(text: str):
        file = tmp_path / "pathway.yaml"
        file.write_text(text)
        return read_pathway_file(file, tmp_path / "no-library").pathway

    return read


def scenario(tmp_path, pathway, text: str):
    file = tmp_path / "facts.yaml"
    file.write_text(text)
    return read_scenario(file, pathway)


def test_every_example_is_one_of_the_sorts_that_are_read_here():
    assert len(FACTS_FILES) == 1
    assert len(CONDITIONS) + len(FACTS_FILES) + len(HAPPENED) == len(OTHERS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_an_example(kind):
    assert any(part.get("kind") == kind for part in PARTS)


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_every_field_of_a_fact_is_in_the_document(kind):
    missing = [name for name in known_fields(kind) if not re.search(rf"\b{name}\b", DOCUMENT)]

    assert missing == []


def test_every_state_and_every_reason_is_in_the_document():
    assert [each for each in (*State, *WaiverReason) if f"`{each}`" not in DOCUMENT] == []


@pytest.mark.parametrize("example", CONDITIONS)
def test_each_condition_can_be_read(draft, example):
    step = "  - key: target\n    title: Target\n" + "".join(f"    {line}\n" for line in example.splitlines())

    pathway = draft(PATHWAY.replace("choice_groups:", f"{step}choice_groups:"))

    assert pathway.by_key["target"].unlock.kind in example


@pytest.mark.parametrize("example", HAPPENED)
def test_each_fact_and_decision_can_be_read(tmp_path, draft, example):
    text = "started_at: 2026-05-01\nzone: Europe/London\nfacts:\n" + example

    facts = scenario(tmp_path, draft(PATHWAY), text).facts

    assert [fact.kind for fact in facts] == [each["kind"] for each in YAML(typ="safe").load(example)]


def test_the_whole_example_can_be_read(tmp_path, draft):
    pathway = draft(PATHWAY)

    assert pathway.key == "low-mood-plus"
    assert len(scenario(tmp_path, pathway, FACTS_FILES[0]).facts) == 5


def test_the_readme_leads_to_the_document():
    assert "(docs/pathway-files.md)" in (HOUSE / "README.md").read_text("utf-8")
