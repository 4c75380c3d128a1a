"""Web push: a message that only one browser can open, handed to the service that the browser's maker runs.

Sources: RFC 8030 (handing over), RFC 8291 (sealing), RFC 8292 (who we are).
"""

import base64
import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kit import handing

SECONDS = 10
# What stands between us and a push service forgets a silent connection without a word, most after some minutes.
SILENT = 60
# The order of the curve P-256: a key is a number below it (FIPS 186-5).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# Nothing in a name but what a name is made of: what one reader of addresses takes for part of the host, as a backslash,
# another takes for its end, and then somebody else is called.
_ADDRESS = re.compile(r"https://(?P<host>[A-Za-z0-9.-]+(?::[0-9]{1,5})?)/[!-\[\]-~]*")


@dataclass(frozen=True)
class Browser:
    """Where a browser is reached and what only it can open, as its subscription says, in URL-safe base64."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Push:
    """Ourselves as push services know us: a key, somebody to write to if we misbehave, and the hosts we call."""

    key: str = field(repr=False)
    # A `mailto:` or `https:` address that exists: some push services refuse any other (RFC 8292, 2.1).
    contact: str
    hosts: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(_bytes(self.key)) != 32 or not 0 < int.from_bytes(_bytes(self.key)) < _ORDER:
            raise ValueError("The push key must be 32 bytes in URL-safe base64, a number below the order of P-256")

    @property
    def public_key(self) -> str:
        """What a browser asks for before it subscribes: the uncompressed point in URL-safe base64."""
        number = int.from_bytes(_bytes(self.key))
        point = ec.derive_private_key(number, ec.SECP256R1()).public_key()
        return _text(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def calls(self, endpoint: str) -> bool:
        """Whether an address is one of a push service that we call; a browser's word alone may not send us anywhere."""
        found = _ADDRESS.fullmatch(endpoint)
        if found is None:
            return False
        host = found["host"].lower().removesuffix(":443")
        return any(host == known or host.endswith(f".{known}") for known in self.hosts)

    def send(self, browser: Browser, payload: bytes, *, topic: str, ttl: int, urgency: str = "normal") -> None:
        """Hand a message over, to be kept for `ttl` seconds until the browser is there; raises as `handing` says.

        A later message of the same topic takes the place of one that still waits.
        """
        # Only who sends pays the second that it takes to load.
        import requests
        from pywebpush import WebPushException, webpush

        if not self.calls(browser.endpoint):
            raise handing.NotTaken("not a push service")
        try:
            webpush(
                {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}},
                payload,
                vapid_private_key=self._signing,
                # It adds the audience and an end to what it is given.
                vapid_claims={"sub": self.contact},
                ttl=ttl,
                headers={"Topic": topic, "Urgency": urgency},
                timeout=SECONDS,
                requests_session=self._line.open(),
            )
        except WebPushException as failed:
            raise handing.said(failed.status_code or 400) from None
        except requests.RequestException as failed:
            raise handing.broken(failed) from None
        except ValueError:
            raise handing.NotTaken("not a browser's keys") from None

    @cached_property
    def _line(self) -> "_Line":
        return _Line()

    @cached_property
    def _signing(self) -> Any:
        from py_vapid import Vapid02

        return Vapid02.from_raw(_text(_bytes(self.key)).encode())


class _Line:
    """The connections of one process to push services: kept from one message to the next, until nobody speaks."""

    def __init__(self) -> None:
        self._session: Any = None
        self._used = 0.0

    def open(self) -> Any:
        """A session of `requests` to send by, with the connections of the last one unless they were silent for long."""
        if self._session is not None and time.monotonic() - self._used > SILENT:
            self._session.close()
            self._session = None
        if self._session is None:
            self._session = _session()
        self._used = time.monotonic()
        return self._session


def _session() -> Any:
    import requests
    from requests.cookies import RequestsCookieJar

    session = requests.Session()
    session.max_redirects = 0
    # A push service learns nothing of one browser from what it gave us for another.
    session.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=()))
    return session


def opens(p256dh: str, auth: str) -> bool:
    """Whether these are keys that a browser can have: a point on the curve and 16 bytes (RFC 8291, 2)."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        return len(_bytes(p256dh)) == 65 and len(_bytes(auth)) == 16
    except ValueError:
        return False


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
