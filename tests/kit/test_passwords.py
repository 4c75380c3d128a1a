"""Passwords that are hard to guess and cheap to remember; codes that work once."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from app.kit import passwords, qr

AT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
NAMES = ("Ash", "Whitlock", "ash.whitlock@example.org", "ash.whitlock")


def test_a_password_is_kept_as_an_argon2id_hash_and_known_again():
    stored = passwords.hashed("heron lamp orchard")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(stored, "heron lamp orchard")
    assert not passwords.matches(stored, "heron lamp Orchard")


def test_where_nothing_is_stored_nothing_matches():
    assert not passwords.matches(None, "nobody has this password")
    assert not passwords.matches("", "")
    assert not passwords.matches("nonsense", "nonsense")


@pytest.mark.parametrize("password", ["heron lamp orchard", "correct horse", "Zq7!pLm2&x", "ünïcödé wörds"])
def test_a_password_that_is_hard_to_guess_is_taken(password):
    assert passwords.too_weak(password, names=NAMES) is None


@pytest.mark.parametrize(
    "password",
    ["", "short one", "aaaaaaaaaaaa", "ababababab", "Ash is the best", "WHITLOCK2026", "ash.whitlock!", "Password12345",
     "xx12345678xx", "x" * 201],
)  # fmt: skip
def test_a_password_that_is_easy_to_guess_is_refused_with_a_sentence(password):
    said = passwords.too_weak(password, names=NAMES)

    assert said and said.endswith(".")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B, of which an app shows the last six digits."""
    at = datetime.fromtimestamp(seconds, UTC)

    assert passwords.totp_step(SECRET, code, now=at, after=None) == seconds // 30


def test_a_code_is_good_for_its_own_half_minute_and_one_beside_it():
    code = pyotp.TOTP(SECRET).at(AT)

    good = [
        s for s in range(-90, 91, 30) if passwords.totp_step(SECRET, code, now=AT + timedelta(seconds=s), after=None)
    ]
    assert good == [-30, 0, 30]


def test_a_code_that_was_used_and_those_before_it_are_refused():
    step = passwords.totp_step(SECRET, pyotp.TOTP(SECRET).at(AT), now=AT, after=None)

    for back in (0, 30):
        code = pyotp.TOTP(SECRET).at(AT - timedelta(seconds=back))
        assert passwords.totp_step(SECRET, code, now=AT, after=step) is None
    later = pyotp.TOTP(SECRET).at(AT + timedelta(seconds=30))
    assert passwords.totp_step(SECRET, later, now=AT, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "١٢٣٤٥٦", "abc", "0" * 100])
def test_what_is_no_code_is_simply_wrong(code):
    assert passwords.totp_step(SECRET, code, now=AT, after=None) is None


def test_the_code_to_scan_is_drawn_without_style_and_has_a_name():
    uri = passwords.totp_uri(SECRET, account="ash@example.org", issuer="Braid")
    drawn = str(qr.drawing(uri, title="Scan <this>"))

    assert uri.startswith("otpauth://totp/Braid:ash")
    assert drawn.startswith('<svg role="img"')
    assert "<title>Scan &lt;this&gt;</title>" in drawn
    assert "style" not in drawn
