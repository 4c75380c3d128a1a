"""A letter that nobody asked for says how to have no more like it; what is somebody's duty goes on."""

import re

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from app.accounts import credential_actions as credentials
from app.accounts.tables import LinkPurpose
from app.kit.mail import Smtp
from app.notifications import actions, jobs, switch_queries
from app.notifications.kinds import CAN_BE_OFF, LetterKind, SwitchScope
from app.notifications.off_sending import off_link
from app.notifications.tables import Outbox
from tests.notifications.test_actions import ORIGIN, Inbox, free_port

OFF = rf"{ORIGIN}/reminders/off/([A-Za-z0-9_-]+)"


@pytest.fixture(scope="module")
def server():
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def inbox(server):
    server.handler.refuses = ""
    server.handler.letters.clear()
    return server.handler


def write(who, about, key="one"):
    with who.working() as work:
        actions.tell_something_new(work, person_id=who.id, about=about, origin=ORIGIN, dedupe_key=key)


@pytest.fixture
def send(world, server, inbox, ash, robin):
    carrier = Smtp("127.0.0.1", server.port, "Braid <no-reply@braid.example.org>")

    def post():
        jobs.post_links(world.bind, world.service_id, clock=world.clock, origin=ORIGIN)
        return jobs.send_letters(world.bind, world.service_id, clock=world.clock, carrier=carrier)

    # Their invitations.
    post()
    inbox.letters.clear()
    return post


def arrived(inbox):
    """The newest letter as a mail program has it."""
    return inbox.letters[-1][1]


def off_path(letter):
    return "/reminders/off/" + re.fullmatch(f"<{OFF}>", letter["List-Unsubscribe"]).group(1)


def switches(who):
    return [(one.scope, one.which, one.said_by) for one in switch_queries.switches_of(who.work(), who.id).off]


@pytest.mark.parametrize("about", CAN_BE_OFF)
def test_a_mail_program_and_its_reader_find_how_to_have_no_more_like_it(ash, send, inbox, about):
    write(ash, about)
    send()

    letter = arrived(inbox)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = off_link(off_path(letter).rpartition("/")[2])
    assert (found.person_id, found.kind) == (ash.id, about)
    assert f"{ORIGIN}{off_path(letter)}" in letter.get_content().splitlines()


def test_one_click_without_a_sign_in_ends_letters_of_that_kind_and_no_others(clients, ash, send, inbox):
    write(ash, LetterKind.OPENED)
    send()

    answer = clients().http.post(off_path(arrived(inbox)), data={"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert switches(ash) == [(SwitchScope.LETTER, "opened", "one-click")]
    write(ash, LetterKind.OPENED, "two")
    assert send() == 0
    write(ash, LetterKind.WAITS, "three")
    assert send() == 1
    assert switch_queries.settings_of(ash.work(), ash.id).email


def test_a_letter_that_could_not_leave_before_it_was_turned_off_does_not_leave_after(clients, ash, send, inbox, world):
    inbox.refuses = "451 Later"
    write(ash, LetterKind.OPENED)
    send()
    [address] = ash.work().session.execute(sa.select(Outbox.off).where(Outbox.off.is_not(None))).scalars()
    clients().post(address.removeprefix(ORIGIN), what="these")

    inbox.refuses = ""
    world.clock.on(hours=1)
    send()

    assert inbox.letters == []
    last = "select body from audit_entry where event = 'letter.given-up'"
    [body] = ash.work().session.execute(sa.text(last)).scalars()
    assert "TurnedOff" in body


def test_the_page_behind_the_link_says_what_is_off_and_where_it_is_turned_on_again(clients, ash, send, inbox):
    write(ash, LetterKind.OPENED)
    send()
    path = off_path(arrived(inbox))
    assert "Nothing has changed yet" in clients().get(path).text

    for what in ("these", "all", "way"):
        page = clients().post(path, what=what).text
        assert "E-mails like that one are off." in page

    assert switches(ash) == [(SwitchScope.LETTER, "opened", "message")]
    clients(ash).post("/my/reminders/switch", scope="letter", which="opened", on="yes")
    assert switches(ash) == []


def test_everything_paused_or_no_e_mail_wanted_holds_them_too(clients, ash, send):
    clients(ash).post("/my/reminders/pause", until="me")
    write(ash, LetterKind.OPENED)
    clients(ash).post("/my/reminders/start")
    clients(ash).post("/my/reminders/ways", push="yes")
    write(ash, LetterKind.OPENED, "two")

    assert send() == 0


def test_a_link_to_sign_in_and_what_is_somebodys_duty_carry_no_way_out(ash, robin, send, inbox):
    with ash.working() as work:
        credentials.make_link(work, person=ash.person, purpose=LinkPurpose.SIGN_IN)
    write(robin, LetterKind.DUTY)
    send()

    assert len(inbox.letters) == 2
    for _, letter in inbox.letters:
        assert letter["List-Unsubscribe"] is None
        assert "/reminders/off/" not in letter.get_content()


def test_a_practitioner_turns_letters_about_who_waits_off_and_on_again(clients, robin, send, inbox):
    page = clients(robin).get("/account/e-mails").text
    assert "They are on." in page
    assert "Safety alerts" in page

    assert "They are off" in clients(robin).post("/account/e-mails", on="no").text
    write(robin, LetterKind.WAITS)
    write(robin, LetterKind.DUTY, "two")
    assert send() == 1
    assert "They come again." in clients(robin).post("/account/e-mails", on="yes").text
    write(robin, LetterKind.WAITS, "three")
    assert send() == 1


@pytest.mark.parametrize("which", ["waits", "duty", "", "OPENED"])
def test_a_patients_page_switches_no_letters_that_a_patient_never_gets(clients, ash, which):
    assert clients(ash).send("/my/reminders/switch", scope="letter", which=which, on="no").status_code == 422
    assert switches(ash) == []
