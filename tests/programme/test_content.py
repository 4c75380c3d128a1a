"""The library is read whole, or every mistake in it is told with its file, its line and what mends it."""

import shutil
import textwrap
from pathlib import Path

import pytest

from app.clinical.modules import GUIDE_HEADINGS, Check, Html, Try
from app.programme.content import ContentFaults, check_content, read_library

CONTENT = Path(__file__).parents[2] / "modules_content"
GUIDE = "---\nminutes: 5\n---\n" + "\n".join(f"## {heading}\n\nWords on it.\n" for heading in GUIDE_HEADINGS)
FILES = {
    "techniques.yaml": """\
        techniques:
          - {key: relaxation, title: Relaxation, patient: a relaxation exercise}
        """,
    "modules/rest/module.yaml": """\
        key: rest
        title: Rest
        summary: How to rest.
        why: Rest helps.
        minutes: 10
        version: "1.0"
        kind: core
        techniques: [relaxation]
        review_on: 2027-11-01
        activities:
          - {key: read, title: Read, page: 01-welcome}
          - {key: list, title: List, worksheet: my-list}
          - {key: plan, title: Plan, worksheet: my-plan}
          - {key: end, title: End, page: 02-end}
        """,
    "modules/rest/01-welcome.md": """\
        ---
        title: Welcome
        minutes: 6
        key_point: Rest is work too.
        guide: Listen for guilt.
        ---
        Rest. Then see [the end](page:02-end).

        ::: person Gwen’s week
        She rested.
        :::

        ::: try my-list
        Write *three*.
        :::
        """,
    "modules/rest/02-end.md": """\
        ---
        title: The end
        minutes: 5
        key_point: Bring your list.
        guide: Ask for one.
        ---
        ::: try my-plan
        :::

        ::: check
        Rest is
        - [ ] lazy | It can feel so.
        - [x] needed | Yes.
        :::

        ::: bring
        Your list.
        :::
        """,
    "modules/rest/worksheets/my-list.yaml": """\
        key: my-list
        title: My list
        purpose: To see it.
        container: form
        minutes: 5
        fields:
          - {key: what, type: list, label: What rests you?}
        """,
    "modules/rest/worksheets/my-plan.yaml": """\
        key: my-plan
        title: My plan
        purpose: To plan it.
        container: form
        minutes: 5
        fields:
          - key: what
            type: short-text
            label: One thing
            prefill: {worksheet: my-list, field: what}
          - {key: how-much, type: number, label: How much?}
          - {key: chosen, type: link, label: Which?, to: my-list.what}
        """,
    "modules/rest/guide.md": GUIDE,
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        write(tmp_path, name, text)
    shutil.copytree(CONTENT / "instruments", tmp_path / "instruments")
    return tmp_path


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")


def change(root, name, old, new):
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_library_is_read_whole(root):
    library = read_library(root)

    rest = library.modules["rest"]
    assert [page.key for page in rest.pages] == ["01-welcome", "02-end"]
    assert [sheet.key for sheet in rest.worksheets] == ["my-list", "my-plan"]
    assert [section.heading for section in rest.guide.sections] == list(GUIDE_HEADINGS)
    assert library.techniques["relaxation"].patient == "a relaxation exercise"
    assert library.instruments["phq-9"].short == "PHQ-9"
    assert library.warnings == ()
    assert check_content(root) == []


def test_a_page_keeps_its_parts_in_order(root):
    welcome, end = read_library(root).modules["rest"].pages

    text, person, tried = welcome.parts
    assert isinstance(text, Html)
    assert '<a href="02-end" rel="noopener noreferrer">the end</a>' in text.html
    assert isinstance(person, Html)
    assert '<section class="braid-person" aria-labelledby="read-gwens-week">' in person.html
    assert tried == Try(worksheet="my-list", intro_html="<p>Write <em>three</em>.</p>\n")
    check = end.parts[1]
    assert isinstance(check, Check)
    assert check.question == "Rest is"
    assert [(option.label, option.right, option.feedback) for option in check.options] == [
        ("lazy", False, "It can feel so."),
        ("needed", True, "Yes."),
    ]


def test_a_module_finds_its_way_from_page_to_page(root):
    rest = read_library(root).modules["rest"]

    assert rest.next_page("01-welcome") == rest.page("02-end")
    assert rest.next_page("02-end") is None
    assert rest.previous_page("01-welcome") is None
    assert rest.previous_page("02-end") == rest.first_page
    assert rest.page_number("02-end") == 2
    assert rest.page_with("my-plan") == rest.page("02-end")
    assert [activity.key for activity in rest.activities_of_page("02-end")] == ["end"]
    assert [activity.key for activity in rest.activities_of_worksheet("my-list")] == ["list"]


def test_a_module_waits_for_sign_off_until_somebody_is_named(root):
    assert [module.key for module in read_library(root).awaiting_sign_off] == ["rest"]

    signed = "kind: core\nsign_off: [{name: Dr Ada Bell, role: Clinical lead, on: 2026-11-02}]"
    change(root, "modules/rest/module.yaml", "kind: core", signed)

    assert read_library(root).awaiting_sign_off == ()


def test_any_change_to_a_module_changes_its_hash(root):
    before = read_library(root).modules["rest"].content_hash
    again = read_library(root).modules["rest"].content_hash
    change(root, "modules/rest/02-end.md", "Your list.", "Your lists.")

    assert again == before
    assert read_library(root).modules["rest"].content_hash != before


MODULE, WELCOME, END = "modules/rest/module.yaml", "modules/rest/01-welcome.md", "modules/rest/02-end.md"
LIST, PLAN = "modules/rest/worksheets/my-list.yaml", "modules/rest/worksheets/my-plan.yaml"
SIX = "Aims, Before the session, In the session, Likely questions, What to look at in the answers, Adaptations"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (MODULE, "summary:", "sumary:", '3: field "sumary" is not known. Did you mean "summary"?'),
        (MODULE, "kind: core", "kind: cores", '7: "cores" is not a value of "kind". Did you mean "core"?'),
        (MODULE, "kind: core", "kind: core\ncolour: red", '8: field "colour" is not known.'),
        (MODULE, "key: rest", "key: nap", '1: key "nap" is not the name it is found under. Call it "rest".'),
        (MODULE, 'version: "1.0"', "version: 1.0", '6: "version" must be text. Put it in quotes: version: "1.0".'),
        (MODULE, "[relaxation]", "[relaxtion]", '8: technique "relaxtion" is not in techniques.yaml. Did you mean'),
        (MODULE, "page: 02-end", "page: 02-ende", '14: there is no page "02-ende". Did you mean "02-end"?'),
        (MODULE, "worksheet: my-list", "worksheet: a-lst", '12: there is no worksheet "a-lst".'),
        (
            MODULE, "title: Plan, ", "title: Plan, page: 02-end, ",
            '13: activity "plan" needs either "page" or "worksheet".',
        ),
        (MODULE, "key: plan", "key: list", '13: activity "list" is there twice. Give one another key.'),
        (WELCOME, "key_point: Rest is work too.\n", "", '2: field "key_point" is missing. Add "key_point:" here.'),
        (WELCOME, "guide: Listen for guilt.\n", "", '2: field "guide" is missing. Add "guide:" here.'),
        (WELCOME, "minutes: 6", "minute: 6", '3: field "minute" is not known. Did you mean "minutes"?'),
        (WELCOME, "---\ntitle", "title", "1: the front matter is missing. Begin with --- and end it with ---."),
        (
            WELCOME, "page:02-end", "page:02-ende",
            '7: the link "page:02-ende" leads nowhere. Did you mean "page:02-end"?',
        ),
        (WELCOME, "page:02-end", "http://e.example", '7: the link "http://e.example" leads nowhere.'),
        (WELCOME, "page:02-end", "media/../module.yaml", '7: the link "media/../module.yaml" leads nowhere.'),
        (WELCOME, "She rested.", "She [rested](page:03).", '10: the link "page:03" leads nowhere.'),
        (
            WELCOME, "::: try my-list", "::: try my-lst",
            '13: there is no worksheet "my-lst" in this module. Did you mean "my-list"?',
        ),
        (
            WELCOME, "::: try my-list", "::: try",
            '13: "::: try" says nothing after its name. Write ::: try worksheet-key.',
        ),
        (WELCOME, "::: person", "::: persn", '9: component "persn" is not known. Did you mean "person"?'),
        (WELCOME, "::: person Gwen’s week", "::: audio media/a.yaml", '9: there is no recording "media/a.yaml".'),
        (WELCOME, "She rested.", "# She rested.", "10: a heading begins with a single #. Begin it with ##."),
        (WELCOME, "She rested.", "| a | b |", "10: tables are not shown. Write a list."),
        (WELCOME, "She rested.", "She <b>rested</b>.", "10: HTML is not shown. Write it in Markdown."),
        (END, "- [x] needed | Yes.", "- [ ] needed | Yes.", "11: no answer of the check is right. Mark one with [x]."),
        (
            END, "- [x] needed | Yes.", "- [x] needed",
            "13: an answer of the check says nothing back. Add feedback after a |.",
        ),
        (END, "- [x] needed | Yes.", "- needed", '13: "- needed" is not an answer. Write - [ ] answer | feedback.'),
        (END, "- [ ] lazy | It can feel so.\n", "", "11: the check has 1 answers. Give it 2, 3 or 4."),
        (END, "Rest is\n", "", "11: the check has no question. Write it above the answers."),
        (LIST, "type: list", "type: lst", '7: "lst" is not a known type. Did you mean "list"?'),
        (
            LIST, "label: What rests you?", "labl: What rests you?",
            '7: field "labl" is not known. Did you mean "label"?',
        ),
        (LIST, "container: form", "container: from", '4: "from" is not a known container. Did you mean "form"?'),
        (LIST, "container: form\n", "", '1: field "container" is missing. Add "container:" here.'),
        (LIST, "key: my-list", "key: list", '1: key "list" is not the name it is found under. Call it "my-list".'),
        (
            LIST, "title: My list", "title: My list\ntitle: Mine",
            '3: field "title" is there twice. Take one of them out.',
        ),
        (
            PLAN, "worksheet: my-list", "worksheet: my-lst",
            '10: there is no worksheet "my-lst" in this module. Did you mean "my-list"?',
        ),
        (PLAN, "field: what", "field: wht", '10: worksheet "my-list" has no field "wht". Did you mean "what"?'),
        (
            PLAN, "to: my-list.what", "to: my-list.wht",
            '12: worksheet "my-list" has no field "wht". Did you mean "what"?',
        ),
        (
            PLAN, "to: my-list.what", "to: my-list",
            '12: "my-list" is not the address of a field. Write it as worksheet.field.',
        ),
        (PLAN, "key: how-much", "key: what", '11: the name "what" is taken. Give this field another key.'),
        (PLAN, "type: short-text", "type: number", "10: a list answer cannot fill in a number field."),
        (PLAN, "worksheet: my-list", "worksheet: my-plan", "10: the prefills go round: my-plan.what to my-plan.what."),
        ("techniques.yaml", "patient:", "pateint:", '2: field "pateint" is not known. Did you mean "patient"?'),
        (
            "instruments/phq-9.yaml", "key: phq-9", "key: phq9",
            '1: key "phq9" is not the name it is found under. Call it "phq-9".',
        ),
        (
            "modules/rest/guide.md", "## Aims\n", "## Aim\n",
            f"4: the headings of the guide are not the six. Use, in this order: {SIX}.",
        ),
        (
            "modules/rest/guide.md", "## Adaptations", "### Adaptations",
            "20: the headings of the guide are not the six.",
        ),
        ("modules/rest/guide.md", "minutes: 5", "minutes: few", '2: "minutes" cannot be used as it is.'),
    ],
)  # fmt: skip
def test_each_kind_of_fault_names_its_file_its_line_and_its_fix(root, file, old, new, fault):
    change(root, file, old, new)

    with pytest.raises(ContentFaults) as refused:
        read_library(root)

    told = [str(found) for found in refused.value.faults]
    assert any(line.startswith(f"{file}:{fault}") for line in told), told


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [(LIST, "type: list", "type: lst"), (MODULE, "summary:", "sumary:"), (PLAN, "label: One", "lable: One")],
)
def test_one_mistake_is_one_fault(root, file, old, new):
    change(root, file, old, new)

    assert len(check_content(root)) == 1


def test_a_worksheet_that_nobody_can_come_to_is_told_unless_it_stands_alone(root):
    change(root, END, "::: try my-plan\n:::\n", "")

    assert [str(fault) for fault in check_content(root)] == [
        f'{PLAN}:1: no page tries the worksheet "my-plan". Draw it with ::: try, or say alone: true.'
    ]

    change(root, PLAN, "minutes: 5", "minutes: 5\nalone: true")

    assert check_content(root) == []


def test_every_mistake_of_the_library_is_told_at_once(root):
    change(root, LIST, "type: list", "type: lst")
    change(root, END, "::: bring", "::: brng")
    change(root, MODULE, "[relaxation]", "[hypnosis]")

    assert [fault.file for fault in check_content(root)] == [END, MODULE, LIST]


def test_prefills_that_go_round_through_two_worksheets_are_told_once(root):
    round_about = "{key: what, type: list, prefill: {worksheet: my-plan, field: what}, label: What rests you?}"
    change(root, LIST, "{key: what, type: list, label: What rests you?}", round_about)

    faults = [str(fault) for fault in check_content(root)]

    assert faults == [
        f"{LIST}:7: the prefills go round: my-list.what to my-plan.what to my-list.what. Take one of them out."
    ]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("modules/rest/module.yaml", "modules/rest/module.yaml:1: the file is missing. Write it."),
        ("modules/rest/guide.md", "modules/rest/guide.md:1: the file is missing. Write it."),
        ("techniques.yaml", "techniques.yaml:1: the file is missing. Write it."),
        (LIST, f'{WELCOME}:13: there is no worksheet "my-list" in this module. Use one of: my-plan.'),
        (END, f'{MODULE}:14: there is no page "02-end". Use one of: 01-welcome.'),
    ],
)
def test_a_file_that_is_missing_is_told(root, name, fault):
    (root / name).unlink()

    assert fault in [str(found) for found in check_content(root)]


def test_a_module_without_pages_is_told(root):
    for name in (WELCOME, END):
        (root / name).unlink()

    assert f"{MODULE}:1: the module has no pages. Write 01-welcome.md." in [str(f) for f in check_content(root)]


@pytest.mark.parametrize(
    ("file", "old", "new", "warning"),
    [
        (MODULE, "minutes: 10", "minutes: 30", "5: warning: the module says 30 minutes and its pages add up to 11."),
        (MODULE, "  - {key: end, title: End, page: 02-end}\n", "", "10: warning: the module has 3 activities."),
    ],
)
def test_what_is_only_odd_is_a_warning_and_does_not_stop_the_library(root, file, old, new, warning):
    change(root, file, old, new)

    (told,) = read_library(root).warnings

    assert str(told).split(":", 1)[1].startswith(warning)
    assert check_content(root) == [told]


def test_a_recording_is_drawn_with_its_words_and_its_file_must_be_there(root):
    write(
        root,
        "modules/rest/media/breathe.yaml",
        """\
        title: Breathing
        file: breathe.mp3
        minutes: 4
        transcript: Breathe *out*.
        """,
    )
    change(root, WELCOME, "::: person Gwen’s week\nShe rested.", "::: audio media/breathe.yaml")

    assert [str(fault) for fault in check_content(root)] == [
        'modules/rest/media/breathe.yaml:2: there is no file "breathe.mp3" in media/. '
        "Put it there, or take the audio out."
    ]

    (root / "modules/rest/media/breathe.mp3").write_bytes(b"ID3")

    drawn = read_library(root).modules["rest"].page("01-welcome").parts[1]
    assert isinstance(drawn, Html)
    assert 'src="media/breathe.mp3"' in drawn.html
    assert "Breathe <em>out</em>." in drawn.html


def test_a_picture_must_be_in_the_media_folder(root):
    change(root, WELCOME, "Rest. Then", "![A chair](media/chair.png)")

    assert [fault.line for fault in check_content(root)] == [7]

    write(root, "modules/rest/media/chair.png", "")

    assert check_content(root) == []
