"""Where a number for somebody's mood came from."""

from enum import StrEnum


class Source(StrEnum):
    """Given by itself, or beside an activity in the diary: before it or after it."""

    RATED = "rated"
    BEFORE = "before"
    AFTER = "after"

    @property
    def label(self) -> str:
        """As people read it."""
        return {"rated": "Your mood", "before": "Diary, before", "after": "Diary, after"}[self.value]
