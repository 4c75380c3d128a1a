"""The parts of Braid that must not stop: how often each goes round, and what it is in plain words."""

from datetime import timedelta
from enum import StrEnum

# How long after its time a part may still come without anybody being told that it does not.
LATE_AFTER = timedelta(minutes=3)


class Part(StrEnum):
    """What the scheduler carries, by the name of its heartbeat."""

    LETTERS = "letters"
    CLIMB = "climb"
    REVIEW = "review"
    PLAN = "plan"
    DISPATCH = "dispatch"
    FOLLOW = "follow"
    REMIND = "remind"
    WHAT_IF = "what-if"
    MOVE = "move"
    PROVE = "prove"

    @property
    def every(self) -> timedelta:
        """The time from one round to the next."""
        return _EVERY[self]

    @property
    def label(self) -> str:
        return _WORDS[self][0]

    @property
    def what(self) -> str:
        """What does not happen while it stands still."""
        return _WORDS[self][1]


_EVERY = {
    Part.LETTERS: timedelta(seconds=2),
    Part.CLIMB: timedelta(minutes=1),
    Part.REVIEW: timedelta(minutes=5),
    Part.PLAN: timedelta(minutes=15),
    Part.DISPATCH: timedelta(seconds=1),
    Part.FOLLOW: timedelta(seconds=5),
    Part.REMIND: timedelta(minutes=15),
    Part.WHAT_IF: timedelta(seconds=2),
    Part.MOVE: timedelta(seconds=30),
    # On the night the clocks go back it is a whole hour more.
    Part.PROVE: timedelta(hours=25),
}
_WORDS = {
    Part.LETTERS: ("Letters", "Sends sign-in links, invitations and notices by e-mail."),
    Part.CLIMB: ("Safety alerts", "Tells those above when nobody has looked at an alert in time."),
    Part.REVIEW: ("Review list", "Puts patients on the review list when two measures in a row did not come."),
    Part.PLAN: ("Planning reminders", "Works out which reminders patients are to have in the next two days."),
    Part.DISPATCH: ("Sending reminders", "Sends each reminder when it is due, or says why it did not."),
    Part.FOLLOW: ("Opened steps", "Tells patients when a step has opened for them."),
    Part.REMIND: ("Steps that wait for staff", "Reminds practitioners of patients who wait for a decision of theirs."),
    Part.WHAT_IF: ("What-if", "Works out what a new version of a pathway would do for each patient."),
    Part.MOVE: ("Moving patients", "Moves patients to another version on the day that was agreed."),
    Part.PROVE: ("The nightly check", "Replays every course, to see that it comes out as it was announced."),
}
