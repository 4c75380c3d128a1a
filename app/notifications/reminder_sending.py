"""The ways a reminder leaves: by e-mail, to a browser or phone, as a text message."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from app.kit import handing
from app.kit.mail import Carrier, Letter
from app.kit.notify import Notify
from app.kit.push import Browser, Push
from app.kit.render import draw
from app.kit.work import Clock
from app.notifications import neutral_sending as neutral
from app.notifications import off_sending
from app.notifications.off_sending import Link
from app.notifications.sending import Address, Device, Message, Outcome, Sent

HOME, SETTINGS = "/home", "/my/reminders"
# What Notify says of a text message that did not arrive; all else is on its way or there.
FAILED = frozenset({"permanent-failure", "temporary-failure", "technical-failure", "cancelled", "validation-failed"})


@dataclass(frozen=True)
class ByEmail:
    """A letter whose id follows from what it is about: sent twice, a mailbox can tell."""

    carrier: Carrier
    origin: str
    redo_if_unsure = True

    def send(self, message: Message, to: Address) -> Sent:
        if not to.email:
            return Sent(Outcome.UNREACHABLE)
        off = off_address(self.origin, message)
        headline = neutral.headline(message)
        body = draw("email/reminder.txt", headline=headline, home=self.origin + HOME, off=off)
        letter = Letter(to.email, headline, body, key=_name(message), off=off)
        try:
            self.carrier.send(letter)
        except OSError as failed:
            return Sent(_outcome(failed))
        return Sent(Outcome.SENT)

    def look_up(self, key: str) -> Outcome | None:
        return None


@dataclass(frozen=True)
class ByPush:
    """A message to each of somebody's browsers; one that comes twice takes the place of the first."""

    push: Push
    origin: str
    clock: Clock
    redo_if_unsure = True

    def send(self, message: Message, to: Address) -> Sent:
        found = {device: self._hand_over(message, device) for device in to.devices}
        reached = tuple(device.id for device, failed in found.items() if failed is None)
        gone = tuple(device.id for device, failed in found.items() if isinstance(failed, handing.Gone))
        if reached:
            return Sent(Outcome.SENT, reached=reached, gone=gone)
        outcomes = {_outcome(failed) for failed in found.values() if failed and not isinstance(failed, handing.Gone)}
        worst = (Outcome.UNSURE, Outcome.RETRY, Outcome.REFUSED)
        return Sent(next((one for one in worst if one in outcomes), Outcome.UNREACHABLE), gone=gone)

    def look_up(self, key: str) -> Outcome | None:
        return None

    def _hand_over(self, message: Message, device: Device) -> OSError | None:
        left = int((message.expires_at - self.clock()).total_seconds())
        try:
            self.push.send(
                Browser(device.endpoint, device.p256dh, device.auth),
                json.dumps(payload(message, self.origin)).encode(),
                topic=_name(message),
                ttl=max(left, 0),
                urgency="normal" if message.quiet else "high",
            )
        except OSError as failed:
            return failed
        return None


@dataclass(frozen=True)
class BySms:
    """A text message, which nothing at the far end keeps from coming twice: what is unsure is looked up instead."""

    notify: Notify
    origin: str
    redo_if_unsure = False

    def send(self, message: Message, to: Address) -> Sent:
        if not to.phone:
            return Sent(Outcome.UNREACHABLE)
        words = neutral.text(message, off_address(self.origin, message))
        try:
            return Sent(Outcome.SENT, self.notify.text(to.phone, words, reference=_reference(message.key)))
        except OSError as failed:
            return Sent(_outcome(failed))

    def look_up(self, key: str) -> Outcome | None:
        status = self.notify.fate(_reference(key))
        if status is None:
            return None
        return Outcome.REFUSED if status in FAILED else Outcome.SENT


def off_address(origin: str, message: Message) -> str:
    """Where this message's reader turns such reminders off."""
    return off_sending.off_address(origin, Link(message.service_id, message.person_id, message.kind, message.channel))


def payload(message: Message, origin: str) -> dict[str, Any]:
    """What a browser shows: for our own worker, and for browsers that show a message by itself (Declarative Web Push).

    An action's name is the path that it opens.
    """
    title, tag = neutral.headline(message), _name(message)
    off = off_address(origin, message).removeprefix(origin)
    actions = tuple(zip((off, SETTINGS), neutral.ACTION_WORDS, strict=True))
    shown = {"title": title, "body": neutral.PUSH_WORDS, "tag": tag, "silent": message.quiet}
    return shown | {
        "url": HOME,
        "actions": [{"action": path, "title": words} for path, words in actions],
        "web_push": 8030,
        "notification": shown
        | {
            "lang": "en-GB",
            "navigate": origin + HOME,
            "actions": [{"action": path, "title": words, "navigate": origin + path} for path, words in actions],
        },
    }


def _outcome(failed: OSError) -> Outcome:
    if isinstance(failed, handing.NotTaken):
        return Outcome.REFUSED
    return Outcome.UNSURE if isinstance(failed, handing.Unsure) else Outcome.RETRY


def _name(message: Message) -> str:
    """The same 32 URL-safe characters for the same reminder, which tell nobody what it is (RFC 8030, 5.4)."""
    return _hash(f"{message.service_id}|{message.key}")


def _reference(key: str) -> str:
    # Of the key alone, by which it is looked up; the ids in it are nobody else's.
    return _hash(key)


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:32]
