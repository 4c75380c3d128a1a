"""The words of a reminder, the same for every kind of it: nothing says who we are or what it is about.

They are read on lock screens and over shoulders. What is due stands inside, behind the sign-in.
"""

from app.kit import say
from app.notifications.sending import Message

PUSH_WORDS = "Open it to see more."
ACTION_WORDS = ("Turn these off", "Pause")


def headline(message: Message) -> str:
    """The one line that says how much is planned and when."""
    things = "Something" if message.count == 1 else f"{message.count} things"
    when = f" at {say.time(message.local_at)}" if message.local_at else " for today"
    return f"{things} planned{when}"


def text(message: Message, off_address: str) -> str:
    """A text message, whose reader sees only this."""
    return f"{headline(message)}. Turn these off: {off_address}"
