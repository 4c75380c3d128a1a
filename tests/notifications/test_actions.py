"""Letters leave once, say nothing on the outside, and are tried again when they cannot go."""

import re
import smtplib
import socket
import ssl
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.accounts import credential_actions as credentials
from app.accounts.tables import LinkPurpose, SignInLink
from app.kit.mail import Letter, Smtp
from app.notifications import actions, jobs
from app.notifications.kinds import LetterKind
from app.notifications.tables import Outbox

ORIGIN = "https://braid.example.org"


class Inbox:
    """A mail server that keeps what it is given, and can refuse."""

    def __init__(self):
        self.refuses = ""
        self.tries = 0
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        if self.refuses:
            return self.refuses
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


def free_port():
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        return here.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def inbox(server):
    server.handler.refuses, server.handler.tries = "", 0
    server.handler.letters.clear()
    return server.handler


@pytest.fixture
def carrier(server):
    return Smtp("127.0.0.1", server.port, "Braid <no-reply@braid.example.org>")


def write(who, key="one"):
    with who.working() as work:
        actions.tell_something_new(work, person_id=who.id, about=LetterKind.OPENED, origin=ORIGIN, dedupe_key=key)


def send(world, carrier):
    return jobs.send_letters(world.bind, world.service_id, clock=world.clock, carrier=carrier)


def post(world):
    return jobs.post_links(world.bind, world.service_id, clock=world.clock, origin=ORIGIN)


def outbox(who):
    rows = who.work().session.execute(
        sa.select(Outbox).where(Outbox.person_id == who.id).order_by(Outbox.made_at, Outbox.dedupe_key)
    )
    return list(rows.scalars())


def test_a_letter_leaves_by_post_to_one_address_and_once(world, ash, inbox, carrier):
    write(ash)

    assert send(world, carrier) == 1
    assert send(world, carrier) == 0

    [(to, letter)] = inbox.letters
    assert to == [ash.person.email]
    assert letter["Subject"] == "Something new for you"
    assert letter["From"] == "Braid <no-reply@braid.example.org>"
    assert letter["Message-ID"].endswith("@braid.example.org>")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().startswith("Hello Ash,")
    assert f"{ORIGIN}/sign-in" in letter.get_content()


def test_one_event_is_one_letter(world, ash, inbox, carrier):
    write(ash, "step:low-mood")
    write(ash, "step:low-mood")
    write(ash, "step:sleep")

    assert send(world, carrier) == 2
    assert len(inbox.letters) == 2


def test_a_refused_letter_is_tried_again_and_then_leaves_once(world, ash, inbox, carrier):
    write(ash)
    inbox.refuses = "451 Try again later"
    assert send(world, carrier) == 1
    assert send(world, carrier) == 0
    world.clock.on(minutes=4, seconds=59)
    assert send(world, carrier) == 0

    inbox.refuses = ""
    world.clock.on(seconds=1)
    assert send(world, carrier) == 1
    world.clock.on(days=1)
    assert send(world, carrier) == 0

    assert (inbox.tries, len(inbox.letters)) == (2, 1)
    assert (outbox(ash)[0].attempts, outbox(ash)[0].given_up_at) == (2, None)


def test_a_server_that_is_not_there_is_tried_again_less_and_less_often(world, ash):
    nobody = Smtp("127.0.0.1", 9, "no-reply@braid.example.org")
    write(ash)
    gaps = []
    for _ in range(9):
        assert send(world, nobody) == 1
        gaps.append(outbox(ash)[0].due_at - world.clock.now)
        world.clock.now = outbox(ash)[0].due_at

    assert gaps == [timedelta(minutes=m) for m in (5, 10, 20, 40, 80, 160, 240, 240, 240)]


def test_a_letter_is_given_up_after_three_days_and_it_is_on_the_record(world, ash):
    nobody = Smtp("127.0.0.1", 9, "no-reply@braid.example.org")
    write(ash)
    tries = 0
    while outbox(ash)[0].given_up_at is None:
        world.clock.now = max(world.clock.now, outbox(ash)[0].due_at)
        tries += send(world, nobody)

    assert timedelta(days=2, hours=20) < world.clock.now - outbox(ash)[0].made_at <= timedelta(days=3)
    events = ash.work().session.execute(sa.text("select event from audit_entry order by seq desc limit 1")).scalar()
    assert events == "letter.given-up"
    assert send(world, nobody) == 0


def test_a_letter_that_cannot_be_written_down_holds_up_no_other(world, ash, robin, inbox, carrier):
    write(ash)
    with ash.working() as work:
        work.session.execute(sa.update(Outbox).where(Outbox.person_id == ash.id).values(subject="Two\nlines"))
        work.record("letter.written", person=ash.id, kind="test")
    write(robin, "two")

    assert send(world, carrier) == 2

    assert [to for to, _ in inbox.letters] == [[robin.person.email]]
    assert outbox(ash)[0].sent_at is None


def test_a_letter_sent_and_not_marked_goes_again_rather_than_never(world, ash, inbox, carrier):
    write(ash)

    class Dies:
        def send(self, letter):
            carrier.send(letter)
            raise SystemExit

    with pytest.raises(SystemExit):
        send(world, Dies())
    world.clock.on(minutes=5)
    send(world, carrier)

    assert len(inbox.letters) == 2
    # A mailbox can tell that it is the same letter.
    assert len({letter["Message-ID"] for _, letter in inbox.letters}) == 1


class Falls:
    """A carrier with a fault of its own."""

    def send(self, letter):
        raise RuntimeError("told nobody to expect this")


def test_a_carrier_with_a_fault_of_its_own_is_tried_less_and_less_often_too(world, ash, robin, inbox, carrier):
    write(ash)

    assert send(world, Falls()) == 1
    assert send(world, carrier) == 0

    assert outbox(ash)[0].attempts == 1
    world.clock.on(minutes=5)
    assert send(world, carrier) == 1
    assert outbox(ash)[0].sent_at == world.clock.now


def test_a_letter_is_claimed_and_no_transaction_is_open_while_it_is_handed_over(world, ash):
    write(ash)
    seen = []

    class Looks:
        def send(self, letter):
            seen.append((world.bind.in_nested_transaction(), outbox(ash)[0].attempts))

    send(world, Looks())

    assert seen == [(False, 1)]


def test_a_letter_that_cannot_be_unsealed_is_given_up_and_holds_up_no_other(world, ash, robin, inbox, carrier):
    write(ash)
    with ash.working() as work:
        work.session.execute(sa.text("update outbox set body = 'spoilt' where person_id = :i"), {"i": ash.id})
        work.record("letter.written", person=ash.id, kind="test")
    write(robin, "two")

    assert send(world, carrier) == 2
    world.clock.on(days=1)
    assert send(world, carrier) == 0

    assert [to for to, _ in inbox.letters] == [[robin.person.email]]
    why = "select body from audit_entry where event = 'letter.given-up'"
    assert "InvalidTag" in ash.work().session.execute(sa.text(why)).scalar_one()


def test_a_letter_whose_link_ran_out_while_it_waited_is_not_sent(world, ash, inbox, carrier):
    post(world)
    send(world, carrier)
    inbox.letters.clear()
    with ash.working() as work:
        credentials.make_link(work, person=ash.person, purpose=LinkPurpose.SIGN_IN)
    world.clock.on(minutes=14)
    post(world)
    world.clock.on(minutes=1)

    send(world, carrier)

    assert inbox.letters == []
    assert {row.kind: row.given_up_at is not None for row in outbox(ash)} == {"invitation": False, "sign-in": True}


def test_a_service_with_many_letters_lets_the_others_have_their_turn(world, ash, inbox, carrier):
    for number in range(jobs.TRIES_A_TICK + 2):
        write(ash, f"letter:{number}")

    assert send(world, carrier) == jobs.TRIES_A_TICK
    assert send(world, carrier) == 2


def test_a_link_is_in_the_letter_and_nothing_of_it_is_kept_but_a_hash(world, ash, inbox, carrier):
    assert post(world) == 2
    send(world, carrier)

    letter = next(letter for to, letter in inbox.letters if to == [ash.person.email])
    token = re.search(rf"{ORIGIN}/sign-in/link/(\S+)", letter.get_content()).group(1)
    assert token.startswith(f"{world.service_id}.")
    assert letter["Subject"] == "Your invitation"
    rows = ash.work().session.execute(sa.select(SignInLink.secret, SignInLink.posted_at)).all()
    assert {(secret, at) for secret, at in rows} == {(None, world.clock.now)}
    assert post(world) == 0


def test_a_link_that_ran_out_before_it_could_be_posted_is_not_sent(world, ash, inbox, carrier):
    post(world)
    with ash.working() as work:
        credentials.make_link(work, person=ash.person, purpose=LinkPurpose.SIGN_IN)
    world.clock.on(minutes=15)

    post(world)

    assert [row.kind for row in outbox(ash)] == ["invitation"]


def test_a_letter_with_a_short_lived_link_is_not_tried_beyond_its_life(world, ash):
    nobody = Smtp("127.0.0.1", 9, "no-reply@braid.example.org")
    post(world)
    with ash.working() as work:
        credentials.make_link(work, person=ash.person, purpose=LinkPurpose.SIGN_IN)
    post(world)
    for _ in range(4):
        send(world, nobody)
        world.clock.on(minutes=5)

    assert {row.kind: row.given_up_at is not None for row in outbox(ash)} == {"invitation": False, "sign-in": True}


def test_address_and_words_of_a_letter_are_unreadable_in_the_database(world, ash):
    write(ash)

    kept = ash.work().session.execute(sa.text("select address, body from outbox")).one()
    assert all(ash.person.email.encode() not in bytes(column) and b"Ash" not in bytes(column) for column in kept)


def test_letters_of_one_service_are_not_sent_by_another(world, ash, bind, inbox, carrier):
    from tests.people import World

    write(ash)

    assert send(World(bind, clock=world.clock), carrier) == 0


def test_the_way_a_letter_fails_is_one_that_is_tried_again(inbox, carrier):
    inbox.refuses = "550 No such mailbox"

    with pytest.raises(OSError) as failed:
        carrier.send(Letter("ash@example.org", "Your link", "Hello"))
    assert isinstance(failed.value.__cause__, smtplib.SMTPException)


def test_a_server_whose_certificate_is_not_to_be_trusted_gets_no_letter():
    with untrusted() as (port, inbox):
        with pytest.raises(OSError, match="certificate"):
            Smtp("127.0.0.1", port, "no-reply@braid.example.org", tls=True).send(Letter("ash@example.org", "x", "y"))
        assert inbox.letters == []


@contextmanager
def untrusted():
    """A mail server with a certificate nobody has signed."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    signed = made.not_valid_after(datetime(2100, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.NamedTemporaryFile() as file:
        file.write(signed.public_bytes(serialization.Encoding.PEM) + private)
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
        inbox = Inbox()
        controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), tls_context=context)
        controller.start()
        yield controller.port, inbox
        controller.stop()
