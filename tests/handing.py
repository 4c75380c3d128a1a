"""Requests handed to the application as they are, without a server.

Starlette's TestClient starts a thread and an event loop for each request and goes to and fro between them seven times,
which takes several times as long as most pages.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

import anyio
import httpx2
from anyio.abc import TaskGroup
from httpx2 import Response
from starlette.types import ASGIApp, Message, Scope


class House:
    """An event loop with one task that stays, as a server's has: the threads that answer stay with it.

    They end with `close`; until then the process does not.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        opened: asyncio.Future[TaskGroup] = self._loop.create_future()
        self._stays = self._loop.create_task(self._stay(opened))
        self._tasks = self._loop.run_until_complete(opened)

    async def _stay(self, opened: asyncio.Future[TaskGroup]) -> None:
        async with anyio.create_task_group() as tasks:
            opened.set_result(tasks)
            await self._over.wait()

    def finish(self, work: Coroutine[Any, Any, Response]) -> Response:
        done: asyncio.Future[Response] = self._loop.create_future()
        self._loop.call_soon(self._tasks.start_soon, self._into, work, done)
        return self._loop.run_until_complete(done)

    async def _into(self, work: Coroutine[Any, Any, Response], done: asyncio.Future[Response]) -> None:
        try:
            done.set_result(await work)
        except Exception as failed:
            done.set_exception(failed)

    def close(self) -> None:
        self._over.set()
        self._loop.run_until_complete(self._stays)
        self._loop.close()


class Handed(httpx2.BaseTransport):
    """What a browser sends, answered by an application; `raises` shows a test the fault behind a broken page."""

    house: House | None = None

    def __init__(self, app: ASGIApp, *, raises: bool = True) -> None:
        self._app = app
        self._raises = raises

    def handle_request(self, request: httpx2.Request) -> Response:
        return self.answer(_scope(request), request.read())

    def answer(self, scope: Scope, body: bytes = b"") -> Response:
        if Handed.house is None:
            Handed.house = House()
        return Handed.house.finish(self._answered(scope, body))

    async def _answered(self, scope: Scope, body: bytes) -> Response:
        coming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        over = asyncio.Event()
        sent: list[Message] = []

        async def receive() -> Message:
            if not coming:
                await over.wait()
                return {"type": "http.disconnect"}
            return coming.pop()

        async def send(message: Message) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                over.set()

        try:
            await self._app(scope, receive, send)
        except Exception:
            if self._raises:
                raise
        if not sent:
            return Response(500)
        assert over.is_set()
        start, *parts = sent
        body = b"".join(part.get("body", b"") for part in parts) if scope["method"] != "HEAD" else b""
        return Response(start["status"], headers=start["headers"], stream=httpx2.ByteStream(body))

    @classmethod
    def close_house(cls) -> None:
        """Let the threads go: a process with one of them does not end."""
        if cls.house is not None:
            cls.house.close()
            cls.house = None


def _scope(request: httpx2.Request) -> Scope:
    url = request.url
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    where = {"scheme": url.scheme, "server": (url.host, url.port), "raw_path": url.raw_path.split(b"?")[0]}
    return scope(request.method, url.path, headers, query=url.query, **where)


def scope(method: str, path: str, headers: list[tuple[bytes, bytes]], *, query: bytes = b"", **more: Any) -> Scope:
    """A request as a server would describe it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "headers": headers,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "server": ("localhost", None),
        "client": ("testclient", 50000),
        "root_path": "",
        **more,
    }
