"""Sealing free text at rest, and making and checking secrets, with keys that live outside the database."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Sealer:
    """AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D); the first byte names the key's generation."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("A sealing key is 32 bytes")
        self._cipher = AESGCM(hashlib.sha256(b"seal:" + key).digest())
        self._signing = hashlib.sha256(b"sign:" + key).digest()

    def seal(self, text: str) -> bytes:
        """The text, unreadable and different each time; 29 bytes longer than it was."""
        nonce = secrets.token_bytes(12)
        return b"\x01" + nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """The text again; raises InvalidTag where the key is another's or the bytes were changed."""
        if sealed[:1] != b"\x01":
            raise InvalidTag
        return self._cipher.decrypt(sealed[1:13], sealed[13:], None).decode()

    def vouch(self, text: str) -> str:
        """The text with its signature behind it, for `vouched` to read."""
        return f"{text}.{self.sign(text)}"

    def vouched(self, signed: str) -> str:
        """The text that `vouch` signed, or nothing where it is not ours."""
        text, _, signature = signed.rpartition(".")
        return text if hmac.compare_digest(self.sign(text).encode(), signature.encode()) else ""

    def sign(self, text: str) -> str:
        """A 256-bit HMAC of the text in hex, for values that leave us and come back."""
        return hmac.new(self._signing, text.encode(), hashlib.sha256).hexdigest()


_sealers: list[Sealer] = []


def use(key: bytes) -> Sealer:
    """Make this key the process's own; called once by each entry point."""
    _sealers[:] = [Sealer(key)]
    return _sealers[0]


def sealer() -> Sealer:
    """The process's sealer; raises RuntimeError before `use`."""
    if not _sealers:
        raise RuntimeError("No sealing key: call crypto.use(key) at start-up")
    return _sealers[0]


class SealedText(TypeDecorator[str]):
    """Text that is unreadable in the database and its backups."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else sealer().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else sealer().open(bytes(value))


class SealedJson(TypeDecorator[Any]):
    """A JSON value that is unreadable in the database and its backups."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else sealer().seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(sealer().open(bytes(value)))


def new_secret() -> str:
    """256 random bits, URL-safe: for sessions, links and devices."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> bytes:
    """What we keep of a secret: its SHA-256, enough for one of 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def masked(token: str) -> str:
    """A one-time disguise of a 256-bit hex token, so that compression of a page cannot leak it."""
    raw = bytes.fromhex(token)
    pad = secrets.token_bytes(len(raw))
    return base64.urlsafe_b64encode(pad + bytes(a ^ b for a, b in zip(pad, raw, strict=True))).decode()


def unmasked(disguise: str) -> str:
    """The token behind a disguise, or an empty string where it is not one."""
    try:
        both = base64.urlsafe_b64decode(disguise)
    except ValueError:
        return ""
    half = len(both) // 2
    return bytes(a ^ b for a, b in zip(both[:half], both[half:], strict=False)).hex()
