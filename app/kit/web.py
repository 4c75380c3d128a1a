"""What every response of ours carries, whoever made it: security headers, a request id, limits on what comes in."""

import secrets
from collections.abc import Iterable
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit import csrf
from app.kit.errors import TooLarge

MAX_BODY = 1_000_000
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


class Guarded:
    """The outermost layer, so that errors of the framework itself are covered too."""

    def __init__(self, app: ASGIApp, *, origin: str, secure: bool) -> None:
        self.app = app
        self.origin = origin
        self.secure = secure

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
                self._finish(scope, MutableHeaders(scope=message), new_seed=None if has_seed else state["seed"])
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal:
            await _plain(refusal, send_guarded)
            return
        await self.app(scope, _limited(receive), send_guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if scope["method"] not in SAFE_METHODS and csrf.from_elsewhere(headers, self.origin):
            return 403, "This form was not sent from one of our own pages. Go back, reload and send it again."
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
            return 413, "That is too long to send. Go back and shorten it."
        return None

    def _finish(self, scope: Scope, headers: MutableHeaders, *, new_seed: str | None) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        headers["X-Request-Id"] = scope["state"]["request_id"]
        if self.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "cache-control" not in headers:
            headers["Cache-Control"] = "no-store"
        if new_seed and not scope["path"].startswith("/static/"):
            flags = "; Secure" if self.secure else ""
            headers.append(
                "Set-Cookie",
                f"{csrf.cookie(csrf.SEED, secure=self.secure)}={new_seed}; Path=/; HttpOnly; SameSite=Lax{flags}",
            )


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            # A browser announces its length; what does not is cut off rather than read to its end.
            raise TooLarge
        return message

    return limited


async def _plain(refusal: tuple[int, str], send: Send) -> None:
    status, words = refusal
    body = words.encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
