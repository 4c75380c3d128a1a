"""A running Braid with its post, for people who come to it in a browser."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import sqlalchemy as sa
import uvicorn
from aiosmtpd.controller import Controller
from starlette.types import ASGIApp

from app.config import Settings
from app.kit.mail import Smtp
from app.main import create_app
from app.notifications import dispatch_jobs
from app.notifications import jobs as notification_jobs
from app.notifications.kinds import Channel
from app.notifications.reminder_sending import ByEmail
from app.pathways import jobs as pathway_jobs
from app.programme import jobs as programme_jobs
from app.programme.content import Library
from app.scheduler import STILL_WANTED
from tests.people import START, Clock, World


class RunningClock(Clock):
    """A clock that runs as clocks do, from ten on a Tuesday morning, and can be moved on."""

    def __init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        self._ahead = timedelta()
        self._began = time.monotonic()

    @property
    def now(self) -> datetime:  # type: ignore[override]
        return START + self._ahead + timedelta(seconds=time.monotonic() - self._began)

    def on(self, **span: float) -> datetime:
        self._ahead += timedelta(**span)
        return self.now


class Received:
    """A mail receiver that keeps what it is sent."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content))
        return "250 Taken"


class Neutral(BaseHTTPRequestHandler):
    """The page somebody who leaves quickly is taken to."""

    def do_GET(self) -> None:
        page = b"<!doctype html><title>Weather</title><h1>Weather</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server:
    """Braid being served at one port of this machine: it can be stopped, and started again as the same or another."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.port = port
        self.start()

    def start(self) -> None:
        # Long enough for what is under way: a request that is cut off in one process keeps its locks for ever.
        config = uvicorn.Config(
            self.app,
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=20,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=60)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody answers at the address meanwhile."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def instead(self, app: ASGIApp) -> Iterator[None]:
        """Another application answers at the address meanwhile."""
        usual = self.app
        self.stop()
        self.app = app
        self.start()
        try:
            yield
        finally:
            self.stop()
            self.app = usual
            self.start()


@dataclass
class Site:
    """Where Braid runs, what it runs on, and what the post brought."""

    origin: str
    elsewhere: str
    engine: sa.Engine
    clock: RunningClock
    carrier: Smtp
    received: Received
    library: Library
    settings: Settings
    server: Server

    def tick(self, world: World) -> None:
        """Let the scheduler's jobs run once."""
        notification_jobs.post_links(self.engine, world.service_id, clock=self.clock, origin=self.origin)
        programme_jobs.follow(self.engine, world.service_id, clock=self.clock, origin=self.origin)
        pathway_jobs.answer(self.engine, world.service_id, clock=self.clock, library=self.library)
        pathway_jobs.move(self.engine, world.service_id, clock=self.clock)
        notification_jobs.send_letters(self.engine, world.service_id, clock=self.clock, carrier=self.carrier)

    def remind(self, world: World) -> None:
        """Let the reminders that are due leave by e-mail."""
        senders = {Channel.EMAIL: ByEmail(self.carrier, self.origin)}
        dispatch_jobs.dispatch(self.engine, world.service_id, clock=self.clock, senders=senders, still=STILL_WANTED)

    def newest_for(self, email: str) -> str:
        """What the newest letter to an address says."""
        letter = next(one for one in reversed(self.received.letters) if one["To"] == email)
        body = letter.get_payload(decode=True)
        assert isinstance(body, bytes)
        return body.decode()

    def link_for(self, world: World, email: str) -> str:
        """The link in the newest letter to an address, once the post has gone."""
        self.tick(world)
        body = self.newest_for(email)
        found = re.search(r"http://\S+/sign-in/link/\S+", body)
        assert found, body
        return found.group(0)


@contextmanager
def running(engine: sa.Engine, settings: Settings, library: Library) -> Iterator[Site]:
    """Braid at an address of its own on this machine, with a mail receiver, and another site to leave to."""
    received = Received()
    post = Controller(received, hostname="127.0.0.1", port=free_port())
    post.start()
    neutral = ThreadingHTTPServer(("127.0.0.1", 0), Neutral)
    threading.Thread(target=neutral.serve_forever, daemon=True).start()
    port = free_port()
    origin, elsewhere = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{neutral.server_port}/weather"
    clock, carrier = RunningClock(), Smtp("127.0.0.1", post.port, "no-reply@braid.invalid")
    here = settings.model_copy(update={"public_origin": origin, "leave_url": elsewhere})
    app = create_app(here, engine=engine, clock=clock, carrier=carrier, library=library)
    server = Server(app, port)
    yield Site(origin, elsewhere, engine, clock, carrier, received, library, here, server)
    server.stop()
    neutral.shutdown()
    neutral.server_close()
    post.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
