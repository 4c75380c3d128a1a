"""The application as the benchmark serves it: the real one, on the scratch database, without the scheduler."""

import os
from typing import Any

from sqlalchemy import event
from starlette.types import Message, Receive, Scope, Send

from app import main
from app.config import Settings
from app.kit import db

settings = Settings(
    secret_key=os.environ["BENCH_KEY"], scheduler_in_web=False, demo=False, public_origin=os.environ["BENCH_ORIGIN"]
)
engine = db.connect(os.environ["DATABASE_URL"])
braid = main.create_app(settings, engine=engine)
counted = 0


def count(*_: Any) -> None:
    global counted
    counted += 1


event.listen(engine, "before_cursor_execute", count)


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
