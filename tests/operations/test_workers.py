"""Two workers on one database: one leads, the other takes over, and a worker that stands still is seen."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from app import scheduler
from app.config import Settings
from app.kit import db
from app.kit.work import wall_clock
from app.main import create_app
from app.notifications import actions
from app.notifications.kinds import LetterKind
from app.notifications.tables import Outbox
from tests.client import Client
from tests.conftest import TEST_KEY
from tests.house.files import HOUSE
from tests.people import Clock, World

PATIENCE = 120  # seconds; a worker starts in three, but not on a machine that is busy
LEADS = sa.text(
    "select application_name from pg_locks join pg_stat_activity using (pid) "
    "where locktype = 'advisory' and objsubid = 1 and granted and (classid::bigint << 32) | objid::bigint = :lock"
)


@dataclass
class Workers:
    """`braid worker`, each a process of its own that PostgreSQL knows by its name."""

    url: str
    post: int
    running: dict[str, "subprocess.Popen[bytes]"]

    def start(self, name: str) -> None:
        url = sa.make_url(self.url).update_query_dict({"application_name": name}).render_as_string()
        settings = {
            "DATABASE_URL": url,
            "BRAID_SECRET_KEY": TEST_KEY,
            "BRAID_MAIL": "smtp",
            "BRAID_SMTP_PORT": str(self.post),
            "BRAID_PUBLIC_ORIGIN": "https://braid.example.org",
        }
        command = [sys.executable, "-m", "app.cli", "worker"]
        self.running[name] = subprocess.Popen(command, cwd=HOUSE, env={**os.environ, **settings})

    def tell(self, name: str, number: signal.Signals) -> None:
        self.running[name].send_signal(number)


@pytest.fixture
def world(sound, connect) -> World:
    return World(connect(sound[0].app_url), clock=Clock(wall_clock()))


@pytest.fixture
def workers(sound, post) -> Iterator[Workers]:
    made = Workers(sound[0].worker_url, post.port, {})
    yield made
    for worker in made.running.values():
        worker.kill()
        worker.wait()


@pytest.fixture
def leading(sound) -> Iterator[Callable[[], str | None]]:
    """Which worker leads."""
    engine = sa.create_engine(sound[0].admin_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda: connection.execute(LEADS, {"lock": scheduler.LEADER_LOCK}).scalar_one_or_none()
    engine.dispose()


def until(what: Callable[[], object]) -> object:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


def write(world: World, *keys: str) -> None:
    robin = world.staff("Robin Hale")
    world.clock.now = wall_clock()
    for key in keys:
        with robin.working() as work:
            actions.tell_something_new(work, person_id=robin.id, about=LetterKind.DUTY, origin="", dedupe_key=key)


def notices(post) -> int:
    return len([one for one in post.handler.letters if one["Subject"] == "Something new for you"])


def watched(world: World, settings: Settings, library, clock) -> Callable[[], tuple[int, dict[str, str]]]:
    """What is told from outside, at the moment the clock shows."""
    app = create_app(settings, engine=world.bind, clock=clock, library=library)
    browser = Client(app, settings.public_origin)

    def look() -> tuple[int, dict[str, str]]:
        clock.now = wall_clock()
        clock.on(minutes=look.ahead)
        answer = browser.http.get("/health")
        return answer.status_code, answer.json()["parts"]

    look.ahead = 0
    return look


def test_of_two_workers_one_leads_and_when_it_is_killed_the_other_takes_over(world, workers, leading, post):
    write(world, *(f"first-{n}" for n in range(30)))
    workers.start("one")
    workers.start("two")
    first = until(leading)
    until(lambda: notices(post) == 30)

    workers.tell(first, signal.SIGKILL)
    workers.running[first].wait()
    write(world, *(f"second-{n}" for n in range(30)))
    until(lambda: notices(post) >= 60)

    assert until(leading) == ({"one", "two"} - {first}).pop()
    assert notices(post) == 60
    assert tries(world) == {1}


def tries(world: World) -> set[int]:
    with db.transaction(world.bind, world.service_id) as session:
        return set(session.execute(sa.select(Outbox.attempts).where(Outbox.kind == actions.NOTICE)).scalars())


def test_a_worker_that_is_told_to_stop_gives_up_the_lead_at_once(workers, leading):
    workers.start("one")
    until(lambda: leading() == "one")

    workers.tell("one", signal.SIGTERM)

    assert workers.running["one"].wait(timeout=PATIENCE) == 0
    assert leading() is None


def test_a_worker_that_stands_still_turns_the_health_red(world, workers, leading, settings, library):
    look = watched(world, settings, library, Clock(wall_clock()))
    workers.start("one")
    until(lambda: leading() == "one")
    until(lambda: look()[0] == 200)
    look.ahead = 2
    assert look()[0] == 200

    # It still holds the lock and its connection, so that nothing but its silence tells.
    workers.tell("one", signal.SIGSTOP)
    look.ahead = 4

    status, parts = look()
    assert status == 503
    assert parts["letters"] == parts["climb"] == "stopped"
