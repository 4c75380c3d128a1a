"""Passwords that cost next to nothing: what a hash must cost is tested in `kit/test_passwords.py`."""

import pytest
from argon2 import PasswordHasher

from app.kit import passwords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOBODY = QUICK.hash("nobody has this password")


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", QUICK)
    monkeypatch.setattr(passwords, "_NOBODY", NOBODY)
