"""What every response of ours carries, whoever made it: security headers, a request id, limits on what comes in.

A request first arrives whole and only then takes one of as many places as there are connections to the database.
Inside it may change threads as often as it likes: there is always one for whoever holds a connection.
"""

import asyncio
import secrets
from collections.abc import Iterable
from typing import Self
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit import csrf

MAX_BODY = 1_000_000
# The largest form of ours takes a slow telephone a few seconds.
BODY_SECONDS = 20.0
# What needs neither a connection nor to wait for others.
WITHOUT_WAITING = frozenset({"/help", "/leave", "/healthz", "/offline", "/sw.js"})
# What a mail program may post, whose page is not ours; the address itself is the secret (RFC 8058).
FROM_ANYWHERE = "/reminders/off/"
# What no person looks at and has no form: it gets no cookie.
WITHOUT_COOKIES = ("/static/", "/calendar/")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def content_security_policy() -> str:
    """Nothing from anywhere but us, nothing inline, nobody may frame us."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "media-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


HEADERS = {
    "Content-Security-Policy": content_security_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_OURS = frozenset({*dict(_HEADERS), b"x-request-id", b"strict-transport-security"})


TOO_LONG = (413, "That is too long to send. Go back and shorten it.")


class Guarded:
    """The outermost layer, so that errors of the framework itself are covered too."""

    def __init__(
        self, app: ASGIApp, *, origin: str, secure: bool, at_once: int, body_seconds: float = BODY_SECONDS
    ) -> None:
        self.app = app
        self.origin = origin
        self.secure = secure
        self._places = asyncio.Semaphore(at_once)
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["request_id"] = uuid4().hex
        state["secure"] = self.secure
        has_seed = bool(csrf.read_cookie(Request(scope), csrf.SEED))
        if not has_seed:
            state["seed"] = secrets.token_urlsafe(18)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._finish(scope, message, new_seed=None if has_seed else state["seed"])
            await send(message)

        refusal = self._refusal(scope, headers)
        if not refusal and scope["method"] not in SAFE_METHODS:
            body, refusal = await self._arrived(receive)
            if body is None and refusal is None:
                return
            receive = _again(body or b"", receive)
        if refusal:
            await _plain(refusal, send_guarded)
            return
        try:
            await self._in_its_place(scope, receive, send_guarded)
        except ClientDisconnect:
            # Whoever asked has gone: nobody is there to be answered, and nothing is wrong.
            return

    async def _in_its_place(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in WITHOUT_WAITING or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        async with _Place(self._places) as place:

            async def send_on(message: Message) -> None:
                # The connection was given back before the answer began: a slow reader keeps nobody waiting.
                place.leave()
                await send(message)

            await self.app(scope, receive, send_on)

    async def _arrived(self, receive: Receive) -> tuple[bytes | None, tuple[int, str] | None]:
        """The whole body, or why not; neither where the client went away."""
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await _whole(receive)
        except TimeoutError:
            return None, (408, "That took too long to arrive. Go back and send it again.")
        except ClientDisconnect:
            return None, None
        # A browser announces its length; what does not is cut off rather than read to its end.
        return (body, None) if len(body) <= MAX_BODY else (None, TOO_LONG)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        strange = scope["method"] not in SAFE_METHODS and csrf.from_elsewhere(headers, self.origin)
        if strange and not scope["path"].startswith(FROM_ANYWHERE):
            return 403, "This form was not sent from one of our own pages. Go back, reload and send it again."
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
            return TOO_LONG
        return None

    def _finish(self, scope: Scope, message: Message, *, new_seed: str | None) -> None:
        headers = [one for one in message["headers"] if one[0] not in _OURS]
        headers += [*_HEADERS, (b"x-request-id", scope["state"]["request_id"].encode())]
        if self.secure:
            headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        if not any(name == b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        if new_seed and not scope["path"].startswith(WITHOUT_COOKIES):
            flags = "; Secure" if self.secure else ""
            name = csrf.cookie(csrf.SEED, secure=self.secure)
            cookie = f"{name}={new_seed}; Path=/; HttpOnly; SameSite=Lax{flags}"
            headers.append((b"set-cookie", cookie.encode()))
        message["headers"] = headers


class _Place:
    """One of the places of those who may hold a connection, left once however often it is said."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = False

    async def __aenter__(self) -> Self:
        await self._places.acquire()
        self._held = True
        return self

    async def __aexit__(self, *raised: object) -> None:
        self.leave()

    def leave(self) -> None:
        if self._held:
            self._held = False
            self._places.release()


async def _whole(receive: Receive) -> bytes:
    """The body, or a little more than the most that is read; raises ClientDisconnect where the client went away."""
    body = bytearray()
    more = True
    while more and len(body) <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, for the application to read; after it whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


async def _plain(refusal: tuple[int, str], send: Send) -> None:
    status, words = refusal
    body = f"{words} If you need someone now, go to /help or call 999.".encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
