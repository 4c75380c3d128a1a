"""The pathways a service uses, beside those of the library."""

from dataclasses import replace

import pytest

from app.accounts.roles import Role
from app.pathways import version_queries
from app.programme import queries
from tests import published
from tests.programme.conftest import course
from tests.statements import counted

__all__ = ["course"]


def altered(library, key):
    """The library with one pathway a week shorter."""
    shorter = library.pathways[key].model_copy(update={"programme_days": 70})
    return replace(library, pathways=library.pathways | {key: shorter})


def test_a_service_without_a_pathway_is_told_that_nobody_can_be_added(lead, clients):
    page = clients(lead).get("/pathways")

    assert "No pathway is in use, so no patient can be added." in page.text
    assert page.text.count("Take into use") == 3


def test_the_patients_on_each_version_are_counted(course, ash, lead, clients):
    course(ash)

    assert "1 patient" in clients(lead).get("/pathways").text


def test_a_pathway_that_changed_since_says_so_and_keeps_its_number_of_patients(world, library):
    with world.founding() as work:
        published.in_use(work, library=library, key="mixed")
        offered = queries.pathways(work)
        mixed = {one.key: one for one in version_queries.in_library(altered(library, "mixed"), offered)}["mixed"]
        same = {one.key: one for one in version_queries.in_library(library, offered)}["mixed"]

        assert mixed.in_use and mixed.changed
        assert same.in_use and not same.changed
        again = published.in_use(work, library=altered(library, "mixed"), key="mixed")
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
def test_no_draft_is_begun_from_what_is_not_in_the_library(lead, clients, fields):
    assert clients(lead).send("/pathways/drafts", **fields).status_code == 404


def test_a_version_the_service_does_not_have_is_not_found(lead, clients):
    nowhere = "/pathways/00000000-0000-4000-8000-000000000000"

    clients(lead).get(nowhere, status=404)
    clients(lead).get(f"{nowhere}/file", status=404)
    assert clients(lead).send(f"{nowhere}/draft").status_code == 404


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.SUPERVISOR, Role.NAVIGATOR])
def test_only_those_who_choose_pathways_see_and_change_them(world, clients, role):
    browser = clients(world.staff("Sam Other", role))

    browser.get("/pathways", status=403)
    assert browser.send("/pathways/drafts", pathway="mixed").status_code == 403


def test_the_pathways_page_costs_no_more_than_six_statements(course, ash, lead, clients, bind):
    course(ash)
    browser = clients(lead)
    browser.get("/pathways")

    with counted(bind) as sent:
        browser.get("/pathways")

    assert len(sent) <= 6


def test_correcting_the_text_of_a_module_asks_for_no_new_version_of_a_pathway(world, library):
    with world.founding() as work:
        published.in_use(work, library=library, key="mixed")
        offered = queries.pathways(work)
    module = library.modules["thoughts"]
    corrected = replace(library, modules=dict(library.modules) | {
        "thoughts": module.model_copy(update={"summary": "Another summary", "version": "9.9"})
    })  # fmt: skip

    [mixed] = [one for one in version_queries.in_library(corrected, offered) if one.key == "mixed"]

    assert mixed.in_use and not mixed.changed
