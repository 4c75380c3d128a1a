"""The guides, and the pages as a patient reads them."""

from itertools import pairwise

import pytest

from app.accounts.roles import Role


def test_the_guides_name_every_step_and_what_awaits_a_clinician(robin, clients, library):
    page = clients(robin).get("/guides")

    assert all(module.title in page.text for module in library.modules.values())
    assert f"has signed the text of {len(library.awaiting_sign_off)} of them yet." in page.text
    assert "No clinician of your service has signed this text yet. Until somebody does, it is used" in page.text


def test_a_guide_has_its_sections_and_every_page(robin, clients, library):
    module = library.modules["low-mood"]

    page = clients(robin).get("/guides/low-mood")

    assert all(section.heading in page.text for section in module.guide.sections)
    assert [f"/guides/low-mood/{one.key}" for one in module.pages] == [
        link for link in page.links if link.startswith("/guides/low-mood/")
    ]
    assert "5 minutes to read." in page.text


def test_every_page_of_the_library_can_be_read_through_with_its_note(robin, clients, library):
    browser = clients(robin)

    for module in library.modules.values():
        for here in module.pages:
            page = browser.get(f"/guides/{module.key}/{here.key}")
            assert page.headings == [here.title]
            assert "For you, not shown to patients" in page.text
            assert all(module.worksheet(key).title in page.text for key in here.worksheets)


def test_reading_on_leads_from_each_page_to_the_next(robin, clients, library):
    browser, pages = clients(robin), library.modules["low-mood"].pages

    for here, after in pairwise(pages):
        assert f"/guides/low-mood/{after.key}" in browser.get(f"/guides/low-mood/{here.key}").links
        assert f"/guides/low-mood/{here.key}" in browser.get(f"/guides/low-mood/{after.key}").links


@pytest.mark.parametrize(
    "path",
    [
        "/guides/nothing",
        "/guides/low-mood/nothing",
        "/guides/../etc",
    ],
)
def test_what_is_not_in_the_library_is_not_found(robin, clients, path):
    clients(robin).get(path, status=404)


@pytest.mark.parametrize("role", [Role.NAVIGATOR, Role.RESEARCHER])
def test_guides_are_for_those_who_give_care_or_run_it(world, clients, role):
    clients(world.staff("Sam Other", role)).get("/guides", status=403)
