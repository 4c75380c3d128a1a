"""What somebody can be reminded of, by which way, and what became of a reminder."""

from enum import StrEnum

from app.clinical.reminders import Channel, ReminderKind
from app.clinical.travel import ZonePolicy

__all__ = ["Channel", "DeviceEnd", "ReminderKind", "ReminderState", "SwitchScope", "ZonePolicy"]


class ReminderState(StrEnum):
    """Where a reminder stands. All but the first three are its end."""

    PENDING = "pending"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"


# Without an end yet, whoever has it.
UNSETTLED = (ReminderState.PENDING, ReminderState.LEASED, ReminderState.SENDING)


# Handed over, or about to be: what has one of these may have reached somebody.
LEFT = (ReminderState.LEASED, ReminderState.SENDING, ReminderState.SENT, ReminderState.UNKNOWN)


class SwitchScope(StrEnum):
    """What a switch turns off: everything, a kind, a channel, one series."""

    ALL = "all"
    KIND = "kind"
    CHANNEL = "channel"
    SERIES = "series"


class DeviceEnd(StrEnum):
    """Why a browser is sent no more reminders."""

    REMOVED = "removed"
    # Its push service says that it is no more.
    GONE = "gone"
    UNSEEN = "unseen"
    # Others were used more lately, and there are only so many.
    CROWDED = "crowded"
    # It is reached at another address now.
    MOVED = "moved"
