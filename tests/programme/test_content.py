"""The library is read whole, and what is shipped in it is sound."""

import pytest

from app.accounts.roles import Role
from app.clinical.modules import GUIDE_HEADINGS, Check, Html, Module, Try
from app.clinical.sequencing.pathway import Override
from app.clinical.sequencing.rules import ReleasedBy, StepCompleted
from app.clinical.sequencing.structure import atoms
from app.programme.content import check_content, read_library
from tests.programme.small_library import CONTENT, change, lay_out, write


@pytest.fixture
def root(tmp_path):
    return lay_out(tmp_path)


def test_a_sound_library_is_read_whole(root):
    library = read_library(root)

    rest = library.modules["rest"]
    assert [page.key for page in rest.pages] == ["01-welcome", "02-end"]
    assert [sheet.key for sheet in rest.worksheets] == ["my-list", "my-plan"]
    assert [section.heading for section in rest.guide.sections] == list(GUIDE_HEADINGS)
    assert library.techniques["relaxation"].patient == "a relaxation exercise"
    assert library.instruments["phq-9"].short == "PHQ-9"
    assert [step.key for step in library.pathways["plain"].steps] == ["rest", "more"]
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


def test_a_module_can_be_kept_and_read_again_as_it_was(root):
    rest = read_library(root).modules["rest"]

    assert Module.model_validate_json(rest.model_dump_json()) == rest


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
    change(root, "modules/rest/01-welcome.md", "::: person Gwen’s week\nShe rested.", "::: audio media/breathe.yaml")

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
    change(root, "modules/rest/01-welcome.md", "Rest. Then", "![A chair](media/chair.png)")

    assert [fault.line for fault in check_content(root)] == [7]

    write(root, "modules/rest/media/chair.png", "")

    assert check_content(root) == []


def test_the_library_that_is_shipped_has_nothing_to_mend():
    assert [str(fault) for fault in check_content(CONTENT)] == []


def test_every_text_that_is_shipped_says_that_it_waits_for_a_clinician():
    library = read_library(CONTENT)

    assert library.awaiting_sign_off == tuple(library.modules.values())


def test_the_order_of_the_study_lets_nobody_open_a_core_step_and_counts_no_work_in_a_session():
    core = [step for step in read_library(CONTENT).pathways["as-it-was"].steps if step.core]

    assert [step.key for step in core] == ["low-mood", "doing-what-matters", "thoughts", "staying-well"]
    assert {step.override for step in core} == {Override.PROHIBITED}
    waits = [atom for step in core for atom in atoms(step.unlock) if isinstance(atom, StepCompleted)]
    assert {wait.where for wait in waits} == {"online"}


@pytest.mark.parametrize("key", ["as-it-should-be", "mixed"])
def test_a_practitioner_can_open_staying_well_on_every_other_starter_pathway(key):
    staying_well = read_library(CONTENT).pathways[key].by_key["staying-well"]

    (release,) = [atom for atom in atoms(staying_well.unlock) if isinstance(atom, ReleasedBy)]
    assert set(release.roles) <= set(Role)
    assert release.escalate_to in set(Role)
    assert staying_well.override is not Override.PROHIBITED
