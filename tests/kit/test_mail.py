"""A letter is handed over, or says that it was not."""

import pytest

from app.kit.mail import Letter, Mailbox, Smtp


def test_a_server_that_is_not_there_is_a_letter_not_sent():
    with pytest.raises(OSError):
        Smtp("127.0.0.1", 9, "no-reply@braid.example.org").send(Letter("ash@example.org", "Your link", "Hello"))


@pytest.mark.parametrize("sneaked", ["x\nBcc: everybody@example.org", "x\r\nBcc: everybody@example.org"])
def test_nobody_slips_a_second_line_into_the_head_of_a_letter(sneaked):
    for letter in (Letter("ash@example.org", sneaked, "Hello"), Letter(sneaked, "Your link", "Hello")):
        with pytest.raises(ValueError):
            Smtp("127.0.0.1", 9, "no-reply@braid.example.org").send(letter)


def test_the_developers_mailbox_sends_nothing_anywhere():
    assert Mailbox().send(Letter("ash@example.org", "Your link", "Hello")) is None
