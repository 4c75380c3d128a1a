"""A mistake in a content file is named by file, line and fix."""

import datetime as dt
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from app.kit.located import Unreadable, did_you_mean, load, load_front_matter, loads
from app.kit.shapes import Shape, read_as


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["leaf"]
    colour: Literal["green", "brown"] = "green"
    veins: Annotated[int, Field(le=9)] = 1


class Flower(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["flower"]
    petals: int | None = Field(None, alias="petal-count")


class Plant(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    parts: tuple[Annotated[Leaf | Flower, Field(discriminator="type")], ...] = ()


PLANT: Shape[Plant] = Shape(Plant)


def faults_of(text):
    with pytest.raises(Unreadable) as refused:
        read_as(PLANT, loads(text, file="plants/oak.yaml"))
    return [str(fault) for fault in refused.value.faults]


def test_what_is_read_knows_its_lines():
    located = loads("# a comment\nname: Oak\nparts:\n  - type: leaf\n    veins: 3\n", file="oak.yaml")

    assert located.value == {"name": "Oak", "parts": [{"type": "leaf", "veins": 3}]}
    assert located.line_of(("name",)) == 2
    assert located.line_of(("parts", 0, "leaf", "veins")) == 5
    assert located.line_of(("parts", 0, "leaf", "absent")) == 4
    assert read_as(PLANT, located).name == "Oak"


def test_yaml_1_2_leaves_no_and_on_as_words_and_reads_dates():
    located = loads('no: yes\non: 2027-11-01\nversion: "1.0"\ncount: 3\nnothing:\n', file="x.yaml")

    assert located.value == {
        "no": "yes",
        "on": dt.date(2027, 11, 1),
        "version": "1.0",
        "count": 3,
        "nothing": None,
    }


def test_an_empty_file_is_an_empty_mapping():
    assert loads("# nothing yet\n", file="x.yaml").value == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "name: Oak\nprats: []\n",
            'plants/oak.yaml:2: field "prats" is not known. Did you mean "parts"?',
        ),
        (
            "name: Oak\nparts:\n  - type: leaf\n    color: green\n",
            'plants/oak.yaml:4: field "color" is not known. Did you mean "colour"?',
        ),
        (
            "name: Oak\nparts:\n  - type: flower\n    smell: sweet\n",
            'plants/oak.yaml:4: field "smell" is not known. Use one of: type, petal-count.',
        ),
        ("parts: []\n", 'plants/oak.yaml:1: field "name" is missing. Add "name:" here.'),
        (
            "name: Oak\nparts:\n  - type: leef\n",
            'plants/oak.yaml:3: "leef" is not a known type. Did you mean "leaf"?',
        ),
        ("name: Oak\nparts:\n  - veins: 2\n", 'plants/oak.yaml:3: field "type" is missing. Add "type:" here.'),
        (
            "name: Oak\nparts:\n  - type: leaf\n    colour: gren\n",
            'plants/oak.yaml:4: "gren" is not a value of "colour". Did you mean "green"?',
        ),
        ("name: 1.0\n", 'plants/oak.yaml:1: "name" must be text. Put it in quotes: name: "1.0".'),
        (
            "name: Oak\nparts:\n  - type: leaf\n    veins: 12\n",
            'plants/oak.yaml:4: "veins" cannot be used as it is. It should be less than or equal to 9.',
        ),
        ("name: Oak\nname: Ash\n", 'plants/oak.yaml:2: field "name" is there twice. Take one of them out.'),
        ("name: &n Oak\nparts: [*n]\n", "plants/oak.yaml:1: this part is used again with *. Write it out each time."),
        (
            "name: Oak\n---\nname: Ash\n",
            "plants/oak.yaml:2: this is not one plain document. Leave out --- and the names after * that nothing has.",
        ),
        ("1: one\n", "plants/oak.yaml:1: a field name must be text. Put it in quotes."),
        (
            "name: Oak\nparts: 2027-13-45\n",
            'plants/oak.yaml:2: "2027-13-45" is not plain data. Check the date or number, or use quotes.',
        ),
        (
            "name: !!python/name:os.system x\n",
            'plants/oak.yaml:1: "x" is not plain data. Check the date or number, or use quotes.',
        ),
        (
            "name: Oak\nparts: Leaves: and flowers\n",
            "plants/oak.yaml:2: mapping values are not allowed here. "
            "Check the indent, and put text with a colon or a # in it in quotes.",
        ),
        (
            "name: Oak\nparts: `x`\n",
            "plants/oak.yaml:2: found character '`' that cannot start any token. "
            "Check the indent, and put text with a colon or a # in it in quotes.",
        ),
    ],
)  # fmt: skip
def test_each_mistake_names_its_line_and_its_fix(text, fault):
    assert faults_of(text) == [fault]


def test_every_mistake_of_a_file_is_told_in_the_order_of_its_lines():
    text = "tree: Oak\nparts:\n  - type: leaf\n    veins: x\n"

    lines = [fault.split(":")[1] for fault in faults_of(text)]

    assert lines == ["1", "1", "4"]


def test_a_misspelt_field_is_not_also_a_missing_one():
    assert faults_of("nam: Oak\n") == ['plants/oak.yaml:1: field "nam" is not known. Did you mean "name"?']


def test_a_file_that_is_not_there_or_not_utf_8_is_a_fault(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("name: Oak\nplace: Caf\xe9\n".encode("latin-1"))

    with pytest.raises(Unreadable) as absent:
        load(tmp_path / "none.yaml", shown_as="none.yaml")
    with pytest.raises(Unreadable) as latin:
        load(tmp_path / "latin.yaml", shown_as="latin.yaml")

    assert str(absent.value) == "none.yaml:1: the file is missing. Write it."
    assert str(latin.value) == "latin.yaml:2: the text is not UTF-8. Save the file as UTF-8."


def test_front_matter_keeps_the_lines_of_its_file(tmp_path):
    page = tmp_path / "page.md"
    page.write_bytes(b"---\r\ntitle: Small\r\nminutes: x\r\n---\r\nWords.\r\n")

    located, text, first_line = load_front_matter(page, shown_as="page.md")

    assert located.value == {"title": "Small", "minutes": "x"}
    assert located.line_of(("minutes",)) == 3
    assert (text, first_line) == ("Words.\n", 5)


def test_front_matter_that_is_not_closed_is_a_fault(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("---\ntitle: Small\n")

    with pytest.raises(Unreadable) as refused:
        load_front_matter(page, shown_as="page.md")

    assert str(refused.value) == "page.md:1: the front matter is missing. Begin with --- and end it with ---."


def test_a_suggestion_is_the_nearest_word_or_all_of_them():
    assert did_you_mean("situaton", ["place", "situation"]) == 'Did you mean "situation"?'
    assert did_you_mean("xyz", ["place", "situation"]) == "Use one of: place, situation."
    assert did_you_mean("xyz", []) == ""
