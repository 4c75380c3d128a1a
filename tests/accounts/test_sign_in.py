"""How patients come in: a link, a password, a device of their own; and how long it lasts."""

import pytest

from app.accounts import actions, entrance
from app.accounts.roles import Role
from app.kit import csrf
from tests.accounts import ways
from tests.people import World


def test_opening_a_link_changes_nothing_and_pressing_its_button_signs_in(clients, ash):
    browser = clients()

    browser.get(ways.link_to(ash))
    browser.get(ways.link_to(ash))
    assert ways.sign_ins(ash) == []

    response = browser.send(ways.link_to(ash))
    assert response.headers["location"] == "/my/today"
    assert browser.get("/account").headings == ["Your account"]


def test_a_link_works_once(clients, ash):
    address = ways.link_to(ash)
    clients().send(address)

    stranger = clients()
    assert stranger.get(address, status=404).headings == ["That link has run out"]
    assert stranger.send(address).status_code == 404
    assert len(ways.sign_ins(ash)) == 1


def test_a_used_link_leads_whoever_came_in_by_it_to_their_first_page_and_nobody_else(clients, ash, robin):
    address, browser = ways.link_to(ash), clients()
    browser.send(address)

    again = browser.http.get(address)

    assert (again.status_code, again.headers["location"]) == (303, "/home")
    assert clients(robin).get(address, status=404).headings == ["That link has run out"]
    assert clients().get(address, status=404).headings == ["That link has run out"]


def test_a_link_to_sign_in_lasts_fifteen_minutes_and_an_invitation_fourteen_days(clients, ash, world):
    invitation = ways.link_to(ash)
    clients().post("/sign-in", email=ash.person.email)
    asked_for = ways.link_to(ash)

    world.clock.on(minutes=14, seconds=59)
    clients().get(asked_for)
    world.clock.on(seconds=1)
    clients().get(asked_for, status=404)
    world.clock.on(days=13)
    clients().get(invitation)
    world.clock.on(days=1)
    clients().get(invitation, status=404)


def test_a_link_signs_in_whoever_it_was_sent_to_and_nobody_else(clients, world, ash):
    noor = world.patient("Noor Ali")
    browser = clients()

    browser.send(ways.link_to(noor))

    assert "Noor Ali" in browser.get("/account").text
    assert ways.sign_ins(ash) == []


def test_a_link_is_of_no_use_under_another_service(clients, ash, bind):
    elsewhere = World(bind)
    secret = ways.link_to(ash).rpartition(".")[2]

    clients().get(f"/sign-in/link/{elsewhere.service_id}.{secret}", status=404)
    clients().get(f"/sign-in/link/nonsense.{secret}", status=404)
    clients().get("/sign-in/link/nonsense", status=404)


def test_using_one_link_puts_an_end_to_the_others_in_the_mailbox(clients, ash):
    older = ways.link_to(ash)
    clients().post("/sign-in", email=ash.person.email)
    clients().send(ways.link_to(ash))

    clients().get(older, status=404)


def test_an_address_nobody_has_gets_the_same_answer(clients, ash):
    known = clients().send("/sign-in", email=ash.person.email)
    unknown = clients().send("/sign-in", email="nobody@nowhere.example.org")

    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    assert known.content == unknown.content


def test_an_address_is_the_same_however_it_is_typed(clients, ash):
    before = len(ways.links(ash))

    clients().post("/sign-in", email=f"  {ash.person.email.upper()} ")

    assert len(ways.links(ash)) == before + 1


def test_a_password_on_a_new_device_is_confirmed_from_the_mailbox(clients, ash):
    ways.give_password(ash)
    before = len(ways.links(ash))

    page = clients().post("/sign-in/password", email=ash.person.email, password=ways.PASSWORD)

    assert "You have not used your password on this device before" in page.text
    assert len(ways.links(ash)) == before + 1
    assert ways.sign_ins(ash) == []


def test_a_password_is_enough_on_a_device_that_only_they_use(clients, ash):
    ways.give_password(ash)
    browser = clients()
    browser.send(ways.link_to(ash), only_me="yes")
    browser.send("/sign-out")

    response = browser.send("/sign-in/password", email=ash.person.email, password=ways.PASSWORD)

    assert response.headers["location"] == "/my/today"
    browser.get("/account")


def test_a_device_that_was_forgotten_is_new_again(clients, ash):
    ways.give_password(ash)
    browser = clients()
    browser.send(ways.link_to(ash), only_me="yes")
    browser.post("/account/devices/forget")
    browser.send("/sign-out")

    response = browser.send("/sign-in/password", email=ash.person.email, password=ways.PASSWORD)

    assert response.headers["location"] == "/sign-in/sent?new-device=1"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(clients, ash):
    ways.give_password(ash)

    wrong = clients().post("/sign-in/password", email=ash.person.email, password="not this one", status=422)
    unknown = clients().post("/sign-in/password", email="x@nowhere.example.org", password="not this one", status=422)

    assert "do not match" in wrong.text
    assert wrong.text == unknown.text
    assert "not this one" not in wrong.text


def test_every_sign_in_has_a_new_secret(clients, ash):
    first, second = clients(ash), clients(ash)

    assert first.http.cookies["braid_session"] != second.http.cookies["braid_session"]


def test_signing_out_ends_the_sign_in_for_whoever_kept_its_cookie(clients, ash):
    browser = clients(ash)
    kept = browser.http.cookies["braid_session"]

    response = browser.send("/sign-out")

    assert response.headers["clear-site-data"] == '"cache", "storage"'
    assert "braid_session" not in browser.http.cookies
    thief = clients()
    thief.http.cookies.set("braid_session", kept)
    assert thief.http.get("/account").status_code == 303


def test_a_session_of_nobody_leads_to_the_sign_in_page(clients, ash, world):
    for cookie in ("", "nonsense", f"{world.service_id}.nonsense", f"{world.service_id}.", "a.b"):
        browser = clients()
        browser.http.cookies.set("braid_session", cookie)
        assert browser.http.get("/account").headers["location"] == "/sign-in?back=/account", cookie


def test_a_patient_is_signed_out_after_thirty_minutes_of_nothing(clients, ash, world):
    browser = clients(ash)

    for _ in range(3):
        world.clock.on(minutes=30)
        browser.get("/account")
    world.clock.on(minutes=30, seconds=1)

    assert browser.http.get("/account").headers["location"] == "/sign-in?back=/account"


def test_staff_are_signed_out_after_fifteen_minutes_of_nothing(clients, robin, world):
    browser = clients(robin)

    world.clock.on(minutes=15)
    browser.get("/account")
    world.clock.on(minutes=15, seconds=1)

    assert browser.http.get("/account").status_code == 303


def test_nobody_is_signed_in_for_longer_than_twelve_hours(clients, ash, world):
    browser = clients(ash)

    for _ in range(24):
        world.clock.on(minutes=30)
        browser.get("/account")
    world.clock.on(seconds=1)

    assert browser.http.get("/account").status_code == 303


def test_changing_role_does_not_make_a_sign_in_last_longer(clients, world):
    lena = world.staff("Lena Moss", Role.CLINICAL_LEAD)
    with world.founding() as work:
        actions.give_role(work, person_id=lena.id, role=Role.SUPERVISOR)
    browser = clients(lena)
    for _ in range(24):
        world.clock.on(minutes=15)
        browser.get("/account")
    browser.send("/account/role", role="supervisor")
    assert "Signed in as Supervisor" in browser.get("/account").text
    for _ in range(24):
        world.clock.on(minutes=15)
        browser.get("/account")
    world.clock.on(seconds=1)

    assert browser.http.get("/account").status_code == 303


def test_somebody_comes_back_to_the_page_they_were_sent_away_from(clients, ash):
    browser = clients()
    away = browser.http.get("/my/record")
    assert away.headers["location"] == "/sign-in?back=/my/record"
    browser.get(away.headers["location"])

    response = browser.send(ways.link_to(ash))

    assert response.headers["location"] == "/my/record"
    again = clients()
    assert again.send(ways.link_to_new(ash, again)).headers["location"] == "/my/today"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "//[",
        "http://[",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(clients, ash, path):
    assert entrance.safe_path(path) == ""

    browser = clients()
    browser.http.get("/sign-in", params={"back": path})
    assert "braid_back" not in browser.http.cookies
    # Nor where somebody put it into the cookie themselves.
    browser.http.cookies.set("braid_back", path.encode("unicode_escape").decode() if "\t" in path else path)
    assert browser.send(ways.link_to(ash)).headers["location"] == "/my/today"


def test_a_path_of_ours_is_kept_whole():
    assert entrance.safe_path("/my/programme/low-mood?page=2") == "/my/programme/low-mood?page=2"


def test_over_tls_cookies_are_bound_to_this_host_and_can_be_taken_back(clients, ash, world, settings, library):
    from app.main import create_app
    from tests.client import Client

    secure = settings.model_copy(update={"public_origin": "https://braid.example.org"})
    browser = Client(create_app(secure, engine=world.bind, clock=world.clock, library=library), secure.public_origin)
    with ash.working() as work:
        secret = actions.begin_sign_in(work, person=ash.person, role=ash.role, device="Test")
    browser.http.cookies.set(csrf.cookie("session", secure=True), f"{world.service_id}.{secret}")

    assert browser.http.get("/account").status_code == 200
    for response in (browser.http.get("/leave"),):
        taken = response.headers["set-cookie"]
        assert taken.startswith("__Host-braid_session=")
        assert "Max-Age=0" in taken
        assert "Secure" in taken
        assert "Path=/" in taken


def test_leaving_quickly_ends_it_in_this_browser_and_leads_to_a_neutral_page(clients, ash, settings):
    browser = clients(ash)

    response = browser.http.get("/leave")

    assert response.headers["location"] == settings.leave_url
    assert browser.http.get("/account").status_code == 303
