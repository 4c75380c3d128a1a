"""With compose.yaml a service starts by its mail server or by GOV.UK Notify, and is told what is missing."""

import re

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from app import ways
from app.config import Settings
from app.kit.mail import Smtp
from app.kit.notify import Notify
from tests.conftest import TEST_KEY
from tests.house.files import HOUSE

# `${NAME:-by itself}` and `${NAME:?what to say}`, as Compose has them.
GIVEN = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")
NEEDED = {
    "BRAID_SECRET_KEY": TEST_KEY,
    "BRAID_PUBLIC_ORIGIN": "https://braid.example.org",
    "BRAID_APP_PASSWORD": "a",
    "BRAID_WORKER_PASSWORD": "b",
}
BY_SMTP = {"BRAID_SMTP_HOST": "mail.example.org", "BRAID_MAIL_FROM": "no-reply@example.org"}
BY_NOTIFY = {"BRAID_MAIL": "notify", "BRAID_NOTIFY_KEY": "a-key", "BRAID_NOTIFY_EMAIL_TEMPLATE": "an-email"}


def filled(value, given):
    """A value of compose.yaml with what `.env` has put in; KeyError with the words it asks for what is missing by."""

    def put(found):
        name, how, rest = found["name"], found["how"], found["rest"] or ""
        if not given.get(name) and how == "?":
            raise KeyError(rest)
        return given.get(name) or rest

    return GIVEN.sub(put, str(value))


@pytest.fixture
def started(monkeypatch):
    """`started("web", …)` is the settings that a service of the file begins with, given what `.env` has."""

    def begin(service, given):
        file = YAML(typ="safe").load((HOUSE / "compose.yaml").read_text("utf-8"))
        image = dict(re.findall(r"^\s+(BRAID_\w+)=(\S+)", (HOUSE / "Dockerfile").read_text("utf-8"), re.MULTILINE))
        environment = file["services"][service]["environment"]
        for name, value in (image | {name: filled(value, given) for name, value in environment.items()}).items():
            monkeypatch.setenv(name, value)
        return Settings(_env_file=None)

    return begin


@pytest.mark.parametrize("service", ["web", "worker"])
@pytest.mark.parametrize(("given", "kind"), [(BY_SMTP, Smtp), (BY_NOTIFY, Notify)])
def test_a_service_chooses_who_carries_its_letters(started, service, given, kind):
    assert isinstance(ways.carrier_from(started(service, NEEDED | given)), kind)


@pytest.mark.parametrize("missing", sorted((BY_SMTP | BY_NOTIFY).keys() - {"BRAID_MAIL"}))
def test_whatever_is_missing_for_that_way_is_named(started, missing):
    chosen = BY_NOTIFY if missing in BY_NOTIFY else BY_SMTP
    given = {name: value for name, value in (NEEDED | chosen).items() if name != missing}

    with pytest.raises(ValidationError, match=missing):
        started("web", given)
