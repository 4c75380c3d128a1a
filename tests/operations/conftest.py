"""A server that keeps what it is told, with Braid's database on it, and the post that its letters reach."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from app.config import Settings
from app.kit import crypto, db, embedded, migrations
from app.kit.embedded import Server
from tests.conftest import TEST_KEY, at
from tests.journeys.site import free_port


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Taken"

    def to(self, person: Any) -> int:
        """How many letters somebody has had."""
        return len([one for one in self.letters if one["To"] == person.person.email])


@pytest.fixture
def post() -> Iterator[Controller]:
    controller = Controller(Post(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@contextmanager
def server_in_a_folder(*, fast: bool) -> Iterator[tuple[Server, Path]]:
    """A migrated server in a folder that PostgreSQL's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="braid-tests-"))
    folder.chmod(0o755)
    server = embedded.start(folder, fast=fast)
    migrations.upgrade(server.owner_url)
    yield server, folder
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sound() -> Iterator[tuple[Server, Path]]:
    """A server that writes through to its disk, as `braid worker` insists."""
    with server_in_a_folder(fast=False) as made:
        yield made


@pytest.fixture
def connect() -> Iterator[Callable[[str], sa.Engine]]:
    """Engines on a database, as the application makes them."""
    crypto.use(Settings(secret_key=TEST_KEY).key())
    engines: list[sa.Engine] = []

    def made(url: str) -> sa.Engine:
        engines.append(db.connect(url))
        return engines[-1]

    yield made
    for engine in engines:
        engine.dispose()


@pytest.fixture
def admin() -> Iterator[sa.Connection]:
    """Somebody who may make and remove databases of the tests' own server."""
    engine = sa.create_engine(at(os.environ["BRAID_TEST_ADMIN"], "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
