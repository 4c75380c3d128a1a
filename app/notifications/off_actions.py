"""The link that turns reminders off: made for a message, read when it comes back, and doing what it can do."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.accounts.tables import Person
from app.kit import crypto
from app.kit.errors import NotFound
from app.kit.work import Work
from app.notifications import switch_actions, switch_queries
from app.notifications.kinds import Channel, ReminderKind, SwitchScope

# Letters of a link's own, since links outlive any order or name in the code.
KINDS = {
    ReminderKind.ACTIVITY: "a",
    ReminderKind.MOOD: "m",
    ReminderKind.APPOINTMENT: "p",
    ReminderKind.QUESTIONNAIRE: "q",
    ReminderKind.SUMMARY: "s",
}
CHANNELS = {Channel.IN_APP: "i", Channel.PUSH: "p", Channel.EMAIL: "e", Channel.SMS: "s"}
_NAMED, _SIGNED = 2 + 43, 18


class What(StrEnum):
    """What somebody may turn off with a link."""

    THESE = "these"
    WAY = "way"
    ALL = "all"


@dataclass(frozen=True)
class Link:
    """Whose reminders a link can turn off, and which message it stood in."""

    service_id: UUID
    person_id: UUID
    kind: ReminderKind
    channel: Channel


@dataclass(frozen=True)
class Standing:
    """What of it is off already."""

    these: bool
    way: bool
    everything: bool


def off_token(link: Link) -> str:
    """The word in a link's address: 69 URL-safe characters, short enough for a text message. It never runs out."""
    named = KINDS[link.kind] + CHANNELS[link.channel] + _text(link.service_id.bytes + link.person_id.bytes)
    return named + _signature(named)


def off_link(token: str) -> Link:
    """What a word stands for; NotFound where it is not one of ours."""
    named, signature = token[:_NAMED], token[_NAMED:]
    if not hmac.compare_digest(signature.encode(), _signature(named).encode()):
        raise NotFound
    kind = next((kind for kind, letter in KINDS.items() if letter == named[:1]), None)
    channel = next((channel for channel, letter in CHANNELS.items() if letter == named[1:2]), None)
    try:
        ids = base64.urlsafe_b64decode(named[2:] + "=")
    except (ValueError, binascii.Error):
        raise NotFound from None
    if kind is None or channel is None or len(ids) != 32:
        raise NotFound
    return Link(UUID(bytes=ids[:16]), UUID(bytes=ids[16:]), kind, channel)


def standing(work: Work, link: Link) -> Standing:
    """What of that which the link can turn off is off already; NotFound where the person is no longer known."""
    if work.session.get(Person, (work.service_id, link.person_id)) is None:
        raise NotFound
    switches = switch_queries.switches_of(work, link.person_id)
    settings = switch_queries.settings_of(work, link.person_id)
    return Standing(
        these=switches.find(SwitchScope.KIND, link.kind.value, work.now) is not None,
        way=link.channel not in settings.channels,
        everything=switches.find(SwitchScope.ALL, "", work.now) is not None,
    )


def turn_off(work: Work, *, link: Link, what: What, said_by: str = "message") -> None:
    """Turn off what a link's page was asked to: reminders like that one, that way of sending, or all."""
    standing(work, link)
    if what is What.WAY and link.channel in _SETTING:
        switch_actions.save_settings(work, person_id=link.person_id, **{_SETTING[link.channel]: False})
    elif what is What.ALL:
        switch_actions.switch_off(work, person_id=link.person_id, scope=SwitchScope.ALL, said_by=said_by)
    else:
        switch_actions.switch_off(
            work, person_id=link.person_id, scope=SwitchScope.KIND, which=link.kind.value, said_by=said_by
        )


# A way is turned off where the settings page shows it, so that somebody finds it there to turn on again.
_SETTING = {Channel.EMAIL: "email", Channel.PUSH: "push", Channel.SMS: "sms"}


def _signature(named: str) -> str:
    # 144 of the 256 bits: nobody can guess those either, and the address stays short.
    return _text(bytes.fromhex(crypto.sealer().sign(f"reminders-off:{named}"))[:_SIGNED])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
