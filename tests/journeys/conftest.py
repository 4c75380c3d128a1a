"""A real server, a real browser, a real mail receiver: the whole of Braid as somebody would use it."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from app.accounts import credential_actions as credentials
from app.config import Settings
from app.kit import crypto, db
from app.notifications import pulse_actions
from app.notifications.part_kinds import Part
from app.programme import plan_actions
from app.programme.content import Library
from tests import published
from tests.conftest import TEMPLATE, TEST_KEY, at
from tests.journeys.site import Site, running
from tests.journeys.visitor import Visitor
from tests.people import START, Somebody, World
from tools import ensure_chromium

WINDOWS = {"1280": (1280, True), "390": (390, True), "390-no-script": (390, False)}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds until a page that does not come is given up: nothing here says how fast one should be.
PATIENCE = 90_000
PASSWORD = "a long walk by the canal"
SECRET = pyotp.random_base32()


@pytest.fixture(scope="session")
def committed(worker_id: str) -> Iterator[sa.Engine]:
    """A database of this worker's own in which everything is really committed."""
    name = f"braid_site_{worker_id}"
    admin = sa.create_engine(os.environ["BRAID_TEST_ADMIN"], isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {TEMPLATE} owner braid_owner")
    crypto.use(Settings(secret_key=TEST_KEY).key())
    engine = db.connect(at(os.environ["BRAID_TEST_APP"], name))
    # The journeys do what the worker does themselves, so no part of it is waited for as long as they last.
    with db.transaction(engine, None) as session:
        pulse_actions.await_parts(session, list(Part), now=START + timedelta(days=3650))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


@pytest.fixture(scope="session")
def house(committed: sa.Engine, settings: Settings, library: Library) -> Iterator[Site]:
    with running(committed, settings, library) as site:
        yield site


@pytest.fixture
def site(house: Site) -> Site:
    """The running site, with its clock at ten on a Tuesday morning."""
    house.clock.start_again()
    return house


@pytest.fixture
def world(site: Site) -> Iterator[World]:
    """A small service of its own in the database the site runs on."""
    made = World(site.engine, clock=site.clock)
    yield made
    made.close()


@pytest.fixture
def in_use(world: World, library: Library) -> dict[str, UUID]:
    """Every starter pathway, taken into use by the service."""
    with world.founding() as work:
        return {key: published.in_use(work, library=library, key=key).id for key in library.pathways}


@pytest.fixture
def enrol(world: World, in_use: dict[str, UUID]) -> Callable[..., Somebody]:
    """`enrol("Ash Whitlock")` is a patient on a pathway."""

    def begin(name: str, pathway: str = "as-it-should-be") -> Somebody:
        patient = world.patient(name)
        with world.founding() as work:
            plan_actions.enrol(work, patient_id=patient.id, pathway_version_id=in_use[pathway], zone="Europe/London")
        return patient

    return begin


@pytest.fixture
def code(robin: Somebody) -> Callable[[], str]:
    """Robin has a password and an authenticator app; `code()` is what it shows next."""
    with robin.working() as work:
        credentials.set_password(work, person=robin.person, password=PASSWORD)
        credentials.set_up_codes(work, person=robin.person, secret=SECRET, step=0)

    def shown() -> str:
        robin.world.clock.on(seconds=30)
        return pyotp.TOTP(SECRET).at(robin.world.clock.now)

    return shown


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or ensure_chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(params=WINDOWS)
def visit(request: pytest.FixtureRequest, site: Site, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens windows of one size, with or without JavaScript; a journey is walked in each kind.

    The device is in London unless `visit(zone)` says where.
    """
    width, script = WINDOWS[request.param]
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_window(zone: str = "Europe/London") -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, locale="en-GB", timezone_id=zone
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Visitor(site, context, problems, script=script)

    yield open_window
    for context in contexts:
        context.close()
    assert problems == []
