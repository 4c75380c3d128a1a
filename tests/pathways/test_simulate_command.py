"""What `braid simulate` prints, word for word, and how it ends.

The golden files are written anew by `BRAID_WRITE_GOLDEN=1 pytest tests/pathways/test_simulate_command.py`.
"""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app import cli
from app.clinical.sequencing import facts as f
from app.clinical.sequencing.fact_words import fact_words, names
from app.clinical.sequencing.facts import FACTS
from app.pathways.file_content import read_pathway_file
from app.pathways.simulation_content import read_scenario
from tests.house.files import HOUSE

HERE = Path(__file__).parent / "simulated"
PATHWAY, HAPPENED = str(HERE / "pathway.yaml"), str(HERE / "facts.yaml")
SHIPPED = HOUSE / "modules_content/pathways"


@pytest.fixture
def braid(monkeypatch, capsys):
    """Call the command, and have how it ended, what it said and what it complained of."""
    monkeypatch.setenv("PYTHONTZPATH", "")

    def braid(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["braid", "simulate", *words])
        try:
            status = cli.main_command()
        except SystemExit as left:
            status = int(left.code or 0)
        return status, *capsys.readouterr()

    return braid


def as_agreed(name: str, printed: str) -> bool:
    file = HERE / name
    if os.environ.get("BRAID_WRITE_GOLDEN"):
        file.write_text(printed)
    return printed == file.read_text()


def test_the_timeline_reads_word_for_word_as_agreed(braid):
    status, printed, complaints = braid(PATHWAY, HAPPENED, "--until", "2026-04-10")

    assert (status, complaints) == (0, "")
    assert as_agreed("timeline.txt", printed)


def test_the_plain_data_is_as_agreed(braid):
    status, printed, complaints = braid(PATHWAY, HAPPENED, "--until", "2026-04-10", "--json")

    assert (status, complaints) == (0, "")
    assert as_agreed("timeline.json", printed)


def test_every_instant_in_the_plain_data_has_its_offset_and_every_key_is_in_the_document(braid):
    document = (HOUSE / "docs/pathway-files.md").read_text("utf-8")
    _, printed, _ = braid(PATHWAY, HAPPENED, "--json")

    for name, value in _named(json.loads(printed)):
        assert f"`{name}`" in document
        if value is not None and name in ("at", "local", "since", "earliest_at", "effective_at", "recorded_at"):
            assert datetime.fromisoformat(value).utcoffset() is not None


def _named(data: Any) -> list[tuple[str, Any]]:
    if isinstance(data, list):
        return [pair for each in data for pair in _named(each)]
    return (
        [pair for name, value in data.items() for pair in ((name, value), *_named(value))]
        if isinstance(data, dict)
        else []
    )


def test_without_a_last_day_it_goes_on_to_the_last_fact_or_the_planned_end(braid, tmp_path):
    nothing = tmp_path / "facts.yaml"
    nothing.write_text("started_at: 2026-03-24\nzone: Europe/London\n")

    assert "to Wednesday 20 May 2026, Europe/London" in braid(PATHWAY, HAPPENED)[1]
    assert "to Tuesday 14 April 2026, Europe/London" in braid(PATHWAY, str(nothing))[1]


@pytest.mark.parametrize("pathway", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_pathway_that_comes_with_braid_can_be_tried_out(braid, tmp_path, pathway):
    facts = tmp_path / "facts.yaml"
    facts.write_text(
        "started_at: 2026-05-01\nzone: Europe/London\n"
        "facts: [{kind: done-elsewhere, at: 2026-05-04, step: low-mood, role: practitioner}]\n"
    )

    status, printed, complaints = braid(str(pathway), str(facts))

    assert (status, complaints) == (0, "")
    assert "A practitioner records Understanding low mood as done in the clinic." in printed


def test_a_mistake_in_either_file_ends_with_one_and_is_told_by_line(braid, tmp_path):
    pathway, facts = tmp_path / "pathway.yaml", tmp_path / "facts.yaml"
    pathway.write_text(Path(PATHWAY).read_text().replace("kind: always", "kind: allways"))
    facts.write_text(Path(HAPPENED).read_text().replace("kind: released", "kind: relesed"))

    assert braid(str(pathway), HAPPENED) == (
        1, "", f'{pathway}:9: "allways" is not a known kind. Did you mean "always"?\n'
    )  # fmt: skip
    assert braid(PATHWAY, str(facts)) == (
        1, "", f'{facts}:6: "relesed" is not a kind of fact or decision. Did you mean "released"?\n'
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((PATHWAY,), "the following arguments are required: FACTS"),
        ((PATHWAY, HAPPENED, "--until", "soon"), '"soon" is not a date: write it as 2026-05-04'),
        ((PATHWAY, HAPPENED, "--until", "0026-05-04"), '"0026-05-04" is not a date: write it as 2026-05-04'),
        ((PATHWAY, HAPPENED, "--until", "2026-03-01"), "--until 2026-03-01 is before the start, 2026-03-24"),
    ],
)
def test_a_wrong_call_ends_with_two(braid, words, complaint):
    status, printed, complaints = braid(*words)

    assert (status, printed) == (2, "")
    assert complaint in complaints


def test_a_missing_library_is_remarked_on_and_does_not_stop_it(braid, monkeypatch, tmp_path):
    monkeypatch.setenv("BRAID_CONTENT_DIR", str(tmp_path / "none"))
    facts = tmp_path / "facts.yaml"
    facts.write_text("started_at: 2026-05-01\nzone: Europe/London\n")

    status, printed, remarks = braid(str(SHIPPED / "as-it-should-be.yaml"), str(facts))

    assert status == 0
    assert printed
    assert remarks == f"There is no content library at {tmp_path / 'none'}: each step counts as one piece of work.\n"


def test_every_kind_of_fact_has_its_words():
    draft = read_pathway_file(HERE / "pathway.yaml", HERE)
    facts = read_scenario(HERE / "facts.yaml", draft.pathway).facts
    known, zone = names(draft.pathway, facts), ZoneInfo("Europe/London")

    assert [fact_words(fact, known, zone) for fact in facts] == [
        "Jo Hale records Understanding low mood as done in the clinic.",
        "A mood entry is made for Thursday 26 March.",
        "Jo Hale releases Staying well.",
        "Jo Hale takes back “Jo Hale releases Staying well”.",
        "The patient opens Getting moving.",
    ]
    for kind in FACTS.values():
        assert fact_words(_any(kind), known, zone).endswith(".")


def _any(kind: type[f.Fact]) -> f.Fact:
    """A fact of this kind, whatever it says."""
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    fields = {
        "id": "x", "effective_at": now, "recorded_at": now, "role": "practitioner", "step": "low-mood",
        "activity": "low-mood", "technique": "relaxation", "entry": "mood", "on": "2026-05-04", "measure": "phq-9",
        "total": 3, "problem": "anxiety", "goal": "g", "title": "Sleep", "appointment": "a", "starts_at": now,
        "ends_at": now, "zone": "Europe/Paris", "requirement": "could", "reason": "timing", "review_on": "2026-05-18",
        "supersedes": "none", "from_version": 1, "opened": {}, "status": "active",
    }  # fmt: skip
    if kind is f.AppointmentRecorded:
        fields["status"] = "attended"
    return kind(**{name: value for name, value in fields.items() if name in kind.model_fields})
