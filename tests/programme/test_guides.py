"""The guides, the pages as a patient reads them, and the pathways a service uses."""

from dataclasses import replace
from itertools import pairwise

import pytest

from app.accounts.roles import Role
from app.programme import guide_queries, plan_actions, queries
from tests.statements import counted


@pytest.fixture
def lead(world):
    return world.staff("Lee Lead", Role.CLINICAL_LEAD)


def altered(library, key):
    """The library with one pathway a week shorter."""
    shorter = library.pathways[key].model_copy(update={"programme_days": 70})
    return replace(library, pathways=library.pathways | {key: shorter})


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
        "/pathways/00000000-0000-4000-8000-000000000000",
    ],
)
def test_what_is_not_in_the_library_is_not_found(lead, clients, path):
    clients(lead).get(path, status=404)


@pytest.mark.parametrize("role", [Role.NAVIGATOR, Role.RESEARCHER])
def test_guides_are_for_those_who_give_care_or_run_it(world, clients, role):
    clients(world.staff("Sam Other", role)).get("/guides", status=403)


def test_a_service_without_a_pathway_is_told_that_nobody_can_be_added(lead, clients):
    page = clients(lead).get("/pathways")

    assert "No pathway is in use, so no patient can be added." in page.text
    assert page.text.count("Take into use") == 3


def test_a_pathway_is_taken_into_use_and_retired_by_buttons(lead, clients, world):
    browser = clients(lead)

    page = browser.post("/pathways", pathway="mixed")
    assert "1 pathway in use." in page.text and "In use as it reads" in page.text
    with lead.working() as work:
        version = queries.in_use(work)[0]
    asked = browser.get(f"/pathways/{version.id}/retire")
    assert asked.headings == [f"Retire {version.title}, version 1"] and "Nobody is on it now." in asked.text
    page = browser.post(f"/pathways/{version.id}/retire")

    assert f"{version.title}, version 1 is retired." in page.text
    assert "Retired Tuesday 3 March 2026" in page.text
    assert browser.send(f"/pathways/{version.id}/retire").status_code == 404


def test_the_patients_on_each_version_are_counted(course, ash, lead, clients):
    course(ash)

    assert "1 patient" in clients(lead).get("/pathways").text


def test_a_pathway_that_changed_since_says_so_and_keeps_its_number_of_patients(world, library):
    with world.founding() as work:
        plan_actions.adopt_pathway(work, library=library, key="mixed")
        offered = queries.pathways(work)
        mixed = {one.key: one for one in guide_queries.in_library(altered(library, "mixed"), offered)}["mixed"]
        same = {one.key: one for one in guide_queries.in_library(library, offered)}["mixed"]

        assert mixed.in_use and mixed.changed
        assert same.in_use and not same.changed
        again = plan_actions.adopt_pathway(work, library=altered(library, "mixed"), key="mixed")
        assert again.version == 2
        assert [one.version for one in queries.in_use(work)] == [2]


def test_a_pathway_tells_each_rule_to_both_readers(course, ash, lead, clients):
    course(ash)
    with lead.working() as work:
        version = queries.in_use(work)[0]

    page = clients(lead).get(f"/pathways/{version.id}")

    assert page.headings == ["Depression, version 1"]
    assert "Opens when you finish Understanding low mood." in page.text
    assert "Not yet: Understanding low mood satisfied: not yet (not started)." in page.text
    assert "You and your practitioner review how you’re doing." in page.text
    assert "Open from the start." in page.text and "Open since" not in page.text
    assert "PHQ-9 last 2 (at least 7 days apart) below 10: never measured." in page.text


@pytest.mark.parametrize("fields", [{}, {"pathway": "nothing"}, {"pathway": "x" * 500}, {"pathway": "../mixed"}])
def test_a_pathway_that_is_not_in_the_library_is_not_adopted(lead, clients, fields):
    assert clients(lead).send("/pathways", **fields).status_code == 404


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.SUPERVISOR, Role.NAVIGATOR])
def test_only_those_who_choose_pathways_see_and_change_them(world, clients, role):
    browser = clients(world.staff("Sam Other", role))

    browser.get("/pathways", status=403)
    assert browser.send("/pathways", pathway="mixed").status_code == 403


def test_the_pathways_page_costs_no_more_than_six_statements(course, ash, lead, clients, bind):
    course(ash)
    browser = clients(lead)
    browser.get("/pathways")

    with counted(bind) as sent:
        browser.get("/pathways")

    assert len(sent) <= 6
