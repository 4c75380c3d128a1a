"""Whether a form came from one of our own pages: where the browser says it came from, and a token.

Sources: OWASP Cross-Site Request Forgery Prevention (fetch metadata first, a token behind it).
"""

import hmac

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from app.kit import crypto
from app.kit.errors import NotOurForm

FIELD = "csrf"
SEED = "seed"
SESSION = "session"


def cookie(name: str, *, secure: bool) -> str:
    """A cookie's name: bound to this very host where we are reached over TLS (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-braid_{name}" if secure else f"braid_{name}"


def read_cookie(request: Request, name: str) -> str:
    """Our cookie's value, or an empty string."""
    return request.cookies.get(cookie(name, secure=request.state.secure), "")


def set_cookie(request: Request, response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie of ours: unreadable to scripts, for `max_age` seconds or until the browser closes."""
    secure = request.state.secure
    response.set_cookie(
        cookie(name, secure=secure), value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="lax"
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Take a cookie of ours back."""
    # With the flags it was set with: a browser ignores a word about a `__Host-` cookie that is not itself Secure.
    secure = request.state.secure
    response.delete_cookie(cookie(name, secure=secure), path="/", secure=secure, httponly=True, samesite="lax")


def from_elsewhere(headers: Headers, origin: str) -> bool:
    """Whether an unsafe request was made by another site's page.

    Browsers that do not send `Sec-Fetch-Site` are judged by `Origin`; what sends neither is no browser
    with somebody's cookies, and the token still has to be right.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    said = headers.get("origin")
    return said is not None and said != origin


def expected(request: Request) -> str:
    """The token of this browser and this sign-in, as hex."""
    seed = getattr(request.state, "seed", "") or read_cookie(request, SEED)
    return crypto.sealer().sign(f"csrf:{seed}:{read_cookie(request, SESSION)}")


def token(request: Request) -> str:
    """The token for a form on the page being made, masked anew each time."""
    return crypto.masked(expected(request))


def check(request: Request, given: str) -> None:
    """Raise NotOurForm unless the posted token is this browser's and this sign-in's."""
    if not read_cookie(request, SEED) or not hmac.compare_digest(crypto.unmasked(given), expected(request)):
        raise NotOurForm
