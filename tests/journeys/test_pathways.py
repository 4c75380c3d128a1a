"""A pathway from a draft to the patients on it: compared, played, tried, published by two, moved to, and taken back."""

from pathlib import Path

import pytest

from app.accounts.roles import Role
from app.pathways import change_queries, draft_actions, version_queries
from app.programme import queries


@pytest.fixture
def imogen(world):
    return world.staff("Imogen Vale", Role.SERVICE_ADMIN)


@pytest.fixture
def lead(world):
    return world.staff("Lee Lead", Role.CLINICAL_LEAD)


@pytest.fixture
def base(imogen, library, in_use, world):
    """A draft in which Doing what matters is open from the start, and one step can be skipped into a dead end."""
    world.staff("Gareth Pugh", Role.SUPERVISOR)
    body = change_queries.as_body(library.pathways["as-it-should-be"])
    for step in body["steps"]:
        if step["key"] == "doing-what-matters":
            step["unlock"] = {"kind": "always"}
        if step["key"] == "thoughts":
            step["unlock"] = {"kind": "step-completed", "step": "low-mood"}
    with imogen.working() as work:
        newest = version_queries.newest(work, "as-it-should-be")
        return draft_actions.begin_draft(work, body=body, base_id=newest.id).id


def test_a_draft_is_compared_played_tried_and_published_by_two_and_a_patient_is_moved_and_moved_back(
    visit, world, site, enrol, imogen, lead, base
):
    ash = enrol("Ash Whitlock")
    site.tick(world)
    author, other, patient = visit().sign_in(imogen), visit().sign_in(lead), visit().sign_in(ash)
    patient.go("/my/programme").sees("Opens when you finish Understanding low mood", within="#doing-what-matters")

    author.go("/pathways").press("Check and publish").sees("Needs a signed reason", "Working with thoughts")
    author.press("Compare with version 1").sees("Doing what matters", "Opens for more patients")
    author.press("Run through days").select("Begin a new course", "Does what is open each week and gets better")
    author.press("Begin it").press("Next 7 days").press("To the next change").sees("Changed today.")
    author.press("What if", within="main nav").press("Look at every patient").sees("0 of 1 patient looked at")
    site.tick(world)
    author.press("Look again").sees("1 would gain one", "Ash Whitlock", "came out exactly as announced")
    author.press("Ash Whitlock").sees("side by side", "Open: start when you like.")

    author.go(f"/pathways/drafts/{base}/publish").press("Ask for it to be published", within="form.braid-form")
    author.sees("Say why this is right for your patients", within=".nhsuk-error-summary")
    author.fill("Your reason", "Nobody skips it here: it is done together in the first session.")
    author.press("Ask for it to be published", within="form.braid-form").sees("Lee Lead can publish it now.")
    other.go("/pathways").sees("1 draft waits to be published").press("Look at the request")
    other.sees("Nobody skips it here").press("Publish version 2").sees("version 2 is published")
    patient.go("/my/programme").sees("Opens when you finish Understanding low mood", within="#doing-what-matters")

    author.go("/pathways").press("What if patients were on it", within="tr:has-text('Version 2')")
    author.press("Look at every patient")
    site.tick(world)
    author.press("Look again").press("Plan a move").date("On which day?", "3", "3", "2026")
    author.fill("Why are they moved?", "Nobody should wait for it.").press("Ask for agreement")
    author.sees("Waits to be agreed")
    other.go("/pathways").press("Plans to move patients").press("Depression, version 2").press("Agree to it")
    site.tick(world)
    other.go(other.path).sees("1 patient moved, 0 left where they were.")
    patient.go("/my/programme").sees("Open: start when you like.", within="#doing-what-matters")

    author.go(other.path).press("Move everybody back").press("Move them back").sees("moved back one by one")
    site.tick(world)
    author.go(author.path).sees("Moved, and moved back")
    patient.go("/my/programme").sees("Opens when you finish Understanding low mood", within="#doing-what-matters")
    with ash.working() as work:
        assert queries.in_use(work)


def test_a_step_is_released_for_those_who_are_ticked_and_taken_back(visit, world, site, enrol, robin):
    people = [enrol(name) for name in ("Ash Whitlock", "Bea Okoro", "Cem Yildiz")]
    site.tick(world)
    staff, patient = visit().sign_in(robin), visit().sign_in(people[0])

    staff.go("/caseload")
    for one in people[:2]:
        staff.page.get_by_label(f"Choose {one.person.given_name} {one.person.family_name}").check()
    staff.press("Release a step").sees("Release a step for 2 patients").select("Step", "Staying well")
    staff.press("Show what it comes to").sees("2 would be released.").fill("Words for them", "As we said on Monday.")
    staff.press("Release it for 2 patients").sees("2 released, 0 unchanged, 0 refused.")
    patient.go("/my/programme").sees("As we said on Monday.", within="#staying-well")

    staff.press("Take it back").sees("Taken back", "for 2")
    patient.go("/my/programme").does_not_see("Open: start when you like.", within="#staying-well")


def test_a_file_becomes_a_draft_once_what_is_wrong_in_it_is_mended(visit, imogen, in_use):
    author, text = visit().sign_in(imogen), Path("modules_content/pathways/mixed.yaml").read_text()
    author.go("/pathways/import").press("Begin a draft from it")
    author.sees("Paste the text of a pathway file", within=".nhsuk-error-summary")
    author.fill("The text of the file", text.replace("module: thoughts", "module: thought"))
    author.press("Begin a draft from it").sees("What is wrong in it", "there is no module", "Did you mean")

    author.fill("The text of the file", text).press("Begin a draft from it").sees("What would this draft change?")
    author.sees("It reads just as version 1 does.")
