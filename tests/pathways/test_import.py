"""A pathway file becomes a draft, and a draft or version becomes the same file again."""

from pathlib import Path

import pytest

from app.clinical.sequencing import pathway as pathways
from app.pathways import draft_queries, publishing_actions, version_queries
from tests import published

FILE = Path("modules_content/pathways/mixed.yaml")


def drafts(who):
    return draft_queries.drafts(who.work())


def read(text, library):
    return pathways.read(draft_queries.YAML(typ="safe", pure=True).load(text))


def test_a_pasted_file_becomes_a_draft(imogen, clients, library):
    browser = clients(imogen)
    here = browser.get("/pathways/import").fields

    browser.post("/pathways/import", draft_id=here["draft_id"][0], text=FILE.read_text())
    browser.post("/pathways/import", draft_id=here["draft_id"][0], text=FILE.read_text())

    [draft] = drafts(imogen)
    read = pathways.read(draft.body)
    bare = [one.model_copy(update={"activities": ()}) for one in library.pathways["mixed"].steps]
    assert [one.model_copy(update={"activities": ()}) for one in read.steps] == bare


def test_a_draft_goes_out_as_a_file_and_comes_in_again_as_it_was(imogen, draft, clients):
    begun = draft(imogen, "mixed", sessions=9)
    browser = clients(imogen)
    file = browser.http.get(f"{begun.base}/file").text

    browser.post("/pathways/import", text=file)

    again = next(one for one in drafts(imogen) if one.id != begun.id)
    assert pathways.read(again.body) == pathways.read(begun.body)


def test_a_published_version_goes_out_as_a_file(world, imogen, clients, library):
    with world.founding() as work:
        version = published.in_use(work, library=library, key="mixed")

    sent = clients(imogen).http.get(f"/pathways/{version.id}/file")

    assert sent.headers["content-disposition"] == 'attachment; filename="mixed-1.yaml"'
    assert "activities" not in sent.text and "unlock:" in sent.text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: any", "kind: some", "Line"),
        ("module: low-mood", "module: low-moods", "there is no module"),
        ("version: 1", "version: [", "Line"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of_by_line_and_what_was_pasted_stays(imogen, clients, old, new, told):
    text = FILE.read_text()
    assert old in text
    wrong = text.replace(old, new, 1)

    page = clients(imogen).post("/pathways/import", status=422, text=wrong)

    assert told in page.text and "What is wrong in it" in page.text
    assert page.fields["text"] == [wrong.rstrip("\n")] or page.fields["text"] == [wrong]
    assert drafts(imogen) == []


@pytest.mark.parametrize(("text", "told"), [("", "Paste the text"), ("x" * 60_001, "longer than any pathway")])
def test_nothing_and_too_much_are_told_of(imogen, clients, text, told):
    assert told in clients(imogen).post("/pathways/import", status=422, text=text).text


def test_a_file_comes_in_as_from_the_version_it_went_out_from(world, imogen, clients, library):
    with world.founding() as work:
        first = published.in_use(work, library=library, key="mixed")
    browser = clients(imogen)
    file = browser.http.get(f"/pathways/{first.id}/file").text
    with world.founding() as work:
        other = library.pathways["mixed"].model_copy(update={"sessions": 9})
        second = publishing_actions.new_version(work, pathway=version_queries.as_adopted(other, library, 2)[0])

    page = browser.post("/pathways/import", text=file)

    [draft] = drafts(imogen)
    assert draft.base_id == first.id != second.id
    assert "Version 2 is not the one that this draft comes from." in page.text
    assert browser.http.get(f"{draft.base}/file").text.startswith(f"# base: {first.hash}\n")


def test_a_file_that_says_nothing_of_where_it_comes_from_is_compared_first(world, imogen, clients, library):
    with world.founding() as work:
        published.in_use(work, library=library, key="mixed")

    page = clients(imogen).post("/pathways/import", text=FILE.read_text())

    [draft] = drafts(imogen)
    assert draft.base_id is None
    assert "Version 1 is not the one that this draft comes from." in page.text


def test_when_questionnaires_are_asked_comes_with_the_file_and_goes_out_with_it(imogen, clients, library):
    browser = clients(imogen)
    browser.post("/pathways/import", text=FILE.read_text())
    [draft] = drafts(imogen)
    assert pathways.read(draft.body).measures == library.pathways["mixed"].measures

    file = browser.http.get(f"/pathways/drafts/{draft.id}/file").text

    assert "measures:\n" in file and "  phq-9: weekly\n" in file


def test_a_file_that_asks_what_nobody_has_says_which_and_what_it_may_mean(imogen, clients):
    text = FILE.read_text().replace("  phq-9: weekly\n", "  phq: weekly\n")

    page = clients(imogen).post("/pathways/import", status=422, text=text)

    assert 'there is no measure "phq"' in page.text


def test_an_author_chooses_when_questionnaires_are_asked_and_sees_what_is_different(imogen, draft, clients):
    begun = draft(imogen, "mixed")
    browser = clients(imogen)
    path = f"{begun.base}/length"
    here = browser.get(path)
    assert here.fields["measures.phq-9"] == ["weekly"]
    typed = {name: values[-1] for name, values in here.fields.items() if name != "csrf"}

    browser.post(path, **typed | {"measures.gad-7": "before-every-session", "measures.alliance": ""})

    again = next(one for one in drafts(imogen) if one.id == begun.id)
    measures = pathways.read(again.body).measures
    assert measures["gad-7"] == "before-every-session" and "alliance" not in measures
