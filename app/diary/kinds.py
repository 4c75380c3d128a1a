"""What a plan in the diary is about, what kind of activity it is, and what became of it."""

from enum import StrEnum


class SeriesKind(StrEnum):
    """What one engine carries: activities, and what a module asks to be done on certain days."""

    ACTIVITY = "activity"
    WORRY_TIME = "worry-time"
    PRACTICE = "practice"
    SLEEP_DIARY = "sleep-diary"
    REVIEW = "review"

    @property
    def label(self) -> str:
        """As people read it."""
        words = {
            "activity": "An activity",
            "worry-time": "Worry time",
            "practice": "Practice",
            "sleep-diary": "Sleep diary",
            "review": "A review day",
        }
        return words[self.value]


class Category(StrEnum):
    """The three kinds of activity in behavioural activation (Richards and Whyte 2011)."""

    ROUTINE = "routine"
    PLEASURABLE = "pleasurable"
    NECESSARY = "necessary"

    @property
    def label(self) -> str:
        """As people read it."""
        return {"routine": "Routine", "pleasurable": "For pleasure", "necessary": "Necessary"}[self.value]


class Source(StrEnum):
    """Where a plan came from."""

    PATIENT = "patient"
    WORKSHEET = "worksheet"
    HOMEWORK = "homework"
    GOAL = "goal"


class Outcome(StrEnum):
    """What became of something planned. A withdrawn entry says that an earlier one was made by mistake."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not-done"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """As people read it."""
        words = {"done": "Done", "partly": "Partly", "not-done": "Not today", "withdrawn": "Taken back"}
        return words[self.value]
