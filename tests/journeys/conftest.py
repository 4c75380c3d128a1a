"""A real server, a real browser, a real mail receiver: the whole of Braid as somebody would use it."""

import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from aiosmtpd.controller import Controller
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.config import Settings
from app.kit import crypto, db
from app.kit.mail import Smtp
from app.main import create_app
from app.notifications import jobs as notification_jobs
from app.programme import jobs as programme_jobs
from app.programme.content import Library
from tests.conftest import TEMPLATE, TEST_KEY, at
from tests.people import Clock, World
from tools import ensure_chromium

WIDE, NARROW = 1280, 390
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


class Received:
    """A mail receiver that keeps what it is sent."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        return "250 Taken"


@dataclass
class Site:
    """A running Braid, the world behind it, and its post."""

    origin: str
    world: World
    engine: sa.Engine
    clock: Clock
    carrier: Smtp
    received: Received
    library: Library
    problems: list[str] = field(default_factory=list)

    def tick(self) -> None:
        """Let the scheduler's jobs run once."""
        service = self.world.service_id
        notification_jobs.post_links(self.engine, service, clock=self.clock, origin=self.origin)
        programme_jobs.follow(self.engine, service, clock=self.clock, origin=self.origin)
        notification_jobs.send_letters(self.engine, service, clock=self.clock, carrier=self.carrier)

    def link_for(self, address: str) -> str:
        """The link in the newest letter to an address."""
        self.tick()
        letter = next(one for one in reversed(self.received.letters) if one["To"] == address)
        body = letter.get_payload(decode=True)
        assert isinstance(body, bytes)
        found = re.search(r"http://\S+/sign-in/link/\S+", body.decode())
        assert found, body.decode()
        return found.group(0)


@pytest.fixture(scope="session")
def committed(worker_id: str) -> Iterator[sa.Engine]:
    """A database of this worker's own in which everything is really committed."""
    name = f"braid_site_{worker_id}"
    admin = sa.create_engine(os.environ["BRAID_TEST_ADMIN"], isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {TEMPLATE} owner braid_owner")
    crypto.use(Settings(secret_key=TEST_KEY).key())
    engine = db.connect(at(os.environ["BRAID_TEST_APP"], name))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def site(committed: sa.Engine, settings: Settings, library: Library) -> Iterator[Site]:
    received = Received()
    post = Controller(received, hostname="127.0.0.1", port=free_port())
    post.start()
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    clock = Clock(datetime.now(UTC))
    here = settings.model_copy(update={"public_origin": origin})
    carrier = Smtp("127.0.0.1", post.port, "no-reply@braid.invalid")
    app = create_app(here, engine=committed, clock=clock, carrier=carrier, library=library)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Site(origin, World(committed, clock=clock), committed, clock, carrier, received, library)
    server.should_exit = True
    thread.join(timeout=10)
    post.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or ensure_chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


class Visitor:
    """One person's browser window: every page it comes to is checked for accessibility and foreign requests."""

    def __init__(self, site: Site, context: BrowserContext, *, script: bool) -> None:
        self.site = site
        self.context = context
        self.script = script
        self.page: Page = context.new_page()
        self.page.on("request", self._request)
        self.page.on("pageerror", lambda error: site.problems.append(f"{self.page.url}: {error}"))

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.site.origin, "data:", "about:", "blob:")):
            self.site.problems.append(f"{self.page.url} asked for {request.url}")

    def go(self, path: str) -> "Visitor":
        self.page.goto(path if path.startswith("http") else self.site.origin + path)
        return self.look()

    def press(self, name: str, *, exact: bool = False) -> "Visitor":
        """Press a button or follow a link by its words."""
        button = self.page.get_by_role("button", name=name, exact=exact)
        target = button if button.count() else self.page.get_by_role("link", name=name, exact=exact)
        target.first.click()
        self.page.wait_for_load_state()
        return self.look()

    def fill(self, label: str, words: str) -> "Visitor":
        self.page.get_by_label(label).first.fill(words)
        return self

    def choose(self, label: str) -> "Visitor":
        """Pick a radio or a checkbox by its words."""
        self.page.get_by_label(label, exact=True).first.check(force=True)
        return self

    def look(self) -> "Visitor":
        """Check the page one has come to."""
        where = self.page.url
        if self.script:
            found = Axe().run(self.page, options=WCAG)
            broken = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found.response["violations"]]
            assert not broken, f"{where}: {broken}"
        wide = self.page.evaluate("document.documentElement.scrollWidth") if self.script else 0
        room = self.page.viewport_size["width"] if self.page.viewport_size else 0
        assert wide <= room or not self.script, f"{where} scrolls sideways: {wide} in {room}"
        return self

    def sees(self, *words: str) -> "Visitor":
        text = " ".join(self.page.locator("body").inner_text().split())
        missing = [one for one in words if one not in text]
        assert not missing, f"{self.page.url} does not say {missing}: {text[:1500]}"
        return self

    def does_not_see(self, *words: str) -> "Visitor":
        text = " ".join(self.page.locator("body").inner_text().split())
        found = [one for one in words if one in text]
        assert not found, f"{self.page.url} says {found}"
        return self


@pytest.fixture(params=[(WIDE, True), (NARROW, True), (NARROW, False)], ids=["1280", "390", "390-no-script"])
def visit(request: pytest.FixtureRequest, site: Site, chromium: Browser) -> Iterator[Callable[[], Visitor]]:
    """Opens windows of one size, with or without JavaScript; the journey is walked in each."""
    width, script = request.param
    site.problems.clear()
    with _windows(site, chromium, width, script) as open_window:
        yield open_window
    assert site.problems == []


@contextmanager
def _windows(site: Site, chromium: Browser, width: int, script: bool) -> Iterator[Callable[[], Visitor]]:
    contexts: list[BrowserContext] = []

    def open_window() -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, locale="en-GB"
        )
        contexts.append(context)
        return Visitor(site, context, script=script)

    yield open_window
    for context in contexts:
        context.close()
