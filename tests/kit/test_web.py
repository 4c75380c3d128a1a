"""What every answer of ours carries, whatever came of the request."""

import pytest
from starlette.testclient import TestClient

from app.kit.web import HEADERS, MAX_BODY, Guarded
from app.main import create_app
from tests.client import Client, check

OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def broken(settings, library, world):
    """The application with a page that breaks."""
    app = create_app(settings, engine=world.bind, clock=world.clock, library=library)

    def breaks():
        raise ZeroDivisionError

    app.app.add_api_route("/breaks", breaks)
    return TestClient(app, base_url=settings.public_origin, raise_server_exceptions=False)


def stands(response, status):
    assert response.status_code == status
    for name, value in HEADERS.items():
        assert response.headers[name] == value, name
    assert response.headers["x-request-id"]
    assert response.headers["cache-control"] == "no-store"


def test_every_answer_carries_the_headers_whatever_came_of_it(clients, robin, broken):
    browser = clients()
    token = browser.token()

    stands(browser.http.get("/help"), 200)
    stands(browser.http.get("/account"), 303)
    stands(browser.http.get("/nowhere"), 404)
    stands(clients(robin).http.get("/patients/no-id/scores"), 404)
    stands(browser.http.put("/help", headers=OURS), 405)
    stands(browser.http.post("/sign-in", data={"csrf": token, "email": "x"}, headers=OURS), 422)
    stands(browser.http.post("/sign-in", data={"csrf": token, "email": "x" * MAX_BODY}, headers=OURS), 413)
    stands(browser.http.post("/sign-in", data={}, headers=OURS), 403)
    stands(browser.http.post("/sign-in", data={}, headers={"sec-fetch-site": "cross-site"}), 403)
    stands(broken.get("/breaks"), 500)


def test_errors_of_the_framework_are_pages_of_ours(clients, broken):
    for response in (
        clients().http.get("/nowhere"),
        clients().http.put("/help", headers=OURS),
        broken.get("/breaks"),
    ):
        check(response)
        assert "/help" in response.text


def test_a_fault_of_ours_shows_a_number_and_nothing_of_the_fault(broken):
    response = broken.get("/breaks")

    assert response.headers["x-request-id"] in response.text
    assert "ZeroDivision" not in response.text


def test_nothing_inline_and_nothing_from_elsewhere_may_run():
    said = HEADERS["Content-Security-Policy"]

    assert said.startswith("default-src 'none'")
    assert "unsafe" not in said
    assert "http" not in said
    assert "frame-ancestors 'none'" in said


def test_what_does_not_announce_its_length_is_cut_off(clients):
    browser = clients()

    def endless():
        yield b"email="
        for _ in range(MAX_BODY // 10_000 + 2):
            yield b"x" * 10_000

    headers = OURS | {"content-type": "application/x-www-form-urlencoded"}
    response = browser.http.post("/sign-in", content=endless(), headers=headers)

    stands(response, 413)
    check(response)


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "²", "9" * 30])
def test_a_length_that_is_none_is_refused(length):
    refusal = Guarded(None, origin="http://x", secure=False, at_once=1)._refusal(  # type: ignore[arg-type]
        {"method": "POST"},
        {"content-length": length},  # type: ignore[arg-type]
    )

    assert refusal and refusal[0] == 413


def test_over_tls_a_browser_is_told_to_stay_there(clients, settings, library, world):
    secure = settings.model_copy(update={"public_origin": "https://braid.example.org"})
    app = create_app(secure, engine=world.bind, clock=world.clock, library=library)
    response = Client(app, secure.public_origin).http.get("/help")

    assert response.headers["strict-transport-security"].startswith("max-age=31536000")
    seed = response.headers["set-cookie"]
    assert seed.startswith("__Host-braid_seed=")
    assert all(flag in seed for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "strict-transport-security" not in clients().http.get("/help").headers


def test_assets_may_be_kept_and_bring_no_cookie(clients):
    from app.kit.render import asset

    response = clients().http.get(asset("patient.css"))

    assert "immutable" in response.headers["cache-control"]
    assert "set-cookie" not in response.headers
