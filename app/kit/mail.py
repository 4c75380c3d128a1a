"""E-mail: the one interface letters leave by, and the two ways they can go."""

import smtplib
import ssl
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import Protocol

from app.kit import handing


@dataclass(frozen=True)
class Letter:
    """One message to one address: one recipient a letter, so that nobody learns of anybody."""

    to: str
    subject: str
    body: str
    # The letter's own, in letters and digits: handed over twice, a mailbox can tell that it is one letter.
    key: str = ""
    # Where a mail program can unsubscribe in one click (RFC 8058).
    off: str = ""


class Carrier(Protocol):
    """A way for letters to leave."""

    def send(self, letter: Letter) -> None:
        """Hand the letter over; raises OSError where it could not be, of the kinds in `handing` where it is known."""


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
        message = self._written(letter)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=10) as server:
                if self.tls:
                    # A context of our own: without one the server's certificate would not be looked at.
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as failed:
            # What it says of us and not of the letter, as where we did not sign in, can be mended.
            if all(code >= 500 for code in _codes(failed)):
                raise handing.NotTaken(type(failed).__name__) from failed
            raise
        except (smtplib.SMTPServerDisconnected, TimeoutError) as failed:
            raise handing.Unsure(type(failed).__name__) from failed

    def _written(self, letter: Letter) -> EmailMessage:
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "braid.invalid"
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        if len(message["To"].addresses) != 1:
            raise handing.NotTaken("a letter goes to one address")
        message["Subject"] = letter.subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{letter.key}@{domain}>" if letter.key else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        if letter.off:
            message["List-Unsubscribe"] = f"<{letter.off}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.body)
        # From here on only heads are folded: an address broken over lines is one that nobody can open.
        message.policy = message.policy.clone(max_line_length=998)
        return message


def _codes(failed: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> list[int]:
    """What the server answered (RFC 5321, 4.2.1)."""
    if isinstance(failed, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in failed.recipients.values()]
    return [failed.smtp_code]


class Mailbox:
    """For developers: the mailbox page shows letters from the outbox, and from here those that are in none."""

    def __init__(self) -> None:
        self.reminders: deque[Letter] = deque(maxlen=50)

    def send(self, letter: Letter) -> None:
        if letter.off:
            self.reminders.appendleft(letter)
