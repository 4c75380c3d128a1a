"""How staff come in: a password and a code each time, set up once; and how that ends at the next request."""

import pytest

from app.accounts import actions
from app.accounts import credential_actions as credentials
from app.accounts.roles import Role
from app.kit import passwords
from app.kit.errors import Forbidden
from tests.accounts import ways


@pytest.fixture
def admin(world):
    return world.staff("Petra Vale", Role.SERVICE_ADMIN)


def set_up_at(who):
    return ways.link_to(who).replace("/link/", "/set-up/")


def shown_secret(browser, address):
    return browser.http.get(address).text.split("<p><b>")[1].split("</b>")[0].replace(" ", "")


def set_up(browser, who, password="heron lamp orchard"):
    address = set_up_at(who)
    secret = shown_secret(browser, address)
    return browser.send(address, password=password, code=ways.code(who, secret))


def password_page(browser, who):
    return browser.send("/sign-in/password", email=who.person.email, password=ways.PASSWORD)


def test_an_invitation_leads_to_a_password_and_an_authenticator_and_then_in(clients, robin):
    browser = clients()
    assert browser.send(ways.link_to(robin)).headers["location"] == set_up_at(robin)

    response = set_up(browser, robin)

    assert response.headers["location"] == "/home"
    assert "Signed in as Practitioner" in browser.get("/account").text


def test_a_mistake_while_setting_up_is_said_and_the_code_to_scan_stays(clients, robin):
    browser, address = clients(), set_up_at(robin)
    secret = shown_secret(browser, address)

    page = browser.post(address, password="robin robin", code="000000", status=422)
    assert "not your name" in page.text
    assert "That code is not right" in page.text
    assert "robin robin" not in str(page.fields)

    assert shown_secret(browser, address) == secret
    assert "6 numbers from your authenticator app" in browser.post(address, password="", code="x", status=422).text


def test_an_invitation_sets_up_once_and_an_older_one_never_over_it(clients, robin, admin):
    older = set_up_at(robin)
    clients().post("/sign-in", email=robin.person.email)
    newer = set_up_at(robin)
    set_up(clients(), robin)

    for address in (older, newer):
        clients().get(address, status=404)
        assert clients().send(address, password="copper fern valley", code="000000").status_code == 404


def test_a_link_for_a_forgotten_password_cannot_set_up_another_authenticator(clients, robin):
    ways.give_password(robin, codes=True)
    clients().post("/sign-in", email=robin.person.email)

    clients().get(set_up_at(robin), status=404)
    assert clients().send(set_up_at(robin), password="copper fern valley", code="000000").status_code == 404


def test_a_patients_link_sets_up_no_staff_account(clients, ash):
    for page in ("set-up", "new-password"):
        address = ways.link_to(ash).replace("/link/", f"/{page}/")
        assert clients().send(address, password="copper fern valley", code="000000").status_code == 404


def test_a_password_alone_leads_staff_only_to_the_code(clients, robin):
    ways.give_password(robin, codes=True)
    browser = clients()

    assert password_page(browser, robin).headers["location"] == "/sign-in/code"
    browser.get("/sign-in/code")
    assert browser.http.get("/account").status_code == 303

    assert browser.send("/sign-in/code", code=ways.code(robin)).headers["location"] == "/home"
    browser.get("/account")


def test_a_code_works_once(clients, robin):
    ways.give_password(robin, codes=True)
    first, second = clients(), clients()
    password_page(first, robin)
    password_page(second, robin)
    code = ways.code(robin)

    assert first.send("/sign-in/code", code=code).status_code == 303
    page = second.post("/sign-in/code", code=code, status=422)

    assert "has been used" in page.text
    assert len(ways.sign_ins(robin)) == 1


@pytest.mark.parametrize(("seconds", "is_right"), [(30, True), (-30, True), (90, False), (-90, False)])
def test_a_phone_whose_clock_is_half_a_minute_off_still_works(robin, seconds, is_right):
    shown = ways.code(robin)

    robin.world.clock.on(seconds=seconds)

    step = passwords.totp_step(ways.SECRET, shown, now=robin.world.clock.now, after=None)
    assert (step is not None) is is_right


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "123-456"])
def test_what_is_no_code_at_all_gets_a_sentence(clients, robin, code):
    ways.give_password(robin, codes=True)
    browser = clients()
    password_page(browser, robin)

    assert "Enter the 6 numbers" in browser.post("/sign-in/code", code=code, status=422).text


def test_a_code_may_be_typed_with_the_gap_the_app_shows(clients, robin):
    ways.give_password(robin, codes=True)
    browser = clients()
    password_page(browser, robin)
    shown = ways.code(robin)

    assert browser.send("/sign-in/code", code=f"{shown[:3]} {shown[3:]}").status_code == 303


def test_the_code_page_is_for_somebody_whose_password_was_right_five_minutes_ago(clients, robin, world):
    ways.give_password(robin, codes=True)
    browser = clients()
    assert browser.http.get("/sign-in/code").headers["location"].startswith("/sign-in?")
    password_page(browser, robin)

    kept = browser.http.cookies["braid_pending"]
    forged = clients()
    forged.http.cookies.set("braid_pending", kept.replace(str(robin.id), str(world.staff("Lena Moss").id)))
    assert forged.http.get("/sign-in/code").status_code == 303

    world.clock.on(minutes=5, seconds=1)
    assert browser.send("/sign-in/code", code=ways.code(robin)).status_code == 401


def test_the_tenth_wrong_code_is_the_last_for_a_while(clients, robin, world):
    ways.give_password(robin, codes=True)
    browser = clients()
    password_page(browser, robin)
    for _ in range(10):
        browser.post("/sign-in/code", code="000000", status=422)

    response = browser.send("/sign-in/code", code=ways.code(robin))
    assert response.status_code == 429
    assert "by e-mail" not in response.text

    world.clock.on(hours=1)
    password_page(browser, robin)
    assert browser.send("/sign-in/code", code=ways.code(robin)).status_code == 303


def test_a_forgotten_password_needs_the_mailbox_and_the_authenticator(clients, robin):
    ways.give_password(robin, codes=True)
    elsewhere, browser = clients(robin), clients()
    browser.post("/sign-in", email=robin.person.email)
    address = ways.link_to(robin).replace("/link/", "/new-password/")
    assert browser.send(ways.link_to(robin)).headers["location"] == address

    assert "code is not right" in browser.post(address, password="copper fern valley", code="000000", status=422).text
    assert browser.send(address, password="copper fern valley", code=ways.code(robin)).headers["location"] == "/home"

    browser.get("/account")
    assert elsewhere.http.get("/account").status_code == 303
    assert passwords.matches(ways.person(robin).password_hash, "copper fern valley")


def test_staff_come_back_to_the_page_they_were_sent_away_from(clients, robin):
    ways.give_password(robin, codes=True)
    browser = clients()
    browser.get("/sign-in?back=/guides")

    password_page(browser, robin)

    assert browser.send("/sign-in/code", code=ways.code(robin)).headers["location"] == "/guides"


def test_a_lost_authenticator_is_replaced_with_a_colleagues_help(clients, robin, admin):
    ways.give_password(robin, codes=True)
    theirs = clients(robin)

    clients(admin).post(f"/sign-in-help/{robin.id}/new-codes")

    assert theirs.http.get("/account").status_code == 303
    assert password_page(clients(), robin).status_code == 303
    assert set_up(clients(), robin).headers["location"] == "/home"


def test_nobody_forgets_their_own_authenticator_or_a_patients(admin, ash):
    from app.kit.errors import NotFound

    with pytest.raises(Forbidden):
        credentials.forget_codes(admin.work(), person_id=admin.id)
    with pytest.raises(NotFound):
        credentials.forget_codes(admin.work(), person_id=ash.id)


def test_a_deactivated_colleague_is_out_at_the_next_request_and_cannot_come_back(clients, robin, admin):
    ways.give_password(robin, codes=True)
    browser, link = clients(robin), ways.link_to(robin)
    browser.get("/account")

    with admin.working() as work:
        actions.deactivate(work, person_id=robin.id)

    assert browser.http.get("/account").status_code == 303
    clients().get(link, status=404)
    assert password_page(clients(), robin).status_code == 422


def test_whoever_loses_a_role_is_out_of_it_at_the_next_request(clients, robin, world):
    lena = world.staff("Lena Moss", Role.CLINICAL_LEAD)
    with lena.working() as work:
        actions.give_role(work, person_id=robin.id, role=Role.SUPERVISOR)
    browser = clients(robin)
    browser.get("/account")

    with lena.working() as work:
        actions.take_role(work, person_id=robin.id, role=Role.PRACTITIONER)

    assert browser.http.get("/account").status_code == 303


def test_somebody_with_several_roles_acts_in_one_at_a_time(clients, robin, world, admin):
    with admin.working() as work:
        actions.give_role(work, person_id=robin.id, role=Role.NAVIGATOR)
    browser = clients(robin)
    before = browser.http.cookies["braid_session"]
    browser.get("/sign-in-help", status=403)

    browser.send("/account/role", role="navigator")

    browser.get("/sign-in-help")
    assert browser.http.cookies["braid_session"] != before
    assert browser.send("/account/role", role="clinical-lead").status_code == 403
