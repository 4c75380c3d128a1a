"""Every mistake in a library is told with its file, its line and what mends it."""

import pytest

from app.programme.content import ContentFaults, check_content, read_library
from tests.programme.small_library import change, lay_out

MODULE, WELCOME, END = "modules/rest/module.yaml", "modules/rest/01-welcome.md", "modules/rest/02-end.md"
PATHWAY = "pathways/plain.yaml"
LIST, PLAN = "modules/rest/worksheets/my-list.yaml", "modules/rest/worksheets/my-plan.yaml"
SIX = "Aims, Before the session, In the session, Likely questions, What to look at in the answers, Adaptations"


@pytest.fixture
def root(tmp_path):
    return lay_out(tmp_path)


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
