"""An instrument is added by adding one file: it is asked, scored, shown and watched over, and no code is written."""

import re
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from app import texts
from app.main import create_app
from app.programme.content import check_content, read_library
from app.safety import queries as safety
from tests.client import Client
from tests.programme.small_library import lay_out, write
from tests.questionnaires.answers import given, record_of

STEADY = """\
key: steady
title: How steady the days are
short: Steady days
version: "1.0"
minutes: 1
when: weekly
stem: Over the last week, how often was it like this?
items:
  - {key: tired, label: Tired, text: I was too tired to begin}
  - {key: hurried, label: Hurried, text: I hurried through the day}
  - {key: lost, label: Lost, text: I could not see how to go on}
options:
  - {value: 0, label: Never}
  - {value: 1, label: Sometimes}
  - {value: 2, label: Often}
range: {from: 0, to: 6}
bands:
  - {from: 0, to: 2, label: Steady}
  - {from: 3, to: 6, label: Unsteady}
risk_items: [lost]
caseness: 3
reliable_change: 2
licence: Made up for a test.
source: None.
"""
DOCS = Path("docs/instruments.md").read_text("utf-8")
ADDRESS = "/my/questionnaires/steady"


@pytest.fixture
def root(tmp_path):
    lay_out(tmp_path)
    write(tmp_path, "instruments/steady.yaml", STEADY)
    return tmp_path


@pytest.fixture
def browser(world, settings, library, root):
    added = replace(library, instruments=read_library(root).instruments)
    app = create_app(settings, engine=world.bind, clock=world.clock, library=added)

    def browse(who):
        client = Client(app, settings.public_origin)
        client.sign_in(who)
        return client

    return browse


def test_the_content_is_in_order_with_it(root):
    assert check_content(root) == []


def test_the_one_that_the_documentation_gives_as_an_example_is_sound(root):
    example, pack = re.findall(r"^```yaml\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
    write(root, "instruments/steady.yaml", example)
    write(root, "pack.yaml", pack.replace('""', "Some words"))

    assert check_content(root) == []
    assert texts.check(root / "pack.yaml", read_library(root)).status == 0


def test_it_is_offered_and_asked(browser, ash):
    mine = browser(ash)

    assert "How steady the days are" in mine.get("/my/questionnaires").text
    page = mine.get(ADDRESS)
    assert "Over the last week, how often was it like this?" in page.text
    assert all(words in page.text for words in ("I was too tired to begin", "I hurried through the day", "Sometimes"))


def test_its_answers_are_scored_and_shown_to_the_patient_and_to_staff(browser, ash, robin):
    browser(ash).post(ADDRESS, response_id=uuid4(), tired=2, hurried=2, lost=0)
    ash.world.clock.on(days=7)

    page = browser(ash).post(ADDRESS, response_id=uuid4(), tired=1, hurried=0, lost=0)

    assert [(one.instrument, one.total, one.band) for one in given(ash)] == [
        ("steady", 4, "Unsteady"),
        ("steady", 1, "Steady"),
    ]
    assert "1 out of 6." in page.text
    theirs = browser(robin)
    scores = theirs.get(f"/patients/{ash.id}/scores").text
    assert "Steady days from 4 to 1" in scores
    assert "A reliable change" in scores
    assert "Steady days" in theirs.get("/caseload").text


def test_an_answer_to_its_risk_item_raises_an_alert(browser, ash, robin):
    browser(ash).post(ADDRESS, response_id=uuid4(), tired=0, hurried=0, lost=1)

    with ash.working() as work:
        alert = safety.open_alert(work, record_of(work, ash))
    assert alert is not None
    assert "Steady days, question 3" in browser(robin).get(f"/patients/{ash.id}/scores").text


def test_a_part_of_it_is_never_added_up(browser, ash):
    browser(ash).post(ADDRESS, status=422, response_id=uuid4(), tired=2, hurried=2)

    assert given(ash) == []


def test_a_mistake_in_it_is_told_by_file_and_line_and_keeps_braid_from_starting(root):
    write(root, "instruments/steady.yaml", STEADY.replace("to: 6}\nbands", "to: 9}\nbands"))

    assert [str(fault) for fault in check_content(root)] == [
        "instruments/steady.yaml:16: 3 items of 0 to 2 give 0 to 6. Write range: {from: 0, to: 6}."
    ]


def test_two_instruments_of_one_name_are_told(root):
    write(root, "instruments/steady.yaml", STEADY.replace("short: Steady days", "short: PHQ-9"))

    assert [str(fault) for fault in check_content(root)] == [
        'instruments/steady.yaml:3: "PHQ-9" is what phq-9 is called too. Give one another short name.'
    ]


def test_a_file_under_another_name_is_told(root):
    (root / "instruments" / "steady.yaml").rename(root / "instruments" / "steadier.yaml")

    assert [str(fault) for fault in check_content(root)] == [
        'instruments/steadier.yaml:1: key "steady" is not the name it is found under. Call it "steadier".'
    ]
