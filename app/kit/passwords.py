"""Passwords and one-time codes.

argon2id with the OWASP Password Storage profile (19 MiB, 2 passes, 1 lane): a hash costs about 40 ms here, and a
flood of sign-ins cannot take all the memory. One-time codes are RFC 6238, 30 s steps, 6 digits.
"""

import hmac
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Compared against when there is no such person, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody has this password")


def hashed(password: str) -> str:
    """What is kept of a password: an argon2id hash with its own salt."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one stored; takes as long when nothing is stored."""
    try:
        return _hasher.verify(stored or _NOBODY, password[:MAX_LENGTH]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def too_weak(password: str, *, names: tuple[str, ...]) -> str | None:
    """The sentence to show where a password is too easy to guess, else None (NIST SP 800-63B, 5.1.1.2)."""
    plain = password.casefold()
    if len(password) < MIN_LENGTH:
        return f"Use at least {MIN_LENGTH} characters. Three or four words together are easy to remember."
    if len(password) > MAX_LENGTH:
        return f"Use at most {MAX_LENGTH} characters."
    if len(set(plain)) < 5 or any(name and len(name) > 2 and name.casefold() in plain for name in names):
        return "Choose something harder to guess: not your name or e-mail, and not one letter over and over."
    if any(common in plain for common in ("password", "12345678", "qwertyui", "letmein", "iloveyou")):
        return "Choose something harder to guess: this one is on every list of common passwords."
    return None


def totp_uri(secret: str, *, account: str, issuer: str) -> str:
    """The address an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def totp_step(secret: str, code: str, *, now: datetime, after: int | None) -> int | None:
    """The 30-second step a code is right for, one step of drift allowed; None if wrong or used before.

    `after` is the last step accepted for this person: a code works once.
    """
    totp = pyotp.TOTP(secret)
    given = code.replace(" ", "").encode()
    present = int(now.timestamp()) // 30
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given) and (after is None or step > after):
            return step
    return None
