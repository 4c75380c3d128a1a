"""What goes out, to where, and what came of it: what the sending jobs and the ways to send agree on."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.notifications.kinds import Channel, ReminderKind


@dataclass(frozen=True)
class Message:
    """What goes out once: neutral, to one person by one channel, for one or several reminders."""

    # The first reminder's: the Message-ID, the push topic and the reference of a text message are made from it.
    key: str
    service_id: UUID
    person_id: UUID
    channel: Channel
    kind: ReminderKind
    count: int
    due_at: datetime
    # Useless afterwards: whoever delivers it is told to drop it then.
    expires_at: datetime
    # The time of day where the person is, shown as it stands; none where the plan has none.
    local_at: time | None = None
    # Without a sound, after an outage.
    quiet: bool = False


@dataclass(frozen=True)
class Device:
    """A browser that may be reached, as its subscription says."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Address:
    """Where somebody can be reached, as read when the message was claimed; one person's only."""

    email: str = ""
    phone: str = ""
    devices: tuple[Device, ...] = ()


class Outcome(StrEnum):
    """What came of one attempt."""

    SENT = "sent"
    # Nothing was accepted, and a later attempt may be.
    RETRY = "retry"
    # It will never be accepted.
    REFUSED = "refused"
    # There is nowhere to send it to.
    UNREACHABLE = "unreachable"
    # It may have been accepted or not.
    UNSURE = "unsure"


@dataclass(frozen=True)
class Sent:
    """What came of one attempt, by which reference its carrier knows it, and which devices answered how."""

    outcome: Outcome
    provider_ref: str | None = None
    reached: tuple[UUID, ...] = ()
    # The push service says that these no longer exist.
    gone: tuple[UUID, ...] = ()


class Sender(Protocol):
    """A way to send. A failure before anything could have been accepted is RETRY, one after that UNSURE."""

    # Whether a message that may have gone out may be sent again, because the far end shows it once.
    redo_if_unsure: bool

    def send(self, message: Message, to: Address) -> Sent:
        """Hand the message over, at most ten seconds a device or server; what it raises counts as UNSURE."""

    def look_up(self, key: str) -> Outcome | None:
        """What became of the message with this key, which may have gone out; None where the carrier does not know."""
