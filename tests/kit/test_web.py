"""What every answer of ours carries, whatever came of the request."""

import asyncio
import http.client
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn
from starlette.testclient import TestClient

from app.accounts import actions
from app.config import Settings
from app.kit import db
from app.kit.web import HEADERS, MAX_BODY, Guarded
from app.main import create_app
from tests.client import Client, check
from tests.conftest import at
from tests.people import World

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


# Many at once


@pytest.fixture
def narrow(settings, library, database, engine):
    """A running server with places for two, and a patient's cookie."""
    small = db.connect(at(os.environ["BRAID_TEST_APP"], database), pool_size=2)
    world = World(small)
    ash = world.patient("Ash Whitlock")
    with ash.working() as work:
        secret = actions.begin_sign_in(work, person=ash.person, role=ash.role, device="Test")
    app = create_app(settings.model_copy(update={"pool_size": 2}), engine=small, clock=world.clock, library=library)
    app._body_seconds = 1.0
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname(), f"braid_session={world.service_id}.{secret}"
        finally:
            server.should_exit = True
            thread.join(20)
            small.dispose()


def asked(where, path, cookie=""):
    there = http.client.HTTPConnection(*where, timeout=8)
    try:
        there.request("GET", path, headers={"cookie": cookie})
        return there.getresponse().status
    finally:
        there.close()


def test_many_more_people_than_connections_are_all_answered(narrow):
    where, cookie = narrow

    with ThreadPoolExecutor(24) as people:
        found = list(people.map(lambda _: asked(where, "/my/today", cookie), range(72)))

    assert set(found) == {200}


def test_forms_that_arrive_slowly_keep_nobody_waiting_and_are_given_up(narrow):
    where, cookie = narrow
    slow = [socket.create_connection(where, timeout=8) for _ in range(8)]
    head = f"POST /account/sign-out HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: 50\r\n\r\ncsrf="
    for each in slow:
        each.sendall(head.encode())

    assert asked(where, "/my/today", cookie) == 200
    assert {each.recv(12) for each in slow} == {b"HTTP/1.1 408"}
    for each in slow:
        each.close()


def test_help_and_the_way_out_wait_for_nobody(settings, library, world):
    app = create_app(settings.model_copy(update={"pool_size": 1}), engine=world.bind, library=library)
    app._places = asyncio.Semaphore(0)
    browser = TestClient(app, base_url=settings.public_origin, follow_redirects=False)

    assert [browser.get(path).status_code for path in ("/help", "/leave", "/healthz")] == [200, 303, 200]


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "²", "9" * 30])
def test_a_length_that_is_none_is_refused(length):
    refusal = Guarded(None, origin="http://x", secure=False, at_once=1)._refusal(  # type: ignore[arg-type]
        {"method": "POST"},
        {"content-length": length},  # type: ignore[arg-type]
    )

    assert refusal and refusal[0] == 413


def test_on_one_machine_links_lead_to_the_port_that_braid_listens_on():
    assert Settings(port=8123).public_origin == "http://127.0.0.1:8123"
    assert Settings(port=8123, public_origin="https://braid.example.org").public_origin == "https://braid.example.org"


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
