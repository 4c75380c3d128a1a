"""The link in a message that turns reminders off: the word in its address, made and read."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from uuid import UUID

from app.kit import crypto
from app.kit.errors import NotFound
from app.notifications.kinds import Channel, LetterKind, ReminderKind

# Letters of a link's own, since links outlive any order or name in the code.
KINDS: dict[ReminderKind | LetterKind, str] = {
    ReminderKind.ACTIVITY: "a",
    ReminderKind.MOOD: "m",
    ReminderKind.MOMENTARY: "e",
    ReminderKind.APPOINTMENT: "p",
    ReminderKind.QUESTIONNAIRE: "q",
    ReminderKind.SUMMARY: "s",
    LetterKind.OPENED: "o",
    LetterKind.WAITS: "w",
}
CHANNELS = {Channel.IN_APP: "i", Channel.PUSH: "p", Channel.EMAIL: "e", Channel.SMS: "s"}
_NAMED, _SIGNED = 2 + 43, 18


class NoSuchLink(NotFound):
    """Broken on its way, signed by another key, or about somebody we do not know: they look alike."""

    title = "This link does not work"
    words = (
        "It turned nothing off. Mail programs sometimes cut a long link: try opening it from the message once more."
        " You can also sign in and turn reminders off on the page Reminders."
    )


@dataclass(frozen=True)
class Link:
    """Whose reminders or letters a link can turn off, and which message it stood in."""

    service_id: UUID
    person_id: UUID
    kind: ReminderKind | LetterKind
    channel: Channel

    @property
    def is_letters(self) -> bool:
        """Whether it stood in a letter that reminded of nothing."""
        return isinstance(self.kind, LetterKind)


def off_address(origin: str, link: Link) -> str:
    """Where a message's reader turns such messages off."""
    return f"{origin}/reminders/off/{off_token(link)}"


def off_token(link: Link) -> str:
    """The word in a link's address: 69 URL-safe characters, short enough for a text message. It never runs out."""
    named = KINDS[link.kind] + CHANNELS[link.channel] + _text(link.service_id.bytes + link.person_id.bytes)
    return named + _signature(named)


def off_link(token: str) -> Link:
    """What a word stands for; NoSuchLink where it is not one of ours."""
    named, signature = token[:_NAMED], token[_NAMED:]
    if not hmac.compare_digest(signature.encode(), _signature(named).encode()):
        raise NoSuchLink
    kind = next((kind for kind, letter in KINDS.items() if letter == named[:1]), None)
    channel = next((channel for channel, letter in CHANNELS.items() if letter == named[1:2]), None)
    try:
        ids = base64.urlsafe_b64decode(named[2:] + "=")
    except (ValueError, binascii.Error):
        raise NoSuchLink from None
    if kind is None or channel is None or len(ids) != 32:
        raise NoSuchLink
    return Link(UUID(bytes=ids[:16]), UUID(bytes=ids[16:]), kind, channel)


def _signature(named: str) -> str:
    # 144 of the 256 bits: nobody can guess those either, and the address stays short.
    return _text(bytes.fromhex(crypto.sealer().sign(f"reminders-off:{named}"))[:_SIGNED])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
