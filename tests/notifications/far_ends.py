"""What stands at the far end of each way to send: a push service with a browser behind it, and GOV.UK Notify.

Each is written from its published standard and with nothing of what Braid sends with.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NOTIFY_SERVICE, NOTIFY_SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
NOTIFY_KEY = f"braid-tests-{NOTIFY_SERVICE}-{NOTIFY_SECRET}"


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256, for one block (RFC 5869)."""
    key = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(key, info + b"\x01", hashlib.sha256)[:length]


@dataclass
class FakeBrowser:
    """A browser that subscribed to push, and opens what it is sent (RFC 8291)."""

    secret: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: uuid4().bytes)

    @property
    def point(self) -> bytes:
        form = serialization.PublicFormat.UncompressedPoint
        return self.secret.public_key().public_bytes(serialization.Encoding.X962, form)

    def opened(self, body: bytes) -> bytes:
        """The message; raises InvalidTag where it was not for this browser. One record, as push messages are."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.secret.exchange(ec.ECDH(), theirs)
        secret = derived(self.auth, shared, b"WebPush: info\x00" + self.point + sender, 32)
        key = derived(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = derived(salt, secret, b"Content-Encoding: nonce\x00", 12)
        opened = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert opened.endswith(b"\x02")
        return opened[:-1]


def vouched(header: str, *, audience: str, now: float) -> tuple[dict[str, Any], str]:
    """What a sender says of itself and the key it proves that with; an AssertionError where it does not (RFC 8292)."""
    scheme, _, rest = header.partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = parts["t"].split(".")
    said = json.loads(raw(claims))
    both = raw(signature)
    der = utils.encode_dss_signature(int.from_bytes(both[:32]), int.from_bytes(both[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert scheme == "vapid"
    assert json.loads(raw(head))["alg"] == "ES256"
    assert said["aud"] == audience
    assert now < said["exp"] <= now + 24 * 3600
    return said, parts["k"]


class Quiet(BaseHTTPRequestHandler):
    """A server that is one request's, and tells nobody on standard error."""

    protocol_version = "HTTP/1.1"
    # Whether one connection is for several requests.
    stays = False
    server: Any

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        if not self.stays:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(handler: type[Quiet], *, tls: ssl.SSLContext | None = None, **state: Any) -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    for name, value in state.items():
        setattr(server, name, value)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class PushService(Quiet):
    """A push service: takes what names its time to live and proves its sender, and answers as it is told to."""

    stays = True

    def setup(self) -> None:
        super().setup()
        self.server.connections.append(self.client_address)

    def finish(self) -> None:
        super().finish()
        self.server.ended.set()

    def do_POST(self) -> None:
        body = self.body()
        status = self.server.answers.get(self.path, 201)
        if status == "hang up":
            self.server.taken.append((self.path, self.headers, body))
            self.close_connection = True
            self.connection.close()
            return
        if status == 201:
            vouched(self.headers["Authorization"], audience=self.server.origin, now=time.time())
            if not self.headers["TTL"].isdigit() or self.headers["Content-Encoding"] != "aes128gcm":
                self.answer(400)
                return
            self.server.taken.append((self.path, self.headers, body))
        self.close_connection = self.server.hangs_up
        cookie = {"Set-Cookie": "known=yes; Path=/"}
        self.answer(status, Location=f"{self.server.origin}/elsewhere", **cookie)


@contextmanager
def push_service(folder: Path) -> Iterator[Any]:
    """A push service behind TLS, whose certificate is in `authority`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A push service")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    day, now = timedelta(days=1), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - day).not_valid_after(now + day).add_extension(names, False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "authority.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(secret + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    state = {"taken": [], "answers": {}, "connections": [], "hangs_up": False, "ended": threading.Event()}
    with serving(PushService, tls=context, authority=str(folder / "authority.pem"), **state) as server:
        server.host = f"127.0.0.1:{server.server_port}"
        server.origin = f"https://{server.host}"
        yield server


class NotifyService(Quiet):
    """GOV.UK Notify as its REST API documentation has it: a signed request, a template, an answer with an id."""

    def do_POST(self) -> None:
        asked = json.loads(self.body())
        kind = self.path.rpartition("/")[2]
        problem = self._problem(asked, kind)
        if problem:
            self._say(*problem)
            return
        found = {"id": str(uuid4()), "reference": asked.get("reference"), "status": "created", "type": kind}
        self.server.taken.append(found | {"asked": asked})
        if self.server.hangs_up:
            self.close_connection = True
            self.connection.close()
            return
        self._json(201, found | {"content": asked["personalisation"], "template": {"id": asked["template_id"]}})

    def do_GET(self) -> None:
        reference = parse_qs(urlsplit(self.path).query)["reference"][0]
        found = [one for one in reversed(self.server.taken) if one["reference"] == reference]
        self._json(200, {"notifications": found, "links": {"current": self.path}})

    def _problem(self, asked: dict[str, Any], kind: str) -> tuple[int, str, str] | None:
        _, _, token = self.headers["Authorization"].partition("Bearer ")
        head, claims, signature = token.split(".")
        right = hmac.digest(NOTIFY_SECRET.encode(), f"{head}.{claims}".encode(), hashlib.sha256)
        if json.loads(raw(claims))["iss"] != NOTIFY_SERVICE or not hmac.compare_digest(right, raw(signature)):
            return 403, "AuthError", "Invalid token: API key not found"
        if self.server.refuses:
            return self.server.refuses, "Error", "As the test asked"
        wanted = {"sms": {"body"}, "email": {"subject", "body"}}[kind]
        if wanted - set(asked["personalisation"]):
            return 400, "BadRequestError", "Missing personalisation"
        if kind == "sms" and not asked["phone_number"].replace(" ", "").lstrip("+").isdigit():
            return 400, "ValidationError", "phone_number Must not contain letters or symbols"
        return None

    def _say(self, status: int, error: str, message: str) -> None:
        self._json(status, {"status_code": status, "errors": [{"error": error, "message": message}]})

    def _json(self, status: int, value: Any) -> None:
        self.answer(status, json.dumps(value).encode(), **{"Content-Type": "application/json"})


@contextmanager
def notify_service() -> Iterator[Any]:
    with serving(NotifyService, taken=[], refuses=0, hangs_up=False) as server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server
