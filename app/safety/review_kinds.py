"""Why a patient is on the review list, and what can happen to an entry."""

from enum import StrEnum


class ReviewKind(StrEnum):
    """Why a patient is to be reviewed by a person."""

    WORSE = "worse"
    MISSING = "missing"


class ReviewStep(StrEnum):
    """What happened about an entry, in the order in which it does."""

    OPENED = "opened"
    ADDED = "added"
    REVIEWED = "reviewed"
