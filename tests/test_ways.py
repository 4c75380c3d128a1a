"""Which ways to send there are follows from the settings, and what is half set is refused at the start."""

import pytest
from pydantic import ValidationError

from app import ways
from app.config import Settings
from app.kit.mail import Mailbox, Smtp
from app.kit.notify import Notify
from app.kit.work import wall_clock
from app.notifications.kinds import Channel
from tests.conftest import TEST_KEY

PRODUCTION = {
    "environment": "production",
    "DATABASE_URL": "postgresql://server/braid",
    "secret_key": TEST_KEY,
    "mail": "smtp",
    "mail_from": "no-reply@example.org",
    "demo": False,
}
OURS = {"push_key": TEST_KEY, "push_contact": "mailto:it@example.org"}
TEXTS = {"notify_key": "a-key", "notify_sms_template": "a-text"}


def channels(**settings):
    chosen = Settings(**settings)
    return set(ways.senders_from(chosen, carrier=ways.carrier_from(chosen), clock=wall_clock))


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, {Channel.EMAIL}),
        (OURS, {Channel.EMAIL, Channel.PUSH}),
        (TEXTS, {Channel.EMAIL, Channel.SMS}),
        (OURS | TEXTS, {Channel.EMAIL, Channel.PUSH, Channel.SMS}),
    ],
)
def test_a_service_sends_by_what_its_operator_set_up(settings, found):
    assert channels(**PRODUCTION, **settings) == found


def test_a_developer_has_push_with_a_key_that_is_made_once(tmp_path):
    first, again = (ways.push_from(Settings(data_dir=tmp_path)) for _ in range(2))

    assert first is not None
    assert first == again
    assert (tmp_path / "push-key").stat().st_mode & 0o777 == 0o600


def test_the_push_key_may_be_in_a_file(tmp_path):
    (tmp_path / "key").write_text(TEST_KEY + "\n")

    settings = Settings(**PRODUCTION, push_key_file=tmp_path / "key", push_contact="mailto:it@example.org")

    assert ways.push_from(settings) == ways.push_from(Settings(**PRODUCTION, **OURS))


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"mail": "mailbox"}, Mailbox),
        ({"mail": "smtp"}, Smtp),
        ({"mail": "notify", "notify_key": "a-key", "notify_email_template": "an-email"}, Notify),
    ],
)
def test_letters_go_by_what_the_settings_say(tmp_path, settings, kind):
    assert isinstance(ways.carrier_from(Settings(data_dir=tmp_path, **settings)), kind)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"mail": "notify"}, "BRAID_NOTIFY_KEY"),
        ({"mail": "notify", "notify_key": "a-key"}, "BRAID_NOTIFY_EMAIL_TEMPLATE"),
        ({"notify_sms_template": "a-text"}, "BRAID_NOTIFY_KEY"),
        (PRODUCTION | {"push_key": TEST_KEY}, "BRAID_PUSH_CONTACT"),
    ],
)
def test_what_is_half_set_is_refused_by_its_name(settings, named):
    with pytest.raises(ValidationError, match=named):
        Settings(**settings)


@pytest.mark.parametrize("key", ["AAAA", "_" * 43, "A" * 43, "é"])
def test_a_push_key_that_is_none_is_refused(key):
    with pytest.raises(ValueError):
        ways.push_from(Settings(**PRODUCTION, push_key=key, push_contact="mailto:it@example.org"))


def test_keys_are_shown_in_no_log():
    settings = Settings(**PRODUCTION, **OURS, **TEXTS)

    assert TEST_KEY not in repr(ways.push_from(settings))
    assert "a-key" not in repr(ways.notify_from(settings))
