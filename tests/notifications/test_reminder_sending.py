"""Reminders leave by e-mail, push and text to one person, say nothing to others, and tell apart how they can fail."""

import json
import os
import re
import time as wall
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from app.kit import push
from app.kit.mail import Smtp
from app.kit.notify import Notify
from app.kit.push import Push
from app.notifications import off_actions
from app.notifications.kinds import Channel, ReminderKind
from app.notifications.off_sending import off_link
from app.notifications.reminder_sending import ByEmail, ByPush, BySms
from app.notifications.sending import Address, Device, Message, Outcome, Sender
from tests.journeys.site import free_port
from tests.notifications.far_ends import (
    NOTIFY_KEY,
    FakeBrowser,
    notify_service,
    push_service,
    raw,
    text,
    vouched,
)

ORIGIN = "https://braid.example.org"
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ASH = Address(email="ash@example.org", phone="07700 900123")


def clock():
    return NOON


def new_key():
    return text(b"\x01" + os.urandom(31))


@pytest.fixture
def message(engine):
    return Message(
        key=f"v1|act|{uuid4()}|2026-03-03|0|0|email",
        service_id=uuid4(),
        person_id=uuid4(),
        channel=Channel.EMAIL,
        kind=ReminderKind.ACTIVITY,
        count=1,
        due_at=NOON,
        expires_at=NOON + timedelta(minutes=30),
        local_at=time(9, 0),
    )


class Inbox:
    """A mail server that keeps what it is given byte by byte, and can refuse or hang up."""

    def __init__(self):
        self.begin()

    def begin(self):
        self.says = "250 OK"
        self.says_to_recipient = "250 OK"
        self.says_to_sender = "250 OK"
        self.envelopes = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.says_to_sender

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.says_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says_to_recipient

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        if self.says == "hang up":
            server.transport.close()
            return "250 OK"
        return self.says


@pytest.fixture(scope="module")
def mail_server():
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def inbox(mail_server):
    mail_server.handler.begin()
    return mail_server.handler


@pytest.fixture
def by_email(mail_server):
    return ByEmail(Smtp("127.0.0.1", mail_server.port, "Braid <no-reply@braid.example.org>"), ORIGIN)


def letter(envelope):
    return message_from_bytes(envelope.content, policy=policy.default)


# By e-mail


def test_an_e_mail_goes_to_one_person_and_says_when_and_no_more(by_email, inbox, message):
    assert by_email.send(message, ASH).outcome is Outcome.SENT

    [envelope] = inbox.envelopes
    assert envelope.rcpt_tos == ["ash@example.org"]
    assert letter(envelope)["Subject"] == "Something planned at 9:00am"
    assert letter(envelope)["To"] == "ash@example.org"
    assert letter(envelope)["Auto-Submitted"] == "auto-generated"
    assert f"{ORIGIN}/home" in letter(envelope).get_content()


def test_an_address_that_is_two_reaches_nobody(by_email, inbox, message):
    outcome = by_email.send(message, Address(email="ash@example.org, bea@example.org")).outcome

    assert outcome is Outcome.REFUSED
    assert inbox.envelopes == []


def test_a_reminder_sent_twice_has_one_message_id_and_another_reminder_another(by_email, inbox, message):
    for one in (message, message, replace(message, key="v1|act|another"), replace(message, service_id=uuid4())):
        by_email.send(one, ASH)

    first, again, other, elsewhere = [letter(envelope)["Message-ID"] for envelope in inbox.envelopes]
    assert first == again
    assert len({first, other, elsewhere}) == 3
    assert re.fullmatch(r"<[A-Za-z0-9_-]{32}@braid\.example\.org>", first)


def test_a_mail_program_finds_how_to_unsubscribe_in_one_click(by_email, inbox, message):
    by_email.send(message, ASH)

    [envelope] = inbox.envelopes
    # In the bytes themselves: an address that was folded or encoded is one that no mail program can call.
    head = envelope.content.partition(b"\r\n\r\n")[0].decode().splitlines()
    [address] = [line.removeprefix("List-Unsubscribe: ") for line in head if line.startswith("List-Unsubscribe:")]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    found = re.fullmatch(rf"<{ORIGIN}/reminders/off/([A-Za-z0-9_-]+)>", address)
    assert off_link(found.group(1)).person_id == message.person_id
    assert f"{ORIGIN}/reminders/off/{found.group(1)}" in letter(envelope).get_content()
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 998


def test_following_the_link_from_the_letter_stops_the_letters(by_email, inbox, message, clients, ash):
    by_email.send(replace(message, service_id=ash.world.service_id, person_id=ash.id), ASH)
    [envelope] = inbox.envelopes
    path = re.search(rf"<{ORIGIN}(/\S+)>", str(letter(envelope)["List-Unsubscribe"])).group(1)

    assert clients().http.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    assert off_actions.standing(ash.work(), off_link(path.rpartition("/")[2])).way


@pytest.mark.parametrize(
    ("says", "outcome"),
    [("451 Later", Outcome.RETRY), ("550 Never", Outcome.REFUSED), ("hang up", Outcome.UNSURE)],
)
def test_what_the_mail_server_says_decides_whether_it_is_tried_again(by_email, inbox, message, says, outcome):
    inbox.says = says

    assert by_email.send(message, ASH).outcome is outcome


@pytest.mark.parametrize(("says", "outcome"), [("450 Later", Outcome.RETRY), ("550 Nobody", Outcome.REFUSED)])
def test_so_does_what_it_says_of_the_address(by_email, inbox, message, says, outcome):
    inbox.says_to_recipient = says

    assert by_email.send(message, ASH).outcome is outcome


def test_a_mail_server_that_does_not_take_us_may_once_that_is_mended(by_email, inbox, message):
    inbox.says_to_sender = "530 Sign in first"

    assert by_email.send(message, ASH).outcome is Outcome.RETRY


def test_a_mail_server_that_is_not_there_took_nothing(message):
    by_email = ByEmail(Smtp("127.0.0.1", free_port(), "no-reply@braid.example.org"), ORIGIN)

    assert by_email.send(message, ASH).outcome is Outcome.RETRY


# To a browser


@pytest.fixture(scope="module")
def pushes(tmp_path_factory):
    with push_service(tmp_path_factory.mktemp("push")) as server:
        yield server


@pytest.fixture
def far(pushes, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", pushes.authority)
    pushes.taken.clear()
    pushes.answers.clear()
    pushes.connections.clear()
    pushes.hangs_up = False
    return pushes


@pytest.fixture
def by_push(far):
    return ByPush(Push(new_key(), "mailto:braid@example.org", (far.host,)), ORIGIN, clock)


def device(far, browser, path="/one"):
    return Device(uuid4(), f"{far.origin}{path}", text(browser.point), text(browser.auth))


def test_the_way_the_tests_open_a_push_message_is_the_standards_own():
    browser = FakeBrowser(
        ec.derive_private_key(
            int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")), ec.SECP256R1()
        ),
        raw("BTBZMqHH6r4Tts7J_aSIgg"),
    )  # fmt: skip
    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )

    assert browser.opened(body) == b"When I grow up, I want to be a watermelon"


def test_only_the_browser_it_is_for_can_open_a_push_message(by_push, far, message):
    browser = FakeBrowser()

    sent = by_push.send(message, Address(devices=(one := device(far, browser),)))

    [(path, _, body)] = far.taken
    shown = json.loads(browser.opened(body))
    assert (sent.outcome, sent.reached, sent.gone) == (Outcome.SENT, (one.id,), ())
    assert path == "/one"
    assert (shown["title"], shown["url"]) == ("Something planned at 9:00am", "/home")
    with pytest.raises(InvalidTag):
        FakeBrowser().opened(body)
    with pytest.raises(InvalidTag):
        FakeBrowser(browser.secret).opened(body)


def test_the_push_service_knows_us_by_our_key_and_whom_to_write_to(by_push, far, message):
    by_push.send(message, Address(devices=(device(far, FakeBrowser()),)))

    [(_, headers, _)] = far.taken
    said, key = vouched(headers["Authorization"], audience=far.origin, now=wall.time())
    assert said["sub"] == "mailto:braid@example.org"
    assert key.rstrip("=") == by_push.push.public_key


def test_a_push_message_waits_no_longer_than_it_is_of_use(by_push, far, message):
    to = Address(devices=(device(far, FakeBrowser()),))

    by_push.send(message, to)
    by_push.send(replace(message, expires_at=NOON - timedelta(minutes=1)), to)

    assert [headers["TTL"] for _, headers, _ in far.taken] == ["1800", "0"]


def test_a_push_message_sent_twice_takes_its_own_place(by_push, far, message):
    browser = FakeBrowser()
    to = Address(devices=(device(far, browser),))

    for one in (message, message, replace(message, key="v1|act|another")):
        by_push.send(one, to)

    topics = [headers["Topic"] for _, headers, _ in far.taken]
    tags = [json.loads(browser.opened(body))["tag"] for _, _, body in far.taken]
    assert topics[0] == topics[1] != topics[2]
    assert tags == topics
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", topic) for topic in topics)


def test_a_message_after_an_outage_makes_no_sound(by_push, far, message):
    browser = FakeBrowser()
    to = Address(devices=(device(far, browser),))

    by_push.send(replace(message, quiet=True, count=3, local_at=None), to)

    [(_, headers, body)] = far.taken
    shown = json.loads(browser.opened(body))
    assert (shown["silent"], headers["Urgency"]) == (True, "normal")
    assert shown["title"] == "3 things planned for today"


def test_the_message_is_also_in_the_form_that_needs_no_worker(by_push, far, message):
    browser = FakeBrowser()

    by_push.send(message, Address(devices=(device(far, browser),)))

    shown = json.loads(browser.opened(far.taken[0][2]))
    declared = shown["notification"]
    assert shown["web_push"] == 8030
    assert (declared["title"], declared["navigate"]) == (shown["title"], f"{ORIGIN}/home")


def test_a_push_message_can_be_answered_by_turning_such_off(by_push, far, message):
    browser = FakeBrowser()

    by_push.send(message, Address(devices=(device(far, browser),)))

    shown = json.loads(browser.opened(far.taken[0][2]))
    off, pause = shown["actions"]
    assert (off["title"], pause["title"]) == ("Turn these off", "Pause")
    assert off_link(off["action"].removeprefix("/reminders/off/")).person_id == message.person_id
    assert pause["action"] == "/my/reminders"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (404, Outcome.UNREACHABLE),
        (410, Outcome.UNREACHABLE),
        (429, Outcome.RETRY),
        (503, Outcome.RETRY),
        (403, Outcome.RETRY),
        (400, Outcome.REFUSED),
        (413, Outcome.REFUSED),
        (302, Outcome.REFUSED),
        ("hang up", Outcome.UNSURE),
    ],
)
def test_what_the_push_service_answers_decides_what_comes_next(by_push, far, message, answer, outcome):
    far.answers["/one"] = answer
    one = device(far, FakeBrowser())

    sent = by_push.send(message, Address(devices=(one,)))

    assert sent.outcome is outcome
    assert sent.gone == ((one.id,) if outcome is Outcome.UNREACHABLE else ())


def test_one_browser_that_is_gone_or_broken_keeps_nothing_from_the_others(by_push, far, message):
    far.answers |= {"/gone": 410, "/broken": 500}
    gone, broken, well = (device(far, FakeBrowser(), path) for path in ("/gone", "/broken", "/one"))

    sent = by_push.send(message, Address(devices=(gone, broken, well)))

    assert (sent.outcome, sent.reached, sent.gone) == (Outcome.SENT, (well.id,), (gone.id,))


def test_a_browser_with_keys_that_are_none_is_refused(by_push, far, message):
    broken = replace(device(far, FakeBrowser()), p256dh="AAAA")

    assert by_push.send(message, Address(devices=(broken,))).outcome is Outcome.REFUSED
    assert far.taken == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://{host}/one",
        "https://{host}.example.org/one",
        "https://someone@{host}/one",
        "https://127.0.0.1/one",
        "https://push.example.org:99999/one",
        "file:///etc/passwd",
    ],
)
def test_no_address_but_a_push_services_is_ever_called(by_push, far, message, endpoint):
    stray = replace(device(far, FakeBrowser()), endpoint=endpoint.format(host=far.host))

    assert by_push.send(message, Address(devices=(stray,))).outcome is Outcome.REFUSED
    assert far.taken == []


@pytest.mark.parametrize("sign", ["\\", "%5c", "%2f", " ", "\t", "_"])
def test_nothing_is_called_by_a_name_that_another_reader_of_addresses_ends_sooner(message, sign):
    by_push = ByPush(Push(new_key(), "mailto:braid@example.org", ("push.example.org",)), ORIGIN, clock)
    browser = FakeBrowser()
    stray = Device(uuid4(), f"https://127.0.0.1{sign}.push.example.org/one", text(browser.point), text(browser.auth))

    assert by_push.send(message, Address(devices=(stray,))).outcome is Outcome.REFUSED


def test_a_push_service_whose_certificate_is_not_to_be_trusted_gets_nothing(by_push, far, message, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")

    assert by_push.send(message, Address(devices=(device(far, FakeBrowser()),))).outcome is Outcome.RETRY
    assert far.taken == []


def test_a_push_service_that_is_not_there_took_nothing(message):
    host = f"127.0.0.1:{free_port()}"
    by_push = ByPush(Push(new_key(), "mailto:braid@example.org", (host,)), ORIGIN, clock)
    browser = FakeBrowser()
    absent = Device(uuid4(), f"https://{host}/one", text(browser.point), text(browser.auth))

    assert by_push.send(message, Address(devices=(absent,))).outcome is Outcome.RETRY


def test_one_connection_carries_one_message_after_another(by_push, far, message):
    to = Address(devices=(device(far, FakeBrowser(), "/one"), device(far, FakeBrowser(), "/two")))

    by_push.send(message, to)
    by_push.send(replace(message, key="v1|act|another"), to)

    assert [path for path, _, _ in far.taken] == ["/one", "/two", "/one", "/two"]
    assert len(far.connections) == 1


def test_a_push_service_is_told_nothing_again_that_it_said_of_another_browser(by_push, far, message):
    by_push.send(message, Address(devices=(device(far, FakeBrowser(), "/one"), device(far, FakeBrowser(), "/two"))))

    assert [headers["Cookie"] for _, headers, _ in far.taken] == [None, None]


def test_a_connection_that_the_push_service_ended_keeps_no_message_back(by_push, far, message):
    to = Address(devices=(device(far, FakeBrowser()),))
    far.hangs_up = True
    far.ended.clear()
    by_push.send(message, to)
    far.ended.wait()

    assert by_push.send(message, to).outcome is Outcome.SENT
    assert len(far.connections) == 2


def test_a_connection_on_which_nothing_was_said_for_long_is_not_trusted(by_push, far, message, monkeypatch):
    to = Address(devices=(device(far, FakeBrowser()),))
    by_push.send(message, to)
    monkeypatch.setattr(push, "SILENT", -1)

    assert by_push.send(message, to).outcome is Outcome.SENT
    assert len(far.connections) == 2


# As a text


@pytest.fixture(scope="module")
def notify_server():
    with notify_service() as server:
        yield server


@pytest.fixture
def account(notify_server):
    notify_server.taken.clear()
    notify_server.refuses, notify_server.hangs_up = 0, False
    return notify_server


@pytest.fixture
def notify(account):
    return Notify(NOTIFY_KEY, account.url, email_template="an-email", sms_template="a-text")


@pytest.fixture
def by_sms(notify):
    return BySms(notify, ORIGIN)


def test_a_text_says_when_and_how_to_stop_it(by_sms, account, message):
    sent = by_sms.send(message, ASH)

    [taken] = account.taken
    asked = taken["asked"]
    words, _, address = asked["personalisation"]["body"].rpartition(" ")
    assert (sent.outcome, sent.provider_ref) == (Outcome.SENT, taken["id"])
    assert (asked["phone_number"], asked["template_id"]) == ("07700 900123", "a-text")
    assert words == "Something planned at 9:00am. Turn these off:"
    assert off_link(address.removeprefix(f"{ORIGIN}/reminders/off/")).person_id == message.person_id


def test_a_text_is_no_longer_than_one_text(by_sms, account, message):
    by_sms.send(replace(message, count=12, local_at=time(11, 45)), ASH)

    [taken] = account.taken
    body = taken["asked"]["personalisation"]["body"]
    assert body.isascii()
    assert len(body) <= 160


def test_a_text_that_may_have_gone_is_looked_up_and_not_sent_again(by_sms, account, message):
    account.hangs_up = True

    assert by_sms.send(message, ASH).outcome is Outcome.UNSURE
    assert by_sms.redo_if_unsure is False
    assert by_sms.look_up(message.key) is Outcome.SENT
    assert by_sms.look_up("v1|act|another") is None
    account.taken[0]["status"] = "permanent-failure"
    assert by_sms.look_up(message.key) is Outcome.REFUSED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Outcome.REFUSED), (403, Outcome.RETRY), (429, Outcome.RETRY), (500, Outcome.RETRY)],
)
def test_what_notify_answers_decides_whether_it_is_tried_again(by_sms, account, message, status, outcome):
    account.refuses = status

    assert by_sms.send(message, ASH).outcome is outcome


def test_a_number_that_is_none_is_refused(by_sms, message):
    assert by_sms.send(message, Address(phone="not a number")).outcome is Outcome.REFUSED


def test_a_key_that_is_not_ours_is_tried_again_once_it_is_mended(account, message):
    stranger = BySms(Notify(NOTIFY_KEY[:-1] + "1", account.url, sms_template="a-text"), ORIGIN)

    assert stranger.send(message, ASH).outcome is Outcome.RETRY
    assert account.taken == []


def test_a_notify_that_is_not_there_took_nothing(message):
    by_sms = BySms(Notify(NOTIFY_KEY, f"http://127.0.0.1:{free_port()}", sms_template="a-text"), ORIGIN)

    assert by_sms.send(message, ASH).outcome is Outcome.RETRY


def test_an_e_mail_by_notify_carries_its_reference_and_its_one_click(notify, account, message):
    assert ByEmail(notify, ORIGIN).send(message, ASH).outcome is Outcome.SENT

    [taken] = account.taken
    asked = taken["asked"]
    assert (asked["email_address"], asked["template_id"]) == ("ash@example.org", "an-email")
    assert asked["personalisation"]["subject"] == "Something planned at 9:00am"
    assert asked["one_click_unsubscribe_url"].startswith(f"{ORIGIN}/reminders/off/")
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", asked["reference"])


# By all of them


def test_somebody_without_an_address_is_unreachable_by_every_way(by_email, by_push, by_sms, message):
    senders: list[Sender] = [by_email, by_push, by_sms]

    assert {sender.send(message, Address()).outcome for sender in senders} == {Outcome.UNREACHABLE}
