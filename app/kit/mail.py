"""E-mail: the one interface letters leave by, and the two ways they can go."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import Protocol


@dataclass(frozen=True)
class Letter:
    """One message to one address: one recipient a letter, so that nobody learns of anybody."""

    to: str
    subject: str
    body: str


class Carrier(Protocol):
    """A way for letters to leave."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises OSError where it could not be, so that it is tried again."""


@dataclass(frozen=True)
class Smtp:
    """A mail server. Ten seconds of silence from it count as a failure, and with `tls` so does a wrong certificate."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: bool = False

    def send(self, letter: Letter) -> None:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=parseaddr(self.sender)[1].rpartition("@")[2] or "braid.invalid")
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        with smtplib.SMTP(self.host, self.port, timeout=10) as server:
            if self.tls:
                # A context of our own: without one the server's certificate would not be looked at.
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)


class Mailbox:
    """For developers: letters stay in the outbox, where the mailbox page shows them."""

    def send(self, letter: Letter) -> None:
        return None
