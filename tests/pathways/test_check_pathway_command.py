"""What `braid check-pathway` prints, and how it ends."""

import json
import subprocess
import sys

import pytest

from app import cli
from tests.house.files import HOUSE

SHIPPED = HOUSE / "modules_content/pathways"
RINGED = """
key: ringed
title: Ringed
version: 1
programme_days: 77
sessions: 11
steps:
  - {key: one, title: One, unlock: {kind: step-satisfied, step: two}}
  - {key: two, title: Two, unlock: {kind: step-satisfied, step: one}}
"""


@pytest.fixture
def braid(monkeypatch, capsys):
    """Call the command, and have how it ended, what it said and what it complained of."""
    monkeypatch.setenv("PYTHONTZPATH", "")

    def braid(*words):
        monkeypatch.setattr(sys, "argv", ["braid", "check-pathway", *map(str, words)])
        try:
            status = cli.main_command()
        except SystemExit as left:
            status = int(left.code or 0)
        return status, *capsys.readouterr()

    return braid


def test_a_pathway_with_nothing_to_mend_ends_well(braid):
    status, said, complained = braid(SHIPPED / "as-it-should-be.yaml")

    assert (status, complained) == (0, "")
    assert said.startswith("Nothing to fix, to sign or to know.")
    assert "cannot tell whether the content suits a patient" in said


def test_what_needs_a_signature_ends_otherwise_than_what_must_be_fixed(braid, tmp_path):
    ringed = tmp_path / "ringed.yaml"
    ringed.write_text(RINGED)

    status, said, _ = braid(SHIPPED / "as-it-was.yaml")
    assert status == 3
    assert "A waiver cannot meet what Staying well asks for." in said
    status, said, _ = braid(ringed)
    assert status == 4
    assert said.startswith("Must be fixed before this can be published: 2")
    assert "At steps[0].unlock, check 3, wait-on-each-other" in said


def test_for_other_programs_each_finding_has_its_parts(braid):
    status, said, _ = braid(SHIPPED / "as-it-should-be.yaml", "--json", "--staff", "navigator")

    [one, *_] = json.loads(said)
    assert status == 4
    assert {name: one[name] for name in ("check", "code", "severity", "step", "key")} == {
        "check": 5,
        "code": "nobody-holds",
        "severity": "refuse",
        "step": "staying-well",
        "key": "5:nobody-holds:staying-well",
    }
    assert set(one) == {"check", "code", "severity", "step", "path", "problem", "fix", "witness", "key"}


def test_beside_the_version_in_use_it_says_whom_a_step_opens_for(braid):
    status, said, _ = braid(SHIPPED / "as-it-should-be.yaml", "--against", SHIPPED / "as-it-was.yaml")

    assert status == 0
    assert "Doing what matters opens for more patients than in the version in use." in said


def test_a_file_that_cannot_be_used_is_told_by_line_and_a_wrong_call_apart(braid, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(RINGED.replace("step-satisfied, step: two", "moon-phase"))

    status, said, complained = braid(wrong)
    assert (status, said) == (1, "")
    assert f'{wrong}:8: "moon-phase" is not a known kind' in complained
    assert braid(tmp_path / "missing.yaml")[0] == 1
    assert braid(SHIPPED / "mixed.yaml", "--staff", "boss")[0] == 2


def test_whoever_reads_only_the_beginning_is_not_complained_at():
    braid = f"{sys.executable} -m app.cli check-pathway {SHIPPED / 'as-it-was.yaml'} | head -1"

    ended = subprocess.run(["sh", "-c", braid], capture_output=True, text=True, cwd=HOUSE, check=False)

    assert ended.stdout == "Needs a signed reason: 11\n"
    assert ended.stderr == ""
