"""The caseload, a new patient and who a patient is, as pages."""

from uuid import uuid4

import pytest

from app.accounts import actions as accounts
from app.accounts.roles import Role
from app.accounts.tables import PatientRecord
from app.caseload import known_queries, queries
from tests.questionnaires.answers import phq_9, send, totalling
from tests.statements import counted


@pytest.fixture
def new(robin, pathway):
    """What is posted to add a patient."""
    return {
        "given_name": "Femi", "family_name": "Adeyinka", "email": "femi@example.org", "born_on__day": "2",
        "born_on__month": "11", "born_on__year": "1994", "practitioner_id": robin.id, "pathway": pathway.id,
    }  # fmt: skip


@pytest.fixture
def lead(world):
    return world.staff("Lee Lead", Role.CLINICAL_LEAD)


# Caseload


def test_the_caseload_opens_with_who_needs_you_and_the_act(course, ash, robin, clients, library, world, follow):
    course(ash)
    send(ash, library, phq_9(1, 1, 1, 1, 1, 1, 1, 1, 1))
    world.patient("Kofi Lansdale", of=robin)
    follow()

    page = clients(robin).get("/caseload")

    assert page.headings == ["Caseload"]
    assert "2 of your 2 patients need you. First: Ash Whitlock. PHQ-9, question 9, answered" in page.text
    assert page.text.index("Safety alert, 1") < page.text.index("Not started, 1")
    assert any(link.startswith(f"/patients/{ash.id}/alerts/") for link in page.links)
    assert f"/patients/{ash.id}" in page.links
    assert "14 Mar 1989" in page.text


def test_a_name_leads_to_the_first_page_somebody_may_see(ash, robin, clients, world):
    assert clients(robin).http.get(f"/patients/{ash.id}").headers["location"] == f"/patients/{ash.id}/plan"
    navigator = clients(world.staff("Priya Nav", Role.NAVIGATOR))
    assert navigator.http.get(f"/patients/{ash.id}").headers["location"] == f"/patients/{ash.id}/details"


def test_counts_are_links_that_narrow_the_list(course, ash, robin, clients, library, world, follow):
    send(ash, library, totalling(5))
    send(ash, library, totalling(15))
    world.patient("Kofi Lansdale", of=robin)
    follow()
    browser = clients(robin)

    assert {"/caseload?need=worse", "/caseload?need=not-started"} <= set(browser.get("/caseload").links)
    only = browser.get("/caseload?need=worse").text
    assert "Ash Whitlock" in only and "Kofi Lansdale" not in only
    assert "Nobody is waiting for this." in browser.get("/caseload?need=alert").text
    assert browser.get("/caseload?need=nonsense").text == browser.get("/caseload").text


def test_a_search_says_what_it_found_and_keeps_the_words(ash, robin, clients):
    browser = clients(robin)

    found = browser.get("/caseload?find=whit")
    assert "1 patient found for “whit”." in found.text and found.fields["find"] == ["whit"]
    nobody = browser.get("/caseload?find=nobody")
    assert "Nobody of your caseload was found with that name" in nobody.text and "/caseload" in nobody.links


@pytest.mark.parametrize("query", ["find=%00", "find=%25", "find=%5C", "find=" + "x" * 5000, "page=%C2%B2", "page=-1",
                                   "page=99999999999", "need=%00", "find=%FF"])  # fmt: skip
def test_junk_in_the_address_is_no_mistake(ash, robin, clients, query):
    clients(robin).get(f"/caseload?{query}")


def test_an_empty_caseload_says_what_to_do(robin, clients):
    page = clients(robin).get("/caseload")

    assert "You have no patients yet." in page.text and "/patients/new" in page.links


def test_nobody_waiting_is_said_in_words(course, ash, robin, clients, library, follow):
    course(ash).post("/my/steps/low-mood/start")
    send(ash, library, totalling(9))
    follow()

    assert "Nobody is waiting for you. 1 patient, all on their way." in clients(robin).get("/caseload").text


def test_pages_are_linked_and_keep_the_search(world, robin, clients, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for name in ("Amy Aa", "Bea Aa", "Cat Aa"):
        world.patient(name, of=robin)

    page = clients(robin).get("/caseload?find=aa&need=not-started")

    assert "Page 1 of 2" in page.text
    assert "/caseload?find=aa&need=not-started&page=2" in page.links


def test_a_lead_sees_whose_patients_they_are_and_how_many_there_are_more(world, robin, lead, clients, monkeypatch):
    monkeypatch.setattr(known_queries, "AT_MOST", 2)
    for name in ("Amy Aa", "Bea Bb", "Cat Cc"):
        world.patient(name, of=robin)

    page = clients(lead).get("/caseload")

    assert "2 of 2 patients need somebody." in page.text
    assert "These are the first 2 of 3 patients: those with a safety alert" in page.text
    assert "Robin Hale" in page.text


@pytest.mark.parametrize("role", [Role.SERVICE_ADMIN, Role.NAVIGATOR, Role.RESEARCHER])
def test_the_caseload_is_for_those_who_give_care(world, clients, role):
    clients(world.staff("Sam Other", role)).get("/caseload", status=403)


def test_the_caseload_costs_no_more_than_six_statements_however_many_patients(
    course, world, robin, clients, library, bind, follow
):
    for name in ("Amy Aa", "Bea Bb", "Cat Cc", "Dan Dd", "Eve Ee"):
        who = world.patient(name, of=robin)
        course(who)
        send(who, library, totalling(12))
    follow()
    browser = clients(robin)
    browser.get("/caseload")

    with counted(bind) as sent:
        browser.get("/caseload")

    assert len(sent) <= 6, "\n".join(sent)


# A new patient


def test_a_new_patient_is_invited_and_on_a_pathway(new, robin, clients):
    page = clients(robin).post("/patients/new", **new)

    assert page.headings == ["Details"]
    assert "Femi Adeyinka is added, with Robin Hale. Their invitation is on its way by e-mail." in page.text
    assert "Femi Adeyinka" in clients(robin).get("/caseload").text
    plan = next(link for link in page.links if link.endswith("/plan"))
    assert "Understanding low mood is open." in clients(robin).get(plan).text


@pytest.mark.parametrize(
    ("mistake", "field", "words"),
    [
        ({"given_name": ""}, "given_name", "Enter a first name"),
        ({"email": "not an address"}, "email", "right form"),
        ({"born_on__year": "94"}, "born_on", "Enter a date of birth"),
        ({"born_on__year": "2027"}, "born_on", "that day has not come yet"),
        ({"born_on__year": "1904"}, "born_on", "they would be 121 years old"),
        ({"born_on__year": "2025", "born_on__month": "7"}, "born_on", "they would be 8 months old"),
        ({"born_on__year": "2010", "born_on__month": "4"}, "born_on", "they would be 15 years old"),
        ({"nhs_number": "123 456 7890"}, "nhs_number", "one of its digits is not right"),
        ({"pathway": ""}, "pathway", "Choose a pathway"),
        ({"practitioner_id": ""}, "practitioner_id", "Choose a practitioner"),
        ({"contact_note": "x" * 201}, "contact_note", "Shorten the contact note"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_everything_typed_stays(new, robin, clients, mistake, field, words):
    page = clients(robin).post("/patients/new", status=422, **new | mistake)

    assert words in page.text and f"#{field}" in page.links
    assert page.fields["family_name"] == ["Adeyinka"]
    assert page.fields["born_on-day"] == ["2"]
    assert "Femi" not in clients(robin).get("/caseload").text


def test_an_address_or_number_that_is_taken_is_a_mistake_too(new, robin, clients, world):
    world.patient("Ash Whitlock", of=robin, nhs_number="9998211468")
    taken = world.email("Ash Whitlock")

    page = clients(robin).post("/patients/new", status=422, **new | {"email": taken})
    assert "already has that e-mail address" in page.text and "#email" in page.links
    page = clients(robin).post("/patients/new", status=422, **new | {"nhs_number": "999 821 1468"})
    assert "already has that NHS number" in page.text and "#nhs_number" in page.links


def test_a_practitioner_is_offered_as_the_one_who_looks_after_whom_they_add(new, robin, clients, world):
    world.staff("Sam Other")

    assert clients(robin).get("/patients/new").fields["practitioner_id"] == [str(robin.id)]
    assert "practitioner_id" not in clients(world.staff("Ada Admin", Role.SERVICE_ADMIN)).get("/patients/new").fields


def test_a_pathway_or_practitioner_that_is_not_offered_adds_nobody(new, robin, clients):
    for junk in ({"pathway": uuid4()}, {"practitioner_id": uuid4()}):
        assert clients(robin).send("/patients/new", **new | junk).status_code == 404

    assert "You have no patients yet." in clients(robin).get("/caseload").text


def test_without_a_pathway_in_use_the_form_says_who_can_change_that(robin, clients):
    assert "takes a pathway into use under Pathways" in clients(robin).get("/patients/new").text


def test_a_patient_added_for_a_colleague_leads_back_to_ones_own_list(new, robin, clients, world):
    other = world.staff("Sam Other")

    page = clients(robin).post("/patients/new", **new | {"practitioner_id": other.id})

    assert page.headings == ["Caseload"]
    assert "The patient is added, with Sam Other. Their invitation is on its way" in page.text
    assert "Femi Adeyinka" in clients(other).get("/caseload").text


def test_a_service_administrator_adds_patients_without_a_caseload(new, clients, world):
    page = clients(world.staff("Ada Admin", Role.SERVICE_ADMIN)).post("/patients/new", **new)

    assert page.headings == ["Details"]


# Details


def test_contact_and_local_numbers_are_changed_and_never_shown_to_the_patient(course, ash, robin, clients):
    ash = course(ash)
    browser, path = clients(robin), f"/patients/{ash.who.id}/details"

    page = browser.post(path, contact_note="Mobile from 08:00", local_patient_id="P-4711", local_referral_id="R-99")

    assert "Changed." in page.text
    assert page.fields["local_patient_id"] == ["P-4711"]
    assert "Contact Mobile from 08:00" in page.text
    for theirs in ("/my/today", "/account", "/my/record"):
        words = ash.browser.http.get(theirs).text
        assert "P-4711" not in words and "R-99" not in words


def test_what_somebody_changed_in_between_is_shown_beside_what_was_typed(ash, robin, lead, clients):
    path, browser = f"/patients/{ash.id}/details", clients(robin)
    made_from = browser.get(path).fields["made_from"]
    clients(lead).post(path, contact_note="No calls at work", made_from=made_from)

    page = browser.post(path, status=409, contact_note="Mobile from 08:00", made_from=made_from)
    assert "It now says “No calls at work”." in page.text and "#contact_note" in page.links
    assert page.fields["contact_note"] == ["Mobile from 08:00"]

    page = browser.post(path, contact_note="Mobile from 08:00", made_from=page.fields["made_from"])
    assert "Changed." in page.text and page.fields["contact_note"] == ["Mobile from 08:00"]


def test_what_is_too_long_is_a_mistake_and_stays_typed(ash, robin, clients):
    path = f"/patients/{ash.id}/details"

    page = clients(robin).post(path, status=422, contact_note="Mobile", local_patient_id="x" * 21)

    assert "at most 20 characters" in page.text and "#local_patient_id" in page.links
    assert page.fields["contact_note"] == ["Mobile"] and page.fields["local_patient_id"] == ["x" * 21]


def test_a_patient_is_given_another_practitioner_who_sees_them_at_once(ash, robin, lead, clients, world):
    other = world.staff("Sam Other")

    page = clients(lead).post(f"/patients/{ash.id}/practitioner", practitioner_id=other.id)

    assert "Ash Whitlock is given to Sam Other, who sees them from now on." in page.text
    assert "Ash Whitlock" in clients(other).get("/caseload").text
    clients(robin).get(f"/patients/{ash.id}/details", status=404)


def test_a_supervisor_who_gives_a_patient_away_is_led_to_the_list(ash, robin, clients, world):
    una = world.staff("Una Super", Role.SUPERVISOR)
    with world.founding() as work:
        accounts.supervise(work, supervisor_id=una.id, practitioner_id=robin.id)

    page = clients(una).post(f"/patients/{ash.id}/practitioner", practitioner_id=world.staff("Sam Other").id)

    assert page.headings == ["Caseload"] and "Given to Sam Other." in page.text


def test_a_service_administrator_gives_a_patient_another_practitioner(ash, clients, world):
    admin = clients(world.staff("Ada Admin", Role.SERVICE_ADMIN))

    page = admin.post(f"/patients/{ash.id}/practitioner", practitioner_id=world.staff("Sam Other").id)

    assert "with Sam Other" in page.text
    assert admin.send(f"/patients/{ash.id}/practitioner", practitioner_id=uuid4()).status_code == 404
    assert "Choose a practitioner" in admin.post(f"/patients/{ash.id}/practitioner", status=422).text


def test_a_practitioner_gives_nobody_away(ash, robin, clients, world):
    browser = clients(robin)

    assert "Change practitioner" not in browser.get(f"/patients/{ash.id}/details").text
    sent = browser.send(f"/patients/{ash.id}/practitioner", practitioner_id=world.staff("Sam Other").id)
    assert sent.status_code == 403


def test_somebody_elses_patient_is_not_found(ash, clients, world):
    browser = clients(world.staff("Sam Other"))

    browser.get(f"/patients/{ash.id}", status=404)
    browser.get(f"/patients/{ash.id}/details", status=404)
    assert browser.send(f"/patients/{ash.id}/details", contact_note="Mine now").status_code == 404
    with ash.working() as work:
        assert work.session.get_one(PatientRecord, (work.service_id, ash.id)).contact_note == ""


def test_a_navigator_sees_who_somebody_is_and_changes_nothing(ash, clients, world):
    browser = clients(world.staff("Priya Nav", Role.NAVIGATOR))

    page = browser.get(f"/patients/{ash.id}/details")

    assert "Ash Whitlock" in page.text and "Save" not in page.text
    assert browser.send(f"/patients/{ash.id}/details", contact_note="Later").status_code == 403
