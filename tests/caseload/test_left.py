"""When a practitioner leaves, their patients and what waits are seen the same day, and nobody tells the patient who."""

import pytest
import sqlalchemy as sa

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.notifications import switch_actions
from app.notifications.kinds import LetterKind, SwitchScope
from app.notifications.tables import Outbox
from app.programme import jobs, plan_actions, queries
from tests.questionnaires.answers import phq_9, send

ORIGIN = "https://braid.example.org"


@pytest.fixture
def lead(world):
    return world.staff("Lee Lead", Role.CLINICAL_LEAD)


@pytest.fixture
def sue(world, robin):
    sue = world.staff("Sue Perrin", Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=sue.id, practitioner_id=robin.id)
    return sue


@pytest.fixture
def eleven(world, robin, pathway, clients, follow):
    """Eleven patients of Robin's who have asked for Staying well, so that it waits for a release."""
    found = [world.patient(f"Pat{number} Many", of=robin) for number in range(11)]
    for one in found:
        with world.founding() as work:
            plan_actions.enrol(work, patient_id=one.id, pathway_version_id=pathway.id, zone="Europe/London")
        clients(one).post("/my/programme/staying-well/ask")
    follow()
    return found


def leave(world, who):
    with world.founding() as work:
        accounts.deactivate(work, person_id=who.id)


@pytest.fixture
def remind(bind, world):
    return lambda: jobs.remind(bind, world.service_id, clock=world.clock, origin=ORIGIN)


def told(who):
    return (
        who.work()
        .session.execute(sa.select(sa.func.count()).where(Outbox.person_id == who.id, Outbox.kind == "something-new"))
        .scalar_one()
    )


def test_acceptance_13_eleven_wait_on_a_practitioner_who_left(world, robin, lead, sue, eleven, clients, follow, remind):
    world.clock.on(days=2)
    leave(world, robin)

    page = clients(lead).get("/caseload/left")
    assert "11 patients, of whom 11 wait for somebody." in page.text
    assert all(f"Pat{number} Many" in page.text for number in range(11))
    assert page.text.count("Would like to try Staying well, which waits for a practitioner to open it, 2 days.") == 11
    caseload = clients(lead).get("/caseload").text
    assert "11 of 11 patients need somebody." in caseload and "Robin Hale no longer works here." in caseload

    remind()
    assert (told(robin), told(sue), told(lead)) == (0, 1, 1)

    clients(sue).post(f"/patients/{eleven[0].id}/plan/staying-well/release")
    assert queries.plan(eleven[0].work(), eleven[0].patient())["staying-well"].opened
    for path in ("/my/today", "/my/programme", "/my/support"):
        words = clients(eleven[1]).get(path).text
        assert "Robin" not in words and "Hale" not in words, path


def test_a_covering_practitioner_takes_over_and_can_release(world, robin, lead, eleven, clients, remind):
    leave(world, robin)
    nadia = world.staff("Nadia Rahman")

    clients(lead).post(f"/patients/{eleven[0].id}/practitioner", practitioner_id=str(nadia.id))
    clients(nadia).post(f"/patients/{eleven[0].id}/plan/staying-well/release")

    assert queries.plan(eleven[0].work(), eleven[0].patient())["staying-well"].opened
    assert "10 patients" in clients(lead).get("/caseload/left").text


def test_a_practitioner_is_reminded_once_of_all_that_became_due_on_one_day(world, robin, sue, eleven, remind):
    assert remind() == 0 and told(robin) == 0
    world.clock.on(days=3)

    for _ in range(3):
        remind()

    assert (told(robin), told(sue)) == (1, 0)


def test_cover_is_told_when_the_practitioner_has_not_acted_for_the_days_the_rule_says(
    world, robin, sue, eleven, remind, library
):
    release = library.pathways["as-it-should-be"].by_key["staying-well"].unlock.of[2]
    world.clock.on(days=release.then_after_days)

    remind()

    assert told(sue) == 1


def test_those_above_are_told_whatever_they_and_the_practitioner_turned_off(world, robin, sue, eleven, remind, library):
    for who in (robin, sue):
        with who.working() as work:
            switch_actions.switch_off(work, person_id=who.id, scope=SwitchScope.LETTER, which=LetterKind.WAITS)
    release = library.pathways["as-it-should-be"].by_key["staying-well"].unlock.of[2]
    world.clock.on(days=release.then_after_days)

    remind()

    assert (told(robin), told(sue)) == (0, 1)


def test_nobody_is_reminded_of_what_was_released_meanwhile(world, robin, eleven, clients, remind, follow):
    for one in eleven:
        clients(robin).post(f"/patients/{one.id}/plan/staying-well/release")
    follow()
    world.clock.on(days=9)

    assert remind() == 0 and told(robin) == 0


def test_an_open_alert_of_somebody_whose_practitioner_left_is_the_first_thing_that_waits(
    world, robin, lead, course, eleven, clients, library, follow
):
    zadie = world.patient("Zadie Young", of=robin)
    course(zadie)
    send(zadie, library, phq_9(1, 1, 1, 1, 1, 1, 1, 1, 1))
    leave(world, robin)
    world.clock.on(days=3)

    rows = clients(lead).get("/caseload/left").text.partition("Decide")[2]

    assert rows.strip().startswith("Zadie Young") and "Nothing waits" not in rows
    zadies = rows[: rows.index("Pat0 Many")]
    assert "Safety alert open." in zadies and "Nobody has looked at it yet." in zadies


def test_a_supervisor_sees_those_of_their_own_and_a_practitioner_theirs_alone(world, robin, sue, eleven, clients):
    other = world.staff("Nadia Rahman")
    theirs = world.patient("Kofi Lansdale", of=other)
    leave(world, robin)
    leave(world, other)

    assert "11 patients" in clients(sue).get("/caseload/left").text
    assert theirs.person.family_name not in clients(sue).get("/caseload/left").text
    assert "Everybody has a practitioner who works here." in clients(world.staff("Ida New")).get("/caseload/left").text
