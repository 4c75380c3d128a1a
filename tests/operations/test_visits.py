"""A server in operation keeps no log of visits: nowhere does it write down an address that is a key."""

import http.client
import os
import subprocess
import sys
import time
from uuid import uuid4

import pytest

from app.config import Settings
from app.kit import crypto
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.off_sending import Link, off_token
from tests.conftest import TEST_KEY
from tests.house.files import HOUSE
from tests.journeys.site import free_port

PATIENCE = 120  # seconds; it starts in three, but not on a machine that is busy


@pytest.fixture
def web(sound, tmp_path):
    """`braid web`: the port that it listens at, and how to stop it and have all it said."""
    port, said = free_port(), (tmp_path / "said").open("w+")
    settings = {
        "DATABASE_URL": sound[0].app_url,
        "BRAID_SECRET_KEY": TEST_KEY,
        "BRAID_PORT": str(port),
        "BRAID_SCHEDULER_IN_WEB": "false",
        "BRAID_DATA_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "app.cli", "web"]
    process = subprocess.Popen(command, cwd=HOUSE, env={**os.environ, **settings}, stdout=said, stderr=said)

    def stop():
        process.terminate()
        process.wait(timeout=PATIENCE)
        said.seek(0)
        return said.read()

    yield port, stop
    process.kill()
    process.wait()
    said.close()


def ask(port, method, path, body=None):
    there = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    there.request(method, path, body, {"content-type": "application/x-www-form-urlencoded"})
    answer = there.getresponse()
    answer.read()
    there.close()
    return answer.status


def wait_for(port):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return ask(port, "GET", "/healthz")
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it did not start")


def test_an_address_that_is_a_key_is_never_written_down_by_the_server_that_answers_it(web):
    port, stop = web
    crypto.use(Settings(secret_key=TEST_KEY).key())
    off = off_token(Link(uuid4(), uuid4(), ReminderKind.ACTIVITY, Channel.EMAIL))
    feed, link = f"{uuid4()}.a-key-to-plans.ics", f"{uuid4()}.a-key-to-signing-in"
    wait_for(port)

    for path in (f"/calendar/{feed}", f"/sign-in/link/{link}", f"/reminders/off/{off}"):
        assert ask(port, "GET", path) < 500
        ask(port, "POST", path, "what=all")

    said = stop()
    assert [key for key in ("a-key-to-plans", "a-key-to-signing-in", off, "GET /") if key in said] == []
