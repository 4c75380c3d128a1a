"""The pages of coming in, going out and looking after people, as somebody without JavaScript meets them."""

import pytest

from app.accounts.roles import Role
from tests.accounts import ways


@pytest.fixture
def lena(world):
    return world.staff("Lena Moss", Role.CLINICAL_LEAD)


@pytest.fixture
def admin(world):
    return world.staff("Petra Vale", Role.SERVICE_ADMIN)


@pytest.fixture
def navigator(world):
    return world.staff("Lowri Penn", Role.NAVIGATOR)


def test_nobody_needs_an_id_to_sign_in_and_help_is_on_the_page(clients):
    page = clients().get("/sign-in")

    assert "You do not need an ID" in page.text
    assert "I forgot how I sign in" in page.text
    assert "/help" in page.links
    assert set(page.fields) == {"csrf", "email"}


def test_the_pages_before_signing_in_stand_by_themselves(clients):
    browser = clients()

    for path in ("/", "/sign-in", "/sign-in/sent", "/sign-in/sent?new-device=1", "/sign-in/password", "/signed-out"):
        assert "/help" in browser.get(path).links, path


def test_an_address_that_is_none_is_answered_with_a_sentence_and_stays_in_its_field(clients):
    page = clients().post("/sign-in", email="ash at home", status=422)

    assert page.fields["email"] == ["ash at home"]
    assert "Enter an e-mail address in the right form" in page.text
    assert "#email" in page.links


def test_a_letter_asks_before_it_signs_in_and_says_what_it_is_for(clients, ash):
    page = clients().get(ways.link_to(ash))

    assert page.headings == ["Hello Ash"]
    assert "Only I use this device" in page.text


def test_a_new_member_of_staff_is_shown_a_code_to_scan_and_the_same_to_type(clients, robin):
    address = ways.link_to(robin).replace("/link/", "/set-up/")
    response = clients().http.get(address)

    assert "<svg" in response.text
    assert "style=" not in response.text
    again = clients().http.get(address)
    assert again.text.split("<b>")[1][:39] == response.text.split("<b>")[1][:39]


def test_somebody_sees_their_account_and_where_they_are_signed_in(clients, ash, robin):
    clients(ash)
    page = clients(ash).get("/account")

    assert "ash.whitlock@" in page.text
    assert page.text.count("Sign out there") == 1
    assert "authenticator" not in page.text
    assert "Practitioner" in clients(robin).get("/account").text


def test_a_sign_in_that_ran_out_is_not_shown_as_open(clients, ash, world):
    clients(ash)
    world.clock.on(hours=1)

    assert "Sign out there" not in clients(ash).get("/account").text


def test_ending_another_sign_in_ends_that_one_and_not_mine(clients, ash):
    elsewhere, here = clients(ash), clients(ash)
    other = min(ways.sign_ins(ash), key=lambda row: row.id != first_of(elsewhere, ash))

    here.post(f"/account/sign-ins/{other.id}/end")

    assert elsewhere.http.get("/account").status_code == 303
    here.get("/account")


def first_of(browser, who):
    from app.kit import crypto

    secret = browser.http.cookies["braid_session"].partition(".")[2]
    return next(row.id for row in ways.sign_ins(who) if row.token_hash == crypto.fingerprint(secret))


def test_nobody_ends_somebody_elses_sign_in(clients, ash, robin):
    theirs = clients(robin)

    clients(ash).post(f"/account/sign-ins/{ways.sign_ins(robin)[0].id}/end")

    theirs.get("/account")


def test_signing_out_everywhere_ends_every_sign_in(clients, ash):
    elsewhere, here = clients(ash), clients(ash)

    page = here.post("/account/sign-ins/end")

    assert page.headings == ["You are signed out"]
    assert elsewhere.http.get("/account").status_code == 303
    assert ways.sign_ins(ash) == []


def test_a_password_needs_the_present_one_to_change_and_signs_out_elsewhere(clients, ash):
    ways.give_password(ash)
    elsewhere, here = clients(ash), clients(ash)

    wrong = here.post("/account/password", current="not this one", password="copper fern valley", status=422)
    assert "That is not your present password" in wrong.text
    assert "copper" not in wrong.text

    assert "is changed" in here.post("/account/password", current=ways.PASSWORD, password="copper fern valley").text
    assert elsewhere.http.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "at least 10"),
        ("ash.whitlock99", "not your name"),
        ("password1234", "list of common"),
        ("a" * 12, "harder"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(clients, ash, password, sentence):
    assert sentence in clients(ash).post("/account/password", password=password, status=422).text


def test_an_administrator_adds_staff_and_is_told_what_is_missing(clients, admin):
    browser = clients(admin)

    page = browser.post("/staff/new", given_name="Noor", family_name="", email="noor", roles="navigator", status=422)
    assert page.fields["given_name"] == ["Noor"]
    assert page.fields["email"] == ["noor"]
    assert page.fields["roles"] == ["navigator"]
    assert "Enter a last name" in page.text

    page = browser.post(
        "/staff/new", given_name="Noor", family_name="Ali", email="noor@x.example.org", roles="navigator"
    )
    assert "Noor Ali" in page.text
    assert "Invited, not set up yet" in page.text


def test_an_address_that_is_taken_is_said_beside_it_and_nothing_typed_is_lost(clients, admin, robin):
    page = clients(admin).post(
        "/staff/new",
        given_name="Noor",
        family_name="Ali",
        email=robin.person.email.upper(),
        roles="navigator",
        status=422,
    )

    assert "already has that e-mail address" in page.text
    assert page.fields["family_name"] == ["Ali"]


def test_an_administrator_is_offered_no_clinical_role_and_cannot_post_one(clients, admin, lena, robin):
    offered = clients(admin).http.get("/staff/new").text
    assert 'value="navigator"' in offered
    assert 'value="supervisor"' not in offered
    assert 'value="supervisor"' in clients(lena).http.get("/staff/new").text

    assert clients(admin).send(f"/staff/{robin.id}/roles", role="supervisor").status_code == 403
    assert clients(lena).send(f"/staff/{robin.id}/roles", role="supervisor").status_code == 303


def test_sign_in_help_finds_by_part_of_a_name_and_shows_nothing_clinical(clients, navigator, ash, robin):
    page = clients(navigator).get("/sign-in-help?find=whit")

    assert "Ash Whitlock" in page.text
    assert "Robin Hale" not in page.text
    assert "1989" not in page.text
    assert "Nobody here has “%”" in clients(navigator).get("/sign-in-help?find=%25").text


def test_who_helps_with_signing_in_finds_which_reminders_came_to_a_patient(clients, navigator, ash):
    links = clients(navigator).get("/sign-in-help?find=whit").links

    assert f"/patients/{ash.id}/reminders" in links
    assert "The last seven days" in clients(navigator).get(f"/patients/{ash.id}/reminders").text


def test_the_navigator_sends_a_link_and_signs_somebody_out(clients, navigator, ash):
    theirs, before = clients(ash), len(ways.links(ash))

    assert "on its way" in clients(navigator).post(f"/sign-in-help/{ash.id}/link").text
    assert len(ways.links(ash)) == before + 1
    clients(navigator).post(f"/sign-in-help/{ash.id}/sign-out")
    assert theirs.http.get("/account").status_code == 303


def test_ending_access_is_asked_first_and_names_the_person_and_their_patients(clients, admin, robin, ash, lena):
    browser = clients(admin)

    asked = browser.get(f"/staff/{robin.id}/deactivate")
    assert asked.headings == ["End access for Robin Hale"] and "1 patient is left without" in asked.text
    page = browser.post(f"/staff/{robin.id}/deactivate")
    assert "Robin Hale can no longer sign in. Give their 1 patient to a colleague" in page.text
    page = browser.post(f"/staff/{robin.id}/reactivate")
    assert "Robin Hale can sign in again as soon as they have a role." in page.text
    assert "Give their" not in browser.post(f"/staff/{lena.world.staff('Sam Reed').id}/deactivate").text


def test_the_last_clinical_lead_stays_and_both_ways_out_say_why(clients, admin, lena):
    browser = clients(admin)
    words = "only clinical lead with access"

    assert words in browser.get(f"/staff/{lena.id}/deactivate").text
    assert words in browser.post(f"/staff/{lena.id}/deactivate", status=409).text

    lena.world.staff("Mia Ford", Role.CLINICAL_LEAD)
    assert words not in browser.get(f"/staff/{lena.id}/deactivate").text
    assert "can no longer sign in" in browser.post(f"/staff/{lena.id}/deactivate").text


def test_signing_somebody_out_is_asked_first_and_names_them(clients, navigator, ash):
    browser = clients(navigator)

    assert f"/sign-in-help/{ash.id}/sign-out" in browser.get("/sign-in-help?find=whit").links
    assert browser.get(f"/sign-in-help/{ash.id}/sign-out").headings == ["Sign Ash Whitlock out everywhere"]
    page = browser.post(f"/sign-in-help/{ash.id}/sign-out")
    assert "Ash Whitlock is signed out everywhere." in page.text


def test_a_practitioner_has_neither_staff_nor_sign_in_help(clients, robin, ash):
    browser = clients(robin)

    browser.get("/staff", status=403)
    browser.get("/sign-in-help", status=403)
    assert browser.send(f"/sign-in-help/{ash.id}/link").status_code == 403


def test_a_patient_sees_who_opened_their_record_by_day(clients, robin, ash, world):
    assert "Nobody has opened your record yet" in clients(ash).get("/my/record").text

    with robin.working() as work:
        work.record_look("patient.opened", patient=ash.id, page="/patients/{patient_id}/plan")
        work.record_look("patient.opened", patient=ash.id, page="/patients/{patient_id}/plan")
    world.clock.on(minutes=1)

    page = clients(ash).get("/my/record")
    assert "Robin Hale , practitioner" in page.text
    assert "Tuesday 3 March 2026, 2 pages opened" in page.text
