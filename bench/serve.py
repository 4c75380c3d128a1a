"""The application as the benchmark serves it: the real one, on the scratch database, without the scheduler."""

import os
from typing import Any

import psycopg
from sqlalchemy import event
from starlette.types import Message, Receive, Scope, Send

from app import main
from app.config import Settings
from app.kit import db, wire

settings = Settings(
    secret_key=os.environ["BENCH_KEY"], scheduler_in_web=False, demo=False, public_origin=os.environ["BENCH_ORIGIN"]
)
engine = db.connect(os.environ["DATABASE_URL"])
braid = main.create_app(settings, engine=engine)
counted = 0


class Counting(psycopg.Cursor[Any]):
    def execute(self, *given: Any, **how: Any) -> "Counting":
        global counted
        counted += 1
        super().execute(*given, **how)
        return self


class CountingWire(wire.Wire):
    def ask(self, *asked: wire.Asked) -> list[list[Any]]:
        global counted
        counted += sum(statement is not wire.COMMIT[0] for statement, _ in asked)
        return super().ask(*asked)


wire.Wire = CountingWire  # type: ignore[misc]


@event.listens_for(engine, "connect")
def count(driver: psycopg.Connection[Any], _: Any) -> None:
    driver.cursor_factory = Counting


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells how many statements a page took, where it is asked to; else out of the way."""
    if scope["type"] != "http" or (b"x-count", b"1") not in scope["headers"]:
        await braid(scope, receive, send)
        return
    before = counted

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"x-statements", str(counted - before).encode())]
        await send(message)

    await braid(scope, receive, telling)
