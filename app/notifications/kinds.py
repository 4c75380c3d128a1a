"""What somebody can be reminded of, by which way, and what became of a reminder."""

from enum import StrEnum

from app.clinical.reminders import Channel, ReminderKind
from app.clinical.travel import ZonePolicy

__all__ = ["Channel", "DeviceEnd", "LetterKind", "ReminderKind", "ReminderState", "SwitchScope", "ZonePolicy"]


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
    LETTER = "letter"


class LetterKind(StrEnum):
    """What a letter tells of that nobody asked for. What it is stays inside, whichever it is."""

    # To a patient, that something new is open.
    OPENED = "opened"
    # To a practitioner, that somebody waits for them.
    WAITS = "waits"
    # To whoever has to act where nobody else will, as on an alert: it cannot be turned off (safety.md, 3 and 4).
    DUTY = "duty"


# Each can be turned off by itself, by whoever gets it.
CAN_BE_OFF = (LetterKind.OPENED, LetterKind.WAITS)


# Why a letter did not leave whose reader had meanwhile turned such letters off: nobody waits for it.
TURNED_OFF = "TurnedOff"


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
