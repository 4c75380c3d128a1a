"""One real PostgreSQL for the run, one cloned database a worker, one rolled-back transaction a test."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from app.config import Settings
from app.kit import crypto, db, embedded, migrations
from app.main import create_app
from app.programme import content
from app.programme.content import Library
from tests import savepoints
from tests.client import Client
from tests.handing import Handed
from tests.people import Somebody, World
from tools import build_assets

TEMPLATE = "braid_template"
TEST_KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
_running: dict[str, object] = {}
# How fast a machine draws examples says nothing about Braid, and a busy one is slow.
settings.register_profile("braid", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("braid")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    build_assets.main()
    folder = Path(tempfile.mkdtemp(prefix="braid-tests-"))
    server = embedded.start(folder / "postgres", fast=True)
    _running.update(folder=folder, server=server)
    admin = sa.create_engine(server.admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {TEMPLATE} owner braid_owner")
    os.environ["BRAID_TEST_ADMIN"] = server.admin_url
    os.environ["BRAID_TEST_OWNER"] = at(server.owner_url, TEMPLATE)
    os.environ["BRAID_TEST_APP"] = server.app_url
    template = sa.create_engine(at(server.admin_url, TEMPLATE), isolation_level="AUTOCOMMIT")
    with template.connect() as connection:
        connection.connection.driver_connection.execute((embedded.MIGRATIONS / "database.sql").read_bytes())
    template.dispose()
    migrations.upgrade(at(server.owner_url, TEMPLATE))
    admin.dispose()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens a browser is a browser test, marked by what it asks for so that nobody can forget to."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_collection_finish() -> None:
    # What is there by now stays: the collector need not walk through it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    Handed.close_house()
    if "server" in _running:
        _running["server"].stop()  # type: ignore[attr-defined]
        shutil.rmtree(str(_running["folder"]), ignore_errors=True)


def at(url: str, database: str) -> str:
    """The same server and role, another database."""
    return sa.make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def database(worker_id: str) -> Iterator[str]:
    """The name of a migrated database of this worker's own."""
    name = f"braid_{worker_id}"
    admin = sa.create_engine(os.environ["BRAID_TEST_ADMIN"], isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {TEMPLATE} owner braid_owner")
    yield name
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


@pytest.fixture(scope="session")
def engine(database: str) -> Iterator[sa.Engine]:
    """An engine that serves as the application's own role, which owns nothing."""
    crypto.use(Settings(secret_key=TEST_KEY).key())
    made = db.connect(at(os.environ["BRAID_TEST_APP"], database))
    savepoints.say_plainly(made)
    yield made
    made.dispose()


@pytest.fixture
def bind(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose outer transaction is rolled back when the test ends."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        secret_key=TEST_KEY,
        data_dir=tmp_path_factory.mktemp("data"),
        scheduler_in_web=False,
        demo=False,
        mail="smtp",
        notify_key="a-key-that-opens-nothing",
        notify_sms_template="a-text",
    )


@pytest.fixture
def world(bind: sa.Connection) -> World:
    """A small service of its own, rolled back when the test ends."""
    return World(bind)


@pytest.fixture
def robin(world: World) -> Somebody:
    return world.staff("Robin Hale")


@pytest.fixture
def ash(world: World, robin: Somebody) -> Somebody:
    return world.patient("Ash Whitlock", of=robin)


@pytest.fixture
def clients(world: World, settings: Settings, library: Library) -> Callable[..., Client]:
    """Browsers without JavaScript, one for each person: `clients(ash)` is signed in, `clients()` is not."""
    app = create_app(settings, engine=world.bind, clock=world.clock, library=library)

    def browser(who: Somebody | None = None) -> Client:
        client = Client(app, settings.public_origin)
        if who is not None:
            client.sign_in(who)
        return client

    return browser


@pytest.fixture(scope="session")
def library() -> Library:
    return content.read_library(Path("modules_content"))
